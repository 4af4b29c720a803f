//! Snapshots made by hand, in every form, and what becomes of them when something that
//! they lean on is not what it must be.

mod upkeep;

use super::*;
use crate::archive::thin::{Recipe, Span, match_spans, write_thin};
use crate::model::{Digest, SnapshotId, TargetId};
use std::fs;
use std::io::Read;
use std::path::PathBuf;

/// Bytes of one piece of these archives.
const PIECE: usize = 2_000;

pub(super) struct World {
    _temp: tempfile::TempDir,
    pub(super) path: PathBuf,
    pub(super) vault: Vault,
}

pub(super) fn id(number: u64) -> SnapshotId {
    SnapshotId::new(&format!("2026-01-{number:02}_12-00-00")).unwrap()
}

pub(super) fn claude() -> TargetId {
    TargetId::new("claude").unwrap()
}

/// An archive of ten pieces, of which one more is new in each snapshot.
pub(super) fn content(number: u64) -> Vec<u8> {
    let piece = |at: u64| {
        let newest = (0..=number).rev().find(|made| made % 10 == at).unwrap_or(0);
        let seed = newest * 10 + at;
        let byte = move |n: usize| (seed * 31 + n as u64 * (seed + 7)) as u8;
        (0..PIECE).map(byte).collect::<Vec<u8>>()
    };
    (0..10).flat_map(piece).collect()
}

/// The pieces of such an archive.
pub(super) fn spans(bytes: &[u8]) -> Vec<Span> {
    let span = |(index, piece): (usize, &[u8])| {
        let hex = Digest::of(piece).to_string();
        let byte = |at: usize| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap();
        Span {
            at: (index * PIECE) as u64,
            length: u32::try_from(piece.len()).unwrap(),
            digest: std::array::from_fn(byte),
        }
    };
    bytes.chunks(PIECE).enumerate().map(span).collect()
}

pub(super) fn record(number: u64, target: TargetRecord) -> SnapshotRecord {
    SnapshotRecord {
        id: id(number),
        sequence: number,
        time: "2026-01-01T00:00:00Z".to_owned(),
        kind: SnapshotKind::Manual,
        note: None,
        pinned: false,
        program: "takeback".to_owned(),
        host: "h".to_owned(),
        user: "u".to_owned(),
        home: "/home/u".to_owned(),
        project: None,
        imported: None,
        targets: vec![target],
    }
}

pub(super) fn target(bytes: &[u8]) -> TargetRecord {
    TargetRecord {
        target: claude(),
        digest: Digest::of(bytes),
        size: bytes.len() as u64,
        form: Form::Plain,
        index: None,
        unchanged_since: None,
        expanded: 0,
        entries: 0,
        files: 0,
        bytes: 0,
        tallies: Vec::new(),
        troubles: 0,
        adapter: "1.0.0".to_owned(),
    }
}

impl World {
    pub(super) fn new() -> Self {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("vault");
        let vault = Vault::create(&path).unwrap();
        Self {
            _temp: temp,
            path,
            vault,
        }
    }

    pub(super) fn lock(&self) -> VaultLock {
        self.vault.lock("h", "test", &mut || false).unwrap()
    }

    /// Publishes a snapshot with this content.
    pub(super) fn publish(&self, number: u64, bytes: &[u8]) {
        let lock = self.lock();
        let draft = self.vault.draft(&lock).unwrap();
        fs::write(draft.dir().path().join("claude.tar.gz"), bytes).unwrap();
        draft.publish(&record(number, target(bytes))).unwrap();
    }

    /// Publishes a snapshot that leans on another one, as upkeep would have made it.
    fn publish_thin(&self, number: u64, base: u64) -> Recipe {
        let (bytes, base_bytes) = (content(number), content(base));
        let whole = |bytes: &[u8]| (Digest::of(bytes), bytes.len() as u64);
        let recipe = match_spans(
            &spans(&bytes),
            whole(&bytes),
            &spans(&base_bytes),
            whole(&base_bytes),
        );
        let recipe = recipe.unwrap();
        let mut file = Vec::new();
        let (digest, size) = write_thin(&recipe, &bytes, &mut file).unwrap();
        let lock = self.lock();
        let draft = self.vault.draft(&lock).unwrap();
        fs::write(draft.dir().path().join("claude.thin"), file).unwrap();
        let thin = Thin {
            base: id(base),
            digest,
            size,
            second: false,
        };
        let target = TargetRecord {
            form: Form::Thin(thin),
            ..target(&bytes)
        };
        draft.publish(&record(number, target)).unwrap();
        recipe
    }

    pub(super) fn snapshot(&self, number: u64) -> SnapshotRecord {
        self.vault.record(&id(number)).unwrap().unwrap()
    }

    pub(super) fn read(&self, number: u64) -> Result<Vec<u8>, VaultError> {
        let record = self.snapshot(number);
        let mut archive = self.vault.archive(&record.id, &record.targets[0])?;
        let mut bytes = Vec::new();
        archive.read_to_end(&mut bytes).unwrap();
        Ok(bytes)
    }

