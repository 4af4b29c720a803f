//! From a rule's location to the real place it stands for on this machine.

use super::links::{Anchors, Place, PlacePath};
use crate::fs::{Dir, FileKind, FsError, Stat};
use crate::model::{
    ArchivePath, Base, Forbidden, HostFacts, Location, RelPath, Trouble, TroubleKind,
};
use std::collections::BTreeSet;
use std::rc::Rc;

/// The real place of a location, with the directories above it.
pub(super) struct Root {
    pub(super) place: Place,
    pub(super) stat: Stat,
    /// Directories between the base and the location.
    pub(super) above: Vec<(ArchivePath, Stat, Place)>,
}

/// The places that are off limits, by every way that leads to them from these bases, links
/// included.
#[must_use]
pub fn off_limits<'a>(facts: &HostFacts, bases: impl IntoIterator<Item = &'a Base>) -> Forbidden {
    let bases: BTreeSet<&Base> = bases.into_iter().collect();
    let bases = bases.into_iter().filter_map(|base| facts.base_dir(base));
    Forbidden::new(facts).through_links(bases, |path| path.canonicalize().ok())
}

/// Finds a location on disk. A link on the way is followed when it leads into the home
/// directory (dotfile managers do that). `None` when nothing is there.
pub(super) fn find(
    location: &Location,
    facts: &HostFacts,
    anchors: &Anchors,
    forbidden: &Forbidden,
) -> Result<Option<Root>, Trouble> {
    let trouble = |kind, detail: String| Trouble {
        path: location.to_string(),
        kind,
        detail,
    };
    let unreadable = |e: &FsError| trouble(TroubleKind::Unreadable, e.source.to_string());
    let Some(base_dir) = facts.base_dir(&location.base) else {
        return Ok(None);
    };
    let base = match Dir::open(&base_dir) {
        Ok(dir) => Rc::new(dir),
        Err(e) if e.is_missing() => return Ok(None),
        Err(e) => return Err(unreadable(&e)),
    };
    let mut stat = base.stat_self().map_err(|e| unreadable(&e))?;
    let mut place = Place {
        anchor: base,
        rel: PlacePath::Named(RelPath::root()),
    };
    let mut above = Vec::new();
    let mut walked = RelPath::root();
    for name in location.path.components() {
        if !walked.is_root() {
            let path = ArchivePath::new(location.base.clone(), walked.clone());
            above.push((path, stat, place.clone()));
        }
        walked = walked
            .join(name)
            .map_err(|e| trouble(TroubleKind::BadName, e.to_string()))?;
        let dir = match place.open() {
            Ok(dir) => dir,
            Err(e) if e.is_missing() => return Ok(None),
            Err(e) => return Err(unreadable(&e)),
        };
        place = place.child(&walked);
        stat = match dir.stat(name.as_ref()).map_err(|e| unreadable(&e))? {
            None => return Ok(None),
            Some(stat) if stat.kind != FileKind::Link => stat,
            Some(_) => {
                place = follow(&dir, name, anchors, forbidden)
                    .map_err(|(kind, detail)| trouble(kind, detail))?;
                let (parent, name) = place.open_parent().map_err(|e| unreadable(&e))?;
                match parent.stat(&name).map_err(|e| unreadable(&e))? {
                    Some(stat) => stat,
                    None => return Ok(None),
                }
            }
        };
    }
    Ok(Some(Root { place, stat, above }))
}

/// The place a link leads to, when it may be followed.
pub(super) fn follow(
    dir: &Dir,
    name: &str,
    anchors: &Anchors,
    forbidden: &Forbidden,
) -> Result<Place, (TroubleKind, String)> {
    let real = dir.real_path(name.as_ref()).map_err(|e| {
        // A loop of links has no real path either; the system calls it by its own name.
        let kind = if e.is_loop() {
            TroubleKind::LinkLoop
        } else {
            TroubleKind::Dangling
        };
        (kind, e.source.to_string())
    })?;
    if let Some(why) = forbidden.reason(&real) {
        return Err((
            TroubleKind::OffLimits,
            format!("it leads to a place off limits: {why}"),
        ));
    }
    anchors.place(&real).ok_or_else(|| {
        (
            TroubleKind::LinkOutside,
            "it leads out of the home directory".to_owned(),
        )
    })
}
