//! Timers that are files: what is written where, and what the system's tool is told then.

use super::mark::{self, Mark};
use super::tool::Call;
use crate::cli::error::{CommandError, ExitStatus};
use std::ffi::OsStr;
use std::path::PathBuf;
use takeback::fs::{Dir, FileKind, PrivateDir, read_small};
use takeback::model::ShownPath;
use takeback::model::limits::SCHEDULE_BYTES;

/// A timer as files and calls.
#[derive(Clone, Debug)]
pub(super) struct Units {
    /// The directory of all files.
    pub(super) dir: PathBuf,
    /// Their names, with their text.
    pub(super) files: Vec<(&'static str, String)>,
    /// What switches the timer on once the files are there.
    pub(super) on: Vec<Call>,
    /// What switches it off while they are still there.
    pub(super) off: Vec<Call>,
    /// What the system is told when they are gone.
    pub(super) gone: Vec<Call>,
}

/// What stands at a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Nothing,
    Ours(Mark, String),
    /// Somebody else's, or no plain file.
    Foreign,
}

impl Units {
    /// The paths of all files.
    pub(super) fn paths(&self) -> impl Iterator<Item = PathBuf> {
        self.files.iter().map(|(name, _)| self.dir.join(name))
    }

    /// What stands at each name.
    pub(super) fn standing(&self) -> Result<Vec<Standing>, CommandError> {
        let dir = match Dir::open(&self.dir) {
            Ok(dir) => dir,
            Err(e) if e.is_missing() => return Ok(vec![Standing::Nothing; self.files.len()]),
            Err(e) => return Err(e.into()),
        };
        self.files
            .iter()
            .map(|(name, _)| standing(&dir, name))
            .collect()
    }

    /// Writes the files; none of them where one is somebody else's.
    pub(super) fn write(&self) -> Result<(), CommandError> {
        self.refuse_foreign()?;
        let dir = PrivateDir::create_all(&self.dir)?;
        for (name, text) in &self.files {
            PrivateDir::write_file(&dir, name, text.as_bytes())?;
        }
        Ok(())
    }

    /// Removes those that are ours; gives their paths.
    pub(super) fn remove(&self) -> Result<Vec<PathBuf>, CommandError> {
        let mut removed = Vec::new();
        for ((name, _), standing) in self.files.iter().zip(self.standing()?) {
            if matches!(standing, Standing::Ours(..)) {
                let dir = Dir::open(&self.dir)?;
                dir.remove_file(OsStr::new(name))?;
                dir.sync()?;
                removed.push(self.dir.join(name));
            }
        }
        Ok(removed)
    }

    /// An error where something stands that `install` did not write.
    pub(super) fn refuse_foreign(&self) -> Result<(), CommandError> {
        let all = self.paths().zip(self.standing()?);
        let foreign = all.filter(|(_, standing)| *standing == Standing::Foreign);
        match foreign.map(|(path, _)| path).next() {
            None => Ok(()),
            Some(path) => {
                let path = ShownPath(&path);
                let message = format!("{path} was not written by takeback; nothing was changed");
                Err(CommandError::new(ExitStatus::Refused, message)
                    .hint("move it away, and run this again"))
            }
        }
    }
}

fn standing(dir: &Dir, name: &str) -> Result<Standing, CommandError> {
    match dir.stat(OsStr::new(name))? {
        None => return Ok(Standing::Nothing),
        Some(stat) if stat.kind != FileKind::Regular => return Ok(Standing::Foreign),
        Some(_) => {}
    }
    let text = String::from_utf8(read_small(dir, name, SCHEDULE_BYTES)?).ok();
    let ours = text.and_then(|text| Some((mark::read(&text)?, text)));
    Ok(ours.map_or(Standing::Foreign, |(mark, text)| Standing::Ours(mark, text)))
}
