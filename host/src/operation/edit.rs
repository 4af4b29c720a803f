//! Files that takeback writes for itself because somebody asked for it: each is read first,
//! and changed only as long as it is what was read. Like every change, all or none, and an
//! undo takes it back.

use super::draft::Draft;
use super::error::OperationError;
use super::open::Done;
use super::step::{About, Change, DirTime, OperationKind, Spot, Step};
use super::store::{OperationLock, Operations};
use crate::fs::{Dir, FileKind, FsError};
use crate::model::{Digest, Fingerprint, Meta, ModTime, Observer, ShownPath};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// A file as it was read, or the place of one that is not there.
#[derive(Debug)]
pub struct EditFile {
    spot: Spot,
    before: Option<Fingerprint>,
    content: Vec<u8>,
}

impl EditFile {
    /// Reads the file at a real path of at most `limit` bytes; nothing may be there, and
    /// directories above may be missing.
    ///
    /// # Errors
    /// When something else is there, or it is larger or cannot be read.
    pub fn read(path: &Path, limit: u64) -> Result<Self, OperationError> {
        let (anchor, rel) = nearest(path)?;
        let spot = Spot {
            anchor: anchor.path().into(),
            rel,
        };
        let missing = |spot| Self {
            spot,
            before: None,
            content: Vec::new(),
        };
        let dir = match anchor.dir(&spot.parent().rel) {
            Err(e) if e.is_missing() => return Ok(missing(spot)),
            dir => dir?,
        };
        match dir.stat(&spot.name())?.map(|stat| stat.kind) {
            None => return Ok(missing(spot)),
            Some(FileKind::Regular) => {}
            Some(_) => return Err(OperationError::Occupied(ShownPath(path).to_string())),
        }
        let (file, stat) = dir.file(Path::new(&spot.name()))?;
        let failed = |e| FsError::new("read", path, e);
        let mut content = Vec::new();
        file.take(limit + 1)
            .read_to_end(&mut content)
            .map_err(failed)?;
        if content.len() as u64 > limit {
            let why = format!("it is larger than {limit} bytes");
            return Err(failed(std::io::Error::other(why)).into());
        }
        let before = Some(stat.fingerprint(Some(Digest::of(&content))));
        Ok(Self {
            spot,
            before,
            content,
        })
    }

    /// What is in it; nothing when it is not there.
    #[must_use]
    pub fn content(&self) -> &[u8] {
        &self.content
    }

    /// Whether it is there.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.before.is_some()
    }

    /// Its path, for messages.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.spot.full()
    }
}

/// The nearest directory that exists above a path, and the way from there.
fn nearest(path: &Path) -> Result<(Dir, PathBuf), FsError> {
    let mut above = path.parent().unwrap_or(Path::new("/"));
    loop {
        match Dir::open(above) {
            Ok(dir) => {
                let rel = path.strip_prefix(above).unwrap_or(path).to_owned();
                return Ok((dir, rel));
            }
            Err(e) if e.is_missing() => match above.parent() {
                Some(up) => above = up,
                None => return Err(e),
            },
            Err(e) => return Err(e),
        }
    }
}

impl Operations {
    /// Gives each file its new content, or removes it where there is none, as one operation
    /// that is known as `command`.
    ///
    /// # Errors
    /// When a file changed since it was read, or the disk refuses; nothing is changed then.
    pub fn edit(
        &self,
        lock: &OperationLock,
        command: &str,
        edits: &[(EditFile, Option<Vec<u8>>)],
        observer: &dyn Observer,
    ) -> Result<Done, OperationError> {
        let draft = Draft::new(self, None)?;
        let mut plan = Plan {
            draft: &draft,
            dirs: BTreeMap::new(),
            steps: Vec::new(),
        };
        for (file, content) in edits {
            plan.add(file, content.as_deref())?;
        }
        let dirs = plan.dirs.into_iter().map(|(spot, before)| DirTime {
            spot,
            before,
            set: None,
        });
        let change = Change {
            about: About {
                kind: OperationKind::Setup,
                of: None,
                targets: Vec::new(),
                from: String::new(),
                safety: None,
                command: Some(command.to_owned()),
            },
            dirs: dirs.collect(),
            steps: plan.steps,
        };
        self.begin(lock, &draft, None, change)?.carry_out(observer)
    }
}

struct Plan<'a> {
    draft: &'a Draft,
    /// Directories that change, with what they were; those without are made.
    dirs: BTreeMap<Spot, Option<Meta>>,
    steps: Vec<Step>,
}

impl Plan<'_> {
    fn add(&mut self, file: &EditFile, content: Option<&[u8]>) -> Result<(), FsError> {
        self.way_to(&file.spot)?;
        let (slot, after) = match content {
            None => (self.draft.free_slot(), None),
            Some(content) => {
                let (slot, state) = self.write(file, content)?;
                (slot, Some(state))
            }
        };
        self.push(&file.spot, slot, file.before.clone(), after);
        Ok(())
    }

    fn push(
        &mut self,
        spot: &Spot,
        slot: u32,
        before: Option<Fingerprint>,
        after: Option<Fingerprint>,
    ) {
        self.steps.push(Step {
            spot: spot.clone(),
            label: spot.full().display().to_string(),
            slot,
            annex: None,
            before: before.map(Box::new),
            after,
        });
    }

    fn write(&self, file: &EditFile, content: &[u8]) -> Result<(u32, Fingerprint), FsError> {
        let (slot, mut out) = self.draft.file()?;
        let failed = |e| FsError::new("write", &file.path(), e);
        out.write_all(content).map_err(failed)?;
        let now = jiff::Timestamp::now();
        let mode = file.before.as_ref().map_or(0o600, |old| old.mode & 0o7777);
        let mtime = ModTime {
            seconds: now.as_second(),
            nanos: u32::try_from(now.subsec_nanosecond()).unwrap_or_default(),
        };
        self.draft.finish_file(slot, &out, Meta { mode, mtime })?;
        let state = self.draft.state(slot, Some(Digest::of(content)))?;
        Ok((slot, state))
    }

    /// Notes the directory a file lies in, and makes those that are missing.
    fn way_to(&mut self, spot: &Spot) -> Result<(), FsError> {
        let anchor = Dir::open(&spot.anchor)?;
        let mut missing = Vec::new();
        let mut above = spot.parent();
        while !self.dirs.contains_key(&above) {
            match anchor.dir(&above.rel) {
                Ok(dir) => {
                    let stat = dir.stat_self()?;
                    let (mode, mtime) = (stat.mode, stat.mtime);
                    self.dirs.insert(above, Some(Meta { mode, mtime }));
                    break;
                }
                Err(e) if e.is_missing() => {
                    missing.push(above.clone());
                    above = Spot {
                        anchor: Rc::clone(&above.anchor),
                        ..above.parent()
                    };
                }
                Err(e) => return Err(e),
            }
        }
        for spot in missing.into_iter().rev() {
            let slot = self.draft.directory()?;
            let state = self.draft.state(slot, None)?;
            self.push(&spot, slot, None, Some(state));
            self.dirs.insert(spot, None);
        }
        Ok(())
    }
}
