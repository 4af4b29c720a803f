//! Tools that run, files that are open, databases that somebody is connected to.

use super::{FORCE, Other, RESTORE, Waiting, changed_since, make_old, text};
use crate::support::env::archive_of;
use crate::support::tarball::Archive;
use crate::support::{TestEnv, TreeSnapshot, tools};
use rusqlite::Connection;
use std::fs;
use std::io::Write;
use std::path::PathBuf;

fn home(env: &TestEnv) -> TreeSnapshot {
    TreeSnapshot::of(&env.home()).without(".local")
}

/// A process that has ended long ago, if there ever was one: no number is larger.
const NOBODY: u32 = 4_194_303;

/// A home, an archive whose adapter looks for a process of a name that nobody else uses,
/// and a script of that name.
fn with_tool(letter: char) -> (TestEnv, String, PathBuf, String) {
    let env = TestEnv::new();
    env.write(".claude/settings.json", "{}");
    let report = env.backup(0, &[]);
    let origin = env.root().join("origin");
    tools::extract(&archive_of(&env, &report, "claude"), &origin);
    let manifest = fs::read(origin.join("manifest.json")).unwrap();
    let name = format!("tb{letter}{}", std::process::id());
    let archive = Archive::valid(&serde_json::from_slice(&manifest).unwrap()).edit(|manifest| {
        let running = serde_json::json!([{ "process": &name }]);
        manifest["declaration"]["running"] = running;
    });
    let path = env.root().join("archive.tar.gz");
    fs::write(&path, archive.bytes()).unwrap();
    make_old(&env.write(".claude/settings.json", "{\"mine\": 1}"));
    let script = env.root().join(&name);
    fs::write(&script, "echo ready; read _ || :\n").unwrap();
    let archive = path.to_str().unwrap().to_owned();
    env.run(&["restore", "claude", "--from", &archive, "--dry-run"])
        .exits(0);
    (env, archive, script, name)
}

#[test]
fn a_tool_that_runs_is_named_and_only_force_goes_on() {
    let (env, archive, script, name) = with_tool('r');
    let from = |flag: &str| env.run(&["restore", "claude", "--from", &archive, flag]);
    let tool = Other::start("sh", &[script.to_str().unwrap()]);
    let running = format!("{name} (process {}) is running", tool.id());
    let before = home(&env);
    let output = from("--yes").exits(4);
    assert!(output.stderr.contains(&running), "{output}");
    assert!(output.stderr.contains("--force"), "{output}");
    assert!(from("--dry-run").exits(0).stderr.contains(&running));
    before.assert_same(&home(&env), "the home");
    let args = [
        "--json",
        "restore",
        "claude",
        "--from",
        &archive,
        "--dry-run",
    ];
    let document = env.run(&args).exits(0).json();
    assert_eq!(
        document["plans"][0]["soft_refusals"],
        serde_json::json!([running])
    );
    let output = from("--force").exits(0);
    assert!(output.stderr.contains(&running), "{output}");
    assert!(text(&env, ".claude/settings.json").contains("opus"));
    env.run(&["undo", "--yes"]).exits(0);
    before.assert_same(&home(&env), "after the undo");
    tool.end();
    from("--yes").exits(0);
}

#[test]
fn one_that_waits_plans_anew_when_the_tool_has_ended() {
    let (env, archive, script, _) = with_tool('w');
    let tool = Other::start("sh", &[script.to_str().unwrap()]);
    let args = [
        "restore", "claude", "--from", &archive, "--yes", "--wait", "600",
    ];
    let waiting = Waiting::start(&env, &args, "Waiting for the files to be free");
    // What a tool does when it is closed.
    make_old(&env.write(".claude/settings.json", "{\"written\": \"at the end\"}"));
    tool.end();
    let (code, said) = waiting.end();
    assert_eq!(code, Some(0), "{said}");
    assert!(text(&env, ".claude/settings.json").contains("opus"));
    env.run(&["undo", "--yes"]).exits(0);
    assert!(text(&env, ".claude/settings.json").contains("at the end"));
}

#[test]
fn a_file_that_somebody_has_open_is_named() {
    let env = changed_since();
    let path = env.home().join(".claude/CLAUDE.md");
    let path = path.to_str().unwrap();
    for (how, said) in [
        ("3<", "is open in sh"),
        ("3>>", "is open for writing in sh"),
    ] {
        let other = Other::shell(&format!("exec {how}\"$1\""), &[path]);
        let before = home(&env);
        let output = env.run(&RESTORE).exits(4);
        let named = format!("~/.claude/CLAUDE.md {said} (process {})", other.id());
        assert!(output.stderr.contains(&named), "{output}");
        assert!(!output.stderr.contains("history.jsonl"), "{output}");
        before.assert_same(&home(&env), "the home");
        // What is not touched may be open.
        env.run(&[&RESTORE[..], &["--path", "**/SKILL.md"]].concat())
            .exits(0);
        env.run(&FORCE).exits(0);
        assert_eq!(text(&env, ".claude/CLAUDE.md"), "backed up\n");
        // It has the old file open, not the one that is there now.
        env.run(&["undo", "--yes"]).exits(0);
        before.assert_same(&home(&env), "after the undo");
        other.end();
    }
    env.run(&RESTORE).exits(0);
}

