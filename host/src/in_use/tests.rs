//! Tests with programs that really run, hold files open and lock databases. Each says when
//! it is ready and ends when it is told to, so nothing here waits for a clock.
#![cfg(target_os = "linux")]
#![expect(
    clippy::disallowed_methods,
    reason = "a test lays out what is looked at"
)]

use super::*;
use crate::fs::{Dir, lock_holder};
use crate::model::{Base, Location, OwnPlaces, RelPath};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A program that runs until this is dropped.
struct Running(Child);

impl Running {
    /// Starts a program and waits for the line it prints when it is ready.
    fn start(program: impl AsRef<OsStr>, args: &[&str]) -> Self {
        let mut child = Command::new(program)
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        assert_eq!(line, "ready\n");
        Self(child)
    }

    /// A shell that does something and then waits.
    fn shell(script: &str, args: &[&str]) -> Self {
        let script = format!("{script}\necho ready; read _ || :");
        let mut all = vec!["-c", &script, "sh"];
        all.extend(args);
        Self::start("sh", &all)
    }

    /// A Python program with a connection `db` to a database.
    fn python(database: &Path, statements: &str) -> Self {
        let script = format!(
            "import sqlite3, sys\n\
             db = sqlite3.connect(sys.argv[1], isolation_level=None)\n\
             {statements}\n\
             print('ready', flush=True)\n\
             sys.stdin.read()"
        );
        Self::start("python3", &["-c", &script, database.to_str().unwrap()])
    }

    fn pid(&self) -> u32 {
        self.0.id()
    }

