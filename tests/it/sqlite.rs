//! Databases are captured whole and consistent, whatever their tool is doing, and
//! nothing beside or inside the source changes.

use crate::support::blocks::{members, named};
use crate::support::env::{archive_of, target};
use crate::support::tree::What;
use crate::support::{TestEnv, TreeSnapshot, materialize_live, tools};
use rusqlite::Connection;
use serde_json::Value;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

/// Where the `claude` target keeps a database.
const PLACE: &str = ".claude/__store.db";

/// Extracts a target's archive and gives the directory.
fn extracted(env: &TestEnv, report: &Value, name: &str) -> PathBuf {
    let into = tempfile::tempdir_in(env.root()).unwrap().keep();
    tools::extract(&archive_of(env, report, name), &into);
    into
}

/// Opens what was kept of the database, and checks that it is healthy.
fn kept(env: &TestEnv, report: &Value) -> Connection {
    let path = extracted(env, report, "claude").join("home").join(PLACE);
    let beside = fs::read_dir(path.parent().unwrap()).unwrap();
    let beside: Vec<_> = beside.map(|entry| entry.unwrap().file_name()).collect();
    assert!(
        !beside
            .iter()
            .any(|name| name.to_string_lossy().starts_with("__store.db-")),
        "{beside:?}"
    );
    let db = Connection::open(&path).unwrap();
    let verdict: String = db
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(verdict, "ok");
    db
}

/// A number that a query gives.
fn number(db: &Connection, sql: &str) -> i64 {
    db.query_row(sql, [], |row| row.get(0)).unwrap()
}

fn count(db: &Connection) -> i64 {
    number(db, "SELECT count(*) FROM t")
}

/// A database at the usual place with a table and a hundred rows.
fn database(env: &TestEnv, journal: &str) -> (Connection, PathBuf) {
    let path = env.write(PLACE, "");
    let db = Connection::open(&path).unwrap();
    db.pragma_update(None, "journal_mode", journal).unwrap();
    db.execute_batch("CREATE TABLE t(n INTEGER PRIMARY KEY, x TEXT NOT NULL, y TEXT NOT NULL);")
        .unwrap();
    insert(&db, 100);
    (db, path)
}

/// Adds rows whose columns belong together.
fn insert(db: &Connection, rows: i64) {
    let mut add = db
        .prepare_cached("INSERT INTO t(x, y) VALUES(?1, ?1)")
        .unwrap();
    for n in 0..rows {
        add.execute([format!("row {n} {}", "x".repeat(200))])
            .unwrap();
    }
}

/// The state of the home but for shared memory, in which readers leave their marks.
fn home_but_shared_memory(env: &TestEnv) -> TreeSnapshot {
    let mut tree = TreeSnapshot::of(&env.home());
    let is_shared = |path: &Path| path.to_string_lossy().ends_with("-shm");
    let shared: Vec<PathBuf> = tree
        .0
        .keys()
        .filter(|path| is_shared(path))
        .cloned()
        .collect();
    for path in shared {
        let node = tree.0.get_mut(&path).unwrap();
        (node.mtime, node.what) = ((0, 0), What::Special("shared memory"));
    }
    tree
}

#[test]
fn databases_of_a_running_editor_are_kept_with_what_is_only_in_their_logs() {
    let env = TestEnv::new();
    let fixture = materialize_live("cursor/linux", &env.home());
    assert_eq!(fixture.open.len(), 5);
    let before = home_but_shared_memory(&env);
    let logs = before
        .0
        .keys()
        .filter(|path| path.to_string_lossy().ends_with("-wal"))
        .count();
    assert!(logs >= 2, "the databases are not in use");
    let report = env.backup(0, &["cursor", "--include-credentials"]);
    before.assert_same(&home_but_shared_memory(&env), "the home changed");
    let into = extracted(&env, &report, "cursor");
    let databases = [
        "config/Cursor/User/globalStorage/state.vscdb",
        "config/Cursor/User/workspaceStorage/0f1e2d3c4b5a69788796a5b4c3d2e1f0/state.vscdb",
    ];
    for path in databases {
        let db = Connection::open(into.join(path)).unwrap();
        let sql = "SELECT value FROM ItemTable WHERE key = 'only-in-wal'";
        let value: String = db.query_row(sql, [], |row| row.get(0)).unwrap();
        assert_eq!(value, "committed but not checkpointed", "{path}");
    }
    let names = members(&archive_of(&env, &report, "cursor"));
    let names: Vec<String> = named(&names).into_iter().map(|(name, _)| name).collect();
    let is_side = |name: &&String| name.ends_with("-wal") || name.ends_with("-shm");
    let sides: Vec<&String> = names.iter().filter(is_side).collect();
    assert!(sides.is_empty(), "kept beside databases: {sides:?}");
}

