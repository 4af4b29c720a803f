//! Timers that are files: systemd's by its own checker, launchd's by a reader of its format.

use super::{lines, sealed, text, tool};
use crate::support::{Output, TestEnv, TreeSnapshot, tools};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Names that every format writes in another way.
const ODD: &str = "50% $HOME \"q\" 'a' \\ & <b> \u{e9}";

/// What is in the configuration directory, with its texts.
fn units(env: &TestEnv) -> BTreeMap<String, String> {
    let dir = env.home().join(".config");
    let read = |path: String| {
        let text = fs::read_to_string(dir.join(&path)).unwrap_or_default();
        (path, text)
    };
    TreeSnapshot::of(&dir)
        .paths()
        .into_iter()
        .map(read)
        .collect()
}

/// Checks units as systemd does when it loads them.
fn verify(env: &TestEnv, dir: &Path) -> Output {
    tools::require("systemd-analyze");
    let run = env.root().join("run");
    fs::create_dir_all(&run).unwrap();
    let mut command = Command::new("systemd-analyze");
    command
        .args(["verify", "--user", "--man=no"])
        .env("XDG_RUNTIME_DIR", run);
    command.args(["takeback.service", "takeback.timer"].map(|name| dir.join(name)));
    Output::of(command)
}

#[test]
fn systemd_takes_the_units_of_every_schedule() {
    for args in [
        &["--every", "hour"][..],
        &["--every", "hour", "--at", ":45"],
        &["--every", "day", "--at", "7:05"],
        &["--every", "week", "--on", "sunday", "--at", "23:59"],
    ] {
        let env = sealed();
        let mut all = vec!["schedule", "install", "--with", "systemd", "--yes"];
        all.extend(args);
        env.run(&all).exits(0);
        let dir = env.home().join(".config/systemd/user");
        let checked = verify(&env, &dir).exits(0);
        assert_eq!(checked.stderr, "");
        let timer = fs::read_to_string(dir.join("takeback.timer")).unwrap();
        let calendar = timer
            .lines()
            .find_map(|line| line.strip_prefix("OnCalendar="));
        let next = tools::run(&dir, "systemd-analyze", &["calendar", calendar.unwrap()]);
        assert!(next.stdout.contains("Next elapse:"), "{next}");
        assert!(timer.contains("\nPersistent=true\n"));
    }
}

#[test]
fn systemd_starts_a_program_with_an_odd_name() {
    let env = sealed();
    let odd = env.root().join("50% of $HOME");
    fs::create_dir(&odd).unwrap();
    let program = odd.join("takeback");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_takeback"), &program).unwrap();
    let vault = env.root().join(ODD);
    let mut command = Command::new(&program);
    command.args(["--vault", vault.to_str().unwrap(), "schedule", "install"]);
    command.args(["--with", "systemd", "--yes"]).env_clear();
    let sealed = env.command(&[], &[]);
    command.envs(
        sealed
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    Output::of(command).exits(0);
    let dir = env.home().join(".config/systemd/user");
    let service = fs::read_to_string(dir.join("takeback.service")).unwrap();
    // The path it was called by, not the one the link leads to.
    assert!(service.contains("/50%% of $HOME/takeback\""), "{service}");
    verify(&env, &dir).exits(0);
    // The checker is one that notices.
    fs::write(
        dir.join("takeback.service"),
        service.replace("/takeback\"", "/takebackx\""),
    )
    .unwrap();
    assert_ne!(verify(&env, &dir).code, 0);
}

#[test]
fn every_format_keeps_every_word_as_it_is() {
    let mut env = sealed();
    env.set("CLAUDE_CONFIG_DIR", env.root().join(ODD));
    let vault = env.root().join(ODD);
    let args = |with: &'static str| {
        let vault = vault.to_str().unwrap().to_owned();
        let all = [
            "--vault", &vault, "--json", "schedule", "install", "-n", "--with", with, "claude",
        ];
        let done = env.run_bare(&all).exits(0).json();
        let command = done["command"].clone();
        let text = done["files"][0]["text"].as_str().unwrap().to_owned();
        (command, done["environment"].clone(), text)
    };
    let (command, environment, plist) = args("launchd");
    assert_eq!(command[2], *vault.to_str().unwrap());
    assert_eq!(
        environment["CLAUDE_CONFIG_DIR"],
        *env.root().join(ODD).to_str().unwrap()
    );
    let file = env.root().join("agent.plist");
    fs::write(&file, plist).unwrap();
    let script =
        "import json,plistlib,sys;print(json.dumps(plistlib.load(open(sys.argv[1],'rb'))))";
    let read = tools::run(
        env.root(),
        "python3",
        &["-c", script, file.to_str().unwrap()],
    )
    .json();
    assert_eq!(read["ProgramArguments"], command);
    assert_eq!(read["EnvironmentVariables"], environment);
    assert_eq!(
        read["StartCalendarInterval"],
        serde_json::json!({"Hour": 13, "Minute": 0})
    );
    assert_eq!(read["ProcessType"], "Background");
    assert_eq!(read["LowPriorityIO"], true);
    let (command, _, task) = args("windows");
    fs::write(&file, task).unwrap();
    let script = "import sys,xml.etree.ElementTree as e;\
        n='{http://schemas.microsoft.com/windows/2004/02/mit/task}';\
        x=e.parse(sys.argv[1]).getroot().find(n+'Actions').find(n+'Exec');\
        print(x.find(n+'Command').text);print(x.find(n+'Arguments').text)";
    let read = tools::run(
        env.root(),
        "python3",
        &["-c", script, file.to_str().unwrap()],
    );
    let (program, rest) = read.stdout.split_once('\n').unwrap();
    assert_eq!(*command[0].as_str().unwrap(), *program);
    let quoted = vault.to_str().unwrap().replace("\"q\"", "\\\"q\\\"");
    assert!(
        rest.starts_with(&format!("--vault \"{quoted}\" ")),
        "{rest}"
    );
}

