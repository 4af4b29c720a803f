//! Functions in the start files of the real shells, and what is put into Claude Code.

use super::{home, settle};
use crate::support::{Output, TestEnv, tools};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

/// A home with start files of all shells, and a `skillshare` that removes a skill.
fn shells() -> TestEnv {
    let mut env = TestEnv::small();
    env.skill("two");
    env.write(
        ".bashrc",
        "alias skillshare='skillshare'\nexport BASH_MINE=1",
    );
    env.write(".zshrc", "# mine\n");
    env.write(".config/fish/config.fish", "set -g mine 1\n");
    let tool = env.write(
        "bin/skillshare",
        "#!/bin/sh\nfor a in \"$@\"; do printf '<%s>' \"$a\"; done; echo; rm -rf \"$HOME/.claude/skills/one\"; exit 7\n",
    );
    fs::set_permissions(&tool, fs::Permissions::from_mode(0o755)).unwrap();
    let program = Path::new(env!("CARGO_BIN_EXE_takeback")).parent().unwrap();
    let path = std::env::var("PATH").unwrap_or_default();
    let bin = env.home().join("bin");
    env.set(
        "PATH",
        format!("{}:{}:{path}", bin.display(), program.display()),
    );
    env.set("TAKEBACK_VAULT", env.vault());
    env
}

/// Runs a line in a shell that reads its start file.
fn in_shell(env: &TestEnv, shell: &str, line: &str) -> Output {
    tools::require(shell);
    let mut command = env.command(&[shell, "-i", "-c", line], &[]);
    // The program's own name is an argument that the line does not look at.
    command.env("TERM", "dumb");
    Output::of(command)
}

const SHELLS: [&str; 3] = ["bash", "zsh", "fish"];

#[test]
fn a_sub_command_is_guarded_in_every_shell_and_the_rest_is_not() {
    let env = shells();
    env.run(&["guard", "install", "skillshare", "--yes"])
        .exits(0);
    for shell in SHELLS {
        env.skill("one");
        let odd = "skillshare --flag sync 'a b' '$x' '*' ''";
        let done = in_shell(&env, shell, odd).exits(7);
        assert!(
            done.stdout.contains("<--flag><sync><a b><$x><*><>"),
            "{done}"
        );
        assert!(done.stderr.contains("skillshare: 1 removed"), "{done}");
        env.run_bare(&["undo", "--yes"]).exits(0);
        assert!(env.home().join(".claude/skills/one/SKILL.md").exists());
        let done = in_shell(&env, shell, "skillshare target remove x").exits(7);
        assert!(done.stderr.contains("skillshare: 1 removed"), "{done}");
        env.skill("one");
        for plain in [
            "skillshare list",
            "skillshare",
            "skillshare target list",
            "skillshare synchronise",
        ] {
            let done = in_shell(&env, shell, plain).exits(7);
            assert!(!done.stderr.contains("removed"), "{shell}: {done}");
        }
    }
}

#[test]
fn every_call_and_other_sub_commands() {
    let env = shells();
    let args = [
        "guard",
        "install",
        "skillshare",
        "--on",
        "pull now",
        "--yes",
        "-t",
        "claude",
    ];
    env.run(&args).exits(0);
    for shell in SHELLS {
        env.skill("one");
        let done = in_shell(&env, shell, "skillshare pull now").exits(7);
        assert!(done.stderr.contains("1 removed"), "{shell}: {done}");
        let done = in_shell(&env, shell, "skillshare sync").exits(7);
        assert!(!done.stderr.contains("takeback"), "{shell}: {done}");
    }
    fs::rename(
        env.home().join("bin/skillshare"),
        env.home().join("bin/other-tool"),
    )
    .unwrap();
    env.run(&["guard", "install", "other-tool", "--yes"])
        .exits(0);
    for shell in SHELLS {
        env.skill("one");
        let done = in_shell(&env, shell, "other-tool").exits(7);
        assert!(done.stderr.contains("1 removed"), "{shell}: {done}");
    }
}

#[test]
fn installed_twice_is_once_and_taken_out_it_is_as_before() {
    let env = shells();
    env.run(&["guard", "install", "skillshare", "-n"])
        .exits(0)
        .says("nothing was written");
    settle(&env);
    let before = home(&env).without(".config/fish/conf.d");
    let text = |name: &str| fs::read_to_string(env.home().join(name)).unwrap();
    env.run(&["guard", "install", "skillshare"]).exits(5);
    assert_eq!(text(".zshrc"), "# mine\n");
    env.run(&["guard", "install", "skillshare", "--yes"])
        .exits(0);
    let once = (text(".bashrc"), text(".zshrc"));
    assert!(
        once.0
            .starts_with("alias skillshare='skillshare'\nexport BASH_MINE=1\n")
    );
    env.run(&["guard", "install", "skillshare", "--yes"])
        .exits(0)
        .says("there already");
    assert_eq!((text(".bashrc"), text(".zshrc")), once);
    env.run(&["guard", "install", "npm", "--on", "install", "--yes"])
        .exits(0);
    env.run(&["guard", "uninstall", "skillshare", "--yes"])
        .exits(0);
    assert!(text(".zshrc").contains("takeback guard npm"));
    env.run(&["guard", "uninstall", "npm", "--yes"]).exits(0);
    assert_eq!(text(".zshrc"), "# mine\n");
    assert_eq!(
        text(".bashrc"),
        "alias skillshare='skillshare'\nexport BASH_MINE=1"
    );
    assert!(
        !env.home()
            .join(".config/fish/conf.d/takeback-guard-npm.fish")
            .exists()
    );
    env.run(&["guard", "uninstall", "npm", "--yes"]).exits(10);
    // All of that can be taken back and done again: operations that undo each other.
    let paths = home(&env).without(".config/fish/conf.d").paths();
    assert_eq!(paths, before.paths());
}

