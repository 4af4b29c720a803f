//! Does the jobs, round by round: in each, every subject in turn, the order another one each
//! time, and every one of them with a store and folders that nobody used before.

use crate::measure::Cost;
use crate::subjects::{Job, Place, Subject};
use crate::trees::{self, Shape};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Backups that are made where it matters how many there are.
pub(crate) const SNAPSHOTS: usize = 10;

/// Where all of it lies, and who takes part.
pub(crate) struct Bench {
    /// The folder for everything. Nothing in it is removed before the very end: for some time
    /// after files were removed ext4 is slow to make new ones.
    dir: PathBuf,
    /// The home directory with the tree.
    home: PathBuf,
    subjects: Vec<&'static Subject>,
    /// How often the tree was changed, which tells one change from the next.
    changes: u64,
    /// What was found out so far.
    pub(crate) figures: Figures,
}

/// All that was measured on one tree.
#[derive(Default)]
pub(crate) struct Figures {
    /// Files and bytes of the tree at the beginning.
    pub(crate) tree: (usize, u64),
    costs: Vec<(&'static str, Job, Cost)>,
    /// Subject, number of backups, bytes of its store.
    stored: Vec<(&'static str, usize, u64)>,
}

impl Figures {
    /// The costs of a job in the order of the rounds: the same place is the same round.
    pub(crate) fn costs(&self, subject: &str, job: Job) -> Vec<Cost> {
        let wanted = |(name, which, _): &&(&str, Job, Cost)| *name == subject && *which == job;
        self.costs
            .iter()
            .filter(wanted)
            .map(|(_, _, cost)| *cost)
            .collect()
    }

    /// Bytes of a store after so many backups.
    pub(crate) fn stored(&self, subject: &str, count: usize) -> Option<u64> {
        let wanted = |(name, n, _): &&(&str, usize, u64)| *name == subject && *n == count;
        self.stored.iter().find(wanted).map(|(_, _, bytes)| *bytes)
    }
}

type Places = Vec<(&'static Subject, Place)>;

impl Bench {
    /// Makes the tree, and sees to it that takeback takes all of it.
    pub(crate) fn new(dir: PathBuf, shape: Shape, subjects: Vec<&'static Subject>) -> Self {
        let home = dir.join("home");
        trees::make(&home, shape);
        let tree = trees::tally(&home.join(".claude"));
        let bench = Self {
            dir,
            home,
            subjects,
            changes: 0,
            figures: Figures {
                tree,
                ..Figures::default()
            },
        };
        assert_eq!(bench.taken(), tree, "takeback does not take the whole tree");
        bench
    }

    /// How many files and bytes a backup of takeback holds.
    fn taken(&self) -> (usize, u64) {
        let probe = self.dir.join("probe");
        let output = Command::new(env!("CARGO_BIN_EXE_takeback"))
            .args(["backup", "claude", "--full", "--json", "--vault"])
            .arg(probe.join("vault"))
            .env_clear()
            .env("HOME", &self.home)
            .env("XDG_CACHE_HOME", probe.join("cache"))
            .env("XDG_STATE_HOME", probe.join("state"))
            .current_dir(&self.home)
            .output()
            .expect("takeback starts");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let said: serde_json::Value = serde_json::from_slice(&output.stdout).expect("a report");
        let number = |key: &str| said["targets"][0][key].as_u64().expect("a number");
        (number("files") as usize, number("bytes"))
    }

    /// Every job once.
    pub(crate) fn round(&mut self, number: usize) {
        let mut places = self.places(&format!("round-{number}"));
        let count = places.len();
        places.rotate_left(number % count);
        if number % 2 == 1 {
            places.reverse();
        }
        self.each(&mut places, Job::First);
        self.weigh(&places, 1);
        self.each(&mut places, Job::Unchanged);
        self.change();
        for job in [Job::Changed, Job::Restore, Job::One, Job::List, Job::Verify] {
            self.each(&mut places, job);
        }
    }

    /// Ten backups, between which one file in a hundred changes.
    pub(crate) fn later(&mut self) {
        let mut places = self.places("later");
        for (subject, place) in &mut places {
            run(subject, place, Job::First);
        }
        for turn in 1..SNAPSHOTS {
            self.change();
            places.rotate_left(1);
            if turn % 2 == 1 {
                places.reverse();
            }
            self.each(&mut places, Job::Later);
        }
        self.weigh(&places, SNAPSHOTS);
    }

    /// `count` backups, then the jobs of every week so often on all of them.
    pub(crate) fn weekly(&mut self, count: usize, rounds: usize) {
        let mut places = self.places("weekly");
        for turn in 0..count {
            if turn > 0 {
                trees::change(&self.home, turn as u64);
            }
            for (subject, place) in &mut places {
                run(subject, place, Job::Later);
            }
            if turn % 50 == 49 {
                eprintln!("{} of {count} backups", turn + 1);
            }
        }
        for _ in 0..rounds {
            places.rotate_left(1);
            for job in [Job::List, Job::Keep] {
                self.each(&mut places, job);
            }
        }
    }

    fn places(&self, name: &str) -> Places {
        let place = |subject: &&'static Subject| {
            let dir = self.dir.join(name).join(subject.name);
            let store = dir.join("store");
            fs::create_dir_all(&store).expect("a store");
            let place = Place {
                one: small_file(&self.home),
                home: self.home.clone(),
                out: dir.join("out"),
                dir,
                number: 0,
            };
            if let Some(task) = (subject.prepare)(&place) {
                task.run();
            }
            (*subject, place)
        };
        self.subjects.iter().map(place).collect()
    }

    fn each(&mut self, places: &mut Places, job: Job) {
        let tree = self.home.join(".claude");
        for (subject, place) in places {
            place.out = place.dir.join(format!("{job:?}-{}", place.number));
            fs::create_dir_all(&place.out).expect("a fresh folder");
            // What is still to be written from before would be written, and waited for, now.
            sync();
            let Some(cost) = run(subject, place, job) else {
                continue;
            };
            self.figures.costs.push((subject.name, job, cost));
            let restored = trees::tally(&subject.restored(place));
            match job {
                Job::Restore => assert_eq!(restored, trees::tally(&tree), "{}", subject.name),
                Job::One => assert_eq!(restored.0, 1, "{} restored more or less", subject.name),
                _ => {}
            }
        }
    }

    fn weigh(&mut self, places: &Places, count: usize) {
        for (subject, place) in places {
            let bytes = trees::tally(&place.store()).1;
            self.figures.stored.push((subject.name, count, bytes));
        }
    }

    fn change(&mut self) {
        self.changes += 1;
        trees::change(&self.home, self.changes);
        sync();
    }
}

fn run(subject: &Subject, place: &mut Place, job: Job) -> Option<Cost> {
    let cost = (subject.task)(place, job)?.run();
    if matches!(job, Job::First | Job::Unchanged | Job::Changed | Job::Later) {
        place.number += 1;
    }
    Some(cost)
}

fn sync() {
    let status = Command::new("sync").status().expect("sync starts");
    assert!(status.success(), "sync failed");
}

/// A file of about a kilobyte from the middle of the tree; the smallest where none is so small.
fn small_file(home: &Path) -> String {
    let tree = home.join(".claude");
    let all = trees::files(&tree);
    let small = all[all.len() / 2..]
        .iter()
        .find(|(_, size)| (500..5000).contains(size));
    let least = || {
        all.iter()
            .min_by_key(|(_, size)| size)
            .expect("a tree with files")
    };
    let path = &small.unwrap_or_else(least).0;
    let below = path.strip_prefix(&tree).expect("a file of the tree");
    below.to_str().expect("a path of text").to_owned()
}
