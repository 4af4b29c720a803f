//! `report`: what it tells is true, and its page is a page that stands for itself, whatever
//! names, notes and records say.

use crate::support::TestEnv;
use crate::support::odd::noise;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::Path;
use std::process::Command;

/// Reads a page with Python's HTML parser, which fails on what must not be in it.
fn parsed(page: &Path) -> Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/it/report.py");
    let done = Command::new("python3")
        .arg(script)
        .arg(page)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{said}");
    serde_json::from_slice(&done.stdout).unwrap()
}

fn page(env: &TestEnv, args: &[&str]) -> Value {
    let path = env.root().join("page.html");
    let mut all = vec!["report", "--html", "--force", "-o", path.to_str().unwrap()];
    all.extend(args);
    env.run(&all).exits(0);
    parsed(&path)
}

fn backup(env: &TestEnv, code: i32, args: &[&str]) -> String {
    env.backup(code, args)["snapshot"]
        .as_str()
        .unwrap()
        .to_owned()
}

/// Three backups with changes, one automatic and pinned, the last with a gap.
fn history() -> (TestEnv, [String; 3]) {
    let env = TestEnv::small();
    let first = backup(
        &env,
        0,
        &["--note", "<script>alert('1')</script> & \"q\" \u{202e}evil"],
    );
    env.skill("two");
    env.write(".claude/skills/<img src=x onerror=alert(1)>.md", "x");
    env.write(".claude/CLAUDE.md", "Be kind.\n");
    let second = backup(&env, 0, &["--automatic"]);
    env.run(&["pin", &second]).exits(0);
    fs::remove_dir_all(env.home().join(".claude/skills/one")).unwrap();
    symlink("nowhere", env.home().join(".claude/skills/dangling")).unwrap();
    let third = backup(&env, 3, &[]);
    (env, [first, second, third])
}

