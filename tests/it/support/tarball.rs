//! Archives written by hand, byte for byte: every field of every header, every number
//! of the gzip around them. Nothing here refuses or repairs anything, so that what no
//! honest program writes can be put before the program. [`Archive::valid`] is a correct
//! takeback archive; a hostile one is that with one change.

mod stream;

pub(crate) use stream::{Gzip, Stream};

use super::tree::hex;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Size of a tar block.
pub(crate) const BLOCK: usize = 512;
/// 2026-01-01, the time of every member that does not say otherwise.
pub(crate) const TIME: u64 = 1_767_225_600;

/// What a header says in its checksum.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Checksum {
    Right,
    Wrong,
    /// Bytes added up as signed numbers, as some old programs did.
    Signed,
}

/// One header and what follows it. Fields are written as they are, cut to their size.
#[derive(Clone)]
pub(crate) struct Member {
    pub(crate) name: Vec<u8>,
    pub(crate) mode: Vec<u8>,
    pub(crate) uid: Vec<u8>,
    pub(crate) gid: Vec<u8>,
    /// What the size field holds; the body's length when there is nothing here.
    pub(crate) size: Option<Vec<u8>>,
    pub(crate) mtime: Vec<u8>,
    pub(crate) checksum: Checksum,
    pub(crate) flag: u8,
    pub(crate) link: Vec<u8>,
    /// Magic and version.
    pub(crate) magic: [u8; 8],
    pub(crate) uname: Vec<u8>,
    pub(crate) prefix: Vec<u8>,
    /// Everything behind the prefix: sparse maps lie from there on in GNU headers.
    pub(crate) extra: Vec<(usize, Vec<u8>)>,
    pub(crate) body: Stream,
    /// What fills the body's last block; nothing at all when there is nothing here.
    pub(crate) padding: Option<u8>,
    /// The name under which `SHA256SUMS` lists the body.
    pub(crate) listed: Option<Vec<u8>>,
}

impl Member {
    /// A member of any type, without a body and not in the checksum list.
    pub(crate) fn of(flag: u8, name: impl AsRef<[u8]>) -> Self {
        Self {
            name: name.as_ref().to_vec(),
            mode: b"0000644\0".to_vec(),
            uid: b"0000000\0".to_vec(),
            gid: b"0000000\0".to_vec(),
            size: None,
            mtime: octal(TIME, 12),
            checksum: Checksum::Right,
            flag,
            link: Vec::new(),
            magic: *b"ustar\x0000",
            uname: Vec::new(),
            prefix: Vec::new(),
            extra: Vec::new(),
            body: Stream::default(),
            padding: Some(0),
            listed: None,
        }
    }

    /// A file that the checksum list names.
    pub(crate) fn file(name: impl AsRef<[u8]>, body: impl AsRef<[u8]>) -> Self {
        let listed = Some(name.as_ref().to_vec());
        Self {
            body: body.as_ref().into(),
            listed,
            ..Self::of(b'0', name)
        }
    }

    /// A directory.
    pub(crate) fn dir(name: impl AsRef<[u8]>) -> Self {
        Self {
            mode: b"0000755\0".to_vec(),
            ..Self::of(b'5', name)
        }
    }

    /// A symbolic link.
    pub(crate) fn link(name: impl AsRef<[u8]>, target: impl AsRef<[u8]>) -> Self {
        let link = target.as_ref().to_vec();
        Self {
            mode: b"0000777\0".to_vec(),
            link,
            ..Self::of(b'2', name)
        }
    }

    /// A hard link.
    pub(crate) fn hard_link(name: impl AsRef<[u8]>, target: impl AsRef<[u8]>) -> Self {
        Self {
            link: target.as_ref().to_vec(),
            ..Self::of(b'1', name)
        }
    }

    /// An extension header of these bytes for the next member.
    pub(crate) fn pax(records: impl AsRef<[u8]>) -> Self {
        Self {
            body: records.as_ref().into(),
            ..Self::of(b'x', "@PaxHeader")
        }
    }

