//! Completion, in the shells people use, and the manual pages, as their checkers see them.

use crate::support::env::Output;
use crate::support::{TestEnv, TreeSnapshot, tools};
use std::fs;
use std::process::Command;

/// A home with a snapshot, a file with the script of a shell, and the program on the path.
fn ready(shell: &str) -> (TestEnv, String) {
    let mut env = TestEnv::small();
    let id = env.backup(0, &["claude"])["snapshot"]
        .as_str()
        .unwrap()
        .to_owned();
    let script = env.run_bare(&["completions", shell]).exits(0).stdout;
    fs::write(env.root().join("script"), script).unwrap();
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_takeback"))
        .parent()
        .unwrap();
    env.set("PATH", format!("{}:/usr/bin:/bin", program.display()));
    env.set("TAKEBACK_VAULT", env.vault());
    (env, id)
}

/// Runs a shell in the sealed environment.
fn shell(env: &TestEnv, words: &[&str], line: &str) -> Output {
    tools::require(words[0]);
    let sealed = env.command(&[], &[]);
    let mut command = Command::new(words[0]);
    command
        .args(&words[1..])
        .current_dir(env.home())
        .env_clear();
    command.envs(
        sealed
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    command
        .env("LINE", line)
        .env("SCRIPT", env.root().join("script"));
    Output::of(command)
}

/// What a shell offers for a line, one for each line of output.
fn offers(env: &TestEnv, name: &str, line: &str) -> Vec<String> {
    let bash = "source \"$SCRIPT\"; COMP_LINE=$LINE; read -ra COMP_WORDS <<<\"$LINE\"; \
        [[ $LINE == *' ' ]] && COMP_WORDS+=(''); COMP_CWORD=$((${#COMP_WORDS[@]}-1)); COMP_TYPE=9; \
        COMP_POINT=${#LINE}; f=$(complete -p takeback | sed 's/.*-F \\([^ ]*\\).*/\\1/'); \
        \"$f\" takeback \"${COMP_WORDS[COMP_CWORD]}\" \"${COMP_WORDS[COMP_CWORD-1]}\"; \
        printf '%s\\n' \"${COMPREPLY[@]}\"";
    // What the script hands to zsh's own list is printed instead.
    let zsh = "autoload -Uz compinit; compinit -u -D; source \"$SCRIPT\"; \
        _describe() { while [[ $1 == -* || $1 == values ]]; do shift; done; print -rl -- \"${(@P)1}\" }; \
        compadd() { print -rl -- \"$@\" }; _arguments() { :; }; \
        words=(${(z)LINE}); [[ $LINE == *' ' ]] && words+=(''); CURRENT=${#words}; \
        f=${_comps[takeback]}; $f";
    let fish = "source $SCRIPT; complete -C $LINE";
    let said = match name {
        "bash" => shell(env, &["bash", "--norc", "-c", bash], line),
        "zsh" => shell(env, &["zsh", "-f", "-c", zsh], line),
        _ => shell(env, &["fish", "--no-config", "-c", fish], line),
    };
    assert_eq!(said.stderr, "", "{said}");
    let first = |line: &str| {
        let word = line.split(['\t']).next().unwrap_or_default();
        // zsh has the description behind a colon.
        word.split(':').next().unwrap_or_default().trim().to_owned()
    };
    said.stdout
        .lines()
        .map(first)
        .filter(|word| !word.is_empty())
        .collect()
}

#[test]
fn shells_complete_snapshots_targets_and_flags() {
    for name in ["bash", "zsh", "fish"] {
        let (env, id) = ready(name);
        let has = |line: &str, word: &str| {
            let offered = offers(&env, name, line);
            assert!(
                offered.iter().any(|one| one == word),
                "{name}: {line}: {offered:?}"
            );
            offered
        };
        has("takeback show ", &id);
        has(&format!("takeback pin {}", &id[..4]), &id);
        let from = has("takeback restore claude --from ", &id);
        assert!(from.contains(&"latest".to_owned()), "{from:?}");
        let targets = has("takeback restore ", "claude");
        assert_eq!(
            targets[0], "claude",
            "what can be restored comes first: {targets:?}"
        );
        assert_eq!(has("takeback backup cur", "cursor"), ["cursor"]);
        has("takeback restore claude --exa", "--exact");
        has("takeback rest", "restore");
        has("takeback schedule in", "install");
        has("takeback config set undo", "undo_days");
        has("takeback restore claude --only skil", "skills");
        assert!(!offers(&env, name, "takeback undo ").contains(&id));
    }
}

#[test]
fn completing_writes_nothing_and_never_complains() {
    let (mut env, _) = ready("bash");
    env.write(".config/takeback/config.toml", "undo_days = [");
    env.write("cache/x", "");
    env.set("XDG_CACHE_HOME", env.home().join("cache"));
    fs::write(
        env.vault().join("backups/2020-01-01_00-00-00"),
        "no snapshot",
    )
    .unwrap();
    let before = TreeSnapshot::of(env.root());
    for words in [
        &["takeback", "show", ""][..],
        &["takeback", "restore", ""],
        &["takeback", "undo", ""],
        &["takeback", "nonsense", ""],
        &["takeback", "--vault", "/nowhere", "show", ""],
        &["takeback", "trash", "restore", ""],
    ] {
        let mut args = vec!["--"];
        args.extend(words);
        let mut command = env.command(&[], &args);
        command.env("TAKEBACK_COMPLETE", "fish");
        let said = Output::of(command).exits(0);
        assert_eq!(said.stderr, "", "{said}");
    }
    let mut command = env.command(&[], &["--", "takeback", ""]);
    command
        .env("TAKEBACK_COMPLETE", "no-such-shell")
        .env_remove("HOME");
    let said = Output::of(command).exits(0);
    assert_eq!((said.stdout.as_str(), said.stderr.as_str()), ("", ""));
    TreeSnapshot::of(env.root()).assert_same(&before, "after completing");
}

#[test]
fn notes_do_not_steer_the_terminal_of_whoever_completes() {
    let env = TestEnv::small();
    env.backup(0, &["claude", "--note", "before\u{1b}[2J the move"]);
    let mut command = env.command(&[], &["--", "takeback", "show", ""]);
    command
        .env("TAKEBACK_COMPLETE", "fish")
        .env("TAKEBACK_VAULT", env.vault());
    let said = Output::of(command).exits(0);
    assert!(said.stdout.contains("the move"), "{said}");
    assert!(!said.stdout.contains('\u{1b}'), "{said}");
}

#[test]
fn every_shell_gets_a_script_that_it_understands() {
    let env = TestEnv::new();
    for name in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = env.run_bare(&["completions", name]).exits(0).stdout;
        assert!(script.contains("TAKEBACK_COMPLETE"), "{name}: {script}");
        let file = env.root().join(name);
        fs::write(&file, script).unwrap();
        let file = file.to_str().unwrap();
        if matches!(name, "bash" | "zsh" | "fish") {
            tools::run(env.root(), name, &["-n", file]);
        }
    }
    env.run_bare(&["completions", "csh"]).exits(2);
}

