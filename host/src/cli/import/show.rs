//! What an import did, or would do.

use crate::cli::backup::tallies;
use crate::cli::context::{Context, tilde};
use crate::cli::error::{CommandError, ExitStatus};
use crate::cli::render::{human, json};
use crate::cli::secrets;
use serde::Serialize;
use std::path::PathBuf;
use takeback::backup::{BackupReport, TargetPlan};
use takeback::import::{Image, Left, Passed};
use takeback::model::{LeftOut, Shown, SnapshotId, TallyCount, TargetId, Trouble};

/// Lines of each list that are shown without `--verbose`.
const SHOWN: usize = 10;
/// Items of each list in a document.
const LISTED: usize = 10_000;

/// What became of one source.
pub(super) struct SourceReport {
    pub(super) path: PathBuf,
    pub(super) images: Vec<Report>,
    /// What of it can be in no archive.
    pub(super) passed: Vec<Passed>,
}

/// What became of one state of a home.
pub(super) struct Report {
    pub(super) image: Image,
    pub(super) outcome: Outcome,
    pub(super) left: Vec<Left>,
    pub(super) passed: Vec<Passed>,
}

pub(super) enum Outcome {
    Imported(Box<BackupReport>),
    Would(Vec<Taken>),
    Already(SnapshotId),
    /// No adapter finds anything in it.
    Nothing,
}

/// What a target would take.
pub(super) struct Taken {
    target: TargetId,
    tallies: Vec<TallyCount>,
    files: u64,
    bytes: u64,
    troubles: Vec<Trouble>,
    left_out: Vec<LeftOut>,
}

impl Taken {
    pub(super) fn would(plan: &TargetPlan) -> Self {
        let (files, bytes) = plan.inventory.totals();
        Self {
            target: plan.identity.id.clone(),
            tallies: tallies(plan),
            files,
            bytes,
            troubles: plan.inventory.troubles.clone(),
            left_out: plan.inventory.left_out.clone(),
        }
    }
}

impl Report {
    /// Whether something of it is missing that somebody may want.
    fn has_gaps(&self) -> bool {
        let troubles = match &self.outcome {
            Outcome::Imported(report) => !report.record.is_complete(),
            Outcome::Would(taken) => taken.iter().any(|one| !one.troubles.is_empty()),
            Outcome::Already(_) | Outcome::Nothing => false,
        };
        troubles || !self.passed.is_empty() || !self.image.strange.is_empty()
    }
}

/// An error when no adapter knows anything of all that was looked at.
pub(super) fn something(reports: &[SourceReport]) -> Result<(), CommandError> {
    let mut images = reports.iter().flat_map(|source| &source.images);
    if images.any(|report| !matches!(report.outcome, Outcome::Nothing)) {
        return Ok(());
    }
    let message = "nothing was imported: no adapter here knows what is in it";
    Err(CommandError::new(ExitStatus::NotFound, message)
        .hint("`takeback adapter list` shows the tools that are known"))
}

/// The exit code of it all.
pub(super) fn status(reports: &[SourceReport]) -> ExitStatus {
    let images = reports.iter().flat_map(|source| &source.images);
    let mut gaps =
        images.map(|report| report.has_gaps() || matches!(report.outcome, Outcome::Nothing));
    if gaps.any(|gap| gap) || reports.iter().any(|source| !source.passed.is_empty()) {
        ExitStatus::Partial
    } else {
        ExitStatus::Done
    }
}

pub(super) fn all(context: &Context, reports: &[SourceReport], dry_run: bool) {
    if context.voice.json {
        return document(reports, dry_run);
    }
    for source in reports {
        let images = &source.images;
        if let Some(first) = images.first() {
            let name = tilde(&source.path, &context.facts.home);
            let because = Shown::sentence(&first.image.because);
            context.voice.say(format!(
                "{name}: laid out like {} ({because})",
                first.image.layout.as_str()
            ));
        }
        images.iter().for_each(|report| one(context, report));
        passed(context, &source.passed);
    }
    total(context, reports, dry_run);
}

