//! The home in which a page is followed, and a shell there.

use super::compare::Names;
use super::page::Step;
use crate::support::fixture::materialize;
use crate::support::{Output, TestEnv};
use rexpect::ReadUntil;
use rexpect::session::{PtySession, spawn_command};
use std::fmt;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// How the documentation calls the home directory.
const HOME: &str = "/home/ada";
/// Where the documentation has a memory stick.
const STICK: &str = "/media/stick";
/// What an answer stands behind.
const QUESTION: &str = "[y/N] ";
const PATIENCE_MS: u64 = 120_000;

/// The first argument is what is typed; directory and status go from one command to the next.
const RUN: &str = r#"cd -- "$(cat "$SITE/cwd")"; (exit "$(cat "$SITE/status")"); eval "$1"
status=$?; pwd > "$SITE/cwd"; echo "$status" > "$SITE/status"; exit "$status""#;

/// Where the documentation has the program.
const PROGRAMS: &str = "/usr/local/bin";
/// What the unseen parts of a page may use besides the commands of the system.
///
/// `older WHEN` makes the newest snapshot as old as that, `tool NAME` makes a program of what it
/// is given.
const HELPERS: &str = r##"set -e
older() {
    local all=~/.local/share/takeback/backups name record seconds
    name=$(ls "$all" | tail -n 1); record=$all/$name/snapshot.toml
    seconds=$(date -d "$1 ago" +%s)
    sed -i -e "s/^time = .*/time = \"$(date -u -d "@$seconds" +%FT%TZ)\"/" \
        -e "s/^id = .*/id = \"$(date -d "@$seconds" +%F_%H-%M-%S)\"/" -e 1d "$record"
    sed -i "1i # sha256 of the rest: $(sha256sum < "$record" | cut -c 1-64)" "$record"
    mv "$all/$name" "$all/$(date -d "@$seconds" +%F_%H-%M-%S)"
}
tool() { cat > "$SITE/bin/$1"; chmod +x "$SITE/bin/$1"; }
"##;

/// What a command said that is not what the page shows.
pub(super) struct Otherwise {
    code: i32,
    /// Whether it ended as the page lets one expect.
    pub(super) fine: bool,
    /// The first line that is shown and was not said.
    missing: Option<String>,
    /// All of it.
    pub(super) said: String,
}

impl fmt::Display for Otherwise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            code,
            missing,
            said,
            ..
        } = self;
        writeln!(f, "exit code {code}; not said: {missing:?}\n{said}")
    }
}

/// A shell in a home of its own.
pub(super) struct Shell {
    env: TestEnv,
    /// Where the program really is.
    own: PathBuf,
    names: Names,
}

impl Shell {
    /// A home, with what is in this fixture.
    pub(super) fn new(fixture: Option<&str>) -> Self {
        let mut env = TestEnv::new();
        if let Some(name) = fixture {
            materialize(name, &env.home());
        }
        // No page is about where tests keep compiled adapters.
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache");
        symlink(cache, env.home().join(".cache")).unwrap();
        let program = PathBuf::from(env.command(&[], &[]).get_program());
        let path = std::env::var_os("PATH").unwrap_or_default();
        let own = program.parent().unwrap().to_owned();
        let tools = env.root().join("bin");
        for dir in [&tools, &env.root().join("stick")] {
            std::fs::create_dir(dir).unwrap();
        }
        let all = [tools, own.clone()];
        let all = all.into_iter().chain(std::env::split_paths(&path));
        env.set("PATH", std::env::join_paths(all).unwrap());
        let site = env.root().to_owned();
        env.set("SITE", site);
        env.set("REPOSITORY", takeback_artifacts::repository());
        if takeback_artifacts::built() {
            env.set("NOTEPAD9", takeback_artifacts::example_rust());
        }
        env.set("TERM", "dumb");
        env.set("USER", "ada");
        std::fs::write(env.root().join("cwd"), env.home().to_str().unwrap()).unwrap();
        std::fs::write(env.root().join("status"), "0").unwrap();
        Self {
            env,
            own,
            names: Names::default(),
        }
    }

    /// Does what the page does not show, which must work.
    pub(super) fn prepare(&mut self, script: &str) {
        let (code, said) = self.run(&format!("{HELPERS}{script}"), &[]);
        assert_eq!(code, 0, "{script}\n{said}");
        std::fs::write(self.env.root().join("status"), "0").unwrap();
    }