#[test]
fn rows_that_are_only_in_the_log_are_kept() {
    let env = TestEnv::small();
    let (db, _) = database(&env, "wal");
    db.pragma_update(None, "wal_autocheckpoint", 0).unwrap();
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .unwrap();
    insert(&db, 23);
    let before = home_but_shared_memory(&env);
    let report = env.backup(0, &["claude"]);
    before.assert_same(&home_but_shared_memory(&env), "the home changed");
    assert_eq!(count(&kept(&env, &report)), 123);
    drop(db);
}

/// What a crash leaves of a database with rows in its log, with or without the memory
/// that its users shared.
fn check_crash(sides: &[&str]) {
    let env = TestEnv::small();
    let (db, path) = database(&env, "wal");
    db.pragma_update(None, "wal_autocheckpoint", 0).unwrap();
    insert(&db, 23);
    let read = |suffix: &&str| {
        let side = with_suffix(&path, suffix);
        (side.clone(), fs::read(side).unwrap())
    };
    let left: Vec<(PathBuf, Vec<u8>)> = [""].iter().chain(sides).map(read).collect();
    drop(db);
    for (path, content) in left {
        fs::write(path, content).unwrap();
    }
    let shared = sides.contains(&"-shm");
    assert_eq!(with_suffix(&path, "-shm").exists(), shared);
    let before = home_but_shared_memory(&env);
    let report = env.backup(0, &["claude"]);
    before.assert_same(&home_but_shared_memory(&env), "the home changed");
    assert_eq!(count(&kept(&env, &report)), 123);
}

#[test]
fn a_log_left_by_a_crash_is_replayed_in_the_copy_alone() {
    check_crash(&["-wal"]);
}

#[test]
fn a_log_and_shared_memory_left_by_a_crash_are_read_and_stay() {
    check_crash(&["-wal", "-shm"]);
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut full = path.as_os_str().to_owned();
    full.push(suffix);
    full.into()
}

/// Changes much in a transaction that is not committed, so that the file itself is
/// changed already and only the journal can take it back.
fn half_done(db: &Connection) {
    db.pragma_update(None, "cache_size", 5).unwrap();
    db.execute_batch("BEGIN").unwrap();
    insert(db, 3000);
    db.execute_batch("UPDATE t SET x = 'half done'").unwrap();
}

#[test]
fn a_journal_left_by_a_crash_takes_the_copy_back_and_not_the_source() {
    let env = TestEnv::small();
    let (db, path) = database(&env, "delete");
    half_done(&db);
    let journal = with_suffix(&path, "-journal");
    let (main, log) = (fs::read(&path).unwrap(), fs::read(&journal).unwrap());
    assert!(
        log.starts_with(&[0xd9, 0xd5, 0x05, 0xf9]),
        "the journal is not hot"
    );
    db.execute_batch("ROLLBACK").unwrap();
    drop(db);
    assert!(fs::read(&path).unwrap() != main, "nothing was half done");
    fs::write(&path, main).unwrap();
    fs::write(&journal, log).unwrap();
    let before = TreeSnapshot::of(&env.home());
    let report = env.backup(0, &["claude"]);
    before.assert_same(&TreeSnapshot::of(&env.home()), "the home changed");
    let db = kept(&env, &report);
    assert_eq!(count(&db), 100);
    assert_eq!(
        number(&db, "SELECT count(*) FROM t WHERE x = 'half done'"),
        0
    );
}

#[test]
fn a_transaction_that_is_not_committed_is_not_kept() {
    for journal in ["delete", "wal", "truncate", "persist"] {
        let env = TestEnv::small();
        let (db, _) = database(&env, journal);
        half_done(&db);
        let report = env.backup(0, &["claude"]);
        assert_eq!(count(&kept(&env, &report)), 100, "{journal}");
        db.execute_batch("COMMIT").unwrap();
        assert_eq!(count(&db), 3100, "{journal}: the writer was disturbed");
    }
}

/// Ends the writer also when the test fails, for its thread is waited for.
struct StopWhenDropped<'a>(&'a AtomicBool);

