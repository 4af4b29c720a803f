//! One thing done at many points, each time from the same beginning, and what came of it.

use super::judge::Ending;
use crate::support::coverage::coverage;
use std::fmt::Display;

/// In how many tests a sweep is split, so that they run side by side.
pub(super) const SHARDS: usize = 4;

/// The points that one test of a sweep looks at.
pub(super) struct Sweep {
    name: &'static str,
    shard: usize,
    points: usize,
    old: usize,
    new: usize,
    wrong: Vec<String>,
}

impl Sweep {
    /// A part of a sweep; `shard` counts from zero.
    pub(super) fn new(name: &'static str, shard: usize) -> Self {
        Self {
            name,
            shard,
            points: 0,
            old: 0,
            new: 0,
            wrong: Vec::new(),
        }
    }

    /// The points of all that belong to this part.
    pub(super) fn mine<T>(&self, all: impl IntoIterator<Item = T>) -> Vec<T> {
        all.into_iter().skip(self.shard).step_by(SHARDS).collect()
    }

    /// Notes how it ended at one point.
    pub(super) fn point(&mut self, what: impl Display, ended: Result<Ending, String>) {
        self.points += 1;
        match ended {
            Ok(Ending::Old) => self.old += 1,
            Ok(Ending::New) => self.new += 1,
            Err(why) => self.wrong.push(format!("{what}: {why}")),
        }
    }

    /// Writes down how many points there were, and fails when one was wrong or when the
    /// sweep saw none.
    #[expect(clippy::print_stdout, reason = "the counts are for who runs the tests")]
    pub(super) fn end(self) {
        let Self {
            name,
            shard,
            points,
            old,
            new,
            wrong,
        } = self;
        println!("{name}: {points} (as before {old}, as wanted {new})");
        let file = format!("{}-{shard}", name.replace(' ', "-"));
        coverage(&file, &[(name, points)]);
        assert!(
            wrong.is_empty(),
            "{} of {points} points went wrong, such as\n\n{}",
            wrong.len(),
            wrong[..wrong.len().min(4)].join("\n\n")
        );
        assert!(points > 0, "{name}: nothing was looked at");
    }
}

/// Makes a test of each part of a sweep, which is a function of the part's number.
macro_rules! in_parts {
    ($($sweep:ident)*) => {$(
        mod $sweep {
            #[test]
            fn part_1() {
                super::$sweep(0);
            }
            #[test]
            fn part_2() {
                super::$sweep(1);
            }
            #[test]
            fn part_3() {
                super::$sweep(2);
            }
            #[test]
            fn part_4() {
                super::$sweep(3);
            }
        }
    )*};
}
pub(super) use in_parts;
