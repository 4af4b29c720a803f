//! What a command did, name by name.

use super::below;
use super::compare::{Pair, Raw, compare};
use super::sight::{Seen, Sight, What};
use crate::archive::OpenArchive;
use crate::fs::{Dir, FileKind, FsError};
use crate::model::{ArchivePath, Digest, Fingerprint, Meta, TargetId};
use crate::operation::Spot;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// What became of one name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is new.
    Created,
    /// Its content is another, or a link leads elsewhere.
    Changed,
    /// It is gone.
    Removed,
    /// Only its permissions are others.
    Mode,
    /// Only its time is another.
    Time,
    /// It is something else: a link instead of a directory, say.
    Type,
    /// It is gone, and no snapshot holds it.
    Lost,
    /// It was changed, and what it was is in no snapshot.
    Unknown,
}

impl Fate {
    /// One word, as reports show it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Changed => "changed",
            Self::Removed => "removed",
            Self::Mode => "mode",
            Self::Time => "time",
            Self::Type => "type",
            Self::Lost => "lost",
            Self::Unknown => "unknown",
        }
    }

    /// Whether an undo can take it back.
    #[must_use]
    pub fn can_be_taken_back(self) -> bool {
        !matches!(self, Self::Lost | Self::Unknown)
    }
}

/// What stood at a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// One word for what it was.
    pub kind: &'static str,
    /// Bytes of a file.
    pub size: u64,
    /// Permission bits.
    pub mode: u32,
    /// Where a link leads.
    pub link: Option<String>,
}

/// One name that is not as it was.
#[derive(Clone, Debug)]
pub struct Effect {
    /// The target it belongs to.
    pub target: TargetId,
    /// Its real path.
    pub path: PathBuf,
    /// What archives call it.
    pub label: String,
    /// What became of it.
    pub fate: Fate,
    /// What it was.
    pub before: Option<Shape>,
    /// What it is.
    pub after: Option<Shape>,
}

/// One name, with what an operation needs of it.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) pair: Pair,
    pub(super) fate: Fate,
    /// What stands there now.
    pub(super) live: Option<Fingerprint>,
}

/// What is different between two looks.
#[derive(Debug)]
pub struct Aftermath {
    pub(super) found: Vec<Found>,
    /// Mode and time that directories had before.
    pub(super) directories: BTreeMap<Spot, Meta>,
}

impl Aftermath {
    /// Compares two looks. What became of a file is not certain before `settle`.
    #[must_use]
    pub fn between(before: &Sight, after: &Sight) -> Self {
        let mut pairs = compare(before, after);
        below::complete(&mut pairs);
        let found = pairs.into_iter().map(|pair| Found {
            fate: fate(pair.raw),
            live: None,
            pair,
        });
        let is_dir = |seen: &&Seen| seen.stat.kind == FileKind::Directory;
        let directories = before.seen.values().filter(is_dir).map(|seen| {
            let (mode, mtime) = (seen.stat.mode, seen.stat.mtime);
            (seen.spot.clone(), Meta { mode, mtime })
        });
        Self {
            found: found.collect(),
            directories: directories.collect(),
        }
    }

    /// The targets whose archives `settle` and `write_down` need.
    #[must_use]
    pub fn targets(&self) -> BTreeSet<TargetId> {
        let kept = |found: &Found| {
            let before = found.pair.before.as_ref()?;
            matches!(before.what, What::File(_)).then(|| before.target.clone())
        };
        self.found.iter().filter_map(kept).collect()
    }

    /// Looks into the files that may have changed, and forgets those that did not.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn settle<A: OpenArchive>(
        &mut self,
        archives: &BTreeMap<TargetId, (String, A)>,
    ) -> Result<(), FsError> {
        let mut settled = Vec::new();
        for mut found in std::mem::take(&mut self.found) {
            if let (Some(before), None) = (&found.pair.before, &found.pair.after) {
                let Some(there) = still_there(before)? else {
                    settled.extend(certain(&found, archives).map(|fate| Found { fate, ..found }));
                    continue;
                };
                // Only the way to it has gone.
                if !matches!(before.what, What::File(_)) {
                    continue;
                }
                found.pair.after = Some(there);
                (found.pair.raw, found.fate) = (Raw::File, Fate::Changed);
            }
            found.live = match &found.pair.after {
                Some(after) if found.fate.can_be_taken_back() => live(&after.spot)?,
                _ => None,
            };
            if found.live.is_none() && found.fate.can_be_taken_back() {
                // It has gone since, so nothing can be said of it.
                found.fate = Fate::Unknown;
            }
            if let Some(fate) = certain(&found, archives) {
                settled.push(Found { fate, ..found });
            }
        }
        self.found = settled;
        Ok(())
    }

    /// Everything that is not as it was, directories before what is in them.
    #[must_use]
    pub fn effects(&self) -> Vec<Effect> {
        let told = self.found.iter().filter(|one| one.pair.raw != Raw::Side);
        let effect = |found: &Found| {
            let (before, after) = (&found.pair.before, &found.pair.after);
            let one = before.as_ref().or(after.as_ref())?;
            Some(Effect {
                target: one.target.clone(),
                path: one.spot.full(),
                label: one.label.clone(),
                fate: found.fate,
                before: before.as_ref().map(shape),
                after: after.as_ref().map(shape),
            })
        };
        told.filter_map(effect).collect()
    }
}

