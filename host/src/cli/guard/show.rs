//! What a guarded command changed, for people on stderr, and as one JSON document in a file:
//! stdout is the command's.

use super::super::args::GuardArgs;
use super::super::context::{Context, tilde};
use super::super::render::{BOLD, human, json};
use super::after::Outcome;
use super::child::Ended;
use serde::Serialize;
use std::path::Path;
use takeback::fs::{Dir, FsError, PrivateDir};
use takeback::guard::{Effect, Fate, Shape};
use takeback::model::{OperationId, Shown, ShownPath, SnapshotId};

/// Lines of a report, unless somebody wants all.
const LINES: usize = 40;

/// Everything there is to say.
pub(super) struct Report<'a> {
    pub(super) name: &'a str,
    pub(super) started: jiff::Timestamp,
    pub(super) ended: &'a Ended,
    /// What was found; `None` when nothing could be looked at.
    pub(super) outcome: Option<&'a Outcome>,
}

#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    message_type: &'static str,
    command: &'a str,
    started: String,
    ended: String,
    exit_code: u8,
    signal: Option<u8>,
    snapshot: Option<&'a str>,
    complete: bool,
    changed: bool,
    operation: Option<&'a str>,
    not_recorded: Option<&'a str>,
    files: Vec<EffectView<'a>>,
}

#[derive(Serialize)]
struct EffectView<'a> {
    path: String,
    label: &'a str,
    target: &'a str,
    change: &'static str,
    can_be_taken_back: bool,
    before: Option<ShapeView<'a>>,
    after: Option<ShapeView<'a>>,
}

#[derive(Serialize)]
struct ShapeView<'a> {
    kind: &'static str,
    size: u64,
    mode: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<&'a str>,
}

pub(super) fn show(context: &Context, args: &GuardArgs, report: &Report<'_>) {
    if let Some(path) = &args.report
        && let Err(e) = write(path, &json::text(&document(report)))
    {
        let path = ShownPath(path);
        let why = e.source;
        context
            .voice
            .warn(&format!("the report {path} cannot be written: {why}"));
    }
    if let Some(outcome) = report.outcome {
        note(context, &outcome.effects);
        text(context, report.name, outcome);
    }
}

/// What the log is to know of it: how many files, of those that somebody is told of.
fn note(context: &Context, effects: &[Effect]) {
    for effect in effects.iter().filter(|one| is_told(one, effects)) {
        let what = match effect.fate {
            Fate::Created => "created",
            Fate::Removed | Fate::Lost => "removed",
            _ => "changed",
        };
        context.noted.count(what, 1);
    }
}

fn text(context: &Context, name: &str, outcome: &Outcome) {
    let voice = &context.voice;
    let effects = &outcome.effects;
    let name = Shown(name);
    if effects.is_empty() {
        voice.say(format!("{name} changed nothing that is backed up"));
        return;
    }
    voice.say(format!("{BOLD}{name}: {}{BOLD:#}", summary(effects)));
    let told = |effect: &&Effect| voice.verbose || is_told(effect, effects);
    let rows: Vec<&Effect> = effects.iter().filter(told).collect();
    let most = if voice.verbose { rows.len() } else { LINES };
    for effect in rows.iter().take(most) {
        voice.say(row(context, effect));
    }
    if rows.len() > most {
        let more = rows.len() - most;
        voice.say(format!("  ... and {more} more"));
    }
    let lost: Vec<&&Effect> = rows
        .iter()
        .filter(|one| !one.fate.can_be_taken_back())
        .collect();
    if !lost.is_empty() {
        let count = lost.len();
        voice.warn(&format!(
            "no snapshot holds what {count} of these was, and it cannot be taken back"
        ));
    }
    way_back(context, outcome);
}

fn way_back(context: &Context, outcome: &Outcome) {
    let voice = &context.voice;
    if let Some(id) = &outcome.operation {
        voice.say(format!("To take it back: {BOLD}takeback undo {id}{BOLD:#}"));
    }
    if let Some(why) = &outcome.why_not {
        let way = match &outcome.snapshot {
            Some(id) => {
                format!(
                    "; `takeback restore TARGET --from {id} --exact` brings back what was there"
                )
            }
            None => String::new(),
        };
        let why = Shown::sentence(why);
        voice.warn(&format!("an undo cannot take it back, for {why}{way}"));
    }
}