#[test]
fn what_cannot_be_one_line_of_a_timer_is_refused() {
    let mut env = sealed();
    for with in ["systemd", "launchd", "cron", "windows"] {
        let args = [
            "--vault", "/a\nb", "schedule", "install", "-n", "--with", with,
        ];
        env.run_bare(&args).exits(4).says("line breaks");
    }
    env.set("CLAUDE_CONFIG_DIR", "/x\u{1b}[2J");
    env.run(&["schedule", "install", "-n", "--with", "cron"])
        .exits(4)
        .says("control characters");
    // Nothing of that reached a terminal.
    let said = env.run(&["schedule", "install", "-n", "--with", "cron"]);
    assert!(!said.stderr.contains('\u{1b}'), "{said}");
}

#[test]
fn what_is_installed_can_be_seen_and_taken_away_again() {
    let mut env = sealed();
    let script = "case \"$*\" in *show*) printf 'ActiveState=active\\nUnitFileState=enabled\\n\
        NextElapseUSecRealtime=Mon 2026-11-23 13:00:00 UTC\\nLastTriggerUSec=n/a\\n';; esac";
    let calls = tool(&mut env, "systemctl", script);
    env.write(".config/systemd/user/other.service", "[Service]\n");
    let before = units(&env);
    env.run(&["schedule", "status"])
        .exits(10)
        .says("No timer is installed");
    env.run(&["schedule", "install", "--with", "systemd"])
        .exits(5);
    assert_eq!(units(&env), before);
    let install = ["schedule", "install", "--with", "systemd", "--yes"];
    env.run(&install).exits(0).says("every day at 13:00");
    let started = [
        "--user daemon-reload",
        "--user enable takeback.timer",
        "--user restart takeback.timer",
    ];
    assert_eq!(lines(&calls), started);
    let after = units(&env);
    // The same once more needs no answer, and changes nothing.
    let again: Value = env
        .run(&["--json", "schedule", "install", "--with", "systemd"])
        .exits(0)
        .json();
    assert_eq!(again["active"], true);
    assert_eq!(units(&env), after);
    let status = env.run(&["--json", "schedule", "status"]).exits(0).json();
    let timer = &status["timers"][0];
    assert_eq!(timer["when"], "every day at 13:00");
    assert_eq!(timer["next_run"], "Mon 2026-11-23 13:00:00 UTC");
    assert_eq!(
        (&timer["current"], &timer["form"]),
        (&true.into(), &1.into())
    );
    // Somebody's own change is seen.
    let service = env.home().join(".config/systemd/user/takeback.service");
    let text = fs::read_to_string(&service).unwrap();
    fs::write(&service, text.replace("Nice=10", "Nice=0")).unwrap();
    env.run(&["schedule", "status"])
        .exits(0)
        .says("it was changed since it was written");
    env.run(&["schedule", "install", "--with", "systemd"])
        .exits(5);
    env.run(&["schedule", "remove", "-n"])
        .exits(0)
        .says("Would remove");
    assert!(service.exists());
    env.run(&["schedule", "remove", "--yes"]).exits(0);
    assert_eq!(lines(&calls).last().unwrap(), "--user daemon-reload");
    assert!(lines(&calls).contains(&"--user disable --now takeback.timer".to_owned()));
    assert_eq!(units(&env), before);
    env.run(&["schedule", "remove", "--yes"]).exits(10);
}

