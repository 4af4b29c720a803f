//! The restore itself, by the public interface, in the order of `takeback restore`. All
//! that depends on how it is called is in [`restore_once`].

use super::listed;
use super::world::{NOW, World};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::io::Cursor;
use std::rc::Rc;
use takeback::archive::{OpenArchive, ReadLimits, VerifiedArchive};
use takeback::backup::SnapshotRequest;
use takeback::in_use::Lookout;
use takeback::model::{ArchivePath, ClassSelection, Observer, Quiet, TargetId};
use takeback::operation::{Draft, Operations};
use takeback::restore::{
    Action, ApprovedPlan, Consent, Ground, SafetySnapshot, Wish, apply, prepare, save,
    settle_in_use, settle_newer, settle_overlaps,
};
use takeback::vault::{SnapshotKind, Vault};

/// A restore that was carried out.
pub(super) struct Restored {
    /// What the archive holds: digest and mode.
    pub(super) entries: BTreeMap<ArchivePath, (String, u32)>,
    /// What was planned.
    pub(super) actions: Vec<(ArchivePath, Action)>,
    /// Whether any of it writes.
    pub(super) changed: bool,
    /// Digests of what the safety snapshot holds.
    pub(super) saved: BTreeMap<ArchivePath, String>,
}

/// Somebody who presses Ctrl-C after so many files.
struct Impatient(Cell<usize>);

impl Observer for Impatient {
    fn stage(&self, _: &TargetId, _: &'static str, _: u64, _: u64) {}
    fn file_done(&self, _: u64) {
        self.0.set(self.0.get().saturating_sub(1));
    }
    fn stage_done(&self) {}
    fn warn(&self, _: &str) {}
    fn interrupted(&self) -> bool {
        self.0.get() == 0
    }
}

/// Restores an archive, stopped after so many files; `None` when it is refused, or cannot
/// be done, or was stopped.
pub(super) fn restore_once(
    world: &World,
    bytes: &[u8],
    wish: &Wish,
    patience: usize,
) -> Option<Restored> {
    let facts = &world.facts;
    let limits = ReadLimits::foreign(bytes.len() as u64);
    let archive = VerifiedArchive::read(Cursor::new(bytes), limits, NOW).ok()?;
    let operations = Operations::create(&world.state).expect("a state directory can be made");
    let lookout = Lookout::post();
    let ground = ground(world, &operations, &lookout);
    let mut prepared = vec![prepare(archive, "archive", wish, &ground).ok()?];
    settle_newer(&mut prepared[0], std::iter::empty());
    settle_in_use(&mut prepared, facts, &lookout).ok()?;
    settle_overlaps(&mut prepared);
    let entries = listed(&prepared[0].listing);
    let approved = ApprovedPlan::new(prepared, Consent::Forced).ok()?;
    let plans = || approved.plans();
    let actions = plans().flat_map(|plan| plan.actions.iter());
    let actions = actions
        .map(|planned| (planned.path.clone(), planned.action.clone()))
        .collect();
    let changed = plans().any(|plan| plan.changes());
    let held = operations
        .lock("restore", &mut || false)
        .expect("nobody else has the lock");
    let vault = Vault::create(&world.vault).expect("a vault can be made");
    let lock = vault
        .lock("h", "restore", &mut || false)
        .expect("nobody else has the lock");
    let request = SnapshotRequest::new(SnapshotKind::Safety, ClassSelection::everything(), "fuzz");
    let safety = save(&approved, &vault, &lock, &request, facts, &Quiet).ok()?;
    let saved = saved(&vault, &safety);
    let impatient = Impatient(Cell::new(patience));
    apply(&approved, "archive", safety, &ground, &held, &impatient).ok()?;
    Some(Restored {
        entries,
        actions,
        changed,
        saved,
    })
}

/// What a restore in this world is prepared with.
pub(super) fn ground<'a>(
    world: &'a World,
    operations: &'a Operations,
    lookout: &'a Lookout,
) -> Ground<'a> {
    let draft = Draft::new(operations, None).expect("a draft can be made");
    Ground {
        facts: &world.facts,
        operations,
        draft: Rc::new(draft),
        lookout,
        owner: None,
        scope: Some((world.scope.clone(), Vec::new())),
    }
}

/// What a safety snapshot holds.
fn saved(vault: &Vault, safety: &SafetySnapshot) -> BTreeMap<ArchivePath, String> {
    let catalogue = vault.catalogue().expect("a vault can be read");
    let record = catalogue
        .snapshots
        .iter()
        .find(|record| Some(&record.id) == safety.id.as_ref());
    let mut all = BTreeMap::new();
    for target in record.iter().flat_map(|record| &record.targets) {
        let id = &record.expect("its record").id;
        let file = vault.archive(id, target).expect("its archive");
        let limits = ReadLimits::recorded(target.size, target.expanded, target.entries);
        let read = VerifiedArchive::read(file, limits, NOW).expect("a sound archive");
        let entries = listed(read.listing()).into_iter();
        all.extend(entries.map(|(path, (digest, _))| (path, digest)));
    }
    all
}
