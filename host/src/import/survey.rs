//! What a source holds, by name: the first reading, which writes nothing.

use super::error::ImportError;
use super::source::Source;
use crate::archive::{
    ArchiveError, Content, ForeignKind, ForeignMember, ForeignVisitor, MANIFEST_NAME, SUMS_NAME,
};
use crate::model::limits::{IMPORT_NOTE_BYTES, LINK_TARGET_BYTES, MANIFEST_TROUBLES};
use crate::model::{Meta, RelPath};
use std::collections::BTreeMap;

/// Something of a source that is not imported, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passed {
    /// Its name in the source.
    pub name: String,
    /// Why.
    pub why: String,
}

/// Everything in a source.
#[derive(Debug, Default)]
pub struct Survey {
    pub(super) members: BTreeMap<RelPath, (ForeignKind, Meta)>,
    /// The text of `manifest.txt` at its top, if there is one.
    pub(super) note: Option<String>,
    /// What cannot be taken.
    pub passed: Vec<Passed>,
}

impl Survey {
    /// Reads a source and keeps the names.
    ///
    /// # Errors
    /// When the source is damaged or hostile: also when something stands in it twice, or below
    /// what is no directory.
    pub fn of(source: &mut Source) -> Result<Self, ImportError> {
        let mut survey = Self::default();
        source.read(&mut survey)?;
        match survey.collision() {
            None => Ok(survey),
            Some(path) => Err(ImportError::Source {
                path: source.path().to_owned(),
                source: ArchiveError::Collision(path.to_string()),
            }),
        }
    }

    /// Whether it is an archive of this program, or a damaged one: that is never read as
    /// anything else.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        let names = [MANIFEST_NAME, SUMS_NAME];
        let mut names = names.iter().filter_map(|name| RelPath::new(name).ok());
        names.any(|name| self.members.contains_key(&name))
    }

    /// The names at the top.
    pub(super) fn tops(&self) -> Vec<&str> {
        let mut tops: Vec<&str> = self
            .members
            .keys()
            .filter_map(|path| path.components().next())
            .collect();
        tops.dedup();
        tops
    }

    /// Something that lies below what is no directory. It could be written through.
    fn collision(&self) -> Option<&RelPath> {
        let solid = |path: &RelPath| {
            let above = std::iter::successors(path.parent(), RelPath::parent);
            let mut known = above.filter_map(|above| self.members.get(&above));
            known.any(|(kind, _)| *kind != ForeignKind::Directory)
        };
        self.members.keys().find(|path| solid(path))
    }
}

impl ForeignVisitor for Survey {
    fn member(
        &mut self,
        member: ForeignMember,
        content: &mut dyn Content,
    ) -> Result<(), ArchiveError> {
        let ForeignMember { path, kind, meta } = member;
        if path.as_str() == super::note::NAME
            && matches!(kind, ForeignKind::File(size) if size <= IMPORT_NOTE_BYTES)
        {
            self.note = Some(text(content)?);
        }
        if let ForeignKind::Special(what) = kind {
            self.passed_over(path.as_str(), format!("it is {what}"));
            return Ok(());
        }
        if let ForeignKind::Link(target) = &kind
            && (target.is_empty() || target.len() > LINK_TARGET_BYTES)
        {
            let why = "the target of the link is empty or too long".to_owned();
            self.passed_over(path.as_str(), why);
            return Ok(());
        }
        if let Some((known, _)) = self.members.get(&path) {
            // A directory may be named twice; the first description stands.
            return match (known, &kind) {
                (ForeignKind::Directory, ForeignKind::Directory) => Ok(()),
                _ => Err(ArchiveError::Collision(path.to_string())),
            };
        }
        if let ForeignKind::Same(of) = &kind
            && !matches!(
                self.members.get(of),
                Some((ForeignKind::File(_) | ForeignKind::Same(_), _))
            )
        {
            return Err(ArchiveError::Kind {
                path: path.to_string(),
                what: "a hard link to no earlier file",
            });
        }
        self.members.insert(path, (kind, meta));
        Ok(())
    }

    fn passed_over(&mut self, name: &str, why: String) {
        if self.passed.len() < MANIFEST_TROUBLES {
            let name = name.to_owned();
            self.passed.push(Passed { name, why });
        }
    }
}

fn text(content: &mut dyn Content) -> Result<String, ArchiveError> {
    let mut bytes = Vec::new();
    loop {
        match content.next()? {
            [] => return Ok(String::from_utf8_lossy(&bytes).into_owned()),
            more => bytes.extend_from_slice(more),
        }
    }
}
