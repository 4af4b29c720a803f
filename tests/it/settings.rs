//! `takeback config`: what counts and where it comes from; changes that leave the rest of the
//! file; an editor whose mistakes replace nothing; and the page that describes all of it.

use crate::support::{Output, TestEnv};
use rexpect::session::spawn_command;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

const CONFIG: &str = ".config/takeback/config.toml";

fn setting(done: &Value, key: &str) -> Value {
    let all = done["settings"].as_array().unwrap();
    let found = all.iter().find(|one| one["key"] == key);
    found
        .unwrap_or_else(|| panic!("no {key}: {done:#}"))
        .clone()
}

fn text(env: &TestEnv) -> String {
    fs::read_to_string(env.home().join(CONFIG)).unwrap()
}

/// An editor of the test's own.
fn editor(env: &mut TestEnv, variable: &str, script: &str) -> PathBuf {
    let file = env.root().join("an editor");
    fs::write(&file, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    env.set(variable, format!("'{}' --wait", file.display()));
    file
}

#[test]
fn every_setting_says_where_it_comes_from() {
    let mut env = TestEnv::new();
    let config = env.write(
        CONFIG,
        "# mine\nvault = \"~/kept\"\nundo_days = 60\n\n[keep.automatic]\ndaily = \"all\"\n\
         [keep.target.claude]\nmax_size = \"2GB\"\n",
    );
    let done = env.run_bare(&["--json", "config", "show"]).exits(0).json();
    let of = |done: &Value, key: &str| {
        let one = setting(done, key);
        (
            one["value"].clone(),
            one["origin"].clone(),
            one["line"].clone(),
            one["named_by"].clone(),
        )
    };
    let file: Value = config.to_str().unwrap().into();
    let (file, origin): (Value, Value) = (file, "file".into());
    let kept: Value = env.home().join("kept").to_str().unwrap().into();
    assert_eq!(
        of(&done, "vault"),
        (kept, origin.clone(), 2.into(), file.clone())
    );
    assert_eq!(
        of(&done, "undo_days"),
        (60.into(), origin.clone(), 3.into(), file.clone())
    );
    let daily = of(&done, "keep.automatic.daily");
    assert_eq!(
        daily,
        ("all".into(), origin.clone(), 6.into(), file.clone())
    );
    let size = of(&done, "keep.target.claude.max_size");
    assert_eq!(size, ("2GB".into(), origin, 8.into(), file));
    let plain = of(&done, "plain");
    assert_eq!(
        plain,
        (2.into(), "default".into(), Value::Null, Value::Null)
    );
    assert_eq!(setting(&done, "undo_days")["default"], 30);
    // A flag counts more than a variable, and that more than the file.
    env.set("TAKEBACK_VAULT", "/from/variable");
    let done = env.run_bare(&["--json", "config", "show"]).exits(0).json();
    let vault = of(&done, "vault");
    assert_eq!(
        (vault.0, vault.3),
        ("/from/variable".into(), "TAKEBACK_VAULT".into())
    );
    let done = env
        .run_bare(&["--json", "--vault", "/from/flag", "config", "show"])
        .exits(0)
        .json();
    let vault = of(&done, "vault");
    assert_eq!((vault.0, vault.3), ("/from/flag".into(), "--vault".into()));
    let shown = env.run_bare(&["config", "show"]).exits(0);
    assert!(shown.stdout.contains("variable TAKEBACK_VAULT"), "{shown}");
    assert!(
        shown.stdout.contains("~/.config/takeback/config.toml:3"),
        "{shown}"
    );
}

#[test]
fn the_path_is_told_also_where_the_file_is_wrong_or_missing() {
    let env = TestEnv::new();
    let path = env.home().join(CONFIG);
    let done = env.run_bare(&["config", "path"]).exits(0);
    assert_eq!(done.stdout.trim_end(), path.to_str().unwrap());
    env.write(CONFIG, "undo_days = [");
    let done = env.run_bare(&["--json", "config", "path"]).exits(0).json();
    assert_eq!(done["exists"], true);
    env.run_bare(&["config", "show"]).exits(2).says("line 1");
    let named = ["--config", "/nowhere/c.toml", "config", "show"];
    env.run_bare(&named)
        .exits(2)
        .says("there is no configuration file");
}

#[test]
fn a_name_that_is_no_setting_leads_to_the_nearest_one() {
    let env = TestEnv::new();
    env.write(CONFIG, "# c\n\nundo_dayz = 3\n");
    // For every command that reads it.
    let said = env.run_bare(&["list"]).exits(2);
    assert!(
        said.stderr
            .contains("config.toml, line 3: there is no setting undo_dayz"),
        "{said}"
    );
    assert!(said.stderr.contains("did you mean undo_days?"), "{said}");
    let set = ["config", "set", "keep.automatic.dayly", "3"];
    env.run_bare(&set)
        .exits(2)
        .says("did you mean keep.automatic.daily?");
    env.run_bare(&["config", "set", "undo_days", "3"])
        .exits(2)
        .says("takeback config edit");
    env.run_bare(&["config", "set", "a\u{1b}[2Jb", "3"])
        .exits(2);
}

#[test]
fn what_is_set_counts_and_what_was_written_stays() {
    let env = TestEnv::new();
    env.run_bare(&["init"]).exits(0);
    let begun = text(&env);
    env.run_bare(&["config", "set", "undo_days", "60"])
        .exits(0)
        .says("it was 30, the default");
    assert_eq!(
        text(&env),
        begun.replace("# undo_days = 30\n", "# undo_days = 30\nundo_days = 60\n")
    );
    env.run_bare(&["config", "set", "keep.target.claude.automatic.daily", "all"])
        .exits(0);
    env.run_bare(&["config", "set", "vault", "~/my vault"])
        .exits(0);
    let done = env.run_bare(&["--json", "config", "show"]).exits(0).json();
    assert_eq!(setting(&done, "undo_days")["value"], 60);
    assert_eq!(
        setting(&done, "keep.target.claude.automatic.daily")["value"],
        "all"
    );
    let vault = setting(&done, "vault")["value"].clone();
    assert_eq!(vault, *env.home().join("my vault").to_str().unwrap());
    for comment in begun.lines() {
        assert!(text(&env).contains(comment), "{comment}");
    }
    let mode = fs::metadata(env.home().join(CONFIG))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let done = env
        .run_bare(&["--json", "config", "unset", "undo_days"])
        .exits(0)
        .json();
    assert_eq!(
        (&done["before"], &done["value"]),
        (&60.into(), &Value::Null)
    );
    env.run_bare(&["config", "unset", "undo_days"]).exits(10);
    env.run_bare(&["config", "unset", "vault"]).exits(0);
    env.run_bare(&["config", "unset", "keep.target.claude.automatic.daily"])
        .exits(0);
    let left: Vec<String> = text(&env)
        .lines()
        .filter(|line| line.starts_with('['))
        .map(str::to_owned)
        .collect();
    let without_heads = left.iter().fold(text(&env), |text, head| {
        text.replace(&format!("{head}\n"), "")
    });
    assert_eq!(without_heads.trim_end(), begun.trim_end());
}

#[test]
fn a_value_that_no_command_would_start_with_is_not_written() {
    let env = TestEnv::new();
    let before = "undo_days = 30 # x\n";
    env.write(CONFIG, before);
    for (key, value) in [
        ("undo_days", "-1"),
        ("undo_days", "soon"),
        ("vault", "relative/path"),
        ("plain", "0"),
        ("keep.max_size", "much"),
        ("keep.manual.within", "0d"),
    ] {
        let said = env.run_bare(&["config", "set", key, value]).exits(2);
        assert!(said.stderr.contains("nothing was changed"), "{said}");
        assert_eq!(text(&env), before, "{key} {value}");
    }
}

/// Where the error says that a text lies which was not taken.
#[track_caller]
fn kept_text(said: &Output) -> PathBuf {
    let place = said.stderr.split("what you wrote is in ").nth(1).unwrap();
    place.lines().next().unwrap().into()
}

#[test]
fn an_editor_changes_the_file_only_when_it_is_right() {
    let mut env = TestEnv::new();
    env.write(CONFIG, "undo_days = 30\n");
    editor(
        &mut env,
        "EDITOR",
        "[ \"$1\" = --wait ] && echo '# more' >>\"$2\"",
    );
    env.run_bare(&["config", "edit"])
        .exits(0)
        .says("Wrote ~/.config/takeback/config.toml");
    assert_eq!(text(&env), "undo_days = 30\n# more\n");
    // VISUAL counts more.
    editor(&mut env, "VISUAL", "echo 'undo_dayz = 1' >\"$2\"");
    let said = env.run_bare(&["config", "edit"]).exits(2);
    assert!(said.stderr.contains("did you mean undo_days?"), "{said}");
    assert_eq!(text(&env), "undo_days = 30\n# more\n");
    let kept = kept_text(&said);
    assert_eq!(fs::read_to_string(&kept).unwrap(), "undo_dayz = 1\n");
    fs::remove_dir_all(kept.parent().unwrap()).unwrap();
    editor(&mut env, "VISUAL", "exit 3");
    env.run_bare(&["config", "edit"])
        .exits(1)
        .says("exit code 3");
    editor(&mut env, "VISUAL", ":");
    let done = env.run_bare(&["--json", "config", "edit"]).exits(0).json();
    assert_eq!(done["changed"], false);
    env.set("VISUAL", "/nowhere/ed");
    env.run_bare(&["config", "edit"])
        .exits(1)
        .says("EDITOR names another one");
    env.set("VISUAL", "'open");
    env.run_bare(&["config", "edit"]).exits(2);
    // Somebody else was faster.
    let config = env.home().join(CONFIG);
    let script = format!(
        "echo '# theirs' >'{}'; echo '# ours' >\"$2\"",
        config.display()
    );
    editor(&mut env, "VISUAL", &script);
    let said = env.run_bare(&["config", "edit"]).exits(4);
    assert_eq!(text(&env), "# theirs\n");
    let kept = kept_text(&said);
    fs::remove_dir_all(kept.parent().unwrap()).unwrap();
}

#[test]
fn on_a_terminal_a_mistake_can_be_edited_again() {
    for (answer, code) in [("y", "undo_days = 8\n"), ("n", "undo_days = 30\n")] {
        let mut env = TestEnv::new();
        env.write(CONFIG, "undo_days = 30\n");
        // Wrong the first time, right when it sees its own mistake.
        let script = "grep -q soon \"$2\" && echo 'undo_days = 8' >\"$2\" || \
            echo 'undo_days = \"soon\"' >\"$2\"";
        editor(&mut env, "EDITOR", script);
        let mut command = env.command(&[], &["--color", "never", "config", "edit"]);
        command
            .stdin(Stdio::inherit())
            .stdout(Stdio::inherit())
            .stderr(Stdio::inherit());
        let mut session = spawn_command(command, Some(120_000)).unwrap();
        session.exp_string("config.toml, line 1: ").unwrap();
        session.exp_string("Edit it again? [y/N]").unwrap();
        session.send_line(answer).unwrap();
        let said = session.exp_eof().unwrap();
        assert_eq!(text(&env), code, "{said}");
        if let Some(kept) = said.split("what you wrote is in ").nth(1) {
            fs::remove_dir_all(Path::new(kept.trim()).parent().unwrap()).unwrap();
        }
    }
}

#[test]
fn where_there_is_no_file_the_editor_begins_one() {
    let mut env = TestEnv::new();
    editor(
        &mut env,
        "EDITOR",
        "sed -i 's/^# undo_days = .*/undo_days = 7/' \"$2\"",
    );
    env.run_bare(&["config", "edit"]).exits(0);
    assert!(text(&env).contains("\nundo_days = 7\n"));
    assert!(text(&env).contains("# trash_days = 7\n"));
}

/// Every row of a table in the page is a setting with its default, and every setting has one.
#[test]
fn the_page_has_every_setting_with_its_default() {
    let env = TestEnv::new();
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/config.md");
    let page = fs::read_to_string(page).unwrap();
    let rows = page.lines().filter_map(|line| {
        let cells: Vec<&str> = line.strip_prefix("| `")?.split(" | ").collect();
        Some((
            cells[0].trim_end_matches('`').to_owned(),
            cells[1].to_owned(),
        ))
    });
    // The other table of the page is of commands.
    let of_settings = rows.filter(|(name, _)| !name.starts_with("takeback "));
    let mut rows: Vec<(String, String)> = of_settings.collect();
    let done = env.run_bare(&["--json", "config", "show"]).exits(0).json();
    let mut settings = Vec::new();
    for one in done["settings"].as_array().unwrap() {
        let key = one["key"].as_str().unwrap();
        let default = match (&one["default"], key) {
            (_, "vault") => "`~/.local/share/takeback`".to_owned(),
            (_, "config" | "no_input") => continue,
            (Value::Null, _) => "no limit".to_owned(),
            (Value::String(text), _) => format!("`\"{text}\"`"),
            (value, _) => format!("`{value}`"),
        };
        settings.push((key.to_owned(), default));
    }
    rows.sort();
    settings.sort();
    assert_eq!(rows, settings);
}
