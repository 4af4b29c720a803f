//! From an archive of the vault to one that may leave the machine: without the classes that
//! are only for their owner, and with the secrets that adapters declared blanked.
//!
//! What is absent: where either archive lies, and any guess at what else could be a secret.

mod blank;
mod spool;

pub use blank::BlankError;
pub(crate) use blank::{Blanked, blank, values};

use crate::archive::{
    ArchiveError, ArchiveWriter, Choice, Index, Level, ListedEntry, Listing, Manifest, OpenArchive,
    Trees,
};
use crate::model::{ArchivePath, Class, ClassSelection, EntryKind, GlobList, LeftOut, RuleSet};
use spool::Spool;
use std::io::{Read, Seek, Write};

/// Why an archive cannot be made ready to leave.
#[derive(Debug, thiserror::Error)]
pub enum PortableError {
    /// The archive it is made from, or the new one.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The file that holds contents meanwhile.
    #[error("cannot keep contents meanwhile: {0}")]
    Spool(#[source] std::io::Error),
    /// There is nothing in it that could leave.
    #[error("nothing in this archive is made to leave the machine")]
    Nothing,
}

/// What was written.
#[derive(Debug)]
pub struct Portable<W> {
    /// The file.
    pub file: W,
    /// Where everything is in it.
    pub index: Index,
    /// What it says about itself: what was blanked and left out, too.
    pub manifest: Manifest,
}

/// The classes that may leave.
#[must_use]
pub fn classes() -> ClassSelection {
    use Class::{Agents, Instructions, Memory, Plugins, Settings, Skills};
    ClassSelection::of(&[Settings, Instructions, Skills, Agents, Memory, Plugins])
}

/// Writes what may leave of an archive to `out`. `spool` is an empty file that nobody else
/// sees.
///
/// # Errors
/// When the archive is not what its listing says, or a file cannot be written.
pub fn write_portable<W: Read + Write + Seek>(
    archive: &impl OpenArchive,
    spool: std::fs::File,
    out: W,
) -> Result<Portable<W>, PortableError> {
    let listing = archive.listing();
    let choice = Choice {
        classes: classes(),
        paths: GlobList::none(),
        trees: Trees::All,
    };
    let taken = choice.of(listing);
    let entries = listing.entries.values().zip(taken);
    let chosen: Vec<&ListedEntry> = entries
        .filter_map(|(one, taken)| taken.then_some(one))
        .collect();
    if chosen
        .iter()
        .all(|entry| entry.kind == EntryKind::Directory)
    {
        return Err(PortableError::Nothing);
    }
    let spool = Spool::fill(spool, archive, &chosen)?;
    let manifest = manifest(listing, &chosen, &spool);
    let mut writer = ArchiveWriter::new(out, &manifest, Level::default(), None)?;
    for entry in chosen {
        match &entry.kind {
            EntryKind::Directory => writer.add_directory(&entry.path, entry.meta)?,
            EntryKind::Link { target } => writer.add_link(&entry.path, target, entry.meta)?,
            EntryKind::File { .. } => {
                if let Some((size, mut content)) = spool.content(&entry.path)? {
                    writer.add_file(&entry.path, entry.meta, size, &mut content)?;
                }
            }
        }
    }
    let same = || Err(std::io::Error::other("the manifest changed"));
    let (index, file) = writer.seal(&manifest, same)?;
    Ok(Portable {
        file,
        index,
        manifest,
    })
}

/// What the new archive says about itself.
fn manifest(listing: &Listing, chosen: &[&ListedEntry], spool: &Spool) -> Manifest {
    let mut manifest = listing.manifest.clone();
    let had = manifest.classes;
    manifest.classes = ClassSelection::of(
        &had.classes()
            .filter(|c| classes().takes(*c))
            .collect::<Vec<_>>(),
    );
    let gone = manifest.declaration.rules.iter();
    let gone = gone.filter(|rule| had.takes(rule.class) && !classes().takes(rule.class));
    let left_out = gone.filter_map(|rule| {
        Some(LeftOut {
            rule: rule.id.clone(),
            class: rule.class,
            at: rule.at.to_string(),
            reason: manifest.classes.left_out(rule.class)?,
        })
    });
    let left_out: Vec<LeftOut> = left_out.collect();
    manifest.left_out.extend(left_out);
    let rules = RuleSet::new(&listing.manifest.declaration.rules);
    let stays = |path: &ArchivePath| {
        rules
            .rule_for(path)
            .is_some_and(|rule| classes().takes(rule.class))
    };
    manifest
        .troubles
        .retain(|trouble| ArchivePath::parse(&trouble.path).is_ok_and(|path| stays(&path)));
    manifest.troubles.extend(spool.troubles());
    manifest.followed.retain(|link| stays(&link.path));
    let is_there = |path: &ArchivePath| chosen.iter().any(|entry| entry.path == *path);
    manifest.links.retain(|(path, _)| is_there(path));
    manifest.blanked = spool.blanked();
    manifest
}
