//! What `diff` and `restore --diff` say: every kind of change, in text and as a document, with
//! exit codes that tell the truth.

mod contents;
mod sides;

use crate::support::{TestEnv, TreeSnapshot};
use serde_json::Value;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};

/// What a comparison says of one file.
pub(crate) fn file<'a>(document: &'a Value, path: &str) -> &'a Value {
    let files = document["files"].as_array().unwrap();
    let found = files.iter().find(|file| file["path"] == path);
    found.unwrap_or_else(|| panic!("nothing of {path}: {document:#}"))
}

pub(crate) fn diff(env: &TestEnv, args: &[&str]) -> Value {
    let words = [&["--json", "diff"], args].concat();
    env.run(&words).exits(0).json()
}

/// A home in which one file meets each fate after a backup.
fn every_fate() -> TestEnv {
    let env = TestEnv::small();
    env.write(".claude/agents/same.md", "same\n");
    env.write(".claude/agents/mode.md", "mode\n");
    env.write(".claude/agents/both.md", "one\n");
    env.write(".claude/skills/one/gone.md", "gone\n");
    env.write(".claude/skills/one/type.md", "type\n");
    symlink("SKILL.md", env.home().join(".claude/skills/one/link.md")).unwrap();
    env.backup(0, &["claude"]);
    let path = |name: &str| env.home().join(".claude").join(name);
    env.write(".claude/CLAUDE.md", "Be brief.\nBe kind.\n");
    let executable = Permissions::from_mode(0o755);
    fs::set_permissions(path("agents/mode.md"), executable.clone()).unwrap();
    env.write(".claude/agents/both.md", "two\n");
    fs::set_permissions(path("agents/both.md"), executable).unwrap();
    fs::remove_file(path("skills/one/gone.md")).unwrap();
    fs::remove_file(path("skills/one/type.md")).unwrap();
    symlink("SKILL.md", path("skills/one/type.md")).unwrap();
    fs::remove_file(path("skills/one/link.md")).unwrap();
    symlink("type.md", path("skills/one/link.md")).unwrap();
    env.skill("new");
    env
}

#[test]
fn every_kind_of_change_is_told() {
    let env = every_fate();
    let done = env.run(&["diff", "claude"]).exits(0);
    for line in [
        "  changed   ~/.claude/CLAUDE.md    10 B -> 19 B\n",
        "  mode      ~/.claude/agents/mode.md    0644 -> 0755\n",
        "  changed   ~/.claude/agents/both.md    4 B -> 4 B, 0644 -> 0755\n",
        "  removed   ~/.claude/skills/one/gone.md    5 B\n",
        "  type      ~/.claude/skills/one/type.md    5 B -> link to SKILL.md\n",
        "  changed   ~/.claude/skills/one/link.md    link to SKILL.md -> link to type.md\n",
        "  added     ~/.claude/skills/new/SKILL.md    18 B\n",
        "  3 changed, 1 added, 1 removed, 1 with another mode, 1 of another type, 2 the same;",
        "  @@ -1 +1,2 @@\n   Be brief.\n  +Be kind.\n",
        "  -one\n  +two\n",
    ] {
        assert!(done.stdout.contains(line), "{line}\n{done}");
    }
    assert!(!done.stdout.contains("same.md"), "{done}");
}

#[test]
fn the_document_says_what_the_text_says() {
    let env = every_fate();
    let document = diff(&env, &["claude"]);
    assert_eq!(document["message_type"], "diff");
    assert_eq!(document["after"], "now");
    assert_eq!(document["before"], env.snapshots()[0].as_str());
    assert_eq!(document["differs"], true);
    let totals = &document["totals"];
    for (name, count) in [
        ("added", 1),
        ("removed", 1),
        ("changed", 3),
        ("mode", 1),
        ("type", 1),
        ("unknown", 0),
        ("same", 2),
    ] {
        assert_eq!(totals[name], count, "{name}: {totals}");
    }
    let changed = file(&document, "home/.claude/CLAUDE.md");
    assert_eq!(changed["class"], "instructions");
    assert_eq!(changed["before"]["size"], 10);
    assert_eq!(changed["after"]["mode"], "0644");
    let hunk = &changed["difference"]["hunks"][0];
    assert_eq!(hunk["after"], serde_json::json!([1, 2]));
    assert_eq!(hunk["lines"][1]["text"], "Be kind.");
    assert_eq!(hunk["lines"][1]["change"], "added");
    let link = file(&document, "home/.claude/skills/one/link.md");
    assert_eq!(link["after"]["link"], "type.md");
    let gone = file(&document, "home/.claude/skills/one/gone.md");
    assert_eq!(
        (&gone["change"], &gone["after"]),
        (&"removed".into(), &Value::Null)
    );
}

