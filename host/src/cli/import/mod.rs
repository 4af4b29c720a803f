//! `takeback import`.

mod show;

use super::args::ImportArgs;
use super::backup::PROGRAM;
use super::context::{Context, unknown_target};
use super::error::{CommandError, ExitStatus};
use super::foreign::{Foreign, known, ours, plans, scratch, told};
use super::upkeep;
use show::{Outcome, Report, SourceReport, Taken};
use std::path::PathBuf;
use takeback::adapters::Adapter;
use takeback::backup::{SnapshotRequest, TargetPlan, take};
use takeback::fs::{Confinement, Dir, confine_writes};
use takeback::import::{Image, Known, Staged, Wish, left_behind};
use takeback::model::{Class, ClassSelection, SnapshotId, TargetId};
use takeback::secrets::watched;
use takeback::vault::{ImportedFrom, SnapshotKind, Vault, VaultLock};

pub(super) fn run(context: &Context, args: &ImportArgs) -> Result<ExitStatus, CommandError> {
    let adapters = adapters(context, &args.target)?;
    let known = known(adapters.iter(), &context.facts);
    let wish = Wish {
        layout: args.layout.map(|word| word.layout()),
        root: args.root.clone(),
        at: args.at.clone(),
    };
    // All of them are looked at before the first is imported.
    let open = |path: &PathBuf| {
        let ours = || ours(path);
        Foreign::open(path, (&wish, &known), &args.limits, &context.facts, ours)
    };
    let sources: Vec<Foreign> = args.sources.iter().map(open).collect::<Result<_, _>>()?;
    let vault = (!args.dry_run)
        .then(|| writable(context, args))
        .transpose()?;
    let run = Run {
        context,
        args,
        adapters: adapters.iter().collect(),
        known,
        classes: classes(args),
        vault,
    };
    let mut reports = Vec::new();
    for (path, mut source) in args.sources.iter().zip(sources) {
        let images = std::mem::take(&mut source.images);
        let images = images
            .into_iter()
            .map(|image| run.image(&mut source, image));
        let images: Vec<Report> = images.collect::<Result<_, _>>()?;
        let passed = source.survey().passed.clone();
        reports.push(SourceReport {
            path: path.clone(),
            images,
            passed,
        });
    }
    show::something(&reports)?;
    note(context, &reports);
    show::all(context, &reports, args.dry_run);
    if let Some((vault, lock)) = &run.vault {
        upkeep::run(context, vault, lock);
    }
    Ok(show::status(&reports))
}

/// What the log is to know of it.
fn note(context: &Context, reports: &[SourceReport]) {
    let images = reports.iter().flat_map(|source| &source.images);
    let made = images.filter_map(|report| match &report.outcome {
        Outcome::Imported(made) => Some(&made.record),
        _ => None,
    });
    let (noted, mut none) = (&context.noted, true);
    for record in made {
        none = false;
        noted.targets(record.targets.iter().map(|one| &one.target));
        noted.snapshots([&record.id]);
        for target in &record.targets {
            noted.count("files", target.files);
            noted.count("bytes", target.bytes);
            noted.count("gaps", target.troubles);
        }
    }
    if none {
        noted.nothing_done();
    }
}

/// The adapters of the wanted targets. One that fails takes nothing away from the others.
fn adapters(context: &Context, wanted: &[String]) -> Result<Vec<Adapter>, CommandError> {
    let (registry, runtime) = (context.registry()?, context.runtime()?);
    let is_wanted = |id: &TargetId| wanted.is_empty() || wanted.iter().any(|w| w == id.as_str());
    let mut known: Vec<String> = registry.known().map(|(id, _)| id.to_string()).collect();
    let mut adapters = Vec::new();
    for loaded in context.load(&registry, &runtime, is_wanted) {
        known.push(loaded.name.clone());
        match loaded.result {
            Ok(adapter) => adapters.push(adapter),
            Err(error) if wanted.is_empty() => context
                .voice
                .warn(&format!("adapter {} failed: {error}", loaded.name)),
            Err(error) => return Err(error.into()),
        }
    }
    known.sort();
    known.dedup();
    match wanted.iter().find(|name| !known.contains(name)) {
        Some(unknown) => Err(unknown_target(unknown, &known)),
        None => Ok(adapters),
    }
}

