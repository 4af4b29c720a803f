//! Bad input: each gives one clear line that names the thing and the way out, the right
//! exit code, and changes nothing.

use crate::support::{Output, TestEnv, TreeSnapshot};
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};

/// Runs arguments that must be refused, and checks that nothing changed anywhere.
#[track_caller]
fn refused(env: &TestEnv, code: i32, args: &[&str], words: &[&str]) -> Output {
    // Compiled adapters note when they were last used.
    let state = || TreeSnapshot::of(env.root()).without("cache");
    let before = state();
    let mut output = env.run_bare(args).exits(code);
    before.assert_same(&state(), "something changed");
    for word in words {
        output = output.says(word);
    }
    assert!(
        output.stdout.is_empty(),
        "what went wrong belongs on stderr\n{output}"
    );
    assert!(!output.stderr.contains("panicked"), "{output}");
    output
}

#[test]
fn a_vault_that_is_a_file_is_refused() {
    let env = TestEnv::small();
    let file = env.write("vault-file", "precious");
    let below = file.join("vault");
    for path in [&file, &below] {
        let path = path.to_str().unwrap();
        refused(
            &env,
            1,
            &["--vault", path, "backup"],
            &["vault-file", "--vault"],
        );
    }
    let path = file.to_str().unwrap();
    refused(&env, 1, &["--vault", path, "list"], &["vault-file"]);
    assert_eq!(fs::read_to_string(&file).unwrap(), "precious");
}

#[test]
fn a_vault_that_cannot_be_written_is_refused() {
    let env = TestEnv::without_privileges();
    let closed = env.root().join("closed");
    fs::create_dir(&closed).unwrap();
    fs::set_permissions(&closed, Permissions::from_mode(0o500)).unwrap();
    // The first command makes everything the program's user's own.
    env.run_bare(&["--version"]).exits(0);
    for path in [closed.clone(), closed.join("new/vault")] {
        let path = path.to_str().unwrap();
        refused(
            &env,
            1,
            &["--vault", path, "backup"],
            &["closed", "--vault"],
        );
    }
    fs::create_dir_all(env.root().join("made/backups")).unwrap();
    fs::set_permissions(
        env.root().join("made/backups"),
        Permissions::from_mode(0o500),
    )
    .unwrap();
    env.run_bare(&["--version"]).exits(0);
    let made = env.root().join("made");
    refused(
        &env,
        1,
        &["--vault", made.to_str().unwrap(), "backup"],
        &["made", "--vault"],
    );
}

#[test]
fn a_vault_inside_what_is_to_be_kept_is_refused() {
    let env = TestEnv::small();
    for place in [
        ".claude/skills/vault",
        ".claude/skills",
        ".claude/rules/deep/er",
    ] {
        let path = env.home().join(place);
        let path = path.to_str().unwrap();
        refused(
            &env,
            4,
            &["--vault", path, "backup"],
            &["vault", "claude", "--vault"],
        );
    }
    // By another name it is the same place.
    symlink(env.home().join(".claude/skills"), env.root().join("alias")).unwrap();
    let alias = env.root().join("alias/vault");
    refused(
        &env,
        4,
        &["--vault", alias.to_str().unwrap(), "backup"],
        &["vault", "claude"],
    );
}

#[test]
fn a_vault_around_what_is_to_be_kept_is_refused() {
    let env = TestEnv::small();
    for place in [
        env.home().join(".claude"),
        env.home(),
        env.root().to_owned(),
    ] {
        let place = place.to_str().unwrap();
        refused(
            &env,
            4,
            &["--vault", place, "backup", "claude"],
            &["vault", "--vault"],
        );
    }
}

#[test]
fn a_target_nobody_knows_is_refused_with_the_near_names() {
    let env = TestEnv::small();
    for (typed, meant) in [
        ("cluade", "claude"),
        ("Claude", "claude"),
        ("curser", "cursor"),
    ] {
        refused(
            &env,
            10,
            &["backup", typed],
            &[typed, &format!("did you mean {meant}")],
        );
    }
    refused(
        &env,
        10,
        &["backup", "zzzzzz"],
        &["zzzzzz", "claude", "cursor", "project", "plugins"],
    );
    refused(
        &env,
        10,
        &["backup", "claude", "cluade"],
        &["did you mean claude"],
    );
    refused(&env, 10, &["backup", "../../etc"], &["../../etc"]);
    refused(&env, 10, &["backup", ""], &["\"\""]);
}

#[test]
fn a_home_without_any_tool_is_told_so() {
    let env = TestEnv::new();
    let output = refused(&env, 10, &["backup"], &[]);
    assert!(output.stderr.to_lowercase().contains("nothing"), "{output}");
    refused(&env, 10, &["backup", "--dry-run"], &[]);
    refused(&env, 10, &["backup", "claude"], &["claude"]);
}

