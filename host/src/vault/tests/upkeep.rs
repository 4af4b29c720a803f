//! Thinning, and removal, of archives made by hand.

use super::*;
use crate::vault::upkeep::{Upkeep, UpkeepReport};
use std::fmt::Write as _;

/// An index as these tests write it.
fn index_of(bytes: &[u8]) -> String {
    spans(bytes).iter().fold(String::new(), |mut text, span| {
        let hex: String = span.digest.iter().map(|b| format!("{b:02x}")).collect();
        let _ = writeln!(text, "{} {} {hex}", span.at, span.length);
        text
    })
}

fn read_index(index: &[u8]) -> Option<Vec<Span>> {
    let line = |line: &str| {
        let mut words = line.split(' ');
        let (at, length) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        let hex = words.next()?;
        let byte = |at: usize| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap();
        let digest = std::array::from_fn(byte);
        Some(Span { at, length, digest })
    };
    std::str::from_utf8(index).ok()?.lines().map(line).collect()
}

impl World {
    /// Publishes a snapshot with an index.
    pub(super) fn publish_indexed(&self, number: u64, of: u64) {
        let bytes = content(of);
        let lock = self.lock();
        let draft = self.vault.draft(&lock).unwrap();
        fs::write(draft.dir().path().join("claude.tar.gz"), &bytes).unwrap();
        let index = draft.write_index(&claude(), &[index_of(&bytes).as_bytes()]);
        let target = TargetRecord {
            index: Some(index.unwrap()),
            ..target(&bytes)
        };
        draft.publish(&record(number, target)).unwrap();
    }

    /// Publishes a snapshot in which nothing changed.
    fn publish_unchanged(&self, number: u64, from: u64) {
        let earlier = self.snapshot(from);
        let lock = self.lock();
        let draft = self.vault.draft(&lock).unwrap();
        let adopted = draft.adopt(&earlier.id, &earlier.targets[0]).unwrap();
        draft.publish(&record(number, adopted)).unwrap();
    }

    fn upkeep(&self, plain: usize) -> UpkeepReport {
        self.upkeep_for(plain, usize::MAX)
    }

    fn upkeep_for(&self, plain: usize, mut archives: usize) -> UpkeepReport {
        let upkeep = Upkeep {
            plain: Some(plain),
            trash_seconds: 100,
            now: 1_000,
        };
        let mut more = || {
            archives = archives.saturating_sub(1);
            archives > 0
        };
        let lock = self.lock();
        self.vault
            .upkeep_with(&lock, &upkeep, &mut more, read_index)
            .unwrap()
    }

    /// What each snapshot leans on; 0 for a plain one.
    fn bases(&self) -> Vec<(u64, u64)> {
        let number = |wanted: &SnapshotId| (1..31).find(|n| id(*n) == *wanted).unwrap();
        let mut all: Vec<(u64, u64)> = self
            .vault
            .catalogue()
            .unwrap()
            .snapshots
            .iter()
            .map(|record| {
                let base = record.targets[0]
                    .thin()
                    .map_or(0, |thin| number(&thin.base));
                (number(&record.id), base)
            })
            .collect();
        all.sort_unstable();
        all
    }

    /// Every snapshot must read as it was made, and no file may be there without a reason.
    #[track_caller]
    fn check(&self) {
        for record in self.vault.catalogue().unwrap().snapshots {
            let target = &record.targets[0];
            self.vault.check_whole(&record.id, target).unwrap();
            self.vault.check_file(&record.id, target).unwrap();
            let dir = self.path.join("backups").join(record.id.as_str());
            let mut names: Vec<String> = fs::read_dir(dir)
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            names.sort();
            let mut wanted = vec![target.file_name(), "snapshot.toml".to_owned()];
            wanted.extend(target.index.map(|_| "claude.index".to_owned()));
            wanted.sort();
            assert_eq!(names, wanted, "{}", record.id);
        }
    }

    fn remove(&self, number: u64) {
        let lock = self.lock();
        self.vault.remove(&lock, &id(number), 950).unwrap();
    }
}

fn grown(to: u64) -> World {
    let world = World::new();
    for number in 1..=to {
        world.publish_indexed(number, number);
    }
    world
}