fn one(context: &Context, report: &Report) {
    let (voice, image) = (&context.voice, &report.image);
    let stamp = image.when.at.strftime("%Y-%m-%d_%H-%M-%S");
    if let Some((said, by)) = &image.when.doubt {
        voice.warn(&format!(
            "{}: the time in {by}, {said}, cannot be right; it is taken from {}",
            Shown(&image.name),
            image.when.by
        ));
    }
    match &report.outcome {
        Outcome::Imported(made) => {
            human::snapshot(voice, &made.record, None);
            made.targets
                .iter()
                .for_each(|target| human::backed_up(voice, target, &context.facts));
        }
        Outcome::Would(taken) => {
            voice.line(&stamp);
            let width = taken.iter().map(|one| one.target.as_str().len()).max();
            for one in taken {
                let width = width.unwrap_or_default();
                voice.line(human::target_line(
                    &one.target,
                    &one.tallies,
                    one.bytes,
                    width,
                ));
                human::troubles(voice, &one.target, &one.troubles);
                human::left_out(voice, &one.target, &one.left_out);
            }
        }
        Outcome::Already(id) => {
            let name = Shown(&image.name);
            voice.line(format!("{id}"));
            voice.say(format!(
                "  {name} was imported before, as this; --again imports it once more"
            ));
        }
        Outcome::Nothing => voice.warn(&format!(
            "{}: no adapter here knows anything in it",
            Shown(&image.name)
        )),
    }
    voice.detail(format!("  its time, {stamp}, is from {}", image.when.by));
    for folder in &image.strange {
        let folder = Shown(folder);
        voice.warn(&format!(
            "{folder} is not imported: no adapter here is called so, or it keeps no skills; \
             `--at` says where a directory belongs"
        ));
    }
    left(context, &report.left);
    passed(context, &report.passed);
}

/// What stays behind: of tools each by itself, of all else how much it is.
fn left(context: &Context, left: &[Left]) {
    let voice = &context.voice;
    let of_tool: Vec<&Left> = left.iter().filter(|one| one.of_tool).collect();
    let most = if voice.verbose { LISTED } else { SHOWN };
    for one in of_tool.iter().take(most) {
        let files = human::counted(one.files, "file", "files");
        let (place, why) = (Shown(&one.place), Shown::sentence(&one.why));
        voice.say(format!("  left out {place}, {files} ({why})"));
    }
    if of_tool.len() > most {
        let more = of_tool.len() - most;
        voice.say(format!("  and {more} more; --verbose lists them"));
    }
    let others: Vec<&Left> = left.iter().filter(|one| !one.of_tool).collect();
    let files: u64 = others.iter().map(|one| one.files).sum();
    if files > 0 {
        let files = human::counted(files, "other file", "other files");
        voice.say(format!("  left out {files} that no adapter knows"));
    }
    for one in others {
        let files = human::counted(one.files, "file", "files");
        voice.detail(format!("    {}, {files}", Shown(&one.place)));
    }
}

fn passed(context: &Context, passed: &[Passed]) {
    for one in passed.iter().take(SHOWN) {
        let (name, why) = (Shown(&one.name), Shown::sentence(&one.why));
        context
            .voice
            .warn(&format!("{name} is not imported: {why}"));
    }
    if passed.len() > SHOWN {
        let more = passed.len() - SHOWN;
        context
            .voice
            .warn(&format!("and {more} more; --json lists them"));
    }
}

fn total(context: &Context, reports: &[SourceReport], dry_run: bool) {
    let images = || reports.iter().flat_map(|source| &source.images);
    let made = |one: &&Report| matches!(one.outcome, Outcome::Imported(_) | Outcome::Would(_));
    let count = images().filter(made).count() as u64;
    let snapshots = human::counted(count, "snapshot", "snapshots");
    let vault = tilde(&context.vault_path, &context.facts.home);
    if dry_run {
        context
            .voice
            .line(format!("Would import {snapshots} to {vault}"));
    } else if count > 0 {
        context
            .voice
            .say(format!("Imported {snapshots} to {vault}"));
    } else {
        context.voice.say("Nothing new was imported");
    }
}

#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    message_type: &'static str,
    dry_run: bool,
    sources: Vec<SourceView<'a>>,
}

#[derive(Serialize)]
struct SourceView<'a> {
    source: String,
    images: Vec<ImageView<'a>>,
    passed: Vec<PassedView<'a>>,
}