    /// A GNU header (`L` or `K`) with text for the next member.
    pub(crate) fn gnu(flag: u8, text: impl AsRef<[u8]>) -> Self {
        let body = [text.as_ref(), b"\0"].concat().as_slice().into();
        Self {
            magic: *b"ustar  \0",
            body,
            ..Self::of(flag, "././@LongLink")
        }
    }

    /// The same listed under another name: that of an extension header before it.
    pub(crate) fn listed_as(self, name: impl AsRef<[u8]>) -> Self {
        Self {
            listed: Some(name.as_ref().to_vec()),
            ..self
        }
    }

    /// The same with so many zeros for a body, missing from the checksum list: whoever
    /// reads that far has already read too much.
    pub(crate) fn of_zeros(self, count: u64) -> Self {
        let mut body = Stream::default();
        body.zeros(count);
        Self {
            body,
            listed: None,
            ..self
        }
    }

    fn header(&self) -> [u8; BLOCK] {
        let mut block = [0; BLOCK];
        let mut put = |at: usize, room: usize, bytes: &[u8]| {
            let length = bytes.len().min(room);
            block[at..at + length].copy_from_slice(&bytes[..length]);
        };
        let size = || octal(self.body.length(), 12);
        put(0, 100, &self.name);
        put(100, 8, &self.mode);
        put(108, 8, &self.uid);
        put(116, 8, &self.gid);
        put(124, 12, &self.size.clone().unwrap_or_else(size));
        put(136, 12, &self.mtime);
        put(148, 8, b"        ");
        put(156, 1, &[self.flag]);
        put(157, 100, &self.link);
        put(257, 8, &self.magic);
        put(265, 32, &self.uname);
        put(345, 155, &self.prefix);
        for (at, bytes) in &self.extra {
            put(*at, BLOCK - at, bytes);
        }
        let signed = |b: &u8| i64::from(b.cast_signed());
        let sum: i64 = match self.checksum {
            Checksum::Right => block.iter().map(|b| i64::from(*b)).sum(),
            Checksum::Wrong => block.iter().map(|b| i64::from(*b)).sum::<i64>() + 1,
            Checksum::Signed => block.iter().map(signed).sum(),
        };
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        block
    }
}

/// A number as header fields hold it: octal digits and a NUL.
pub(crate) fn octal(number: u64, room: usize) -> Vec<u8> {
    format!("{number:0width$o}\0", width = room - 1).into_bytes()
}

/// A number as GNU tar writes large and negative ones: a marked first byte, then
/// big-endian.
pub(crate) fn binary(number: i128, room: usize) -> Vec<u8> {
    let bytes = number.to_be_bytes();
    let mut field = bytes[bytes.len() - room..].to_vec();
    field[0] |= 0x80;
    field
}

/// An extension record: its length, which counts itself, then key and value.
pub(crate) fn record(key: &str, value: impl AsRef<[u8]>) -> Vec<u8> {
    let rest = key.len() + value.as_ref().len() + 3;
    let mut length = rest + 1;
    while length != rest + length.to_string().len() {
        length = rest + length.to_string().len();
    }
    [format!("{length} {key}=").as_bytes(), value.as_ref(), b"\n"].concat()
}

/// Members as a tar, followed by this many blocks of zeros.
pub(crate) fn tar(members: &[Member], end_blocks: usize) -> Stream {
    let mut tar = Stream::default();
    for member in members {
        tar.push(&member.header());
        tar.append(&member.body);
        if let Some(byte) = member.padding {
            let over = usize::try_from(member.body.length() % BLOCK as u64).unwrap();
            tar.push(&vec![byte; (BLOCK - over) % BLOCK]);
        }
    }
    tar.zeros((end_blocks * BLOCK) as u64);
    tar
}

/// An archive before it is written: its members but the checksum list.
#[derive(Clone)]
pub(crate) struct Archive {
    /// The manifest first.
    pub(crate) members: Vec<Member>,
}

