//! Archives that are made from earlier ones: the same bytes as if everything had been read
//! and compressed anew, whatever happened to the files, the vault or the cache meanwhile.

mod bases;
mod indexes;
mod lies;
mod life;
mod memory;
mod seen;
mod truth;
mod world;

use crate::support::index::RawIndex;
use crate::support::tree::{What, hex};
use crate::support::{Node, TestEnv, TreeSnapshot};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use takeback::archive::{ListedEntry, OpenArchive, Opened};
use takeback::model::{EntryKind, SnapshotId, TargetId};
use takeback::vault::{StoredArchive, TargetRecord, Vault};

/// Everything in the places of the target.
const PLACE: &str = ".claude";

/// Makes a backup of the target; gives the snapshot's name.
#[track_caller]
fn backup(env: &TestEnv, args: &[&str]) -> String {
    let args = [&["claude"], args].concat();
    let report = env.backup(0, &args);
    report["snapshot"].as_str().unwrap().to_owned()
}

/// The file of an archive.
fn archive(env: &TestEnv, id: &str) -> PathBuf {
    env.snapshot(id).join("claude.tar.gz")
}

/// The file of an index.
fn index(env: &TestEnv, id: &str) -> PathBuf {
    env.snapshot(id).join("claude.index")
}

/// What the record of a snapshot says of the target.
fn record(vault: &Vault, id: &str) -> (SnapshotId, TargetRecord) {
    let catalogue = vault.catalogue().unwrap();
    assert!(catalogue.damaged.is_empty(), "{:?}", catalogue.damaged);
    let snapshots = catalogue.snapshots.iter();
    let mut named = snapshots.filter(|one| one.id.as_str() == id);
    let one = named.next().unwrap_or_else(|| panic!("{id} is not listed"));
    let target = one.target(&TargetId::new("claude").unwrap()).unwrap();
    (one.id.clone(), target.clone())
}

/// Opens a vault.
fn vault(env: &TestEnv) -> Vault {
    Vault::open(&env.vault()).unwrap().unwrap()
}

/// Opens an archive as a restore does.
fn open(vault: &Vault, id: &str) -> Opened<StoredArchive> {
    let (id, target) = record(vault, id);
    let opened = vault.open_archive(&id, &target, 4_000_000_000);
    opened.unwrap_or_else(|e| panic!("{id}: {e}"))
}

/// The tree that an archive holds, as its listing says, below the target's place.
fn listed(archive: &impl OpenArchive) -> TreeSnapshot {
    let place = format!("home/{PLACE}");
    let node = |entry: &ListedEntry| {
        let what = match &entry.kind {
            EntryKind::Directory => What::Directory,
            EntryKind::Link { target } => What::Link(target.into()),
            EntryKind::File { size } => What::File {
                size: *size,
                digest: entry.digest.unwrap().to_string(),
            },
        };
        let time = entry.meta.mtime;
        let mtime = (time.seconds, i64::from(time.nanos));
        let mode = entry.meta.mode;
        Node { what, mode, mtime }
    };
    let entries = archive.listing().entries.values();
    let nodes = entries.map(|entry| {
        let path = PathBuf::from(entry.path.to_string());
        (path.strip_prefix(&place).unwrap().to_owned(), node(entry))
    });
    TreeSnapshot(nodes.collect())
}

/// Fails unless an archive holds a tree, all of it is whole, and its file is the recorded one.
#[track_caller]
fn assert_holds(env: &TestEnv, id: &str, tree: &TreeSnapshot) {
    let vault = vault(env);
    let (name, target) = record(&vault, id);
    let archive = open(&vault, id);
    // A thin archive is read from the front.
    let indexed = matches!(archive, Opened::Indexed(_));
    assert_eq!(indexed, target.thin().is_none(), "{id}");
    tree.assert_same(&listed(&archive), id);
    archive.check().unwrap_or_else(|e| panic!("{id}: {e}"));
    let stored = vault.archive(&name, &target).unwrap();
    assert_eq!(stored.digest().unwrap(), target.digest, "{id}");
}

/// The home as it is below the target's place.
fn tree(env: &TestEnv) -> TreeSnapshot {
    TreeSnapshot::of(&env.home().join(PLACE))
}

/// Backs the same home up into a vault where there is nothing to start from, and fails
/// unless its archive is the same in every byte behind the manifest.
#[track_caller]
fn assert_as_from_scratch(env: &TestEnv, id: &str, what: &str) {
    let other = env.root().join("scratch");
    let _ = fs::remove_dir_all(&other);
    let words = ["--vault", other.to_str().unwrap(), "--json", "backup"];
    let report = env.run_bare(&[&words[..], &["claude"]].concat());
    let report = report.exits(0).json();
    let scratch = other
        .join("backups")
        .join(report["snapshot"].as_str().unwrap());
    same_but_for_the_manifest(&env.snapshot(id), &scratch, what);
}

#[track_caller]
fn same_but_for_the_manifest(one: &Path, other: &Path, what: &str) {
    let parts = |dir: &Path| {
        let index = RawIndex::read(&dir.join("claude.index"));
        let bytes = fs::read(dir.join("claude.tar.gz")).unwrap();
        assert_eq!(index.archive[..], Sha256::digest(&bytes)[..], "{what}");
        let (starts, body) = (index.starts(), index.body());
        let behind = (index.size - 10) as usize;
        let at = |number: usize| starts.get(number).map_or(behind, |at| *at as usize);
        let content = bytes[at(body.start)..at(body.end)].to_vec();
        (
            hex(&Sha256::digest(&content)),
            index.pieces[body].to_vec(),
            index.rows,
            index.tail,
        )
    };
    let (one, other) = (parts(one), parts(other));
    assert_eq!(one.2, other.2, "{what}: the entries differ");
    assert_eq!(one.1, other.1, "{what}: the pieces differ");
    assert_eq!(
        (one.0, one.3),
        (other.0, other.3),
        "{what}: the bytes differ"
    );
}

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides as u64) as usize
    }

    /// Bytes of which a half compresses, so that pieces are neither all stored nor all tiny.
    fn bytes(&mut self, length: usize) -> Vec<u8> {
        let text = self.roll(3) > 0;
        let mut byte = || match text {
            true => b"etaoin shrdlu\n0"[self.roll(15)],
            false => self.roll(256) as u8,
        };
        (0..length).map(|_| byte()).collect()
    }
}
