//! `takeback cleanup`, and `backup --cleanup`.

use super::{days, listed, rewrite, verdicts};
use crate::support::{TestEnv, TreeSnapshot};
use crate::thin::export;
use std::fs;

const DAYS: [&str; 6] = [
    "2026-01-01",
    "2026-01-02",
    "2026-01-03",
    "2026-01-10",
    "2026-02-01",
    "2026-02-02",
];

const RULES: [&str; 6] = ["--keep-last", "1", "--keep-monthly", "2", "--min-keep", "0"];

fn cleanup<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let mut words = vec!["cleanup"];
    words.extend(RULES);
    words.extend(more);
    words
}

#[test]
fn a_dry_run_says_what_the_run_does_and_changes_nothing() {
    let env = TestEnv::small();
    let made = days(&env, &DAYS);
    let before = TreeSnapshot::of(&env.vault());
    let dry = env.run(&cleanup(&["-n"])).exits(0);
    before.assert_same(
        &TreeSnapshot::of(&env.vault()),
        "a dry run changed something",
    );
    let json = env.run(&[&["--json"], &cleanup(&["-n"])[..]].concat());
    let json = json.exits(0).json();
    before.assert_same(
        &TreeSnapshot::of(&env.vault()),
        "a dry run changed something",
    );
    let done = env.run(&cleanup(&["--yes"])).exits(0);
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let (mut dry, mut done) = (lines(&dry.stdout), lines(&done.stdout));
    let (would, did) = (dry.pop().unwrap(), done.pop().unwrap());
    assert_eq!(dry, done);
    assert!(
        would.starts_with("Would move 4 snapshots into the trash"),
        "{would}"
    );
    assert_eq!(would.replace("Would move", "Moved"), did);
    assert!(did.ends_with("2 snapshots stay"), "{did}");
    assert_eq!(dry[0], "claude");
    let newest = "automatic: newest good, last 1, monthly 2026-02";
    assert_eq!(dry[1], format!("  keep    {}    {newest}", made[5]));
    assert_eq!(
        dry[2],
        format!("  remove  {}    automatic: beyond every rule", made[4])
    );
    assert_eq!(
        dry[3],
        format!("  keep    {}    automatic: monthly 2026-01", made[3])
    );
    assert_eq!(listed(&env), [made[3].as_str(), &made[5]]);
    // The document says the same.
    assert_eq!((&json["dry_run"], &json["stay"]), (&true.into(), &2.into()));
    let gone: Vec<&str> = [0, 1, 2, 4].map(|at: usize| made[at].as_str()).into();
    assert_eq!(json["removed"], serde_json::json!(gone));
    let said = verdicts(&json);
    assert_eq!(said.len(), 6);
    for (line, (id, word, why)) in dry[1..].iter().zip(&said) {
        assert!(
            line.contains(id) && line.contains(word) && line.ends_with(why),
            "{line}"
        );
    }
}

#[test]
fn a_second_clean_up_removes_nothing() {
    let env = TestEnv::small();
    days(&env, &DAYS);
    env.run(&cleanup(&["--yes"])).exits(0);
    let left = listed(&env);
    let again = env.run(&cleanup(&["--yes"])).exits(0);
    assert!(
        again
            .stdout
            .ends_with("Removed nothing; 2 snapshots stay\n"),
        "{again}"
    );
    env.run(&cleanup(&["-n"]))
        .exits(0)
        .says("Would remove nothing");
    assert_eq!(listed(&env), left);
}

#[test]
fn what_was_cleaned_up_can_be_had_back_whatever_leans_on_what() {
    let env = crate::thin::large_home();
    let made = crate::thin::history(&env, 6);
    assert_eq!(crate::thin::forms(&env)[..4], ["thin"; 4]);
    env.run(&["cleanup", "--keep-last", "1", "--min-keep", "0", "--yes"])
        .exits(0);
    assert_eq!(listed(&env), [made[5].id.as_str()]);
    env.run(&["verify"]).exits(0);
    // In whatever order they are named.
    let mut words = vec!["trash", "restore"];
    words.extend([0, 3, 1, 4, 2].map(|at: usize| made[at].id.as_str()));
    env.run(&words).exits(0);
    assert_eq!(listed(&env).len(), 6);
    for one in &made {
        assert_eq!(export(&env, &one.id), one.bytes, "{}", one.id);
    }
    env.run(&["verify"]).exits(0).says("0 damaged");
}

#[test]
fn nothing_goes_unasked() {
    let env = TestEnv::small();
    let made = days(&env, &DAYS);
    env.run(&cleanup(&[])).exits(5).says("--yes");
    env.run(&[&["--json"], &cleanup(&[])[..]].concat()).exits(5);
    assert_eq!(listed(&env), made);
    // Without rules on the command line the usual ones count, which keep all of these.
    env.run(&["cleanup", "--yes"])
        .exits(0)
        .says("Removed nothing; 6");
}

#[test]
fn wrong_words_remove_nothing() {
    let env = TestEnv::small();
    env.run(&["cleanup", "-n"]).exits(10).says("no vault");
    let made = days(&env, &DAYS[..3]);
    for (words, code) in [
        (&["cleanup", "--keep-last", "many", "--yes"][..], 2),
        (&["cleanup", "--keep-last", "-1", "--yes"], 2),
        (&["cleanup", "--keep-within", "soon", "--yes"], 2),
        (&["cleanup", "--max-size", "1.5", "--yes"], 2),
        (&["cleanup", "--keep-last", "0", "--yes"], 2),
        (&["cleanup", "cluade", "--yes"], 10),
    ] {
        env.run(words).exits(code);
    }
    env.write(
        ".config/takeback/config.toml",
        "[keep.manual]\nwithin = \"0d\"\n",
    );
    env.run(&["cleanup", "--yes"])
        .exits(2)
        .says("no rule keeps");
    env.write(".config/takeback/config.toml", "");
    assert_eq!(listed(&env), made);
}

