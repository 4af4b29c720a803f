//! Who is measured, and with which commands.

use crate::measure::Task;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// What is measured, in this order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Job {
    /// The first backup, of everything.
    First,
    /// Another one with nothing changed.
    Unchanged,
    /// Another one after one file in a hundred changed.
    Changed,
    /// The same when there are older ones, nine times.
    Later,
    /// Everything into a fresh folder.
    Restore,
    /// One small file into a fresh folder.
    One,
    /// The list of snapshots.
    List,
    /// Reading and checking everything.
    Verify,
    /// Saying which snapshots would go by the rules, and removing none.
    Keep,
}

/// What the others keep, with rules like those that takeback has by itself.
const KEEP: [&str; 8] = [
    "--keep-last",
    "10",
    "--keep-daily",
    "14",
    "--keep-weekly",
    "8",
    "--keep-monthly",
    "12",
];

/// What one subject works on.
pub(crate) struct Place {
    /// The home directory of which `.claude` is kept.
    pub(crate) home: PathBuf,
    /// Where the subject keeps everything, backups and caches.
    pub(crate) dir: PathBuf,
    /// A small file, by its path below `.claude`.
    pub(crate) one: String,
    /// How many backups there were before this job.
    pub(crate) number: usize,
    /// The fresh folder to restore to.
    pub(crate) out: PathBuf,
}

/// A program that makes backups.
pub(crate) struct Subject {
    /// As it is called in the tables.
    pub(crate) name: &'static str,
    /// Programs that must be there.
    pub(crate) needs: &'static [&'static str],
    /// What is run once before the first backup and not measured.
    pub(crate) prepare: fn(&Place) -> Option<Task>,
    /// The command of a job; nothing where it has none.
    pub(crate) task: fn(&Place, Job) -> Option<Task>,
}

/// All subjects. takeback is the first, with which the others are compared.
pub(crate) const SUBJECTS: [Subject; 6] = [
    Subject {
        name: "takeback",
        needs: &[],
        // Compiles all adapters, which happens once on a machine.
        prepare: |place| Some(takeback(place, &place.home, &["backup", "--dry-run"])),
        task: takeback_task,
    },
    Subject {
        name: "tar+gzip",
        needs: &["tar", "gzip"],
        prepare: |_| None,
        task: |place, job| tar_task(place, job, "gzip", "gzip -6"),
    },
    Subject {
        name: "tar+pigz",
        needs: &["tar", "pigz"],
        prepare: |_| None,
        task: |place, job| tar_task(place, job, "pigz", "pigz -6"),
    },
    Subject {
        name: "restic",
        needs: &["restic"],
        prepare: |place| Some(restic(place, &["init", "--repository-version", "2"])),
        task: restic_task,
    },
    Subject {
        name: "rustic",
        needs: &["rustic"],
        prepare: |place| Some(rustic(place, &["init"])),
        task: rustic_task,
    },
    Subject {
        name: "borg",
        needs: &["borg"],
        prepare: |place| Some(borg(place, &["init", "-e", "none"], &[""])),
        task: borg_task,
    },
];

impl Subject {
    /// Where what a job restored lies.
    pub(crate) fn restored(&self, place: &Place) -> PathBuf {
        let below = if self.name == "takeback" {
            ".claude"
        } else {
            ""
        };
        place.out.join(below)
    }
}

impl Place {
    /// Where backups are kept, and nothing else: caches are beside it.
    pub(crate) fn store(&self) -> PathBuf {
        self.dir.join("store")
    }

    fn tree(&self) -> PathBuf {
        self.home.join(".claude")
    }