impl Archive {
    /// A correct archive of a small `~/.claude`: two files of a skill, and settings.
    /// `origin` is the manifest of a real backup made here, from which everything is
    /// taken that ties an archive to a machine and an adapter.
    pub(crate) fn valid(origin: &Value) -> Self {
        let mut manifest = origin.clone();
        let rule = |id: &str, at: &str, shape: &str, class: &str| json!({"id": id, "at": at, "shape": shape, "class": class});
        manifest["declaration"] = json!({"rules": [
            rule("settings", "home/.claude/settings.json", "file", "settings"),
            rule("skills", "home/.claude/skills", "directory", "skills"),
        ]});
        for list in ["left_out", "troubles", "followed", "links"] {
            manifest[list] = json!([]);
        }
        let mut archive = Self {
            members: vec![Member::file("manifest.json", "")],
        };
        archive.set_manifest(&manifest);
        archive.members.extend([
            Member::dir("home/.claude/"),
            Member::file("home/.claude/settings.json", SETTINGS),
            Member::dir("home/.claude/skills/"),
            Member::dir("home/.claude/skills/alpha/"),
            Member::file("home/.claude/skills/alpha/SKILL.md", SKILL),
            Member::file("home/.claude/skills/alpha/notes.md", "alpha\n"),
        ]);
        archive
    }

    /// The manifest.
    pub(crate) fn manifest(&self) -> Value {
        serde_json::from_slice(&self.members[0].body.to_vec()).unwrap()
    }

    /// Writes another manifest.
    pub(crate) fn set_manifest(&mut self, manifest: &Value) {
        self.members[0].body = serde_json::to_vec_pretty(manifest)
            .unwrap()
            .as_slice()
            .into();
    }

    /// The same with a changed manifest.
    pub(crate) fn edit(mut self, edit: impl FnOnce(&mut Value)) -> Self {
        let mut manifest = self.manifest();
        edit(&mut manifest);
        self.set_manifest(&manifest);
        self
    }

    /// The same with more members at the end.
    pub(crate) fn plus(mut self, members: impl IntoIterator<Item = Member>) -> Self {
        self.members.extend(members);
        self
    }

    /// The same without a member.
    pub(crate) fn minus(mut self, name: &str) -> Self {
        let before = self.members.len();
        self.members.retain(|member| member.name != name.as_bytes());
        assert!(self.members.len() < before, "there is no member {name}");
        self
    }

    /// The same with a link that the manifest lists, as an honest one does.
    pub(crate) fn plus_link(self, name: &str, target: &str) -> Self {
        self.listing_link(name, target)
            .plus([Member::link(name, target)])
    }

    /// The same with a link in the manifest's list.
    pub(crate) fn listing_link(self, name: &str, target: &str) -> Self {
        self.edit(|manifest| {
            let link = json!({"path": name, "target": target});
            manifest["links"].as_array_mut().unwrap().push(link);
        })
    }

    /// A member, to be changed.
    pub(crate) fn member(&mut self, name: &str) -> &mut Member {
        let found = self
            .members
            .iter_mut()
            .find(|member| member.name == name.as_bytes());
        found.unwrap_or_else(|| panic!("there is no member {name}"))
    }

    /// The checksum list, right for the members as they are.
    pub(crate) fn sums(&self) -> Vec<u8> {
        let mut lines = BTreeMap::new();
        for member in &self.members {
            if let Some(name) = &member.listed {
                lines.insert(name.clone(), hex(&Sha256::digest(member.body.to_vec())));
            }
        }
        let line = |(name, digest): (&Vec<u8>, &String)| {
            [digest.as_bytes(), b"  ", name.as_slice(), b"\n"].concat()
        };
        lines.iter().flat_map(line).collect()
    }

    /// All members, the checksum list included.
    pub(crate) fn sealed(&self) -> Vec<Member> {
        let sums = Member {
            listed: None,
            ..Member::file("SHA256SUMS", self.sums())
        };
        [self.members.as_slice(), &[sums]].concat()
    }

    /// The tar as it should be.
    pub(crate) fn tar(&self) -> Stream {
        tar(&self.sealed(), 2)
    }

    /// The file as it should be.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        Gzip::of(&self.tar()).bytes()
    }
}

/// Content of the settings in a valid archive.
pub(crate) const SETTINGS: &str = "{\"model\": \"opus\"}\n";
/// Content of the skill in a valid archive.
pub(crate) const SKILL: &str = "---\nname: alpha\ndescription: A skill\n---\nSay alpha.\n";