/// What mandoc says of pages that are right: they have no date, so that the same program
/// makes the same pages, and lines that are as long as in the help.
const FINE: [&str; 2] = ["missing date", "input text line longer than 80 bytes"];

#[test]
fn the_manual_has_a_page_for_every_command_without_a_fault() {
    tools::require("mandoc");
    let env = TestEnv::new();
    let dir = env.root().join("man");
    fs::create_dir(&dir).unwrap();
    env.run_bare(&["man", "-o", dir.to_str().unwrap()]).exits(0);
    let mut names: Vec<String> = fs::read_dir(&dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    for name in [
        "takeback.1",
        "takeback-backup.1",
        "takeback-schedule-install.1",
    ] {
        assert!(names.contains(&name.to_owned()), "{names:?}");
    }
    assert!(names.len() > 35, "{names:?}");
    for name in &names {
        let mut command = Command::new("mandoc");
        command
            .args(["-T", "lint", "-W", "style", name])
            .current_dir(&dir);
        let said = Output::of(command);
        let faults = said.stdout.lines().chain(said.stderr.lines());
        let faults: Vec<&str> = faults
            .filter(|line| !FINE.iter().any(|fine| line.contains(fine)))
            .collect();
        assert!(faults.is_empty(), "{faults:#?}");
    }
    let shown = tools::run(&dir, "mandoc", &["-T", "ascii", "takeback.1"]).stdout;
    let shown = shown.replace("_\u{8}", "");
    for part in [
        "takeback backup",
        "back up every tool found here",
        "takeback-restore(1)",
    ] {
        let bold = |c: char| format!("{c}\u{8}{c}");
        let plain = shown.replace('\u{8}', "");
        let strong: String = part.chars().map(bold).collect();
        assert!(
            plain.contains(part) || shown.contains(&strong),
            "{part}: {shown}"
        );
    }
    // Examples keep their lines.
    assert!(
        shown
            .lines()
            .any(|line| line.trim_start().starts_with("takeback list ")),
        "{shown}"
    );
    env.run_bare(&["man", "-o", "/nowhere"]).exits(1);
    let first = fs::read_to_string(dir.join("takeback.1")).unwrap();
    assert_eq!(env.run_bare(&["man"]).exits(0).stdout, first);
}
