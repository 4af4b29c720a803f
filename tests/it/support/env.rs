//! One home, one vault and one sealed environment for each test, and the program run
//! in them.

use serde_json::Value;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs;
use std::os::unix::fs::{DirBuilderExt, lchown};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// Who runs the program where file permissions matter and the tests are run by root.
const NOBODY: u32 = 65534;

/// A place of its own for one test.
pub(crate) struct TestEnv {
    _root: TempDir,
    root: PathBuf,
    variables: BTreeMap<OsString, OsString>,
    cwd: PathBuf,
    program: PathBuf,
    /// Program and compiled adapters of somebody without privileges, who runs the program.
    nobodys: Option<TempDir>,
}

impl TestEnv {
    /// An empty home. The program runs in it, so that there is no project.
    pub(crate) fn new() -> Self {
        let temp = tempfile::Builder::new()
            .prefix("takeback-it-")
            .tempdir()
            .unwrap();
        let root = temp.path().canonicalize().unwrap();
        let home = root.join("home");
        fs::create_dir(&home).unwrap();
        // Every command that is to change something writes its log there; that the directory is
        // made is not what tests compare.
        private_dir(&home.join(".local/state/takeback"));
        // Adapters are compiled once for all tests: the cache holds nothing of a test.
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache");
        private_dir(&cache);
        let mut env = Self {
            _root: temp,
            root,
            variables: BTreeMap::new(),
            cwd: home.clone(),
            program: PathBuf::from(env!("CARGO_BIN_EXE_takeback")),
            nobodys: None,
        };
        env.set("HOME", &home);
        env.set("XDG_CACHE_HOME", &cache);
        env.set("PATH", std::env::var_os("PATH").unwrap_or_default());
        // A tool that somebody has open here is not the test's.
        env.set("TAKEBACK_TEST_TOP_PROCESS", std::process::id().to_string());
        env.set("LC_ALL", "C.UTF-8");
        env.set("TZ", "UTC");
        env
    }

    /// A home with a little of Claude Code in it.
    pub(crate) fn small() -> Self {
        let env = Self::new();
        env.write(".claude/CLAUDE.md", "Be brief.\n");
        env.skill("one");
        env
    }

    /// Writes a skill and gives its path in archives.
    pub(crate) fn skill(&self, name: &str) -> String {
        let path = format!(".claude/skills/{name}/SKILL.md");
        self.write(&path, format!("---\nname: {name}\n---\n"));
        format!("home/{path}")
    }

    /// The small home, the program run by somebody whom file permissions bind, also when the tests are
    /// run by root.
    pub(crate) fn without_privileges() -> Self {
        Self::small().for_nobody()
    }

    /// The same home, the program run by somebody whom file permissions bind.
    pub(crate) fn for_nobody(mut self) -> Self {
        if !rustix::process::geteuid().is_root() {
            return self;
        }
        super::tools::require("setpriv");
        // Where the build is may be closed to others, and so are the compiled adapters.
        self.run_bare(&["backup", "--dry-run"]);
        let apart = tempfile::Builder::new()
            .prefix("takeback-it-")
            .tempdir()
            .unwrap();
        let cache = apart.path().join("cache");
        copy_dir(
            Path::new(&self.variables[OsStr::new("XDG_CACHE_HOME")]),
            &cache,
        );
        self.set("XDG_CACHE_HOME", &cache);
        let program = apart.path().join("takeback");
        fs::copy(&self.program, &program).unwrap();
        give_away(apart.path());
        self.program = program;
        self.nobodys = Some(apart);
        self
    }

    /// The directory that holds home and vault.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The home directory.
    pub(crate) fn home(&self) -> PathBuf {
        self.root.join("home")
    }

    /// The vault, which does not exist before the first backup.
    pub(crate) fn vault(&self) -> PathBuf {
        self.root.join("vault")
    }

    /// Sets an environment variable for the program.
    pub(crate) fn set(&mut self, name: &str, value: impl AsRef<OsStr>) {
        self.variables
            .insert(name.into(), value.as_ref().to_owned());
    }

    /// Runs the program in this directory from now on.
    pub(crate) fn go_to(&mut self, dir: impl Into<PathBuf>) {
        self.cwd = dir.into();
    }

