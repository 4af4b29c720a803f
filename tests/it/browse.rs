//! The browser on a real terminal: what it shows, what its keys do, and that the terminal is as
//! it was whichever way it ends.

use crate::support::TestEnv;
use crate::support::tty::Tty;
use rexpect::process::Signal;
use std::fs;

/// A home with three backups, the last one with a note, and changes since.
fn env() -> TestEnv {
    let mut env = TestEnv::small();
    env.set("TERM", "xterm-256color");
    env.backup(0, &[]);
    env.skill("two");
    env.write(
        ".claude/settings.json",
        "{\"theme\": \"dark\", \"env\": {\"API_TOKEN\": \"hunter2-old\"}}\n",
    );
    env.backup(0, &["--automatic"]);
    env.write(".claude/agents/helper.md", "Help.\n");
    env.backup(0, &["--note", "before the trip"]);
    env.write(".claude/CLAUDE.md", "Be brief.\nBe kind.\n");
    env.write(
        ".claude/settings.json",
        "{\"theme\": \"light\", \"env\": {\"API_TOKEN\": \"hunter2-new\"}}\n",
    );
    fs::remove_dir_all(env.home().join(".claude/skills/two")).unwrap();
    env
}

fn browse(env: &TestEnv, size: (u16, u16)) -> Tty {
    let mut tty = Tty::start(env, size, &["--color", "never", "browse"]);
    tty.shows(&["3 snapshots, newest first", "before the trip", "q leave"]);
    tty
}

#[test]
fn the_first_restore_follows_only_what_the_screen_says() {
    let env = env();
    let mut tty = browse(&env, (80, 24));
    // "Choose one and press Enter to see what is in it."
    tty.shows(&["press Enter to see what is in it", "Enter look inside"])
        .types("\r");
    tty.shows(&["PICK", "claude", "Enter open", "Space pick"])
        .types("\r");
    tty.shows(&["› claude", "skills", "agents"]);
    // "compare with now" marks what is not as it was.
    tty.shows(&["c compare with now"]).types("c");
    tty.shows(&["claude: 3 of 5 files are not here as in the snapshot"]);
    while !tty.screen.chosen().contains("skills") {
        let before = tty.screen.chosen();
        tty.types("\u{1b}[B").hides(&before);
    }
    tty.types("\r").shows(&["› skills", "two/", "1 differ"]);
    tty.types("\u{1b}[B").shows(&[
        "directory: ~/.claude/skills/two",
        "r restore this directory",
    ]);
    tty.types("r");
    tty.shows(&[
        "takeback restore claude --from=",
        "--path=home/.claude/",
        "create",
    ]);
    tty.shows(&["Restore these files? [y/N]"]).types("y\n");
    tty.shows(&["Restored claude: 1 created", "Press Enter to go back"])
        .types("\r");
    tty.shows(&["› skills", "two/"]);
    let back = env.home().join(".claude/skills/two/SKILL.md");
    assert!(back.is_file());
    // "Left back", to where "u take a restore back" is.
    tty.types("\u{1b}[D").hides("two/");
    tty.types("\u{1b}[D")
        .shows(&["The tools that this snapshot holds"]);
    tty.types("\u{1b}[D")
        .shows(&["u take a restore back"])
        .types("u");
    tty.shows(&["restore of claude", "1 created", "Enter take it back"])
        .types("\r");
    tty.shows(&["takeback undo", "Take these changes back? [y/N]"])
        .types("y\n");
    tty.shows(&["Took back", "Press Enter to go back"])
        .types("\r");
    tty.shows(&["[taken back]"]).types("q");
    assert_eq!(tty.ends(), 0);
    tty.is_as_before();
    assert!(!back.exists());
}

#[test]
fn a_no_changes_nothing() {
    let env = env();
    let mut tty = browse(&env, (80, 24));
    tty.types("\r")
        .shows(&["PICK", "r restore all of claude"])
        .types("r");
    tty.shows(&["Restore these files? [y/N]"]).types("n\n");
    tty.shows(&["cancelled; nothing was changed"]).types("\r");
    tty.shows(&["The tools that this snapshot holds"])
        .types("q");
    assert_eq!(tty.ends(), 0);
    tty.is_as_before();
    let text = fs::read_to_string(env.home().join(".claude/CLAUDE.md")).unwrap();
    assert_eq!(text, "Be brief.\nBe kind.\n");
}

#[test]
fn what_changed_in_a_file_is_shown_without_its_secrets() {
    let env = env();
    let mut tty = browse(&env, (80, 24));
    tty.types("\r").shows(&["claude", "Enter open"]).types("\r");
    tty.shows(&["class: settings"]).types("\r");
    tty.shows(&["settings.json", "Enter see what changed"])
        .types("\r");
    tty.shows(&["/theme", "light", "secret changed", "r restore"]);
    let seen = String::from_utf8_lossy(&tty.raw).into_owned();
    assert!(!seen.contains("hunter2"), "{seen}");
    tty.types("q");
    assert_eq!(tty.ends(), 0);
}

#[test]
fn the_screen_of_80_by_24_says_what_to_do() {
    let env = env();
    let tty = browse(&env, (80, 24));
    let lines = tty.screen.lines();
    assert_eq!(lines.len(), 24);
    assert!(
        lines[0].starts_with(" takeback browse │ "),
        "{}",
        tty.screen.text()
    );
    assert_eq!(lines[1], " 3 snapshots, newest first");
    assert!(lines[5].contains("SNAPSHOT                AGE            SIZE     WHAT IS IN IT"));
    assert!(lines[6].starts_with("> 20"), "{}", tty.screen.text());
    assert!(
        lines[6].ends_with("claude, plugins  before the t…"),
        "{}",
        tty.screen.text()
    );
    assert!(
        lines[7].contains("[automatic] claude"),
        "{}",
        tty.screen.text()
    );
    assert!(tty.screen.text().contains("Note: before the trip"));
    let keys = " Up/Down choose   Enter look inside   u take a restore back   ? help   q leave";
    assert_eq!(lines[23], keys);
    assert!(
        !tty.screen.was_styled,
        "there is no colour where none is wanted"
    );
}

