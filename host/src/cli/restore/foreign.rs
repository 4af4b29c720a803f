//! Restoring from what another program backed up: an archive of ours is made of it, in a
//! private place and gone afterwards, and restored like any other.

use super::super::archives::open_file;
use super::super::args::RestoreArgs;
use super::super::backup::PROGRAM;
use super::super::context::{Context, tilde};
use super::super::error::{CommandError, ExitStatus};
use super::super::foreign::{Foreign, known, plans, scratch, told};
use super::super::render::human;
use super::adapters::Adapters;
use super::stage::Stage;
use std::path::Path;
use takeback::adapters::Adapter;
use takeback::archive::{ArchiveError, ReadLimits, VerifiedArchive};
use takeback::backup::{SnapshotRequest, TargetPlan, take};
use takeback::fs::ScratchDir;
use takeback::import::{Image, Staged, Wish as Layout};
use takeback::model::{Class, ClassSelection, Shown, TargetId};
use takeback::restore::{Prepared, RestoreError, Wish, prepare};
use takeback::vault::{ImportedFrom, SnapshotKind, Vault};

/// Everything, but for what is only restored when it was imported on purpose.
fn classes() -> ClassSelection {
    ClassSelection::default_profile().with(Class::CodeCache)
}

/// Prepares the restore of one target.
pub(super) fn prepare_foreign(
    context: &Context,
    args: &RestoreArgs,
    target: &TargetId,
    wish: &Wish,
    (stage, adapters): (&Stage<'_>, &Adapters<'_>),
) -> Result<Prepared, CommandError> {
    let path = Path::new(&args.from);
    let scope = adapters.scope_of_foreign(target)?;
    let mut adapter = adapters.of_targets();
    let Some(adapter) = adapter.find(|one| one.identity().id == *target) else {
        let message = format!("there is no adapter for {target}");
        return Err(CommandError::new(ExitStatus::NotFound, message));
    };
    let known = known(std::iter::once(adapter), &context.facts);
    let layout = Layout::default();
    let facts = stage.facts;
    let name = tilde(path, &facts.home);
    let ours = || {
        let (archive, source) = (name.clone(), ArchiveError::NoManifest);
        RestoreError::Archive { archive, source }.into()
    };
    let mut source = Foreign::open(path, (&layout, &known), &args.limits, facts, ours)?;
    let (image, staged, plan) = newest(context, &mut source, adapter, &known, &name)?;
    say(context, &image, &plan, &name);
    let dir = ScratchDir::new_in(&scratch(context)?, ".restore-")?;
    let vault = Vault::create(&dir.dir().path().join("vault"))?;
    let lock = vault.lock(&facts.host, "restore", &mut || false)?;
    let from = told(&context.facts, &image);
    let origin = ImportedFrom {
        layout: image.layout.as_str().to_owned(),
        name: image.name.clone(),
        digest: staged.digest,
    };
    let request = SnapshotRequest {
        imported: Some((origin, image.when.at.clone())),
        ..SnapshotRequest::new(SnapshotKind::Imported, classes(), PROGRAM)
    };
    let progress = context.progress();
    let report = take(&vault, &lock, vec![plan], &request, &from, &progress)?;
    drop(staged);
    let Some(record) = report.record.target(target) else {
        let message = format!("nothing of {target} is in {name}");
        return Err(CommandError::new(ExitStatus::NotFound, message));
    };
    let (file, _) = open_file(&vault.archive_path(&report.record.id, record))?;
    let limits = ReadLimits::recorded(record.size, record.expanded, record.entries);
    let now = jiff::Timestamp::now().as_second();
    let archive =
        VerifiedArchive::read(file, limits, now).map_err(|source| RestoreError::Archive {
            archive: name.clone(),
            source,
        })?;
    Ok(prepare(archive, &name, wish, &stage.ground(Some(scope)))?)
}

/// The newest state in a source that holds something of the target.
fn newest(
    context: &Context,
    source: &mut Foreign,
    adapter: &Adapter,
    known: &takeback::import::Known,
    name: &str,
) -> Result<(Image, Staged, TargetPlan), CommandError> {
    let mut images = std::mem::take(&mut source.images);
    while let Some(image) = images.pop() {
        let staged = source.stage(context, &image, known)?;
        let vault = &context.vault_path;
        let mut planned = plans(&[adapter], &staged, classes(), true, vault);
        if let Some((_, error)) = planned.failed.pop() {
            return Err(error.into());
        }
        if let Some(plan) = planned.plans.pop() {
            return Ok((image, staged, plan));
        }
    }
    let target = &adapter.identity().id;
    let message = format!("nothing of {target} is in {name}");
    Err(CommandError::new(ExitStatus::NotFound, message))
}

fn say(context: &Context, image: &Image, plan: &TargetPlan, name: &str) {
    let voice = &context.voice;
    let stamp = image.when.at.strftime("%Y-%m-%d_%H-%M-%S");
    let (layout, because) = (image.layout.as_str(), Shown::sentence(&image.because));
    voice.say(format!("{name}: laid out like {layout} ({because})"));
    voice.say(format!(
        "  {} of {stamp}, from {}",
        Shown(&image.name),
        image.when.by
    ));
    let target = &plan.identity.id;
    human::troubles(voice, target, &plan.inventory.troubles);
    human::left_out(voice, target, &plan.inventory.left_out);
}