    /// Writes a file below the home directory, with the directories above it.
    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let full = self.home().join(path);
        fs::create_dir_all(full.parent().unwrap()).unwrap();
        fs::write(&full, content).unwrap_or_else(|e| panic!("{}: {e}", full.display()));
        full
    }

    /// A command in the sealed environment; `prefix` is what starts the program.
    pub(crate) fn command(&self, prefix: &[&str], args: &[&str]) -> Command {
        let mut words: Vec<OsString> = prefix.iter().map(OsString::from).collect();
        if self.nobodys.is_some() {
            give_away(&self.root);
            let id = |what| format!("--{what}={NOBODY}").into();
            words.extend([
                "setpriv".into(),
                id("reuid"),
                id("regid"),
                "--clear-groups".into(),
            ]);
        }
        words.push(self.program.clone().into());
        words.extend(args.iter().map(OsString::from));
        let mut command = Command::new(&words[0]);
        command
            .args(&words[1..])
            .env_clear()
            .envs(&self.variables)
            .current_dir(&self.cwd);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs the program with exactly these arguments.
    pub(crate) fn run_bare(&self, args: &[&str]) -> Output {
        Output::of(self.command(&[], args))
    }

    /// Runs the program on this test's vault.
    pub(crate) fn run(&self, args: &[&str]) -> Output {
        Output::of(self.on_vault(&[], args))
    }

    /// A command on this test's vault.
    pub(crate) fn on_vault(&self, prefix: &[&str], args: &[&str]) -> Command {
        let vault = self.vault();
        let mut all = vec!["--vault", vault.to_str().unwrap(), "--no-input"];
        all.extend(args);
        self.command(prefix, &all)
    }

    /// Makes a backup that must end with `code`, and gives its report.
    #[track_caller]
    pub(crate) fn backup(&self, code: i32, args: &[&str]) -> Value {
        let mut all = vec!["--json", "backup"];
        all.extend(args);
        self.run(&all).exits(code).json()
    }

    /// The directory of a snapshot.
    pub(crate) fn snapshot(&self, id: &str) -> PathBuf {
        self.vault().join("backups").join(id)
    }

    /// Where it is kept what files of the vault's archives of a target were like.
    pub(crate) fn seen(&self, target: &str) -> PathBuf {
        let series = format!("{:?}{:?}", self.vault(), None::<String>);
        let series = takeback::model::Digest::of(series.as_bytes()).to_string();
        let cache = Path::new(&self.variables[OsStr::new("XDG_CACHE_HOME")]);
        cache
            .join("takeback/seen")
            .join(format!("{target}-{}", &series[..16]))
    }

    /// The snapshots' names, as the vault's directory has them.
    pub(crate) fn snapshots(&self) -> Vec<String> {
        let Ok(dir) = fs::read_dir(self.vault().join("backups")) else {
            return Vec::new();
        };
        let mut names: Vec<String> = dir
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

/// The archive of a target in a backup's report.
pub(crate) fn archive_of(env: &TestEnv, report: &Value, target: &str) -> PathBuf {
    let snapshot = report["snapshot"]
        .as_str()
        .unwrap_or_else(|| panic!("no snapshot: {report:#}"));
    env.snapshot(snapshot).join(format!("{target}.tar.gz"))
}

/// What a report says of one target.
#[track_caller]
pub(crate) fn target<'a>(report: &'a Value, name: &str) -> &'a Value {
    let targets = report["targets"]
        .as_array()
        .unwrap_or_else(|| panic!("no targets: {report:#}"));
    let found = targets.iter().find(|target| target["target"] == name);
    found.unwrap_or_else(|| panic!("no target {name}: {report:#}"))
}

fn private_dir(path: &Path) {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .unwrap();
}

/// Copies a directory that others may be working in: what vanishes meanwhile is fine.
fn copy_dir(from: &Path, to: &Path) {
    private_dir(to);
    for entry in fs::read_dir(from).unwrap().flatten() {
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy_dir(&path, &to);
        } else {
            let _ = fs::copy(&path, &to);
        }
    }
}

/// Makes everything below a directory nobody's. What vanishes meanwhile is fine.
fn give_away(path: &Path) {
    let _ = lchown(path, Some(NOBODY), Some(NOBODY));
    let is_dir = path.symlink_metadata().is_ok_and(|meta| meta.is_dir());
    for entry in is_dir
        .then(|| fs::read_dir(path).ok())
        .flatten()
        .into_iter()
        .flatten()
    {
        give_away(&entry.unwrap().path());
    }
}

/// What a run left behind.
pub(crate) struct Output {
    /// The exit code; 128 and the signal's number where a signal ended it.
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    command: String,
}

impl Output {
    /// Runs a command to its end.
    pub(crate) fn of(mut command: Command) -> Self {
        let text = format!("{command:?}");
        let done = command.output().unwrap_or_else(|e| panic!("{text}: {e}"));
        Self::from_done(text, done)
    }

    /// What a command that has ended left behind.
    pub(crate) fn from_done(command: String, done: std::process::Output) -> Self {
        let signal = || 128 + done.status.signal().unwrap_or_default();
        Self {
            code: done.status.code().unwrap_or_else(signal),
            stdout: text(&command, done.stdout),
            stderr: text(&command, done.stderr),
            command,
        }
    }

    /// Fails unless the program ended with this code.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert!(
            self.code == code,
            "exit code {} instead of {code}\n{self}",
            self.code
        );
        self
    }

    /// Fails unless this text is on one of the two streams.
    #[track_caller]
    pub(crate) fn says(self, part: &str) -> Self {
        let said = self.stdout.contains(part) || self.stderr.contains(part);
        assert!(said, "it does not say {part:?}\n{self}");
        self
    }

    /// The one JSON document on stdout, which is as its published schema says.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        let document = match serde_json::from_str(&self.stdout) {
            Ok(document) => document,
            Err(e) => panic!("stdout is no JSON document: {e}\n{self}"),
        };
        let complaints = super::schemas::complaints(&document);
        assert!(complaints.is_empty(), "{}\n{self}", complaints.join("\n"));
        document
    }
}

fn text(command: &str, bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|e| panic!("{command}: output is not UTF-8: {e}"))
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            code,
            stdout,
            stderr,
            command,
        } = self;
        write!(
            f,
            "$ {command}\nexit code {code}\n--- stdout\n{stdout}\n--- stderr\n{stderr}\n---"
        )
    }
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}