/// Whether somebody has to read of it: directories only where there is nothing else to say of
/// what is in them, and times alone are no change.
fn is_told(effect: &Effect, all: &[Effect]) -> bool {
    let directory =
        |shape: &Option<Shape>| shape.as_ref().is_none_or(|one| one.kind == "directory");
    if effect.fate == Fate::Time {
        return false;
    }
    let only = directory(&effect.before) && directory(&effect.after);
    let within = |other: &Effect| other.path != effect.path && other.path.starts_with(&effect.path);
    !only || effect.fate == Fate::Mode || !all.iter().any(within)
}

/// `2 removed, 1 changed`.
fn summary(effects: &[Effect]) -> String {
    let words = [
        (Fate::Created, "created"),
        (Fate::Changed, "changed"),
        (Fate::Removed, "removed"),
        (Fate::Type, "replaced by something else"),
        (Fate::Mode, "with another mode"),
        (Fate::Time, "with another time"),
        (Fate::Lost, "lost"),
        (Fate::Unknown, "changed beyond what is known"),
    ];
    let mut counted: Vec<&Effect> = effects.iter().filter(|one| is_told(one, effects)).collect();
    if counted.is_empty() {
        counted = effects.iter().collect();
    }
    let parts = words.iter().filter_map(|(fate, word)| {
        let count = counted.iter().filter(|one| one.fate == *fate).count();
        (count > 0).then(|| format!("{count} {word}"))
    });
    parts.collect::<Vec<_>>().join(", ")
}

/// `  changed   ~/.claude/CLAUDE.md    10 B -> 24 B`.
fn row(context: &Context, effect: &Effect) -> String {
    let path = tilde(&effect.path, &context.facts.home);
    let detail = match (&effect.before, &effect.after) {
        (Some(old), Some(new)) if effect.fate == Fate::Mode => {
            format!("{:04o} -> {:04o}", old.mode, new.mode)
        }
        (Some(old), Some(new)) => format!("{} -> {}", what(old), what(new)),
        (one, other) => one
            .as_ref()
            .or(other.as_ref())
            .map(what)
            .unwrap_or_default(),
    };
    format!("  {:<8}  {path}    {detail}", effect.fate.word())
}

fn what(shape: &Shape) -> String {
    match (&shape.link, shape.kind) {
        (Some(link), _) => format!("link to {}", Shown(link)),
        (None, "file") => human::bytes(shape.size),
        (None, kind) => kind.to_owned(),
    }
}

fn document<'a>(report: &Report<'a>) -> Document<'a> {
    let outcome = report.outcome;
    let effects = outcome.map_or(&[][..], |outcome| &outcome.effects);
    let view = |shape: &'a Shape| ShapeView {
        kind: shape.kind,
        size: shape.size,
        mode: format!("{:04o}", shape.mode),
        link: shape.link.as_deref(),
    };
    let files = effects.iter().map(|effect| EffectView {
        path: effect.path.to_string_lossy().into_owned(),
        label: &effect.label,
        target: effect.target.as_str(),
        change: effect.fate.word(),
        can_be_taken_back: effect.fate.can_be_taken_back(),
        before: effect.before.as_ref().map(view),
        after: effect.after.as_ref().map(view),
    });
    Document {
        schema_version: json::SCHEMA,
        message_type: "guard",
        command: report.name,
        started: report.started.to_string(),
        ended: jiff::Timestamp::now().to_string(),
        exit_code: report.ended.code(),
        signal: match report.ended {
            Ended::Signal(signal) => Some(*signal),
            _ => None,
        },
        snapshot: outcome
            .and_then(|one| one.snapshot.as_ref())
            .map(SnapshotId::as_str),
        complete: outcome.is_some_and(|one| one.complete),
        changed: !effects.is_empty(),
        operation: outcome
            .and_then(|one| one.operation.as_ref())
            .map(OperationId::as_str),
        not_recorded: outcome.and_then(|one| one.why_not.as_deref()),
        files: files.collect(),
    }
}

/// Writes the report, whole or not at all.
fn write(path: &Path, text: &str) -> Result<(), FsError> {
    let parent = path.parent().filter(|dir| !dir.as_os_str().is_empty());
    let dir = Dir::open(parent.unwrap_or(Path::new(".")))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    PrivateDir::write_file(&dir, &name, format!("{text}\n").as_bytes())
}