/// Everything a source holds, but for what nobody should keep without asking.
fn classes(args: &ImportArgs) -> ClassSelection {
    let mut classes = ClassSelection::default_profile().with(Class::CodeCache);
    if args.no_history {
        classes = classes.without(Class::History);
    }
    if args.include_env {
        classes = classes.with(Class::Env);
    }
    if args.include_credentials {
        classes = classes.with(Class::Credentials);
    }
    classes
}

/// The vault, locked. From here on this process can write to nothing but the vault and
/// takeback's own directories, where the system can see to that.
fn writable(context: &Context, args: &ImportArgs) -> Result<(Vault, VaultLock), CommandError> {
    let vault = Vault::create(&context.vault_path)?;
    let host = &context.facts.host;
    let lock = vault.lock(host, "import", &mut context.patience(args.wait))?;
    scratch(context)?;
    let own = &context.own;
    let dirs = [&context.vault_path, &own.cache, &own.state];
    let dirs: Vec<Dir> = dirs.iter().filter_map(|dir| Dir::open(dir).ok()).collect();
    let dirs: Vec<&Dir> = dirs.iter().collect();
    if let Confinement::NotAvailable(why) = confine_writes(&dirs) {
        context.voice.detail(format!(
            "The kernel does not limit where this process writes: {why}"
        ));
    }
    Ok((vault, lock))
}

struct Run<'a> {
    context: &'a Context,
    args: &'a ImportArgs,
    adapters: Vec<&'a Adapter>,
    known: Known,
    classes: ClassSelection,
    vault: Option<(Vault, VaultLock)>,
}

impl Run<'_> {
    /// One state of a home, laid out, planned, and made a snapshot.
    fn image(&self, source: &mut Foreign, image: Image) -> Result<Report, CommandError> {
        let context = self.context;
        let staged = source.stage(context, &image, &self.known)?;
        let named = !self.args.target.is_empty();
        let vault = &context.vault_path;
        let planned = plans(&self.adapters, &staged, self.classes, named, vault);
        for (name, error) in &planned.failed {
            let text = format!("adapter {name} failed: {error}");
            context.voice.warn(&text);
        }
        let plans = planned.plans;
        let left = left_behind(&staged, &plans, self.classes, &self.known);
        let passed = staged.passed.clone();
        let outcome = if plans.is_empty() {
            Outcome::Nothing
        } else if let Some(id) = self.earlier(&staged, &plans)? {
            Outcome::Already(id)
        } else {
            match &self.vault {
                None => Outcome::Would(plans.iter().map(Taken::would).collect()),
                Some(vault) => self.take(vault, &image, &staged, plans)?,
            }
        };
        Ok(Report {
            image,
            outcome,
            left,
            passed,
        })
    }

    /// The snapshot that was made of the same content before, with these targets.
    fn earlier(
        &self,
        staged: &Staged,
        plans: &[TargetPlan],
    ) -> Result<Option<SnapshotId>, CommandError> {
        if self.args.again {
            return Ok(None);
        }
        let catalogue = self.context.catalogue()?;
        let same = catalogue.snapshots.iter().find(|record| {
            let from = record.imported.as_ref();
            from.is_some_and(|from| from.digest == staged.digest)
                && plans
                    .iter()
                    .all(|plan| record.target(&plan.identity.id).is_some())
        });
        Ok(same.map(|record| record.id.clone()))
    }

    fn take(
        &self,
        (vault, lock): &(Vault, VaultLock),
        image: &Image,
        staged: &Staged,
        plans: Vec<TargetPlan>,
    ) -> Result<Outcome, CommandError> {
        let from = ImportedFrom {
            layout: image.layout.as_str().to_owned(),
            name: image.name.clone(),
            digest: staged.digest,
        };
        let note = || format!("from {}", takeback::model::Shown(&image.name));
        let request = SnapshotRequest {
            note: Some(self.args.note.clone().unwrap_or_else(note)),
            watched: watched(),
            imported: Some((from, image.when.at.clone())),
            ..SnapshotRequest::new(SnapshotKind::Imported, self.classes, PROGRAM)
        };
        let facts = told(&self.context.facts, image);
        let progress = self.context.progress();
        let report = take(vault, lock, plans, &request, &facts, &progress)?;
        Ok(Outcome::Imported(Box::new(report)))
    }
}
