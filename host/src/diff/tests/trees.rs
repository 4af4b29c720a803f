//! Trees, and versions of directories.

use crate::diff::{Node, Side, changes, totals, version};
use crate::model::{ArchivePath, Digest, EntryKind, ModTime};

fn side(entries: &[(&str, EntryKind, u32, &str)]) -> Side {
    let node = |(path, kind, mode, content): &(&str, EntryKind, u32, &str)| {
        let is_file = matches!(kind, EntryKind::File { .. });
        let node = Node {
            kind: kind.clone(),
            mode: Some(*mode),
            mtime: ModTime::default(),
            class: None,
            digest: is_file.then(|| Digest::of(content.as_bytes())),
        };
        (ArchivePath::parse(&format!("home/{path}")).unwrap(), node)
    };
    Side {
        nodes: entries.iter().map(node).collect(),
        gaps: Default::default(),
    }
}

fn file(size: u64) -> EntryKind {
    EntryKind::File { size }
}

fn link(target: &str) -> EntryKind {
    EntryKind::Link {
        target: target.to_owned(),
    }
}

#[test]
fn trees_differ_file_by_file() {
    let before = side(&[
        ("d", EntryKind::Directory, 0o755, ""),
        ("d/changed", file(1), 0o644, "a"),
        ("d/gone", file(1), 0o644, "a"),
        ("d/mode", file(1), 0o644, "a"),
        ("d/same", file(1), 0o644, "a"),
        ("d/type", file(1), 0o644, "a"),
        ("f", EntryKind::Directory, 0o755, ""),
        ("f/x", file(1), 0o644, "a"),
        ("link", link("a"), 0o777, ""),
    ]);
    let mut after = side(&[
        ("d", EntryKind::Directory, 0o700, ""),
        ("d/changed", file(1), 0o600, "b"),
        ("d/mode", file(1), 0o755, "a"),
        ("d/new", file(3), 0o644, "abc"),
        ("d/same", file(1), 0o644, "a"),
        ("d/type", link("x"), 0o777, ""),
        ("link", link("b"), 0o777, ""),
    ]);
    let told = |before: &Side, after: &Side| -> Vec<String> {
        let all = changes(before, after);
        let all = all
            .iter()
            .map(|one| format!("{} {}", one.change.word(), one.path.rel()));
        all.collect()
    };
    let common = [
        "mode d",
        "changed d/changed",
        "removed d/gone",
        "mode d/mode",
        "added d/new",
        "type d/type",
    ];
    let mut expected: Vec<&str> = common.to_vec();
    expected.extend(["removed f/x", "changed link"]);
    assert_eq!(told(&before, &after), expected);
    let totals = totals(&before, &after, &changes(&before, &after));
    assert_eq!(
        (
            totals.added,
            totals.removed,
            totals.changed,
            totals.mode,
            totals.kind,
            totals.same
        ),
        (1, 2, 2, 2, 1, 1)
    );
    assert_eq!((totals.bytes_before, totals.bytes_after), (6, 6));
    // What could not be had is not gone.
    let gap = ArchivePath::parse("home/f").unwrap();
    after.gaps.insert(gap, "unreadable".to_owned());
    let mut expected: Vec<&str> = common.to_vec();
    expected.extend(["unknown f/x", "changed link"]);
    assert_eq!(told(&before, &after), expected);
    assert!(told(&before, &before).is_empty());
}

#[test]
fn a_directory_has_one_version_for_its_names_and_contents() {
    let of = |all: &[(&str, &str)]| {
        let all: Vec<_> = all
            .iter()
            .map(|(name, text)| (*name, Digest::of(text.as_bytes())))
            .collect();
        let kind = file(1);
        version(
            all.iter()
                .map(|(name, digest)| (*name, &kind, Some(*digest))),
        )
    };
    let one = of(&[("a", "1"), ("b", "2")]);
    assert_eq!(one, of(&[("a", "1"), ("b", "2")]));
    assert_ne!(one, of(&[("a", "2"), ("b", "1")]));
    assert_ne!(one, of(&[("a", "1")]));
    assert_ne!(of(&[("ab", "1")]), of(&[("a", "1"), ("b", "1")]));
}
