//! Members as they come, made into an archive that says the truth about them.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Read;

const BLOCK: usize = 512;
/// Bytes that a member may claim beyond what there is; they are filled up with zeros.
const GENEROUS: usize = 16 << 10;

/// A tar with a manifest, these members, and a checksum list, whatever is wrong with the
/// members' checksums.
pub(crate) fn seal(members: &[u8]) -> Vec<u8> {
    frame(&mend(members), |links| manifest_with(links, rules()))
}

/// A tar with a manifest, these members, and a checksum list: both are made from what the
/// `tar` crate understands of the members, so that an archive is only accepted where the
/// program understands the same.
pub(crate) fn frame(members: &[u8], manifest: impl Fn(&[(String, String)]) -> Value) -> Vec<u8> {
    let seen = Seen::of(members);
    let manifest = manifest(&seen.links).to_string().into_bytes();
    let mut sums = seen.sums;
    sums.insert("manifest.json".to_owned(), hex(&manifest));
    let mut list = String::new();
    for (name, digest) in &sums {
        let _ = writeln!(list, "{digest}  {name}");
    }
    let mut tar = member("manifest.json", &manifest);
    tar.extend(members);
    tar.extend(member("SHA256SUMS", list.as_bytes()));
    tar.resize(tar.len() + 2 * BLOCK, 0);
    tar
}

/// A regular member of ours.
fn member(name: &str, content: &[u8]) -> Vec<u8> {
    let mut header = tar::Header::new_ustar();
    header.set_path(name).expect("a short name");
    header.set_size(content.len() as u64);
    header.set_mode(0o644);
    header.set_cksum();
    let mut bytes = header.as_bytes().to_vec();
    bytes.extend(content);
    bytes.resize(bytes.len().next_multiple_of(BLOCK), 0);
    bytes
}

/// Gives every header the right checksum, and the last member its whole content. Ends
/// where a tar would end.
fn mend(members: &[u8]) -> Vec<u8> {
    let mut bytes = members.to_vec();
    let mut at = 0;
    while bytes
        .get(at..at + BLOCK)
        .is_some_and(|block| block.iter().any(|b| *b != 0))
    {
        let block = &mut bytes[at..at + BLOCK];
        block[148..156].fill(b' ');
        let sum: u32 = block.iter().map(|b| u32::from(*b)).sum();
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        let size = std::str::from_utf8(&block[124..136]).unwrap_or_default();
        let size = usize::from_str_radix(size.trim_matches([' ', '\0']), 8).unwrap_or(0);
        at = at
            .saturating_add(BLOCK)
            .saturating_add(size.min(usize::MAX / 2).next_multiple_of(BLOCK));
        if at > bytes.len() && at - bytes.len() <= GENEROUS {
            bytes.resize(at, 0);
        }
    }
    bytes.truncate(at.min(bytes.len()));
    bytes
}

/// What the `tar` crate sees.
#[derive(Default)]
struct Seen {
    sums: BTreeMap<String, String>,
    links: Vec<(String, String)>,
}

impl Seen {
    fn of(members: &[u8]) -> Self {
        let mut seen = Self::default();
        let mut archive = tar::Archive::new(members);
        let entries = archive.entries().into_iter().flatten();
        for mut entry in entries.map_while(Result::ok) {
            let Ok(name) = String::from_utf8(entry.path_bytes().into_owned()) else {
                continue;
            };
            match entry.header().entry_type() {
                tar::EntryType::Regular => {
                    let mut content = Vec::new();
                    if entry.read_to_end(&mut content).is_ok() {
                        seen.sums.insert(name, hex(&content));
                    }
                }
                tar::EntryType::Symlink => {
                    let target = entry.link_name_bytes().unwrap_or_default().into_owned();
                    let target = String::from_utf8(target).ok();
                    seen.links.extend(target.map(|target| (name, target)));
                }
                _ => {}
            }
        }
        seen
    }
}

/// A manifest with these links and rules.
pub(crate) fn manifest_with(links: &[(String, String)], rules: Value) -> Value {
    let link = |(path, target): &(String, String)| json!({"path": path, "target": target});
    // Links with names that no manifest can hold are left out; the reader refuses them.
    let good = |(path, _): &&(String, String)| takeback::model::ArchivePath::parse(path).is_ok();
    let links: Vec<Value> = links.iter().filter(good).map(link).collect();
    json!({
        "format": 1, "program": "takeback 0.1.0", "snapshot": "2026-01-20_15-30-00",
        "target": "claude", "time": "2026-01-20T14:30:00Z", "zone": "UTC", "host": "h",
        "user": "ada", "os": "linux", "home": "/home/ada",
        "adapter": {"name": "A", "version": "1.0.0", "sha256": "00".repeat(32), "scope": []},
        "classes": ["settings"], "declaration": {"rules": rules}, "links": links,
    })
}

/// Rules of every shape, with and without globs, for a few bases.
fn rules() -> Value {
    let rule = |id: &str, at: &str, shape: &str, take: &[&str], leave: &[&str]| json!({"id": id, "at": at, "shape": shape, "take": take, "leave": leave, "class": "settings"});
    json!([
        rule("one", "home/.claude.json", "file", &[], &[]),
        rule("all", "home/.claude", "directory", &[], &[]),
        rule("some", "config/x", "directory", &["*.md"], &[]),
        rule("project", "project", "directory", &[], &[]),
        rule("variable", "var/X", "directory", &[], &[]),
    ])
}

fn hex(content: &[u8]) -> String {
    let digest = Sha256::digest(content);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