#[test]
fn old_archives_become_thin_one_by_one_and_come_back_as_they_were() {
    let world = grown(6);
    let report = world.upkeep_for(2, 3);
    assert_eq!((report.thinned.len(), report.left), (2, 2));
    world.check();
    let report = world.upkeep(2);
    assert_eq!((report.thinned.len(), report.left), (2, 0));
    assert_eq!(
        world.bases(),
        [(1, 2), (2, 3), (3, 4), (4, 5), (5, 0), (6, 0)]
    );
    world.check();
    assert!(world.upkeep(2).thinned.is_empty());
    let stored: u64 = (1..=4)
        .map(|n| world.snapshot(n).targets[0].stored_size())
        .sum();
    assert!(stored < 4 * 3_000, "{stored}");
}

#[test]
fn no_chain_is_longer_than_it_may_be() {
    let world = World::new();
    for number in 1..=30 {
        world.publish_indexed(number, number);
        assert!(world.upkeep(2).troubles.is_empty());
    }
    world.check();
    let snapshots = world.vault.catalogue().unwrap().snapshots;
    let leaning = leaning::Leaning(&snapshots);
    let steps = snapshots
        .iter()
        .map(|record| leaning.steps(&record.id, &claude()));
    let most = steps.max().unwrap();
    assert!((8..=16).contains(&most), "{most}: {:?}", world.bases());
    // A link in the middle was let lean further on, instead of leaving one plain.
    let plain = world.bases().iter().filter(|(_, base)| *base == 0).count();
    assert!(plain <= 3, "{:?}", world.bases());
}

#[test]
fn a_stretch_without_change_is_one_file_and_then_one_step() {
    let world = World::new();
    for (number, of) in [(1, 1), (2, 2)] {
        world.publish_indexed(number, of);
    }
    for number in 3..=8 {
        world.publish_unchanged(number, number - 1);
        assert!(world.upkeep(2).troubles.is_empty());
    }
    // One file under many names costs nothing.
    assert_eq!(world.bases()[..3], [(1, 3), (2, 0), (3, 0)]);
    world.publish_indexed(9, 9);
    world.publish_indexed(10, 10);
    assert!(world.upkeep(2).troubles.is_empty());
    let on_eight = (2..=7).map(|number| (number, 8));
    let wanted: Vec<(u64, u64)> = [(1, 3)]
        .into_iter()
        .chain(on_eight)
        .chain([(8, 9), (9, 0), (10, 0)])
        .collect();
    assert_eq!(world.bases(), wanted);
    world.check();
    assert!(world.snapshot(3).targets[0].stored_size() < 300);
}

#[test]
fn what_leans_on_a_removed_snapshot_finds_another_base() {
    for gone in 1..=6 {
        let world = grown(6);
        world.upkeep(2);
        world.remove(gone);
        world.check();
        assert_eq!(world.bases().len(), 5);
        assert!(!world.path.join("backups").join(id(gone).as_str()).exists());
        assert_eq!(world.vault.trash().unwrap().len(), 1);
        // And on with the next.
        world.publish_indexed(7, 7);
        assert!(world.upkeep(2).troubles.is_empty());
        world.check();
    }
}

#[test]
fn the_same_archive_elsewhere_takes_over() {
    let world = grown(2);
    for number in 3..=5 {
        world.publish_unchanged(number, number - 1);
    }
    world.publish_indexed(6, 6);
    world.upkeep(1);
    assert_eq!(world.bases()[..5], [(1, 5), (2, 5), (3, 5), (4, 5), (5, 6)]);
    world.remove(5);
    assert_eq!(world.bases(), [(1, 4), (2, 4), (3, 4), (4, 6), (6, 0)]);
    world.check();
    world.remove(6);
    world.check();
    assert_eq!(world.bases(), [(1, 4), (2, 4), (3, 4), (4, 0)]);
    world.remove(2);
    world.remove(4);
    world.check();
    assert_eq!(world.bases(), [(1, 3), (3, 0)]);
}