    pub(super) fn file(&self, number: u64, name: &str) -> PathBuf {
        self.path
            .join("backups")
            .join(id(number).as_str())
            .join(name)
    }
}

/// Snapshot 3 is plain, 2 leans on it and 1 on 2.
fn chain() -> World {
    let world = World::new();
    world.publish(3, &content(3));
    world.publish_thin(2, 3);
    world.publish_thin(1, 2);
    world
}

#[test]
fn archives_are_read_through_what_they_lean_on() {
    let world = chain();
    for number in 1..=3 {
        assert_eq!(world.read(number).unwrap(), content(number));
        let record = world.snapshot(number);
        let target = &record.targets[0];
        world.vault.check_whole(&record.id, target).unwrap();
        world.vault.check_file(&record.id, target).unwrap();
        assert!(world.vault.blame(&record.id, target).is_none());
    }
    assert!(world.snapshot(1).targets[0].stored_size() < content(1).len() as u64 / 2);
}

#[test]
fn a_bad_file_is_named_with_all_it_costs() {
    let (third, second) = ("claude.tar.gz", "claude.thin");
    let flip = |bytes: &mut Vec<u8>| bytes[1_000] ^= 1;
    let cut = |bytes: &mut Vec<u8>| bytes.truncate(bytes.len() - 1);
    let newer = |bytes: &mut Vec<u8>| bytes[14] = b'2';
    type Damage<'a> = &'a dyn Fn(&mut Vec<u8>);
    let cases: [(u64, &str, Damage<'_>, &str); 5] = [
        (3, third, &flip, "damaged"),
        (3, third, &cut, "another size"),
        (2, second, &flip, "damaged"),
        (2, second, &cut, "another size"),
        (2, second, &newer, "newer version"),
    ];
    for (number, name, damage, says) in cases {
        let world = chain();
        let path = world.file(number, name);
        let mut bytes = fs::read(&path).unwrap();
        damage(&mut bytes);
        fs::write(&path, bytes).unwrap();
        expect(&world, number, says);
        fs::remove_file(&path).unwrap();
        expect(&world, number, "is missing");
    }
}

/// Snapshot 1 cannot be read, and the reason is said.
fn expect(world: &World, bad: u64, says: &str) {
    let record = world.snapshot(1);
    let error = world.vault.check_whole(&record.id, &record.targets[0]);
    let text = error.unwrap_err().to_string();
    assert!(text.contains(id(bad).as_str()), "{text}");
    assert!(text.contains(says), "{text}");
    for costs in 1..bad {
        assert!(text.contains(id(costs).as_str()), "{text}");
    }
}

#[test]
fn a_base_that_is_another_archive_is_refused() {
    let world = chain();
    fs::remove_dir_all(world.path.join("backups").join(id(3).as_str())).unwrap();
    expect(&world, 3, "is missing");
    world.publish(3, &content(4));
    let text = world.read(1).unwrap_err().to_string();
    assert!(text.contains("made against another archive"), "{text}");
}

#[test]
fn records_that_lean_on_one_another_are_no_endless_way() {
    let world = World::new();
    world.publish_thin(1, 2);
    world.publish_thin(2, 1);
    assert!(world.read(1).unwrap_err().to_string().contains("too many"));
}

#[test]
fn what_is_unchanged_gets_a_second_name_in_either_form() {
    let world = chain();
    for (number, from, name) in [
        (4, 3, "claude.tar.gz"),
        (5, 2, "claude.thin"),
        (6, 5, "claude.thin"),
    ] {
        let earlier = world.snapshot(from);
        let lock = world.lock();
        let draft = world.vault.draft(&lock).unwrap();
        let adopted = draft.adopt(&earlier.id, &earlier.targets[0]).unwrap();
        draft.publish(&record(number, adopted)).unwrap();
        drop(lock);
        let made_for = if number == 6 { 2 } else { from };
        let target = world.snapshot(number).targets[0].clone();
        assert_eq!(target.unchanged_since, Some(id(made_for)));
        assert_eq!(world.read(number).unwrap(), content(made_for));
        let (old, new) = (world.file(from, name), world.file(number, name));
        use std::os::unix::fs::MetadataExt;
        assert_eq!(
            fs::metadata(old).unwrap().ino(),
            fs::metadata(new).unwrap().ino()
        );
    }
}

#[test]
fn an_index_is_only_given_out_as_it_was_written() {
    let world = World::new();
    let lock = world.lock();
    let draft = world.vault.draft(&lock).unwrap();
    fs::write(draft.dir().path().join("claude.tar.gz"), content(1)).unwrap();
    let index = draft.write_index(&claude(), &[b"in", b"dex"]).unwrap();
    let target = TargetRecord {
        index: Some(index),
        ..target(&content(1))
    };
    draft.publish(&record(1, target.clone())).unwrap();
    let read = || world.vault.index(&id(1), &world.snapshot(1).targets[0]);
    assert_eq!(read().as_deref(), Some(&b"index"[..]));
    fs::write(world.file(1, "claude.index"), b"indeX").unwrap();
    assert_eq!(read(), None);
    fs::remove_file(world.file(1, "claude.index")).unwrap();
    assert_eq!(read(), None);
}