/// What a comparison alone says.
fn fate(raw: Raw) -> Fate {
    match raw {
        Raw::Created | Raw::Side => Fate::Created,
        Raw::Removed => Fate::Removed,
        Raw::File | Raw::Link => Fate::Changed,
        Raw::Mode => Fate::Mode,
        Raw::Kind => Fate::Type,
        Raw::Lost => Fate::Lost,
        Raw::Unknown => Fate::Unknown,
    }
}

/// What became of a name, with what the archives hold; nothing when it is as it was.
fn certain<A: OpenArchive>(
    found: &Found,
    archives: &BTreeMap<TargetId, (String, A)>,
) -> Option<Fate> {
    let before = found.pair.before.as_ref();
    let Some((before, What::File(path))) = before.map(|before| (before, &before.what)) else {
        return Some(match (&found.pair.before, &found.pair.after) {
            (Some(old), Some(new)) if old.what == new.what && found.pair.raw == Raw::Link => {
                Fate::Time
            }
            _ => found.fate,
        });
    };
    if found.pair.raw == Raw::Side || !found.fate.can_be_taken_back() {
        return Some(found.fate);
    }
    let Some(digest) = archived(archives, &before.target, path) else {
        let gone = found.pair.after.is_none();
        return Some(if gone { Fate::Lost } else { Fate::Unknown });
    };
    match (&found.live, found.pair.raw) {
        (Some(live), Raw::File) if live.digest == Some(digest) => {
            let mode = live.mode & 0o777 != before.stat.mode & 0o777;
            let time = live.mtime != before.stat.mtime;
            match (mode, time) {
                (true, _) => Some(Fate::Mode),
                (false, true) => Some(Fate::Time),
                (false, false) => None,
            }
        }
        _ => Some(found.fate),
    }
}

fn archived<A: OpenArchive>(
    archives: &BTreeMap<TargetId, (String, A)>,
    target: &TargetId,
    path: &ArchivePath,
) -> Option<Digest> {
    let (_, archive) = archives.get(target)?;
    archive.listing().entries.get(path)?.digest
}

/// What stands at a place; nothing when it is gone.
fn live(spot: &Spot) -> Result<Option<Fingerprint>, FsError> {
    let parent = spot.parent();
    let looked = Dir::open(&parent.anchor)
        .and_then(|anchor| anchor.dir(&parent.rel))
        .and_then(|dir| dir.recognise(&spot.name()));
    match looked {
        Err(e) if e.is_missing() || e.is_loop() => Ok(None),
        looked => looked,
    }
}

/// What the second look did not come to, though it is there.
fn still_there(before: &Seen) -> Result<Option<Seen>, FsError> {
    let parent = before.spot.parent();
    let looked = Dir::open(&parent.anchor)
        .and_then(|anchor| anchor.dir(&parent.rel))
        .and_then(|dir| dir.stat(&before.spot.name()));
    match looked {
        Err(e) if e.is_missing() || e.is_loop() => Ok(None),
        looked => Ok(looked?.map(|stat| Seen {
            stat,
            ..before.clone()
        })),
    }
}

fn shape(seen: &Seen) -> Shape {
    let kind = match seen.stat.kind {
        FileKind::Regular => "file",
        FileKind::Directory => "directory",
        FileKind::Link => "link",
        FileKind::Special(what) => what,
    };
    let link = match &seen.what {
        What::Link(target) => Some(target.to_string_lossy().into_owned()),
        _ => None,
    };
    let size = if kind == "file" { seen.stat.size } else { 0 };
    Shape {
        kind,
        size,
        mode: seen.stat.mode,
        link,
    }
}
