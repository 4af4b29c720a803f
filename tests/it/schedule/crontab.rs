//! The crontab: what is ours comes and goes, every other byte stays; and the line is run by a
//! shell as cron does.

use super::{sealed, text, tool};
use crate::support::{Output, TestEnv, tools};
use std::fs;
use std::process::Command;

/// Keeps a crontab in a file, as the real one does.
const CRONTAB: &str = "case $1 in
-l) [ -f \"$0.tab\" ] || { echo 'no crontab for ada' >&2; exit 1; }; exec cat \"$0.tab\";;
-) exec cat >\"$0.tab\";;
esac
exit 2";

fn with_crontab() -> TestEnv {
    let mut env = sealed();
    tool(&mut env, "crontab", CRONTAB);
    env
}

const INSTALL: [&str; 5] = ["schedule", "install", "--with", "cron", "--yes"];

#[test]
fn the_rest_of_a_crontab_stays_byte_for_byte() {
    let env = with_crontab();
    let tab = env.root().join("bin/crontab.tab");
    for old in [
        None,
        Some("MAILTO=ada\n\n*/5 * * * *\tdate +\\%s  # x\n"),
        Some("# BEGIN a\n# END a\n"),
    ] {
        let _ = fs::remove_file(&tab);
        if let Some(old) = old {
            fs::write(&tab, old).unwrap();
        }
        env.run(&INSTALL).exits(0).says("Cron does not make up");
        let new = fs::read_to_string(&tab).unwrap();
        assert!(new.starts_with(old.unwrap_or_default()));
        env.run(&INSTALL).exits(0);
        assert_eq!(fs::read_to_string(&tab).unwrap(), new, "twice is once");
        env.run(&[
            "schedule", "install", "--with", "cron", "--yes", "--every", "hour",
        ])
        .exits(0);
        let hourly = fs::read_to_string(&tab).unwrap();
        assert_eq!(hourly.matches("# BEGIN takeback-schedule").count(), 1);
        assert!(
            hourly.contains("\n0 * * * * env ") && hourly.contains(" nice -n 10 "),
            "{hourly}"
        );
        let status = env.run(&["--json", "schedule", "status"]).exits(0).json();
        assert_eq!(status["timers"][0]["when"], "every hour at :00");
        // What somebody writes below stays below.
        fs::write(&tab, format!("{hourly}0 1 * * * mine\n")).unwrap();
        env.run(&["schedule", "remove", "--yes"]).exits(0);
        let left = fs::read_to_string(&tab).unwrap();
        assert_eq!(left, format!("{}0 1 * * * mine\n", old.unwrap_or_default()));
    }
}

#[test]
fn one_timer_is_enough() {
    let mut env = with_crontab();
    tool(&mut env, "systemctl", "");
    env.run(&INSTALL).exits(0);
    let other = ["schedule", "install", "--with", "systemd", "--yes"];
    env.run(&other)
        .exits(4)
        .says("takeback schedule remove --with cron");
}

#[test]
fn a_crontab_that_cannot_be_read_or_understood_is_left_alone() {
    let mut env = with_crontab();
    env.run(&INSTALL).exits(0);
    let tab = env.root().join("bin/crontab.tab");
    let cut = fs::read_to_string(&tab)
        .unwrap()
        .replace("# END takeback-schedule\n", "");
    fs::write(&tab, &cut).unwrap();
    env.run(&INSTALL).exits(4);
    env.run(&["schedule", "remove", "--yes"])
        .exits(4)
        .says("crontab -e");
    assert_eq!(fs::read_to_string(&tab).unwrap(), cut);
    tool(
        &mut env,
        "crontab",
        "echo 'you are not allowed to use this program' >&2; exit 1",
    );
    env.run(&INSTALL).exits(1).says("not allowed");
    env.set("PATH", env.root().join("nothing"));
    env.run(&INSTALL).exits(10).says("there is no `crontab`");
}

/// The real program, with a directory for crontabs that only it sees.
#[test]
fn the_real_crontab_takes_the_line() {
    tools::require("crontab");
    let env = TestEnv::small();
    let mount = "mount -t tmpfs none /var/spool/cron/crontabs";
    let may = Command::new("unshare")
        .args(["-m", "sh", "-c", mount])
        .output();
    if !may.is_ok_and(|may| may.status.success()) {
        // Somebody's own crontab is nothing to test with; the others above run everywhere.
        let shown = text(&env, &["--with", "cron"], "crontab");
        assert!(shown.ends_with("# END takeback-schedule\n"));
        return;
    }
    let run = format!(
        "{mount} && printf '0 0 * * * mine\\n' | crontab - && before=$(crontab -l) && \
         \"$@\" schedule install --with cron --every week --yes && crontab -l && \
         \"$@\" schedule remove --yes && [ \"$(crontab -l)\" = \"$before\" ]"
    );
    let words = ["unshare", "-m", "sh", "-c", &run, "sh"];
    let done = Output::of(env.command(&words, &[])).exits(0);
    assert!(done.stdout.contains("\n0 13 * * 1 env "), "{done}");
}

#[test]
fn the_line_does_what_it_says_in_the_shell_of_cron() {
    let mut env = TestEnv::small();
    let vault = env.root().join("50% of 'it' \"x\" $HOME \\ vault");
    env.set("XDG_STATE_HOME", env.root().join("the state"));
    let vault = vault.to_str().unwrap();
    let args = [
        "--vault", vault, "--json", "schedule", "install", "-n", "--with", "cron",
    ];
    let shown = env.run_bare(&args).exits(0).json();
    let text = shown["files"][0]["text"].as_str().unwrap().to_owned();
    let line = text
        .lines()
        .find(|line| line.starts_with("0 13 * * * "))
        .unwrap();
    assert!(
        !line.contains('%'),
        "cron would end the command there: {line}"
    );
    let command = line.strip_prefix("0 13 * * * ").unwrap();
    env.run_bare(&["--vault", vault, "backup", "claude"])
        .exits(0);
    env.skill("two");
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", command]).current_dir("/").env_clear();
    // What cron gives a job, and where this test has what it needs.
    shell
        .env("HOME", env.home())
        .env("PATH", "/usr/bin:/bin")
        .env("LOGNAME", "ada");
    let cache = env.command(&[], &[]);
    let cache = cache
        .get_envs()
        .find(|(name, _)| *name == "XDG_CACHE_HOME")
        .unwrap()
        .1;
    shell.env("XDG_CACHE_HOME", cache.unwrap());
    let done = Output::of(shell).exits(0);
    assert_eq!(
        (done.stdout.as_str(), done.stderr.as_str()),
        ("", ""),
        "cron would send a letter"
    );
    let list = env
        .run_bare(&["--vault", vault, "--json", "list"])
        .exits(0)
        .json();
    let kinds: Vec<_> = list["snapshots"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| s["kind"].clone())
        .collect();
    assert_eq!(kinds, ["automatic", "manual"]);
    assert!(
        env.root()
            .join("the state/takeback/last-automatic.toml")
            .is_file()
    );
}
