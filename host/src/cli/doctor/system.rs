//! What the system gives: a limit on writing, a look at other programs, SQLite.

use super::Finding;
use takeback::backup::sqlite_version;
use takeback::fs::{Confinement, confine_writes, sees_processes};

pub(super) fn checks() -> Vec<Finding> {
    vec![confinement(), processes(), sqlite()]
}

/// The limit holds for the thread that asks for it, so one that ends at once is asked.
fn confinement() -> Finding {
    let held = std::thread::spawn(|| confine_writes(&[])).join();
    match held {
        Ok(Confinement::Enforced) => Finding::ok(
            "confinement",
            "the kernel limits where a restore can write (Landlock)",
        ),
        Ok(Confinement::NotAvailable(why)) => Finding::warning(
            "confinement",
            format!("the kernel does not limit where a restore can write: {why}"),
            "restores are checked all the same; Linux 5.19 and later can add this second wall",
        ),
        Err(_) => Finding::warning(
            "confinement",
            "it cannot be said whether the kernel limits where a restore can write",
            "restores are checked all the same",
        ),
    }
}

fn processes() -> Finding {
    if sees_processes() {
        return Finding::ok(
            "processes",
            "other programs can be seen, to tell what is in use",
        );
    }
    Finding::warning(
        "processes",
        "other programs cannot be seen here",
        "close the tool yourself before you restore over its files",
    )
}

fn sqlite() -> Finding {
    match sqlite_version() {
        Some(version) => Finding::ok("sqlite", format!("SQLite {version} works")),
        None => Finding::problem(
            "sqlite",
            "SQLite does not work in this program",
            "databases cannot be captured; install takeback again",
        ),
    }
}