    fn holder(&self, name: &str) -> Holder {
        let (name, pid) = (name.to_owned(), self.pid());
        Holder { name, pid }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A number that was a process's and is none now.
fn ended() -> u32 {
    let mut child = Command::new("true").spawn().unwrap();
    child.wait().unwrap();
    child.id()
}

/// A name that no other test and no other run uses.
fn unique(letter: char) -> String {
    format!("tb{letter}{}", std::process::id())
}

fn facts(home: &Path) -> HostFacts {
    HostFacts {
        os: crate::model::Os::current(),
        host: "here".to_owned(),
        user: "me".to_owned(),
        home: home.to_owned(),
        config: home.join(".config"),
        data: home.join(".local/share"),
        state: home.join(".local/state"),
        project: None,
        environment: BTreeMap::new(),
        own: OwnPlaces::default(),
    }
}

fn look_for(name: &str, home: &Path) -> Vec<InUse> {
    running(&[RunningCheck::Process(name.to_owned())], &facts(home))
}

/// The lock files that count, by their last components.
fn locks(pattern: &str, home: &Path) -> Vec<String> {
    let place = Location {
        base: Base::Home,
        path: RelPath::new(pattern).unwrap(),
    };
    let found = running(&[RunningCheck::LockFile(place)], &facts(home));
    let name = |one: InUse| match one {
        InUse::LockFile { path } => path.rsplit('/').next().unwrap().to_owned(),
        other => panic!("{other}"),
    };
    found.into_iter().map(name).collect()
}

/// Writes a shell script that says that it runs, and waits.
fn script(path: PathBuf) -> PathBuf {
    fs::write(&path, "echo ready; read _ || :\n").unwrap();
    path
}

#[test]
fn programs_and_scripts_are_found_by_name() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let (plain, scripted) = (unique('p'), unique('s'));
    assert_eq!(look_for(&plain, home), []);
    let copy = home.join(&plain);
    fs::copy(fs::canonicalize("/bin/sh").unwrap(), &copy).unwrap();
    let wait = ["-c", "echo ready; read _ || :"];
    let first = Running::start(&copy, &wait);
    let second = Running::start(&copy, &wait);
    let [InUse::Process { process, others: 1 }] = &look_for(&plain, home)[..] else {
        panic!("{:?}", look_for(&plain, home));
    };
    assert_eq!(process.pid, first.pid().min(second.pid()));
    drop((first, second));
    assert_eq!(look_for(&plain, home), []);
    let file = script(home.join(&scripted));
    let runs = Running::start("sh", &["-u", file.to_str().unwrap()]);
    let process = runs.holder(&scripted);
    let others = 0;
    assert_eq!(
        look_for(&scripted, home),
        [InUse::Process { process, others }]
    );
}

#[test]
fn a_process_that_ended_does_not_run_though_nobody_asked_for_its_end() {
    use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
    let home = tempfile::tempdir().unwrap();
    let name = unique('z');
    let file = script(home.path().join(&name));
    let mut runs = Running::start("sh", &[file.to_str().unwrap()]);
    assert_eq!(look_for(&name, home.path()).len(), 1);
    runs.0.kill().unwrap();
    let left = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
    waitid(WaitId::Pid(Pid::from_child(&runs.0)), left).unwrap();
    assert_eq!(look_for(&name, home.path()), []);
    let users = users(home.path());
    assert!(!crate::fs::runs_for(runs.pid(), &users));
}

#[test]
fn what_started_takeback_counts_and_takeback_itself_does_not() {
    let own = crate::fs::process(std::process::id()).unwrap();
    let all = processes(&users(Path::new("/")));
    assert!(!all.iter().any(|one| one.pid == own.pid));
    let parent = rustix::process::getppid().unwrap().as_raw_pid();
    let parent = all
        .iter()
        .find(|one| i64::from(one.pid) == i64::from(parent));
    assert!(called(&parent.unwrap().short_name, &all).is_some());
}

#[test]
fn only_lock_files_of_what_still_runs_count() {
    let home = tempfile::tempdir().unwrap();
    let ide = home.path().join(".tool/ide");
    fs::create_dir_all(&ide).unwrap();
    let runs = Running::shell("", &[]);
    let write = |name: &str, content: String| fs::write(ide.join(name), content).unwrap();
    write("alive.lock", format!("{{\"pid\": {}}}", runs.pid()));
    write("number.lock", format!("{}\n", runs.pid()));
    write("ended.lock", format!("{{\"pid\": {}, \"x\": 1}}", ended()));
    write("gone.lock", ended().to_string());
    write("silent.lock", String::new());
    write("large.lock", format!("{}{}", ended(), " ".repeat(70 << 10)));
    write("alive.json", runs.pid().to_string());
    fs::create_dir(ide.join("directory.lock")).unwrap();
    std::os::unix::fs::symlink("host-1", ide.join("link.lock")).unwrap();
    let counting = [
        "alive.lock",
        "directory.lock",
        "large.lock",
        "link.lock",
        "number.lock",
        "silent.lock",
    ];
    assert_eq!(locks(".tool/ide/*.lock", home.path()), counting);
    assert_eq!(locks(".tool/ide/alive.json", home.path()), ["alive.json"]);
    assert_eq!(locks(".tool/none/*.lock", home.path()), [""; 0]);
    drop(runs);
    assert_eq!(locks(".tool/ide/a*.lock", home.path()), [""; 0]);
    // Where a dotfile manager links the whole directory, the locks lie behind the link.
    std::os::unix::fs::symlink(".tool", home.path().join(".linked")).unwrap();
    assert_eq!(locks(".linked/ide/s*.lock", home.path()), ["silent.lock"]);
}

#[test]
fn open_files_are_named_with_who_has_them_and_how() {
    assert!(sees_handles());
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let dir = Dir::open(home).unwrap();
    let lookout = Lookout::post();
    let mut watch = Watch::new(home);
    for name in ["written", "read", "both", "closed", "mine"] {
        fs::write(home.join(name), "x").unwrap();
        let stat = dir.stat(OsStr::new(name)).unwrap().unwrap();
        watch.file(stat.inode, &home.join(name));
    }
    let _mine = fs::File::open(home.join("mine")).unwrap();
    assert_eq!(watch.look(&lookout), []);
    let script = r#"cd "$1"; exec 3>>written 4<read 5<both 6<>both 7<read"#;
    let runs = Running::shell(script, &[home.to_str().unwrap()]);
    let open = |path: &str, writes| InUse::OpenFile {
        path: format!("~/{path}"),
        holder: runs.holder("sh"),
        writes,
    };
    let expected = [
        open("both", true),
        open("read", false),
        open("written", true),
    ];
    assert_eq!(watch.look(&lookout), expected);
    // What is open is the file, not its name.
    fs::rename(home.join("written"), home.join("elsewhere")).unwrap();
    assert_eq!(watch.look(&lookout), expected);
    drop(runs);
    assert_eq!(watch.look(&lookout), []);
}

#[test]
fn a_database_is_in_use_as_long_as_somebody_is_connected() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let dir = Dir::open(home).unwrap();
    let lookout = Lookout::post();
    let holder = |name: &str| {
        let mut watch = Watch::new(home);
        watch
            .database(&dir, OsStr::new(name), &home.join(name))
            .unwrap();
        watch.look(&lookout).into_iter().next()
    };
    assert_eq!(holder("none.db"), None);
    for (name, journal) in [("log.db", "wal"), ("old.db", "delete")] {
        let path = home.join(name);
        let statements =
            format!("db.execute('pragma journal_mode={journal}'); db.execute('create table t(x)')");
        let runs = Running::python(&path, &statements);
        let expected = InUse::Database {
            path: format!("~/{name}"),
            holder: Some(runs.holder("python3")),
        };
        assert_eq!(holder(name), Some(expected), "{journal}");
        drop(runs);
        assert_eq!(holder(name), None, "{journal}");
    }
}