#[test]
fn exit_codes_tell_whether_something_differs_only_when_asked() {
    let env = TestEnv::small();
    env.backup(0, &["claude"]);
    env.run(&["diff", "claude", "--exit-code"])
        .exits(0)
        .says("no differences, 2 the same");
    env.write(".claude/CLAUDE.md", "Be long.\n");
    env.run(&["diff", "claude"]).exits(0);
    env.run(&["diff", "claude", "--exit-code"]).exits(9);
    env.run(&["diff", "claude", "--exit-code", "--stat"])
        .exits(9);
    env.run(&["diff", "claude", "--exit-code", "--path", "**/SKILL.md"])
        .exits(0);
    env.run(&["diff", "nothing"]).exits(10);
    env.run(&["diff", "claude", "2001-01-01"]).exits(10);
    env.run(&["diff", "claude", "--only", "nonsense"]).exits(2);
}

#[test]
fn a_file_that_was_only_touched_is_the_same() {
    let env = TestEnv::small();
    env.backup(0, &["claude"]);
    env.write(".claude/CLAUDE.md", "Be brief.\n");
    let document = diff(&env, &["claude"]);
    assert_eq!(document["differs"], false, "{document:#}");
}

#[test]
fn a_change_that_leaves_size_and_time_is_found() {
    let env = TestEnv::small();
    let path = env.home().join(".claude/CLAUDE.md");
    env.backup(0, &["claude"]);
    let time = fs::metadata(&path).unwrap().modified().unwrap();
    env.write(".claude/CLAUDE.md", "Be brieF.\n");
    fs::File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_modified(time)
        .unwrap();
    let document = diff(&env, &["claude"]);
    assert_eq!(document["totals"]["changed"], 1, "{document:#}");
}

#[test]
fn stat_shows_no_content_and_a_choice_chooses() {
    let env = every_fate();
    let done = env.run(&["diff", "claude", "--stat"]).exits(0);
    assert!(!done.stdout.contains("Be kind."), "{done}");
    assert!(done.stdout.contains("3 changed"), "{done}");
    let done = env
        .run(&["diff", "claude", "--only", "instructions"])
        .exits(0);
    assert!(
        done.stdout.contains("  1 changed; 10 B -> 19 B\n"),
        "{done}"
    );
    let done = env
        .run(&["diff", "claude", "--path", "~/.claude/skills"])
        .exits(0);
    assert!(!done.stdout.contains("CLAUDE.md"), "{done}");
    assert!(done.stdout.contains("skills/new"), "{done}");
}

#[test]
fn what_cannot_be_read_is_not_called_gone() {
    let env = TestEnv::without_privileges();
    env.backup(0, &["claude"]);
    let path = env.home().join(".claude/CLAUDE.md");
    fs::set_permissions(&path, Permissions::from_mode(0o000)).unwrap();
    env.run(&["diff", "claude"])
        .exits(3)
        .says("  unknown   ~/.claude/CLAUDE.md")
        .says("not everything could be compared");
    let document = env.run(&["--json", "diff", "claude"]).exits(3).json();
    assert_eq!(document["totals"]["removed"], 0, "{document:#}");
    assert_eq!(document["totals"]["unknown"], 1);
}

#[test]
fn a_restore_shows_what_it_changes_inside_files() {
    let env = TestEnv::small();
    env.write(
        ".claude/settings.json",
        r#"{"model": "a", "env": {"T": "FAKE_SECRET_1"}}"#,
    );
    env.backup(0, &["claude"]);
    env.write(
        ".claude/settings.json",
        r#"{"model": "b", "env": {"T": "FAKE_SECRET_2"}}"#,
    );
    env.write(".claude/CLAUDE.md", "Be long.\n");
    let done = env.run(&["restore", "claude", "-n", "--diff"]).exits(0);
    for line in [
        "  replace       ~/.claude/CLAUDE.md    10 B, newer here than in the backup\n",
        "      -Be long.\n      +Be brief.\n",
        "      ~ /model \"b\" -> \"a\"\n      ~ /env/T (secret changed)\n",
    ] {
        assert!(done.stdout.contains(line), "{line}\n{done}");
    }
    let without = env.run(&["restore", "claude", "-n"]).exits(0);
    assert!(!without.stdout.contains("Be long."), "{without}");
    let words = ["--json", "restore", "claude", "--diff", "--yes", "--force"];
    let done = env.run(&words).exits(0);
    assert!(!format!("{done}").contains("FAKE_SECRET_"), "{done}");
    let document = done.json();
    let actions = document["plans"][0]["actions"].as_array().unwrap();
    let settings = actions
        .iter()
        .find(|one| one["path"] == "home/.claude/settings.json");
    let difference = &settings.unwrap()["difference"];
    assert_eq!(difference["kind"], "keys");
    assert_eq!(difference["keys"][0]["pointer"], "/model");
    assert_eq!(difference["secrets"][0]["change"], "changed");
    let text = fs::read_to_string(env.home().join(".claude/CLAUDE.md")).unwrap();
    assert_eq!(text, "Be brief.\n");
}

#[test]
fn looking_changes_nothing_and_leaves_nothing() {
    let env = every_fate();
    let before = TreeSnapshot::of(env.root());
    diff(&env, &["claude"]);
    env.run(&["history", "~/.claude/skills"]).exits(0);
    let after = TreeSnapshot::of(env.root());
    before.assert_same(&after, "looking changed something");
}