#[test]
fn a_large_screen_shows_more_and_sizes_may_change() {
    let env = env();
    let mut tty = browse(&env, (200, 50));
    let lines = tty.screen.lines();
    assert_eq!(lines.len(), 50);
    // The list is on the left, what the cursor is on is described on the right.
    let (heading, beside) = lines[4].split_once('│').unwrap();
    assert!(
        heading.contains("SNAPSHOT") && beside.contains("Made by hand"),
        "{}",
        lines[4]
    );
    let (row, beside) = lines[5].split_once('│').unwrap();
    assert!(
        row.starts_with("> 20") && beside.contains("Note: before the trip"),
        "{}",
        lines[5]
    );
    for size in [(20, 6), (1, 1), (300, 5), (80, 24)] {
        tty.resize(size);
        let text = match size {
            (1, 1) => "…",
            (20, 6) => "3 snapshots",
            _ => "3 snapshots, newest first",
        };
        tty.shows(&[text]);
    }
    tty.shows(&["q leave"]).types("?");
    tty.shows(&["Every key, on every screen"]).types("q");
    assert_eq!(tty.ends(), 0);
    tty.is_as_before();
}

#[test]
fn a_signal_ends_it_and_the_terminal_is_as_it_was() {
    let env = env();
    for (signal, code) in [
        (Signal::SIGTERM, 143),
        (Signal::SIGINT, 130),
        (Signal::SIGHUP, 129),
    ] {
        let mut tty = browse(&env, (80, 24));
        // Twice at once: the second must not end it before the terminal is given back.
        tty.signal(signal).signal(signal);
        assert_eq!(tty.ends(), code, "{signal:?}");
        tty.is_as_before();
    }
    let mut tty = browse(&env, (80, 24));
    tty.types("\u{3}");
    assert_eq!(tty.ends(), 130);
    tty.is_as_before();
}

#[test]
fn stopped_it_gives_the_terminal_back_and_goes_on_where_it_was() {
    let env = env();
    for key in [true, false] {
        let mut tty = browse(&env, (80, 24));
        tty.types("\r")
            .shows(&["The tools that this snapshot holds", "claude"]);
        match key {
            true => _ = tty.types("\u{1a}"),
            false => _ = tty.signal(Signal::SIGTSTP),
        }
        tty.is_stopped();
        tty.is_as_before();
        tty.signal(Signal::SIGCONT);
        tty.shows(&["The tools that this snapshot holds", "q leave"])
            .types("q");
        assert_eq!(tty.ends(), 0);
        tty.is_as_before();
    }
}

#[test]
fn a_signal_during_the_question_of_a_restore_leaves_no_trace() {
    let env = env();
    let mut tty = browse(&env, (80, 24));
    tty.types("\r")
        .shows(&["r restore all of claude"])
        .types("r");
    tty.shows(&["Restore these files? [y/N]"]);
    tty.is_as_before();
    // As everywhere: the first asks to stop, the second ends the process.
    tty.signal(Signal::SIGTERM);
    tty.types("n\n");
    assert_eq!(tty.ends(), 143);
    tty.is_as_before();
    env.run(&["undo", "--list"]).exits(0).says("");
}

#[test]
fn terminals_without_utf8_get_ascii() {
    let mut env = env();
    env.write(".claude/skills/caf\u{e9}/SKILL.md", "x");
    env.backup(0, &["--note", "na\u{ef}ve \u{1b}[31m"]);
    env.set("LC_ALL", "C");
    let mut tty = Tty::start(&env, (100, 24), &["browse"]);
    tty.shows(&["4 snapshots", "na\\u{ef}ve \\x1b[31m", "q leave"])
        .types("\r");
    tty.shows(&["Enter open"]).types("q");
    assert_eq!(tty.ends(), 0);
    assert!(tty.raw.is_ascii());
    assert!(tty.screen.was_styled, "a terminal gets colour");
    env.set("NO_COLOR", "1");
    let mut tty = Tty::start(&env, (100, 24), &["browse"]);
    tty.shows(&["4 snapshots", "q leave"]).types("q");
    assert_eq!(tty.ends(), 0);
    assert!(!tty.screen.was_styled, "NO_COLOR is kept");
}

#[test]
fn without_a_terminal_it_says_so() {
    let mut env = env();
    env.run(&["browse"])
        .exits(2)
        .says("browse needs a terminal");
    let json = env.run(&["--json", "browse"]).exits(2);
    assert_eq!(json.json()["code"], 2);
    env.set("TERM", "dumb");
    let mut tty = Tty::start(&env, (80, 24), &["browse"]);
    tty.shows(&["browse needs a terminal that can move its cursor"]);
    assert_eq!(tty.ends(), 2);
}

#[test]
fn an_empty_vault_says_what_to_do() {
    let mut env = TestEnv::new();
    env.set("TERM", "xterm");
    let mut tty = Tty::start(&env, (80, 24), &["--color", "never", "browse"]);
    tty.shows(&["There is no snapshot yet", "takeback backup"])
        .types("\r");
    tty.types("u")
        .shows(&["Nothing was restored yet"])
        .types("q");
    assert_eq!(tty.ends(), 0);
    tty.is_as_before();
}
