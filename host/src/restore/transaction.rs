//! Steps that can be taken back. What a step replaces is swapped out, never
//! overwritten, and kept aside until everything is done; taking back goes through the
//! steps in reverse.

use crate::fs::{Dir, FsError};
use std::ffi::{OsStr, OsString};
use std::io;
use std::rc::Rc;

/// One step that was made.
#[derive(Debug)]
enum Step {
    /// A directory was made.
    Made { dir: Rc<Dir>, name: OsString },
    /// A name was put where nothing was.
    Placed { dir: Rc<Dir>, name: OsString },
    /// Two names were swapped: the old one lies aside.
    Swapped {
        dir: Rc<Dir>,
        name: OsString,
        aside: Rc<Dir>,
        old: OsString,
    },
    /// A name was moved aside.
    Removed {
        dir: Rc<Dir>,
        name: OsString,
        aside: Rc<Dir>,
        old: OsString,
    },
}

/// The steps made so far.
#[derive(Debug, Default)]
pub(super) struct Transaction {
    steps: Vec<Step>,
    /// Temporary names outside the staging directory, to be removed at the end.
    litter: Vec<(Rc<Dir>, OsString)>,
}

impl Transaction {
    /// Makes a directory, closed to others until its own mode is set at the end.
    pub(super) fn make_dir(&mut self, dir: &Rc<Dir>, name: &OsStr) -> Result<(), FsError> {
        dir.make_dir(name, 0o700)?;
        self.steps.push(Step::Made {
            dir: Rc::clone(dir),
            name: name.to_owned(),
        });
        Ok(())
    }

    /// Puts what lies at `from` where nothing is.
    pub(super) fn place(
        &mut self,
        from: (&Rc<Dir>, &OsStr),
        dir: &Rc<Dir>,
        name: &OsStr,
    ) -> Result<(), FsError> {
        from.0.move_new(from.1, dir, name)?;
        self.steps.push(Step::Placed {
            dir: Rc::clone(dir),
            name: name.to_owned(),
        });
        Ok(())
    }

    /// Makes a link where nothing is.
    pub(super) fn make_link(
        &mut self,
        target: &str,
        dir: &Rc<Dir>,
        name: &OsStr,
    ) -> Result<(), FsError> {
        dir.make_link(target, name)?;
        self.steps.push(Step::Placed {
            dir: Rc::clone(dir),
            name: name.to_owned(),
        });
        Ok(())
    }

    /// Swaps what lies at `from` with a live name; the old one then lies at `from`.
    pub(super) fn swap(
        &mut self,
        from: (&Rc<Dir>, &OsStr),
        dir: &Rc<Dir>,
        name: &OsStr,
    ) -> Result<(), FsError> {
        match from.0.exchange(from.1, dir, name) {
            Ok(()) => {
                let (aside, old) = (Rc::clone(from.0), from.1.to_owned());
                self.steps.push(Step::Swapped {
                    dir: Rc::clone(dir),
                    name: name.to_owned(),
                    aside,
                    old,
                });
                Ok(())
            }
            // Some file systems cannot swap: move the old one aside, then place the new.
            Err(e)
                if e.kind() == io::ErrorKind::InvalidInput
                    || e.kind() == io::ErrorKind::Unsupported =>
            {
                let mut old = from.1.to_owned();
                old.push(".old");
                self.remove(dir, name, from.0, &old)?;
                self.place(from, dir, name)
            }
            Err(e) => Err(e),
        }
    }

    /// Moves a live name aside.
    pub(super) fn remove(
        &mut self,
        dir: &Rc<Dir>,
        name: &OsStr,
        aside: &Rc<Dir>,
        old: &OsStr,
    ) -> Result<(), FsError> {
        dir.move_new(name, aside, old)?;
        let (dir, aside) = (Rc::clone(dir), Rc::clone(aside));
        self.steps.push(Step::Removed {
            dir,
            name: name.to_owned(),
            aside,
            old: old.to_owned(),
        });
        Ok(())
    }

    /// Notes a temporary name to be removed when all is over.
    pub(super) fn litter(&mut self, dir: &Rc<Dir>, name: OsString) {
        self.litter.push((Rc::clone(dir), name));
    }

    /// Takes every step back, last first; gives the paths where that failed.
    pub(super) fn take_back(mut self) -> Vec<String> {
        let mut failed = Vec::new();
        while let Some(step) = self.steps.pop() {
            let (path, done) = match &step {
                Step::Made { dir, name } => (dir.path().join(name), dir.remove_dir(name)),
                Step::Placed { dir, name } => (dir.path().join(name), dir.remove_file(name)),
                Step::Swapped {
                    dir,
                    name,
                    aside,
                    old,
                } => (dir.path().join(name), aside.exchange(old, dir, name)),
                Step::Removed {
                    dir,
                    name,
                    aside,
                    old,
                } => (dir.path().join(name), aside.move_new(old, dir, name)),
            };
            if done.is_err() {
                failed.push(path.display().to_string());
            }
        }
        self.sweep();
        failed
    }

    /// Ends the transaction: what was replaced is let go.
    pub(super) fn finish(mut self) {
        self.steps.clear();
        self.sweep();
    }

    /// What cannot be removed here is only litter, and named in no plan.
    fn sweep(&mut self) {
        for (dir, name) in self.litter.drain(..) {
            let _ = dir.remove_file(&name);
        }
    }
}