    /// Runs a command that is not shown with what it prints, and says yes to everything it asks.
    pub(super) fn works(&mut self, page: &str, command: &str) {
        let command = self.real(command);
        let mut session = self.terminal(&command);
        let mut said = String::new();
        let ends = || vec![ReadUntil::String(QUESTION.to_owned()), ReadUntil::EOF];
        loop {
            let (before, end) = session.exp_any(ends()).unwrap();
            said += &before;
            if end != QUESTION {
                said += &end;
                break;
            }
            session.send_line("y").unwrap();
        }
        let code = self.status();
        assert!(
            matches!(code, 0 | 3),
            "{page}: {command}\ncode {code}\n{said}"
        );
    }

    /// Runs a command, which must print what is shown.
    ///
    /// # Errors
    ///
    /// What it says instead.
    pub(super) fn shown(&mut self, step: &Step) -> Result<(), Otherwise> {
        let command = self.real(&step.command);
        let answers: Vec<&str> = step
            .shown
            .iter()
            .filter_map(|line| Some(line.split_once(QUESTION)?.1))
            .collect();
        let (code, said) = self.run(&command, &answers);
        let missing = self.names.compare(&step.shown, &said).err();
        // A command of ours that fails says so on the page.
        let explained = step.shown.iter().any(|line| line.starts_with("error"));
        let fine = matches!(code, 0 | 3)
            || explained
            || step.code_follows
            || !command.contains("takeback");
        if missing.is_none() && fine {
            return Ok(());
        }
        Err(Otherwise {
            code,
            fine,
            missing,
            said: self.names.shown(&said),
        })
    }

    /// The command with what the documentation calls otherwise as it is here.
    fn real(&self, command: &str) -> String {
        let stick = self.env.root().join("stick");
        let command = command.replace(STICK, stick.to_str().unwrap());
        self.names.real(&command)
    }

    fn run(&self, command: &str, answers: &[&str]) -> (i32, String) {
        let (code, said) = if answers.is_empty() {
            self.piped(command)
        } else {
            self.typed(command, answers)
        };
        let home = self.env.home();
        let said = said.replace(home.to_str().unwrap(), HOME);
        let said = said.replace(self.env.root().join("stick").to_str().unwrap(), STICK);
        (code, said.replace(self.own.to_str().unwrap(), PROGRAMS))
    }

    fn piped(&self, command: &str) -> (i32, String) {
        let done = Output::of(self.bash(&format!("exec 2>&1\n{RUN}"), command));
        (done.code, done.stdout)
    }

    /// On a terminal, for somebody is asked.
    fn typed(&self, command: &str, answers: &[&str]) -> (i32, String) {
        let mut session = self.terminal(command);
        let mut said = String::new();
        for answer in answers {
            match session.exp_string(QUESTION) {
                Ok(before) => said += &before,
                Err(e) => panic!("{command}\nno question after\n{said}\n{e}"),
            }
            // The terminal does not echo what is typed.
            said += &format!("{QUESTION}{answer}\n");
            session.send_line(answer).unwrap();
        }
        said += &session.exp_eof().unwrap();
        (self.status(), said.replace('\r', ""))
    }

    fn terminal(&self, command: &str) -> PtySession {
        let mut bash = self.bash(RUN, command);
        bash.stdin(Stdio::inherit())
            .stdout(Stdio::inherit())
            .stderr(Stdio::inherit());
        spawn_command(bash, Some(PATIENCE_MS)).unwrap()
    }

    /// How the last command ended.
    fn status(&self) -> i32 {
        let status = std::fs::read_to_string(self.env.root().join("status")).unwrap();
        status.trim().parse().unwrap()
    }

    fn bash(&self, script: &str, command: &str) -> Command {
        let sealed = self.env.command(&["bash", "-c", script, "bash"], &[]);
        let mut bash = Command::new("bash");
        bash.args(["-c", script, "bash", command])
            .env_clear()
            .current_dir(Path::new(&self.env.home()));
        let named = |name: &str| name != "XDG_CACHE_HOME";
        let all = sealed.get_envs();
        for (name, value) in all.filter(|(name, _)| name.to_str().is_some_and(named)) {
            bash.envs(value.map(|value| (name, value)));
        }
        bash.stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        bash
    }
}
