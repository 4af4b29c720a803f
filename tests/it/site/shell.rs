//! The home in which a page is followed, and a shell there.

use super::compare::Names;
use super::page::Step;
use crate::support::fixture::materialize;
use crate::support::{Output, TestEnv};
use rexpect::session::spawn_command;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// How the documentation calls the home directory.
const HOME: &str = "/home/ada";
/// What an answer stands behind.
const QUESTION: &str = "[y/N] ";
const PATIENCE_MS: u64 = 120_000;

/// The first argument is what is typed; directory and status go from one command to the next.
const RUN: &str = r#"cd -- "$(cat "$SITE/cwd")"; (exit "$(cat "$SITE/status")"); eval "$1"
status=$?; pwd > "$SITE/cwd"; echo "$status" > "$SITE/status"; exit "$status""#;

/// What a command said that is not what the page shows.
pub(super) struct Otherwise {
    code: i32,
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
        } = self;
        writeln!(f, "exit code {code}; not said: {missing:?}\n{said}")
    }
}

/// A shell in a home of its own.
pub(super) struct Shell {
    env: TestEnv,
    names: Names,
}

impl Shell {
    /// A home, with what is in this fixture.
    pub(super) fn new(fixture: Option<&str>) -> Self {
        let mut env = TestEnv::new();
        if let Some(name) = fixture {
            materialize(name, &env.home());
        }
        let program = PathBuf::from(env.command(&[], &[]).get_program());
        let path = std::env::var_os("PATH").unwrap_or_default();
        let own = program.parent().unwrap().to_owned();
        let all = [own].into_iter().chain(std::env::split_paths(&path));
        env.set("PATH", std::env::join_paths(all).unwrap());
        let site = env.root().to_owned();
        env.set("SITE", site);
        env.set("TERM", "dumb");
        env.set("USER", "ada");
        std::fs::write(env.root().join("cwd"), env.home().to_str().unwrap()).unwrap();
        std::fs::write(env.root().join("status"), "0").unwrap();
        Self {
            env,
            names: Names::default(),
        }
    }

    /// Does what the page does not show, which must work.
    pub(super) fn prepare(&mut self, script: &str) {
        let (code, said) = self.run(script, &[]);
        assert_eq!(code, 0, "{script}\n{said}");
        std::fs::write(self.env.root().join("status"), "0").unwrap();
    }

    /// Runs a command that is not shown with what it prints.
    pub(super) fn works(&mut self, page: &str, command: &str) {
        let command = self.names.real(command);
        let (code, said) = self.run(&command, &[]);
        assert!(matches!(code, 0 | 3), "{page}: {command}\ncode {code}\n{said}");
    }

    /// Runs a command, which must print what is shown.
    ///
    /// # Errors
    ///
    /// What it says instead.
    pub(super) fn shown(&mut self, step: &Step) -> Result<(), Otherwise> {
        let command = self.names.real(&step.command);
        let answers: Vec<&str> = step
            .shown
            .iter()
            .filter_map(|line| Some(line.split_once(QUESTION)?.1))
            .collect();
        let (code, said) = self.run(&command, &answers);
        let missing = self.names.compare(&step.shown, &said).err();
        // A command of ours that fails says so on the page.
        let explained = step.shown.iter().any(|line| line.starts_with("error"));
        let fine = matches!(code, 0 | 3) || explained || !command.contains("takeback");
        if missing.is_none() && fine {
            return Ok(());
        }
        Err(Otherwise {
            code,
            missing,
            said,
        })
    }

    fn run(&self, command: &str, answers: &[&str]) -> (i32, String) {
        let (code, said) = if answers.is_empty() {
            self.piped(command)
        } else {
            self.typed(command, answers)
        };
        let home = self.env.home();
        (code, said.replace(home.to_str().unwrap(), HOME))
    }

    fn piped(&self, command: &str) -> (i32, String) {
        let done = Output::of(self.bash(&format!("exec 2>&1\n{RUN}"), command));
        (done.code, done.stdout)
    }

    /// On a terminal, for somebody is asked.
    fn typed(&self, command: &str, answers: &[&str]) -> (i32, String) {
        let mut bash = self.bash(RUN, command);
        bash.stdin(Stdio::inherit())
            .stdout(Stdio::inherit())
            .stderr(Stdio::inherit());
        let mut session = spawn_command(bash, Some(PATIENCE_MS)).unwrap();
        let mut said = String::new();
        for answer in answers {
            match session.exp_string(QUESTION) {
                Ok(before) => said += &before,
                Err(e) => panic!("{command}\nno question after\n{said}\n{e}"),
            }
            said += QUESTION;
            session.send_line(answer).unwrap();
        }
        said += &session.exp_eof().unwrap();
        let status = std::fs::read_to_string(self.env.root().join("status")).unwrap();
        (status.trim().parse().unwrap(), said.replace('\r', ""))
    }

    fn bash(&self, script: &str, command: &str) -> Command {
        let sealed = self.env.command(&["bash", "-c", script, "bash"], &[]);
        let mut bash = Command::new("bash");
        bash.args(["-c", script, "bash", command])
            .env_clear()
            .current_dir(Path::new(&self.env.home()));
        for (name, value) in sealed.get_envs() {
            bash.envs(value.map(|value| (name, value)));
        }
        bash.stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        bash
    }
}
