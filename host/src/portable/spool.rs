//! Contents on their way from one archive to the other: they come in any order, and without
//! their secrets.

use super::PortableError;
use super::blank::{Blanked, blank};
use crate::archive::{ArchiveError, Content, ListedEntry, OpenArchive};
use crate::model::limits::BLANK_BYTES;
use crate::model::{ArchivePath, RuleSet, Trouble, TroubleKind};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Take, Write};
use std::sync::{Mutex, PoisonError};

/// What became of one file.
enum Fate {
    /// Its content lies at this place and has this length.
    Kept(u64, u64),
    /// The same, without values at these pointers.
    Blanked(u64, u64, Vec<String>),
    /// It cannot leave: why.
    Stays(String),
}

/// All contents.
pub(super) struct Spool {
    file: File,
    end: u64,
    fates: BTreeMap<ArchivePath, Fate>,
}

impl From<io::Error> for PortableError {
    fn from(error: io::Error) -> Self {
        Self::Spool(error)
    }
}

impl Spool {
    /// Reads the chosen entries of an archive.
    pub(super) fn fill(
        file: File,
        archive: &impl OpenArchive,
        chosen: &[&ListedEntry],
    ) -> Result<Self, PortableError> {
        let spool = Mutex::new(Self {
            file,
            end: 0,
            fates: BTreeMap::new(),
        });
        let rules = RuleSet::new(&archive.listing().manifest.declaration.rules);
        let take = |entry: &ListedEntry, content: &mut dyn Content| {
            let rule = rules.rule_for(&entry.path);
            let pointers = rule.map_or(&[][..], |rule| rule.secrets.as_slice());
            let mut spool = spool.lock().unwrap_or_else(PoisonError::into_inner);
            let fate = if pointers.is_empty() {
                spool.keep(content)?
            } else {
                spool.blank(entry, content, pointers)?
            };
            spool.fates.insert(entry.path.clone(), fate);
            Ok::<_, PortableError>(())
        };
        archive.extract(chosen, &take)?;
        Ok(spool.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    fn keep(&mut self, content: &mut dyn Content) -> Result<Fate, PortableError> {
        let start = self.end;
        loop {
            let bytes = content.next()?;
            if bytes.is_empty() {
                return Ok(Fate::Kept(start, self.end - start));
            }
            self.file.write_all(bytes)?;
            self.end += bytes.len() as u64;
        }
    }

    fn blank(
        &mut self,
        entry: &ListedEntry,
        content: &mut dyn Content,
        pointers: &[String],
    ) -> Result<Fate, PortableError> {
        if entry.size() > BLANK_BYTES {
            return Ok(Fate::Stays(
                "it is too large to look for its secrets".to_owned(),
            ));
        }
        let whole = read(content)?;
        let Blanked {
            content, pointers, ..
        } = match blank(entry.path.rel().as_path(), &whole, pointers) {
            Ok(blanked) => blanked,
            Err(why) => return Ok(Fate::Stays(why.to_string())),
        };
        let start = self.end;
        self.file.write_all(&content)?;
        self.end += content.len() as u64;
        Ok(Fate::Blanked(start, content.len() as u64, pointers))
    }

    /// A file's length and content; `None` when it cannot leave.
    pub(super) fn content(&self, path: &ArchivePath) -> io::Result<Option<(u64, Take<&File>)>> {
        let (Fate::Kept(at, size) | Fate::Blanked(at, size, _)) = self
            .fates
            .get(path)
            .ok_or_else(|| io::Error::other("a file was not read"))?
        else {
            return Ok(None);
        };
        (&self.file).seek(SeekFrom::Start(*at))?;
        Ok(Some((*size, (&self.file).take(*size))))
    }

    /// What was blanked.
    pub(super) fn blanked(&self) -> Vec<(ArchivePath, String)> {
        let all = self.fates.iter().flat_map(|(path, fate)| {
            let pointers = match fate {
                Fate::Blanked(_, _, pointers) => pointers.as_slice(),
                Fate::Kept(..) | Fate::Stays(_) => &[],
            };
            pointers
                .iter()
                .map(|pointer| (path.clone(), pointer.clone()))
        });
        all.collect()
    }

    /// The files that cannot leave.
    pub(super) fn troubles(&self) -> impl Iterator<Item = Trouble> {
        self.fates.iter().filter_map(|(path, fate)| match fate {
            Fate::Stays(why) => Some(Trouble {
                path: path.to_string(),
                kind: TroubleKind::NotBlanked,
                detail: why.clone(),
            }),
            Fate::Kept(..) | Fate::Blanked(..) => None,
        })
    }
}

fn read(content: &mut dyn Content) -> Result<Vec<u8>, ArchiveError> {
    let mut whole = Vec::new();
    loop {
        let bytes = content.next()?;
        if bytes.is_empty() {
            return Ok(whole);
        }
        whole.extend_from_slice(bytes);
    }
}