#[test]
fn locks_of_databases_are_seen_without_their_handles() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("x.db");
    let held = |file: &str, bytes: std::ops::Range<u64>| {
        let path = home.path().join(file);
        let lock = lock_holder(&fs::File::open(&path).unwrap(), &path, bytes).unwrap();
        lock.and_then(|lock| lock.pid)
    };
    let (main, shared) = (0x4000_0000..0x4000_0200, 120..129);
    let idle = Running::python(
        &path,
        "db.execute('pragma journal_mode=wal')\ndb.execute('create table t(x)')",
    );
    assert_eq!(held("x.db-shm", shared), Some(idle.pid()));
    assert_eq!(held("x.db", main.clone()), Some(idle.pid()));
    drop(idle);
    assert_eq!(held("x.db", main.clone()), None);
    fs::remove_file(home.path().join("x.db-shm")).unwrap();
    let writing = "db.execute('pragma journal_mode=delete')\ndb.execute('begin immediate')";
    let writing = Running::python(&path, writing);
    assert_eq!(held("x.db", main), Some(writing.pid()));
}

#[test]
fn signs_are_shown_in_words_that_nobody_else_chooses() {
    let process = Holder {
        name: "a\u{1b}[2J b".to_owned(),
        pid: 7,
    };
    let other = Holder {
        name: "node".to_owned(),
        pid: 99,
    };
    let path = "~/x".to_owned();
    for (sign, text) in [
        (
            InUse::Process {
                process: process.clone(),
                others: 0,
            },
            r#""a\x1b[2J b" (process 7) is running"#,
        ),
        (
            InUse::Process {
                process: other.clone(),
                others: 2,
            },
            "node (process 99 and 2 more) is running",
        ),
        (
            InUse::LockFile { path: path.clone() },
            "~/x says it is open",
        ),
        (
            InUse::OpenFile {
                path: path.clone(),
                holder: other.clone(),
                writes: false,
            },
            "~/x is open in node (process 99)",
        ),
        (
            InUse::OpenFile {
                path: path.clone(),
                holder: other.clone(),
                writes: true,
            },
            "~/x is open for writing in node (process 99)",
        ),
        (
            InUse::Database {
                path: path.clone(),
                holder: Some(other),
            },
            "the database ~/x is open in node (process 99)",
        ),
        (
            InUse::Database { path, holder: None },
            "the database ~/x is locked by another program",
        ),
    ] {
        assert_eq!(sign.to_string(), text);
    }
}
