//! What screens look like, and what keys do, without a terminal.

use super::super::events::{Answer, Effect, Event, Held, Key, List, Question, Screen};
use super::super::state::State;
use super::super::tree::{Leaf, Tree};
use super::*;
use takeback::model::{ArchivePath, Class, Digest, HostFacts, Os, OwnPlaces, SnapshotId, TargetId};
use takeback::vault::{Form, SnapshotKind, SnapshotRecord, TargetRecord};

fn record(day: u32, kind: SnapshotKind) -> SnapshotRecord {
    let target = |name: &str| TargetRecord {
        target: TargetId::new(name).unwrap(),
        digest: Digest::of(b"x"),
        size: 10,
        form: Form::Plain,
        index: None,
        unchanged_since: None,
        expanded: 100,
        entries: 3,
        files: 2,
        bytes: 2_100_000,
        tallies: Vec::new(),
        troubles: u64::from(day == 3),
        adapter: "1".to_owned(),
    };
    SnapshotRecord {
        id: SnapshotId::new(&format!("2026-01-{day:02}_15-30-00")).unwrap(),
        sequence: u64::from(day),
        time: format!("2026-01-{day:02}T15:30:00Z"),
        kind,
        note: (day == 2).then(|| "a note\u{1b}[2J\u{202e}".to_owned()),
        pinned: day == 2,
        program: "takeback".to_owned(),
        host: "h".to_owned(),
        user: "u".to_owned(),
        home: "/home/u".to_owned(),
        project: None,
        imported: None,
        targets: vec![target("claude"), target("cursor")],
    }
}

fn held(name: &str) -> Held {
    let leaf = |class, path: &str| Leaf {
        class,
        path: ArchivePath::parse(path).unwrap(),
        link: false,
        size: 10,
        modified: 0,
    };
    let leaves = [
        leaf(Class::Settings, "home/.claude/settings.json"),
        leaf(Class::Skills, "home/.claude/skills/one/SKILL.md"),
        leaf(
            Class::Skills,
            "home/.claude/skills/w\u{4e16}\u{754c}/SKILL.md",
        ),
    ];
    let target = TargetId::new(name).unwrap();
    Held {
        tree: Ok(Tree::new(target.clone(), &leaves, &|_| "~".to_owned())),
        target,
    }
}

fn facts() -> HostFacts {
    HostFacts {
        os: Os::Linux,
        home: "/home/u".into(),
        config: "/home/u/.config".into(),
        data: "/home/u/.local/share".into(),
        state: "/home/u/.local/state".into(),
        project: None,
        host: "h".to_owned(),
        user: "u".to_owned(),
        environment: std::collections::BTreeMap::new(),
        own: OwnPlaces::default(),
    }
}

fn state() -> State {
    let now = "2026-01-04T15:30:00Z".parse::<jiff::Timestamp>().unwrap();
    let mut state = State::new(facts(), "~/vault".to_owned(), now.as_second(), Vec::new());
    let all = vec![
        record(3, SnapshotKind::Automatic),
        record(2, SnapshotKind::Manual),
        record(1, SnapshotKind::Safety),
    ];
    state.update(Event::Read(Answer::Snapshots(all, 0)));
    state
}

fn press(state: &mut State, keys: &[Key]) -> Vec<Effect> {
    keys.iter()
        .flat_map(|key| state.update(Event::Key(*key)))
        .collect()
}

/// Inside the newest snapshot.
fn opened() -> State {
    let mut state = state();
    let effects = press(&mut state, &[Key::Enter]);
    let asked = Effect::Read(Question::Contents(Box::new(record(
        3,
        SnapshotKind::Automatic,
    ))));
    assert_eq!(effects, [asked]);
    let id = state.snapshots[0].id.clone();
    let all = vec![held("claude"), held("cursor")];
    state.update(Event::Read(Answer::Contents(id, all)));
    state
}

fn text(state: &State) -> String {
    let lines = screen(state, false);
    let lines: Vec<String> = lines.iter().map(Line::text).collect();
    lines.join("\n")
}

#[test]
fn every_screen_fits_every_size() {
    let mut screens = vec![state(), opened()];
    let mut inside = opened();
    press(&mut inside, &[Key::Enter]);
    screens.push(inside);
    let mut file = opened();
    press(&mut file, &[Key::Enter, Key::Enter, Key::Enter]);
    assert!(
        matches!(file.screen(), Screen::File { .. }),
        "{:?}",
        file.screen()
    );
    screens.push(file);
    for key in ['?', 'u'] {
        let mut other = opened();
        press(&mut other, &[Key::Letter(key)]);
        screens.push(other);
    }
    for mut state in screens {
        for width in [0, 1, 2, 7, 20, 79, 80, 109, 110, 200] {
            for height in [0, 1, 2, 5, 8, 12, 16, 24, 50] {
                state.update(Event::Size(width, height));
                for ascii in [false, true] {
                    let lines = screen(&state, ascii);
                    assert_eq!(lines.len(), height, "{width}x{height}");
                    assert!(lines.iter().all(|line| line.columns() == width));
                }
                press(
                    &mut state,
                    &[Key::PageDown, Key::End, Key::PageUp, Key::Home],
                );
            }
        }
    }
}