#[test]
fn what_changed_when_is_told_in_all_three_forms() {
    let (env, [first, second, third]) = history();
    let json = env.run(&["--json", "report"]).exits(0).json();
    assert_eq!(json["message_type"], "report");
    let of = |id: &str| {
        let all = json["snapshots"].as_array().unwrap();
        all.iter().find(|one| one["id"] == *id).unwrap().clone()
    };
    let change = |id: &str| {
        let change = of(id)["changes"][0].clone();
        ["added", "changed", "removed"].map(|word| change[word].as_u64().unwrap())
    };
    assert_eq!(change(&first), [2, 0, 0]);
    assert_eq!(change(&second), [2, 1, 0]);
    // The link that leads nowhere is a gap; it was not there before either.
    assert_eq!(change(&third), [0, 0, 1]);
    assert_eq!(of(&second)["pinned"], true);
    assert_eq!(of(&third)["complete"], false);
    let target = &json["targets"][0];
    assert_eq!(target["newest"], third.as_str());
    assert_eq!(target["newest_complete"], second.as_str());
    assert_eq!(target["oldest_restorable"], first.as_str());
    let classes: Vec<&str> = target["classes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["class"].as_str().unwrap())
        .collect();
    assert_eq!(classes, ["instructions", "skills"]);

    let text = env.run(&["report"]).exits(0);
    let text = text
        .says("3 snapshots")
        .says("the newest backup is partial");
    text.says(&format!("{second}  claude: 2 added, 1 changed"))
        .says(&format!("{third}  claude: 1 removed"));

    let page = page(&env, &[]);
    let text = page["text"].as_str().unwrap();
    for wanted in [
        "3 snapshots of 1 tool",
        "the newest backup is partial",
        "2 added, 1 changed",
        "removed ~/.claude/skills/one/SKILL.md",
        "automatic, pinned",
        "Oldest restorable",
        "takeback browse",
    ] {
        assert!(text.contains(wanted), "no {wanted:?} in {text}");
    }
}

#[test]
fn what_is_foreign_is_text_and_nothing_else() {
    let (env, _) = history();
    let page = page(&env, &[]);
    let text = page["text"].as_str().unwrap();
    assert!(
        text.contains("<script>alert('1')</script> & \"q\" \\u{202e}evil"),
        "{text}"
    );
    assert!(text.contains("<img src=x onerror=alert(1)>.md"), "{text}");
    let written = fs::read_to_string(env.root().join("page.html")).unwrap();
    assert!(!written.contains('\u{202e}') && !written.contains('\u{1b}'));
}

#[test]
fn a_thin_archive_is_looked_into_as_well() {
    let env = TestEnv::small();
    crate::thin::configure(&env, "");
    // What does not compress, so that leaning on another archive is worth it.
    env.write(".claude/skills/one/noise.bin", noise(300_000));
    let ids: Vec<String> = (0..4)
        .map(|n| {
            env.skill(&format!("new{n}"));
            backup(&env, 0, &[])
        })
        .collect();
    let list = env.run(&["--json", "list"]).exits(0).json();
    let forms = list["snapshots"].as_array().unwrap().iter();
    let forms: Vec<&str> = forms
        .map(|one| one["targets"][0]["form"].as_str().unwrap())
        .collect();
    assert!(forms.contains(&"thin"), "{forms:?}");
    let json = env.run(&["--json", "report"]).exits(0).json();
    for (snapshot, id) in json["snapshots"]
        .as_array()
        .unwrap()
        .iter()
        .zip(ids.iter().rev())
    {
        assert_eq!(snapshot["id"], id.as_str());
        let added = if *id == ids[0] { 4 } else { 1 };
        assert_eq!(snapshot["changes"][0]["added"], added, "{snapshot}");
        assert_eq!(snapshot["unknown"].as_array().unwrap().len(), 0);
    }
    assert_eq!(json["targets"][0]["oldest_restorable"], ids[0].as_str());
}

#[test]
fn what_was_left_out_on_purpose_was_not_removed() {
    let env = TestEnv::small();
    env.write(".claude/projects/p/1.jsonl", "{\"a\":1}\n");
    backup(&env, 0, &[]);
    env.skill("two");
    let second = backup(&env, 0, &["--no-history"]);
    let json = env.run(&["--json", "report"]).exits(0).json();
    let snapshot = &json["snapshots"][0];
    assert_eq!(snapshot["id"], second.as_str());
    assert_eq!(snapshot["changes"][0]["added"], 1);
    assert_eq!(snapshot["changes"][0]["removed"], 0);
}

#[test]
fn the_page_is_its_owners_alone_and_replaces_nothing_unasked() {
    let (env, _) = history();
    let path = env.root().join("mine.html");
    let name = path.to_str().unwrap();
    env.run(&["report", "--html", "-o", name])
        .exits(0)
        .says("open it in a browser");
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
    fs::write(&path, "something of mine").unwrap();
    env.run(&["report", "--html", "-o", name])
        .exits(4)
        .says("--force");
    assert_eq!(fs::read_to_string(&path).unwrap(), "something of mine");
    let piped = env.run(&["report", "--html"]).exits(0);
    assert!(piped.stdout.starts_with("<!doctype html>"));
    env.run(&["--json", "report", "--html"]).exits(2);
}

#[test]
fn an_empty_vault_and_a_damaged_record_are_told() {
    let env = TestEnv::new();
    let page = page(&env, &[]);
    assert!(
        page["text"]
            .as_str()
            .unwrap()
            .contains("There is no backup yet")
    );
    let (env, [first, ..]) = history();
    fs::write(env.snapshot(&first).join("snapshot.toml"), "nonsense").unwrap();
    env.run(&["report"])
        .exits(6)
        .says("1 snapshot cannot be read");
}

/// A thousand snapshots, by copies of one with another record each.
fn thousand() -> TestEnv {
    let env = TestEnv::small();
    let first = backup(&env, 0, &[]);
    let from = env.snapshot(&first);
    let record = fs::read_to_string(from.join("snapshot.toml")).unwrap();
    // Its digest would say that it was changed, which it was.
    let field = |name: &str| {
        let line = record.lines().find(|line| line.starts_with(name));
        line.unwrap_or_else(|| panic!("no {name} in {record}"))
            .to_owned()
    };
    let (sequence, time, name) = (field("sequence"), field("time"), field("id"));
    for number in 1..1000_u64 {
        let (day, hour) = (1 + number / 24 % 28, number % 24);
        let (year, month) = (2023 + number / 672 / 12, 1 + number / 672 % 12);
        let id = format!("{year}-{month:02}-{day:02}_{hour:02}-00-00");
        let to = env.snapshot(&id);
        fs::create_dir(&to).unwrap();
        for entry in fs::read_dir(&from).unwrap() {
            let entry = entry.unwrap();
            if entry.file_name() != "snapshot.toml" {
                fs::hard_link(entry.path(), to.join(entry.file_name())).unwrap();
            }
        }
        let text = record
            .replace(&name, &format!("id = \"{id}\""))
            .replace(&sequence, &format!("sequence = {}", 10_000 + number))
            .replace(
                &time,
                &format!("time = \"{year}-{month:02}-{day:02}T{hour:02}:00:00Z\""),
            );
        fs::write(to.join("snapshot.toml"), text).unwrap();
    }
    env
}

#[test]
fn a_thousand_snapshots_make_a_page_that_still_loads() {
    let env = thousand();
    let page = page(&env, &[]);
    assert!(
        page["text"]
            .as_str()
            .unwrap()
            .contains("1000 snapshots of 1 tool")
    );
    let bytes = page["bytes"].as_u64().unwrap();
    crate::support::coverage::coverage(
        "report-page",
        &[(
            "bytes of a report of 1000 snapshots",
            bytes.try_into().unwrap(),
        )],
    );
    assert!(bytes < 1 << 20, "{bytes} bytes");
    // The timeline has a bounded number of marks.
    assert!(
        page["tags"]["i"].as_u64().unwrap() < 200,
        "{}",
        page["tags"]
    );
}