#[test]
fn an_installation_can_be_undone() {
    let env = shells();
    settle(&env);
    let before = home(&env);
    env.run(&["guard", "install", "skillshare", "--yes"])
        .exits(0);
    assert!(!home(&env).diff(&before).is_empty());
    env.run(&["undo", "--yes"])
        .exits(0)
        .says("set-up by guard install skillshare");
    home(&env).assert_same(&before, "after the undo");
}

#[test]
fn a_start_file_behind_a_link_stays_behind_it() {
    let env = shells();
    let real = env.write("dotfiles/zshrc", "# managed\n");
    let link = env.home().join(".zshrc");
    fs::remove_file(&link).unwrap();
    symlink("dotfiles/zshrc", &link).unwrap();
    env.run(&["guard", "install", "npm", "--shell", "zsh", "--yes"])
        .exits(0);
    assert_eq!(fs::read_link(&link).unwrap(), Path::new("dotfiles/zshrc"));
    assert!(
        fs::read_to_string(&real)
            .unwrap()
            .contains("function npm {")
    );
    fs::write(&real, "# >>> takeback guard npm >>>\n").unwrap();
    env.run(&["guard", "uninstall", "npm", "--yes"])
        .exits(4)
        .says("do not belong together");
}

#[test]
fn names_that_could_mean_something_are_refused() {
    let env = shells();
    let before = home(&env);
    for name in ["a;b", "$(x)", "a b", "cd", "takeback", "../x", "a'b", "-x"] {
        env.run(&["guard", "install", "--yes", "--", name]).exits(2);
    }
    env.run(&["guard", "install", "npm", "--on", "a;b", "--yes"])
        .exits(2);
    env.run(&["guard", "install", "--yes"]).exits(2);
    home(&env).assert_same(&before, "after refusals");
}

#[test]
fn claude_code_gets_commands_and_a_hook_and_keeps_everything_else() {
    let env = TestEnv::small();
    let text = "{\n    \"zeta\": 1.50,\n    \"hooks\": {\n        \"Stop\": []\n    },\n    \"alpha\": {\"x\": \"\\u00e9\"}\n}\n";
    let settings = env.write(".claude/settings.json", text);
    settle(&env);
    let before = home(&env);
    env.run(&["guard", "install", "--claude-code", "--yes"])
        .exits(0);
    let now = fs::read_to_string(&settings).unwrap();
    let added = now.len() - text.len();
    let at = text.find("[]").unwrap() + 2;
    assert_eq!(format!("{}{}", &now[..at], &now[at + added..]), text);
    let value: Value = serde_json::from_str(&now).unwrap();
    let hook = &value["hooks"]["SessionStart"][0]["hooks"][0];
    assert_eq!(hook["type"], "command");
    let command = hook["command"].as_str().unwrap();
    assert!(command.starts_with("takeback "), "{command}");
    for name in ["backup", "restore", "backup-status"] {
        let text =
            fs::read_to_string(env.home().join(format!(".claude/commands/{name}.md"))).unwrap();
        assert!(text.starts_with("---\ndescription: "), "{text}");
    }
    env.run(&["guard", "install", "--claude-code", "--yes"])
        .exits(0)
        .says("there already");
    env.run(&["guard", "uninstall", "--claude-code", "--yes"])
        .exits(0);
    assert_eq!(fs::read_to_string(&settings).unwrap(), text);
    assert!(!env.home().join(".claude/commands/backup.md").exists());
    env.run(&["guard", "uninstall", "--claude-code", "--yes"])
        .exits(10);
    env.run(&["guard", "install", "--claude-code", "--yes"])
        .exits(0);
    env.run(&["undo", "--yes"]).exits(0);
    env.run(&["undo", "--yes"]).exits(0);
    env.run(&["undo", "--yes"]).exits(0);
    home(&env).assert_same(&before, "after every undo");
}

#[test]
fn the_hook_runs_as_it_is_written() {
    let env = shells();
    env.run(&["guard", "install", "--claude-code", "--yes"])
        .exits(0);
    let text = fs::read_to_string(env.home().join(".claude/settings.json")).unwrap();
    let value: Value = serde_json::from_str(&text).unwrap();
    let command = value["hooks"]["SessionStart"][0]["hooks"][0]["command"].clone();
    let before = env.snapshots().len();
    let done = in_shell(&env, "bash", command.as_str().unwrap()).exits(0);
    assert_eq!(done.stdout, "");
    assert_eq!(env.snapshots().len(), before + 1);
}

#[test]
fn what_is_somebody_elses_is_left_alone() {
    let env = TestEnv::small();
    env.write(".claude/commands/backup.md", "my own command\n");
    env.run(&["guard", "install", "--claude-code", "--yes"])
        .exits(4);
    fs::remove_file(env.home().join(".claude/commands/backup.md")).unwrap();
    env.write(".claude/settings.json", "{ // comment\n}");
    let before = home(&env);
    env.run(&["guard", "install", "--claude-code", "--yes"])
        .exits(4);
    home(&env).assert_same(&before, "after a refusal");
    let bare = TestEnv::new();
    bare.run(&["guard", "install", "--claude-code", "--yes"])
        .exits(10);
}