#[test]
fn an_undo_asks_about_open_files_too_and_waits() {
    let env = changed_since();
    let before = home(&env);
    env.run(&RESTORE).exits(0);
    let restored = home(&env);
    let path = env.home().join(".claude/CLAUDE.md");
    let open = || Other::shell("exec 3<\"$1\"", &[path.to_str().unwrap()]);
    let other = open();
    let named = format!("~/.claude/CLAUDE.md is open in sh (process {})", other.id());
    let output = env.run(&["undo", "--yes"]).exits(4);
    assert!(output.stderr.contains(&named), "{output}");
    restored.assert_same(&home(&env), "the home");
    let args = ["undo", "--yes", "--wait", "600"];
    let waiting = Waiting::start(&env, &args, "Waiting for the files to be free");
    other.end();
    let (code, said) = waiting.end();
    assert_eq!(code, Some(0), "{said}");
    before.assert_same(&home(&env), "after the undo");
    env.run(&FORCE).exits(0);
    let _other = open();
    env.run(&["undo", "--force"]).exits(0).says(&named[..30]);
    before.assert_same(&home(&env), "after the forced undo");
}

#[test]
fn lock_files_count_as_long_as_their_process_runs() {
    let env = changed_since();
    let other = Other::shell("", &[]);
    let live = [
        (".claude/ide/1.lock", format!("{{\"pid\": {}}}", other.id())),
        (".claude/ide/2.lock", other.id().to_string()),
    ];
    for (name, content) in &live {
        let path = env.write(name, content);
        let output = env.run(&RESTORE).exits(4);
        let said = format!("~/{name} says it is open");
        assert!(output.stderr.contains(&said), "{output}");
        fs::remove_file(path).unwrap();
    }
    other.end();
    for (name, content) in &live {
        env.write(name, content);
    }
    env.write(".claude/ide/3.lock", NOBODY.to_string());
    env.write(".claude/ide/4.lock", format!("{{\"pid\": {NOBODY}}}"));
    env.run(&RESTORE).exits(0);
    assert_eq!(text(&env, ".claude/CLAUDE.md"), "backed up\n");
}

/// A home with a database in its backup to which a row was added since, and a connection.
fn with_database(journal: &str) -> (TestEnv, Connection, PathBuf) {
    let env = TestEnv::small();
    let path = env.write(".claude/__store.db", "");
    let db = Connection::open(&path).unwrap();
    db.pragma_update(None, "journal_mode", journal).unwrap();
    db.execute_batch("CREATE TABLE t(x); INSERT INTO t VALUES (1);")
        .unwrap();
    env.backup(0, &["claude"]);
    db.execute_batch("INSERT INTO t VALUES (2);").unwrap();
    env.run(&["restore", "claude", "-n"]).exits(4);
    (env, db, path)
}

fn rows(db: &Connection) -> i64 {
    db.query_row("SELECT count(*) FROM t", [], |row| row.get(0))
        .unwrap()
}

#[test]
fn a_database_that_somebody_has_open_is_never_replaced() {
    for journal in ["wal", "delete"] {
        let (env, db, path) = with_database(journal);
        let before = home(&env);
        for flag in ["--yes", "--force"] {
            let output = env.run(&["restore", "claude", flag]).exits(4);
            let said = "the database ~/.claude/__store.db is open in ";
            assert!(output.stderr.contains(said), "{output}");
            assert!(output.stderr.contains("close it first"), "{output}");
            assert!(!output.stderr.contains("-wal"), "{output}");
        }
        before.assert_same(&home(&env), "the home");
        assert_eq!(rows(&db), 2);
        drop(db);
        env.run(&FORCE).exits(0);
        let db = Connection::open(&path).unwrap();
        assert_eq!(rows(&db), 1);
        // And no undo, while it is open again.
        for flag in ["--yes", "--force"] {
            env.run(&["undo", flag]).exits(4).says("close it first");
        }
        drop(db);
        env.run(&["undo", "--yes"]).exits(0);
        assert_eq!(rows(&Connection::open(&path).unwrap()), 2);
    }
}

#[test]
fn one_that_waits_restores_a_database_when_it_is_closed() {
    let (env, db, path) = with_database("wal");
    let args = [&FORCE[..], &["--wait", "600"]].concat();
    let waiting = Waiting::start(&env, &args, "Waiting for the files to be free");
    db.execute_batch("INSERT INTO t VALUES (3);").unwrap();
    drop(db);
    let (code, said) = waiting.end();
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(rows(&Connection::open(&path).unwrap()), 1);
    env.run(&["undo", "--yes"]).exits(0);
    assert_eq!(rows(&Connection::open(&path).unwrap()), 3);
}

#[test]
fn lines_that_are_appended_during_a_restore_come_back_with_the_undo() {
    let env = changed_since();
    let path = env.home().join(".claude/history.jsonl");
    let mut session = fs::File::options().append(true).open(&path).unwrap();
    session.write_all(b"before\n").unwrap();
    make_old(&path);
    let output = env.run(&RESTORE).exits(4);
    assert!(
        output
            .stderr
            .contains("~/.claude/history.jsonl is open for writing in "),
        "{output}"
    );
    env.run(&FORCE).exits(0);
    session.write_all(b"after\n").unwrap();
    assert_eq!(text(&env, ".claude/history.jsonl"), "backed up\n");
    let undone = env.run(&["--json", "undo", "--yes"]).exits(0).json();
    assert_eq!(
        text(&env, ".claude/history.jsonl"),
        "changed\nbefore\nafter\n"
    );
    session.write_all(b"on and on\n").unwrap();
    assert!(text(&env, ".claude/history.jsonl").ends_with("on and on\n"));
    // Going there again without force keeps it; with force it loses nothing.
    let redo = undone["operation"].as_str().unwrap();
    env.run(&["undo", redo, "--yes"])
        .exits(3)
        .says("~/.claude/history.jsonl    it was changed since");
    env.run(&["undo", redo, "--force"]).exits(0);
    assert_eq!(text(&env, ".claude/history.jsonl"), "backed up\n");
    env.run(&["undo", "--yes"]).exits(0);
    let whole = "changed\nbefore\nafter\non and on\n";
    assert_eq!(text(&env, ".claude/history.jsonl"), whole);
}