impl Drop for StopWhenDropped<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Backs up while another connection inserts without a pause.
fn check_under_load(journal: &'static str) {
    let env = TestEnv::small();
    let (db, path) = database(&env, journal);
    drop(db);
    let (stop, committed) = (AtomicBool::new(false), AtomicI64::new(100));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut db = Connection::open(&path).unwrap();
            db.busy_timeout(std::time::Duration::from_secs(30)).unwrap();
            while !stop.load(Ordering::SeqCst) {
                let step = db.transaction().unwrap();
                insert(&step, 7);
                step.commit().unwrap();
                committed.fetch_add(7, Ordering::SeqCst);
            }
        });
        let _stop = StopWhenDropped(&stop);
        while committed.load(Ordering::SeqCst) < 150 {
            std::thread::yield_now();
        }
        for _ in 0..3 {
            let least = committed.load(Ordering::SeqCst);
            let report = env.backup(0, &["claude"]);
            let most = committed.load(Ordering::SeqCst) + 7;
            let db = kept(&env, &report);
            let rows = count(&db);
            let torn = number(&db, "SELECT count(*) FROM t WHERE x <> y");
            assert!(
                (least..=most).contains(&rows),
                "{journal}: {rows} of {least} to {most}"
            );
            assert_eq!((rows - 100) % 7, 0, "{journal}: half a transaction is kept");
            assert_eq!(torn, 0, "{journal}: torn rows");
        }
    });
}

#[test]
fn a_database_that_is_written_all_the_time_with_a_log_is_kept_consistent() {
    check_under_load("wal");
}

#[test]
fn a_database_that_is_written_all_the_time_with_a_journal_is_kept_consistent() {
    check_under_load("delete");
}

#[test]
fn an_idle_database_is_kept_byte_for_byte() {
    let env = TestEnv::small();
    let (db, path) = database(&env, "delete");
    drop(db);
    let before = TreeSnapshot::of(&env.home());
    let report = env.backup(0, &["claude"]);
    let into = extracted(&env, &report, "claude");
    before.assert_same(&TreeSnapshot::of(&env.home()), "the home changed");
    let kept = TreeSnapshot::of(&into.join("home").join(PLACE));
    TreeSnapshot::of(&path).assert_same(&kept, "the copy");
}

#[test]
fn what_is_called_like_a_log_and_is_none_is_not_opened() {
    for (side, make) in [
        ("-wal", ("mkfifo", "__store.db-wal")),
        ("-wal", ("mkdir", "__store.db-wal")),
        ("-shm", ("mkfifo", "__store.db-shm")),
        ("-journal", ("mkfifo", "__store.db-journal")),
    ] {
        let env = TestEnv::small();
        let (db, path) = database(&env, "delete");
        drop(db);
        let dir = path.parent().unwrap();
        tools::run(dir, make.0, &[make.1]);
        // Others are waiting to be opened beside it.
        let outside = env.write("empty", "");
        fs::set_permissions(&outside, Permissions::from_mode(0o600)).unwrap();
        if side == "-shm" {
            symlink(&outside, dir.join("__store.db-wal")).unwrap();
        }
        let before = TreeSnapshot::of(&env.home());
        let report = env.backup(3, &["claude"]);
        before.assert_same(&TreeSnapshot::of(&env.home()), "the home changed");
        let troubles = target(&report, "claude")["troubles"].as_array().unwrap();
        let damaged = |trouble: &&Value| trouble["kind"] == "damaged-database";
        assert_eq!(troubles.iter().filter(damaged).count(), 1, "{troubles:?}");
        kept(&env, &report);
    }
}

#[test]
fn what_only_looks_like_a_database_is_kept_as_it_is() {
    let env = TestEnv::small();
    let mut garbage = b"SQLite format 3\0".to_vec();
    garbage.extend((0..9000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8));
    let (db, path) = database(&env, "delete");
    drop(db);
    let whole = fs::read(&path).unwrap();
    fs::remove_file(&path).unwrap();
    for (name, content, damaged) in [
        ("notes.db", b"only text".to_vec(), false),
        ("empty.db", Vec::new(), false),
        ("garbage.bin", garbage, true),
        ("cut.db", whole[..whole.len() / 2].to_vec(), true),
        ("magic.db", b"SQLite format 3\0".to_vec(), true),
        ("alone.db-wal", b"no database beside it".to_vec(), false),
        ("text", b"no database".to_vec(), false),
        (
            "text-journal",
            b"a journal that somebody writes".to_vec(),
            false,
        ),
    ] {
        let env = TestEnv::small();
        let file = format!(".claude/skills/one/{name}");
        env.write(&file, &content);
        if name == "text-journal" {
            env.write(".claude/skills/one/text", "no database");
        }
        let before = TreeSnapshot::of(&env.home());
        let report = env.backup(if damaged { 3 } else { 0 }, &["claude"]);
        before.assert_same(&TreeSnapshot::of(&env.home()), "the home changed");
        let troubles = target(&report, "claude")["troubles"].as_array().unwrap();
        assert_eq!(troubles.len(), usize::from(damaged), "{name}: {troubles:?}");
        if damaged {
            assert_eq!(troubles[0]["kind"], "damaged-database", "{name}");
        }
        let kept = extracted(&env, &report, "claude").join("home").join(&file);
        assert!(fs::read(kept).unwrap() == content, "{name} has other bytes");
        env.run(&["verify"]).exits(0);
    }
}