#[test]
fn the_configuration_says_what_is_kept() {
    let env = TestEnv::small();
    let made = days(&env, &DAYS);
    let config = "[keep]\nmin_keep = 1\n[keep.automatic]\nlast = 1\ndaily = 0\nweekly = 0\n\
        monthly = 0\n[keep.target.cursor.automatic]\nlast = \"all\"\n";
    env.write(".config/takeback/config.toml", config);
    let plan = env.run(&["--json", "cleanup", "-n"]).exits(0).json();
    assert_eq!(plan["removed"].as_array().map(Vec::len), Some(5));
    let config = format!("{config}[keep.target.claude]\nmin_keep = 4\n");
    env.write(".config/takeback/config.toml", config);
    let plan = env.run(&["--json", "cleanup", "-n"]).exits(0).json();
    assert_eq!(plan["removed"].as_array().map(Vec::len), Some(2));
    let why = &verdicts(&plan)[1];
    assert_eq!(
        (why.0.as_str(), why.2.as_str()),
        (made[4].as_str(), "at least 4")
    );
}

#[test]
fn a_size_takes_away_the_oldest_until_the_rest_fits() {
    let env = TestEnv::small();
    let made = days(&env, &DAYS);
    let size = |id: &String| {
        fs::metadata(env.snapshot(id).join("claude.tar.gz"))
            .unwrap()
            .len()
    };
    let newest: u64 = made[3..].iter().map(size).sum();
    let room = newest.to_string();
    let words = ["cleanup", "--max-size", &room, "--min-keep", "1", "--yes"];
    env.run(&words).exits(0).says("over ");
    assert_eq!(listed(&env), made[3..]);
    // The floor is no matter of size.
    let words = ["cleanup", "--max-size", "1", "--min-keep", "2", "--yes"];
    env.run(&words).exits(0);
    assert_eq!(listed(&env), made[4..]);
}

#[test]
fn a_damaged_record_stops_it_and_a_changed_one_stays() {
    let env = TestEnv::small();
    let made = days(&env, &DAYS);
    let record = env.snapshot(&made[1]).join("snapshot.toml");
    let text = fs::read_to_string(&record).unwrap();
    fs::write(&record, text.replace("troubles = 0", "troubles = 1")).unwrap();
    let plan = env.run(&[&["--json"], &cleanup(&["-n"])[..]].concat());
    let plan = plan.exits(0).json();
    let said = verdicts(&plan);
    assert_eq!(said[4].2, "its record was changed since it was written");
    assert_eq!(plan["removed"].as_array().map(Vec::len), Some(3));
    fs::write(&record, "id = ").unwrap();
    env.run(&cleanup(&["-n"])).exits(6).says(&made[1]);
    env.run(&cleanup(&["--yes"])).exits(6).says(&made[1]);
    fs::write(&record, text).unwrap();
    assert_eq!(listed(&env), made);
}

#[test]
fn a_backup_can_clean_up_behind_itself() {
    let env = TestEnv::small();
    let made = days(&env, &DAYS);
    let config =
        "[keep]\nmin_keep = 1\n[keep.automatic]\nlast = 2\ndaily = 0\nweekly = 0\nmonthly = 0\n";
    env.write(".config/takeback/config.toml", config);
    env.write(".claude/CLAUDE.md", "Now.\n");
    let report = env.backup(0, &["claude", "--automatic", "--cleanup"]);
    let new = report["snapshot"].as_str().unwrap().to_owned();
    assert_eq!(
        report["cleanup"]["removed"].as_array().map(Vec::len),
        Some(5)
    );
    assert_eq!(report["cleanup"]["dry_run"], false);
    assert_eq!(listed(&env), [made[5].clone(), new]);
    env.run(&["backup", "claude", "--cleanup"])
        .exits(0)
        .says("Removed nothing");
    // Nothing is cleaned up that cannot be read; the backup is made all the same.
    fs::write(env.snapshot(&made[5]).join("snapshot.toml"), "").unwrap();
    env.run(&["backup", "claude", "--cleanup"])
        .exits(3)
        .says("not everything was cleaned up");
    env.run(&["backup", "-n", "--cleanup"]).exits(2);
}

#[test]
fn kinds_are_counted_apart_and_partial_ones_not_at_all() {
    let env = TestEnv::small();
    let made = days(&env, &DAYS);
    rewrite(&env, &made[0], |text| {
        text.replace("kind = \"automatic\"", "kind = \"manual\"")
    });
    for id in &made[4..] {
        rewrite(&env, id, |text| {
            let text = text.replace("troubles = 0", "troubles = 2");
            text.replace("complete = true", "complete = false")
        });
    }
    let words = [
        "--json",
        "cleanup",
        "-n",
        "--keep-last",
        "1",
        "--min-keep",
        "0",
    ];
    let said = verdicts(&env.run(&words).exits(0).json());
    let why: Vec<&str> = said.iter().map(|(_, _, why)| why.as_str()).collect();
    let expected = [
        "newest, last 1",
        "beyond every rule",
        "newest good, last 1",
        "beyond every rule",
        "beyond every rule",
        "last 1",
    ];
    assert_eq!(why, expected);
}