#[test]
fn units_of_somebody_else_stay() {
    let mut env = sealed();
    tool(&mut env, "systemctl", "");
    let own = env.write(
        ".config/systemd/user/takeback.timer",
        "[Timer]\nOnCalendar=daily\n",
    );
    let install = ["schedule", "install", "--with", "systemd", "--yes"];
    env.run(&install)
        .exits(4)
        .says("was not written by takeback");
    assert!(!own.with_file_name("takeback.service").exists());
    env.run(&["schedule", "remove", "--yes"]).exits(10);
    fs::remove_file(&own).unwrap();
    std::os::unix::fs::symlink("/dev/null", &own).unwrap();
    env.run(&install).exits(4);
    assert!(own.is_symlink());
}

#[test]
fn a_tool_that_fails_or_is_missing_is_named_with_what_to_run() {
    let mut env = sealed();
    tool(
        &mut env,
        "systemctl",
        "printf 'Failed to connect to bus:\\033[31m No medium\\n' >&2; exit 1",
    );
    let install = ["schedule", "install", "--with", "systemd", "--yes"];
    let said = env.run(&install).exits(3);
    let by_hand = "systemctl --user daemon-reload && systemctl --user enable takeback.timer && \
        systemctl --user restart takeback.timer";
    assert!(said.stderr.contains(by_hand), "{said}");
    assert!(said.stderr.contains("Failed to connect to bus:"), "{said}");
    assert!(!said.stderr.contains('\u{1b}'), "{said}");
    let status = env.run(&["schedule", "status"]).exits(0);
    assert!(
        status.stdout.contains("systemd cannot be asked"),
        "{status}"
    );
    env.run(&["schedule", "remove", "--yes"]).exits(3);
    assert!(
        !env.home()
            .join(".config/systemd/user/takeback.timer")
            .exists()
    );
    env.set("PATH", env.root().join("nothing"));
    env.run(&install)
        .exits(3)
        .says("there is no `systemctl` on this machine");
    env.run(&["schedule", "remove", "--yes"]).exits(3);
}

#[test]
fn a_timer_of_another_system_is_only_shown() {
    let env = sealed();
    let other = if cfg!(target_os = "macos") {
        "systemd"
    } else {
        "launchd"
    };
    for with in [other, "windows"] {
        let args = ["schedule", "install", "--with", with, "--yes"];
        env.run(&args).exits(4).says("-n shows the text");
        env.run(&["schedule", "install", "--with", with, "-n"])
            .exits(0);
    }
    env.run(&["schedule", "install", "nonsense", "--with", "cron", "-n"])
        .exits(10);
}

#[test]
fn what_was_in_effect_is_what_runs() {
    let mut env = sealed();
    env.set("XDG_STATE_HOME", env.root().join("state"));
    let service = text(&env, &["--with", "systemd"], "takeback.service");
    let vault = env.vault();
    assert!(
        service.contains(&format!("\"--vault\" \"{}\"", vault.display())),
        "{service}"
    );
    assert!(service.contains(&format!(
        "\"XDG_STATE_HOME={}\"",
        env.root().join("state").display()
    )));
    assert!(service.contains("\"backup\" \"--automatic\" \"--cleanup\""));
    // What the configuration says stays there: changing it changes what the timer does.
    env.write(".config/takeback/config.toml", "vault = \"~/kept\"\n");
    let args = ["--json", "schedule", "install", "-n", "--with", "systemd"];
    let shown = env.run_bare(&args).exits(0);
    assert!(!shown.stdout.contains("--vault"), "{shown}");
    // A project only when it is named.
    assert!(shown.stdout.contains("--no-project"));
}