#[test]
fn a_named_tool_that_is_not_here_is_told_so_and_the_others_are_kept() {
    let env = TestEnv::small();
    refused(&env, 10, &["backup", "cursor"], &["cursor"]);
    let report = env.backup(3, &["claude", "cursor"]);
    assert_eq!(
        report["targets"].as_array().map(Vec::len),
        Some(1),
        "{report:#}"
    );
    assert_eq!(report["skipped"][0]["target"], "cursor", "{report:#}");
    // What nobody named is not missed.
    let report = env.backup(0, &[]);
    assert_eq!(report["complete"], true, "{report:#}");
}

#[test]
fn what_cannot_be_typed_is_a_usage_error() {
    let env = TestEnv::small();
    for args in [
        &["backup", "--no-such-flag"][..],
        &["--no-such-flag", "backup"],
        &["no-such-command"],
        &["list", "--full"],
        &["backup", "--note"],
        &["backup", "--no-history", "--full"],
        &["backup", "--profile", "no-such"],
        &["backup", "--project", "x", "--no-project"],
        &["--color", "sometimes", "backup"],
        &["restore"],
        &[],
    ] {
        let before = TreeSnapshot::of(env.root());
        let output = env.run_bare(args).exits(2);
        assert!(
            output.stderr.contains("Usage") || output.stderr.contains("--help"),
            "{output}"
        );
        before.assert_same(&TreeSnapshot::of(env.root()), "something changed");
    }
}

#[test]
fn a_project_that_is_none_is_refused() {
    let env = TestEnv::small();
    let home = env.home();
    refused(
        &env,
        10,
        &["backup", "--project", "/no/such/dir"],
        &["/no/such/dir"],
    );
    refused(
        &env,
        2,
        &["backup", "--project", home.to_str().unwrap()],
        &["home"],
    );
    refused(&env, 2, &["backup", "--project", "/"], &["project"]);
}

#[test]
fn a_surrounding_that_makes_no_sense_is_refused() {
    for home in ["", "relative/home", "/"] {
        let mut env = TestEnv::small();
        env.set("HOME", home);
        refused(&env, 2, &["backup"], &["HOME"]);
    }
    let mut env = TestEnv::small();
    env.set("TAKEBACK_CONFIG", "/no/such/config.toml");
    refused(&env, 2, &["backup"], &["/no/such/config.toml"]);
    let config = env.write("config.toml", "vault = \"/x\"\nno_such_key = 1\n");
    env.set("TAKEBACK_CONFIG", &config);
    refused(&env, 2, &["backup"], &["config.toml", "line 2"]);
}

#[test]
fn with_json_an_error_is_a_document_too() {
    let env = TestEnv::new();
    for (args, code) in [
        (&["--json", "backup", "cluade"][..], 10),
        (&["--json", "backup"], 10),
        (&["--json", "show", "latest"], 10),
        (&["--json", "--vault", "/dev/null", "backup"], 1),
    ] {
        if code == 1 {
            env.skill("one");
        }
        let output = env.run_bare(args).exits(code);
        let json = output.json();
        assert_eq!(json["schema_version"], 1, "{output}");
        assert_eq!(json["message_type"], "error", "{output}");
        assert_eq!(json["code"], code, "{output}");
        assert!(
            json["error"].as_str().is_some_and(|text| !text.is_empty()),
            "{output}"
        );
    }
}

#[test]
fn colour_is_a_choice() {
    let mut env = TestEnv::new();
    let coloured = |env: &TestEnv, args: &[&str]| {
        let mut all = args.to_vec();
        all.extend(["backup", "cluade"]);
        env.run_bare(&all)
            .exits(10)
            .says("did you mean")
            .stderr
            .contains("\x1b[")
    };
    assert!(!coloured(&env, &[]), "no terminal, no colour");
    assert!(coloured(&env, &["--color", "always"]));
    env.set("CLICOLOR_FORCE", "1");
    assert!(coloured(&env, &[]));
    assert!(!coloured(&env, &["--color", "never"]));
    env.set("NO_COLOR", "1");
    assert!(!coloured(&env, &[]), "NO_COLOR is not heeded");
}

#[test]
fn help_and_version_are_data() {
    let env = TestEnv::new();
    let help = env.run_bare(&["--help"]).exits(0);
    assert!(
        help.stderr.is_empty() && help.stdout.contains("Exit codes"),
        "{help}"
    );
    for command in ["backup", "list", "show", "verify", "restore"] {
        assert!(help.stdout.contains(command), "{help}");
        let help = env.run_bare(&[command, "--help"]).exits(0);
        assert!(help.stdout.contains("Usage"), "{help}");
    }
    let version = env.run_bare(&["--version"]).exits(0);
    assert!(version.stdout.starts_with("takeback "), "{version}");
}