    fn task(&self, words: &[&str], dir: &Path, env: &[(&'static str, PathBuf)]) -> Task {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let cache = self.dir.join("cache");
        let mut all = vec![
            ("PATH", path),
            ("LC_ALL", "C.UTF-8".into()),
            ("TZ", "UTC".into()),
            ("XDG_CACHE_HOME", cache.into_os_string()),
        ];
        all.extend(
            env.iter()
                .map(|(name, value)| (*name, OsString::from(value))),
        );
        Task {
            words: words.iter().map(OsString::from).collect(),
            env: all,
            dir: dir.to_owned(),
        }
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path of text")
}

/// takeback with `home` for its home directory, where a restore puts everything.
fn takeback(place: &Place, home: &Path, words: &[&str]) -> Task {
    let mut all = vec![env!("CARGO_BIN_EXE_takeback"), "--quiet"];
    all.extend(words);
    // Of the tree's own home, which all rounds share, nothing is known from an earlier round.
    let state = if home == place.home { &place.dir } else { home };
    let env = [
        ("HOME", home.to_owned()),
        ("TAKEBACK_VAULT", place.store()),
        ("XDG_STATE_HOME", state.join(".local/state")),
    ];
    place.task(&all, home, &env)
}

fn takeback_task(place: &Place, job: Job) -> Option<Task> {
    let one = format!(".claude/{}", place.one);
    let (home, words): (&Path, &[&str]) = match job {
        Job::First | Job::Unchanged | Job::Changed | Job::Later => {
            (&place.home, &["backup", "claude", "--full"])
        }
        Job::Restore => (&place.out, &["restore", "claude", "--yes", "--force"]),
        Job::One => (
            &place.out,
            &["restore", "claude", "--yes", "--force", "--path", &one],
        ),
        Job::List => (&place.home, &["list"]),
        Job::Verify => (&place.home, &["verify"]),
        Job::Keep => (&place.home, &["cleanup", "--dry-run"]),
    };
    Some(takeback(place, home, words))
}

/// GNU tar: every backup is a new archive.
fn tar_task(place: &Place, job: Job, program: &str, packer: &str) -> Option<Task> {
    let last = if job == Job::Verify || job == Job::Restore || job == Job::One {
        place.number - 1
    } else {
        place.number
    };
    let archive = place.store().join(format!("{last}.tar.gz"));
    let (archive, tree, one) = (text(&archive), place.tree(), format!("./{}", place.one));
    let words: &[&str] = match job {
        Job::First | Job::Unchanged | Job::Changed | Job::Later => {
            &["tar", "-C", text(&tree), "-I", packer, "-cf", archive, "."]
        }
        Job::Restore => &["tar", "-C", text(&place.out), "-I", program, "-xf", archive],
        Job::One => &[
            "tar",
            "-C",
            text(&place.out),
            "-I",
            program,
            "--occurrence=1",
            "-xf",
            archive,
            &one,
        ],
        Job::List | Job::Keep => return None,
        Job::Verify => &[program, "-t", archive],
    };
    Some(place.task(words, &place.dir, &[]))
}

fn restic(place: &Place, words: &[&str]) -> Task {
    let mut all = vec!["restic", "--quiet"];
    all.extend(words);
    let env = [
        ("HOME", place.dir.clone()),
        ("RESTIC_REPOSITORY", place.store()),
        ("RESTIC_PASSWORD", "bench".into()),
    ];
    place.task(&all, &place.tree(), &env)
}

fn restic_task(place: &Place, job: Job) -> Option<Task> {
    let one = format!("/{}", place.one);
    let out = text(&place.out);
    Some(match job {
        Job::First | Job::Unchanged | Job::Changed | Job::Later => restic(place, &["backup", "."]),
        Job::Restore => restic(place, &["restore", "latest", "--target", out]),
        Job::One => restic(
            place,
            &["restore", "latest", "--target", out, "--include", &one],
        ),
        Job::List => restic(place, &["snapshots"]),
        Job::Verify => restic(place, &["check", "--read-data"]),
        Job::Keep => restic(place, &[&["forget", "--dry-run"][..], &KEEP].concat()),
    })
}

fn rustic(place: &Place, words: &[&str]) -> Task {
    let mut all = vec!["rustic", "--no-progress"];
    all.extend(words);
    let env = [
        ("HOME", place.dir.clone()),
        ("RUSTIC_REPOSITORY", place.store()),
        ("RUSTIC_PASSWORD", "bench".into()),
    ];
    place.task(&all, &place.tree(), &env)
}

fn rustic_task(place: &Place, job: Job) -> Option<Task> {
    let one = format!("latest:{}", place.one);
    let out = text(&place.out);
    Some(match job {
        Job::First | Job::Unchanged | Job::Changed | Job::Later => rustic(place, &["backup", "."]),
        Job::Restore => rustic(place, &["restore", "latest", out]),
        Job::One => rustic(place, &["restore", &one, out]),
        Job::List => rustic(place, &["snapshots"]),
        Job::Verify => rustic(place, &["check", "--read-data"]),
        Job::Keep => rustic(place, &[&["forget", "--dry-run"][..], &KEEP].concat()),
    })
}

/// borg in the tree, or in the fresh folder where it restores; `tail` of which the first word
/// is the name of an archive in the store, or nothing.
fn borg(place: &Place, words: &[&str], tail: &[&str]) -> Task {
    let mut all = vec!["borg"];
    all.extend(words);
    let store = match tail[0] {
        "" => text(&place.store()).to_owned(),
        name => format!("{}::{name}", text(&place.store())),
    };
    all.push(&store);
    all.extend(&tail[1..]);
    let dir = if words[0] == "extract" {
        place.out.clone()
    } else {
        place.tree()
    };
    let env = [
        ("HOME", place.dir.clone()),
        ("BORG_BASE_DIR", place.dir.join("cache")),
        ("BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK", "yes".into()),
    ];
    place.task(&all, &dir, &env)
}

fn borg_task(place: &Place, job: Job) -> Option<Task> {
    let next = format!("snapshot-{}", place.number);
    let last = format!("snapshot-{}", place.number.max(1) - 1);
    Some(match job {
        Job::First | Job::Unchanged | Job::Changed | Job::Later => {
            borg(place, &["create", "-C", "zstd,3"], &[&next, "."])
        }
        Job::Restore => borg(place, &["extract"], &[&last]),
        Job::One => borg(place, &["extract"], &[&last, &place.one]),
        Job::List => borg(place, &["list"], &[""]),
        Job::Verify => borg(place, &["check", "--verify-data"], &[""]),
        Job::Keep => borg(place, &[&["prune", "--dry-run", "--list"][..], &KEEP].concat(), &[""]),
    })
}