#[test]
fn nothing_is_removed_while_nobody_knows_who_leans_on_it() {
    let world = grown(4);
    world.upkeep(2);
    let path = world.file(1, "snapshot.toml");
    let text = fs::read(&path).unwrap();
    fs::write(&path, "x").unwrap();
    let lock = world.lock();
    assert!(world.vault.remove(&lock, &id(2), 950).is_err());
    fs::write(&path, text).unwrap();
    world.check();
    world.vault.remove(&lock, &id(2), 950).unwrap();
    world.check();
}

#[test]
fn the_trash_is_emptied_when_its_time_is_over() {
    let world = grown(3);
    world.remove(1);
    assert_eq!(world.upkeep(2).emptied, 0);
    let lock = world.lock();
    assert_eq!(world.vault.trash().unwrap()[0].removed, 950);
    assert_eq!(world.vault.expire_trash(&lock, 950).unwrap(), 0);
    assert_eq!(world.vault.expire_trash(&lock, 951).unwrap(), 1);
    assert!(world.vault.trash().unwrap().is_empty());
}

#[test]
fn nothing_leans_on_what_is_damaged_and_nothing_damaged_is_replaced() {
    for damaged in 1..=2 {
        let world = grown(4);
        let path = world.file(damaged, "claude.tar.gz");
        let mut bytes = fs::read(&path).unwrap();
        // In the one piece that the next newer does not hold.
        bytes[PIECE * (damaged as usize + 1) + 500] ^= 1;
        fs::write(&path, &bytes).unwrap();
        let report = world.upkeep(2);
        let said = report.troubles.iter().map(ToString::to_string);
        let said: Vec<String> = said.collect();
        assert!(
            said.iter().any(|text| text.contains(id(damaged).as_str())),
            "{said:?}"
        );
        assert_eq!(fs::read(&path).unwrap(), bytes);
        for number in (1..=4).filter(|number| *number != damaged) {
            assert_eq!(world.read(number).unwrap(), content(number));
        }
    }
}

#[test]
fn damage_to_what_a_base_holds_as_well_is_healed() {
    let world = grown(4);
    let path = world.file(1, "claude.tar.gz");
    let mut bytes = fs::read(&path).unwrap();
    bytes[500] ^= 1;
    fs::write(&path, &bytes).unwrap();
    assert!(world.upkeep(2).troubles.is_empty());
    world.check();
    assert_eq!(world.read(1).unwrap(), content(1));
}

#[test]
fn left_overs_go_and_nothing_else_does() {
    let world = grown(4);
    world.upkeep(2);
    for name in [
        "claude.tar.gz",
        "claude.2.thin",
        "claude.index",
        ".snapshot.toml.77.tmp",
    ] {
        fs::write(world.file(1, name), "half").unwrap();
    }
    let mine = world.file(1, "notes.txt");
    fs::write(&mine, "mine").unwrap();
    assert!(world.upkeep(2).troubles.is_empty());
    fs::remove_file(mine).unwrap();
    world.check();
}

#[test]
fn a_record_that_was_changed_is_told_and_stays_as_it_is() {
    let world = grown(4);
    world.vault.check_record(&id(1)).unwrap();
    let path = world.file(1, "snapshot.toml");
    let changed = fs::read_to_string(&path).unwrap().replace("\"u\"", "\"v\"");
    fs::write(&path, &changed).unwrap();
    let said = world.vault.check_record(&id(1)).unwrap_err().to_string();
    assert!(said.contains("changed since it was written"), "{said}");
    assert_eq!(world.upkeep(2).troubles.len(), 1);
    assert_eq!(fs::read_to_string(&path).unwrap(), changed);
    world.check();
}

#[test]
fn a_record_with_more_in_it_than_is_known_is_not_written_anew() {
    let world = grown(4);
    let path = world.file(1, "snapshot.toml");
    let text = fs::read_to_string(&path).unwrap();
    // A newer program would also have written its own first line.
    let (_, text) = text.split_once('\n').unwrap();
    let newer = text.replacen("sequence", "colour = \"red\"\nsequence", 1);
    fs::write(&path, &newer).unwrap();
    let report = world.upkeep(2);
    assert_eq!((report.thinned.len(), report.troubles.len()), (1, 1));
    assert_eq!(fs::read_to_string(&path).unwrap(), newer);
    world.check();
}