#[test]
fn the_first_screen_tells_snapshots_apart_in_words() {
    let mut state = state();
    state.update(Event::Size(105, 24));
    let shown = text(&state);
    assert!(
        shown.contains("> 2026-01-03_15-30-00     1 day ago"),
        "{shown}"
    );
    assert!(
        shown.contains("[automatic] [2 gaps] claude, cursor"),
        "{shown}"
    );
    assert!(
        shown.contains("[pinned] claude, cursor  a note\\x1b[2J"),
        "{shown}"
    );
    assert!(shown.contains("[safety] claude"), "{shown}");
    assert!(!shown.contains('\u{1b}') && !shown.contains('\u{202e}'));
}

#[test]
fn keys_are_shown_on_every_screen() {
    let mut state = opened();
    for keys in [&[][..], &[Key::Enter], &[Key::Enter], &[Key::Letter('?')]] {
        press(&mut state, keys);
        let shown = text(&state);
        assert!(shown.contains("q leave"), "{shown}");
        assert!(shown.contains("Left back"), "{shown}");
    }
}

#[test]
fn what_is_restored_is_what_is_picked_or_under_the_cursor() {
    let run = |keys: &[Key]| {
        let mut state = opened();
        let effects = press(&mut state, keys);
        match effects.last() {
            Some(Effect::Run(words)) => words[2..].join(" "),
            other => panic!("{other:?}: {}", text(&state)),
        }
    };
    let (r, space) = (Key::Letter('r'), Key::Letter(' '));
    let from = "--from=2026-01-03_15-30-00";
    assert_eq!(run(&[r]), format!("claude {from}"));
    assert_eq!(run(&[Key::Down, r]), format!("cursor {from}"));
    assert_eq!(run(&[space, space, r]), format!("claude cursor {from}"));
    assert_eq!(
        run(&[Key::Enter, r]),
        format!("claude {from} --only=settings")
    );
    let into_skills = [Key::Enter, Key::Down, Key::Enter];
    let one = [&into_skills[..], &[r]].concat();
    let path = "--path=home/.claude/skills/one";
    assert_eq!(run(&one), format!("claude {from} {path}"));
    // Picks count before the cursor, and from every place in the target.
    let picked = [&into_skills[..], &[space, Key::Back, Key::Up, r]].concat();
    assert_eq!(run(&picked), format!("claude {from} {path}"));
    let above = [&into_skills[..], &[space, Key::Back, Key::Back, r]].concat();
    assert_eq!(run(&above), format!("claude {from} {path}"));
}

#[test]
fn nothing_is_restored_where_nothing_is_chosen() {
    let mut state = state();
    assert_eq!(press(&mut state, &[Key::Letter('r')]), []);
    assert!(text(&state).contains("Open a snapshot with Enter; then restore from it."));
    assert_eq!(press(&mut state, &[Key::Letter('u'), Key::Enter]).len(), 1);
    assert_eq!(press(&mut state, &[Key::Letter('q')]), [Effect::Leave]);
    assert_eq!(press(&mut state, &[Key::Interrupt]), [Effect::Interrupt]);
}

#[test]
fn answers_that_come_too_late_change_nothing() {
    let mut state = opened();
    let older = state.snapshots[1].id.clone();
    state.update(Event::Read(Answer::Contents(older, Vec::new())));
    assert_eq!(state.held.len(), 2);
    let gone = ArchivePath::parse("home/x").unwrap();
    state.update(Event::Read(Answer::Difference(gone, vec!["x".to_owned()])));
    assert_eq!(*state.screen(), Screen::Targets);
}

#[test]
fn after_a_command_the_cursor_stays_on_its_snapshot() {
    let mut state = state();
    press(&mut state, &[Key::Down]);
    let mut all = state.snapshots.clone();
    all.insert(0, record(4, SnapshotKind::Safety));
    state.update(Event::Read(Answer::Snapshots(all, 0)));
    assert_eq!(state.screens[0].1, List { at: 2 });
    assert_eq!(state.snapshot().map(|one| one.sequence), Some(2));
}