#[derive(Serialize)]
struct ImageView<'a> {
    name: &'a str,
    layout: &'static str,
    because: &'a str,
    time: String,
    time_from: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    time_refused: Option<&'a str>,
    host: Option<&'a str>,
    user: Option<&'a str>,
    project: Option<String>,
    /// `imported`, `would-import`, `already-imported` or `nothing`.
    outcome: &'static str,
    snapshot: Option<&'a str>,
    targets: Vec<TargetView<'a>>,
    strange: &'a [String],
    left: Vec<LeftView<'a>>,
    passed: Vec<PassedView<'a>>,
}

#[derive(Serialize)]
struct TargetView<'a> {
    target: &'a str,
    files: u64,
    bytes: u64,
    tallies: Vec<json::Tally<'a>>,
    left_out: Vec<json::LeftOutView>,
    troubles: Vec<json::TroubleView<'a>>,
    followed: Vec<json::LinkView>,
    secrets: Vec<secrets::View<'a>>,
}

#[derive(Serialize)]
struct LeftView<'a> {
    place: &'a str,
    why: &'a str,
    files: u64,
}

#[derive(Serialize)]
struct PassedView<'a> {
    name: &'a str,
    why: &'a str,
}

fn document(reports: &[SourceReport], dry_run: bool) {
    let sources = reports.iter().map(|one| SourceView {
        images: one.images.iter().map(image).collect(),
        passed: passed_views(&one.passed).collect(),
        source: one.path.display().to_string(),
    });
    json::print(&Document {
        schema_version: json::SCHEMA,
        message_type: "import",
        dry_run,
        sources: sources.collect(),
    });
}

fn passed_views(passed: &[Passed]) -> impl Iterator<Item = PassedView<'_>> {
    passed.iter().take(LISTED).map(|one| PassedView {
        name: &one.name,
        why: &one.why,
    })
}

fn image(report: &Report) -> ImageView<'_> {
    let image = &report.image;
    let (outcome, snapshot) = match &report.outcome {
        Outcome::Imported(made) => ("imported", Some(made.record.id.as_str())),
        Outcome::Would(_) => ("would-import", None),
        Outcome::Already(id) => ("already-imported", Some(id.as_str())),
        Outcome::Nothing => ("nothing", None),
    };
    let left = report.left.iter().take(LISTED).map(|one| LeftView {
        place: &one.place,
        why: &one.why,
        files: one.files,
    });
    ImageView {
        name: &image.name,
        layout: image.layout.as_str(),
        because: &image.because,
        time: image
            .when
            .at
            .timestamp()
            .strftime("%Y-%m-%dT%H:%M:%SZ")
            .to_string(),
        time_from: image.when.by,
        time_refused: image.when.doubt.as_ref().map(|(said, _)| said.as_str()),
        host: image.host.as_deref(),
        user: image.user.as_deref(),
        project: image
            .project
            .as_ref()
            .map(|path| path.display().to_string()),
        outcome,
        snapshot,
        targets: targets(&report.outcome),
        strange: &image.strange,
        left: left.collect(),
        passed: passed_views(&report.passed).collect(),
    }
}

fn targets(outcome: &Outcome) -> Vec<TargetView<'_>> {
    match outcome {
        Outcome::Imported(made) => made
            .targets
            .iter()
            .map(|one| TargetView {
                target: one.record.target.as_str(),
                files: one.record.files,
                bytes: one.record.bytes,
                tallies: json::tallies(&one.record.tallies),
                left_out: json::left_out(&one.manifest.left_out),
                troubles: json::troubles(&one.manifest.troubles),
                followed: json::followed(&one.manifest.followed),
                secrets: secrets::views(&one.secrets),
            })
            .collect(),
        Outcome::Would(taken) => taken
            .iter()
            .map(|one| TargetView {
                target: one.target.as_str(),
                files: one.files,
                bytes: one.bytes,
                tallies: json::tallies(&one.tallies),
                left_out: json::left_out(&one.left_out),
                troubles: json::troubles(&one.troubles),
                followed: Vec::new(),
                secrets: Vec::new(),
            })
            .collect(),
        Outcome::Already(_) | Outcome::Nothing => Vec::new(),
    }
}
