//! `takeback secrets`, and what other commands say of secrets: where, of which kind, never what.

use super::args::SecretsArgs;
use super::backup::plan;
use super::context::Context;
use super::error::{CommandError, ExitStatus};
use super::render::{Voice, human, json};
use serde::Serialize;
use takeback::backup::{BackupPlan, PlanGap, SecretsFound, look_for_secrets};
use takeback::model::{Class, ClassSelection, HostFacts, LeftOut, Shown, TargetId};
use takeback::secrets::{Finding, SecretKind, watched};

/// Findings that are told of one by one in the report of something else.
const TOLD: usize = 10;

pub(super) fn run(context: &Context, args: &SecretsArgs) -> Result<ExitStatus, CommandError> {
    let facts = context.facts_in(&args.project)?;
    let profile = ClassSelection::default_profile();
    let classes = if args.history {
        watched().with(Class::History)
    } else {
        watched()
    };
    let plan = plan(context, &args.targets, profile, &facts)?;
    let looked = look(&plan, classes);
    let status = status(&plan, &looked, &args.targets);
    if looked.is_empty() {
        let home = takeback::model::ShownPath(&facts.home);
        let message = format!("there is nothing to look through in {home}");
        return Err(CommandError::new(ExitStatus::NotFound, message));
    }
    if context.voice.json {
        document(&looked, classes);
    } else {
        show(context, &looked, args.history, &facts);
    }
    Ok(status)
}

/// What was looked through of one target.
pub(super) struct Looked<'a> {
    target: &'a TargetId,
    left_out: &'a [LeftOut],
    found: SecretsFound,
}

/// Looks through the files of a plan that are of these classes.
pub(super) fn look(plan: &BackupPlan, classes: ClassSelection) -> Vec<Looked<'_>> {
    let targets = plan.targets.iter();
    targets
        .map(|target| Looked {
            target: &target.identity.id,
            left_out: &target.inventory.left_out,
            found: look_for_secrets(target, classes),
        })
        .collect()
}

fn status(plan: &BackupPlan, looked: &[Looked<'_>], wanted: &[String]) -> ExitStatus {
    let failed = plan
        .gaps
        .iter()
        .any(|gap| matches!(gap, PlanGap::Failed(..)));
    let unread = looked.iter().any(|one| !one.found.unread.is_empty());
    if failed && !wanted.is_empty() {
        ExitStatus::Adapter
    } else if failed || unread {
        ExitStatus::Partial
    } else {
        ExitStatus::Done
    }
}

/// Stops a backup that would hold a secret.
pub(super) fn refuse(context: &Context, plan: &BackupPlan) -> Result<(), CommandError> {
    let looked = look(plan, watched());
    let unread = looked.iter().flat_map(|one| &one.found.unread).next();
    let files: std::collections::BTreeSet<String> = looked
        .iter()
        .flat_map(|one| &one.found.findings)
        .map(|finding| finding.path.to_string())
        .collect();
    if files.is_empty() && unread.is_none() {
        return Ok(());
    }
    for one in &looked {
        let findings: Vec<&Finding> = one.found.findings.iter().collect();
        warn(&context.voice, one.target, &findings, &context.facts);
    }
    let message = match unread {
        Some(path) if files.is_empty() => {
            let path = Shown(path);
            format!("nothing was backed up: {path} cannot be looked through for secrets")
        }
        _ => {
            let files = human::counted(files.len() as u64, "file holds", "files hold");
            format!("nothing was backed up: {files} what is a secret")
        }
    };
    Err(CommandError::new(ExitStatus::Refused, message)
        .hint("move it to the environment or a keychain, or back up without --strict-secrets"))
}

/// What a finding is, in words.
fn words(finding: &Finding) -> String {
    let times = match finding.count {
        1 => String::new(),
        count => format!(" ({count} times)"),
    };
    match finding.kind {
        SecretKind::Declared => {
            const MOST: usize = 5;
            let fields = finding.fields.iter().take(MOST);
            let mut fields: Vec<String> = fields.map(|field| Shown(field).to_string()).collect();
            if finding.fields.len() > MOST {
                fields.push(format!("{} more", finding.fields.len() - MOST));
            }
            format!("fields for secrets: {}", fields.join(", "))
        }
        kind => format!("{kind}{times}"),
    }
}

/// Tells of secrets in what was kept. That a field for a secret holds one is no surprise, so those
/// are one line; a key anywhere else is a warning.
pub(super) fn tell(voice: &Voice, target: &TargetId, findings: &[Finding], facts: &HostFacts) {
    let (declared, others): (Vec<&Finding>, Vec<&Finding>) = findings
        .iter()
        .partition(|one| matches!(one.kind, SecretKind::Declared));
    if !declared.is_empty() {
        let places = declared.iter().take(TOLD);
        let mut places: Vec<String> = places.map(|one| human::place(&one.path, facts)).collect();
        if declared.len() > TOLD {
            places.push(format!("{} more", declared.len() - TOLD));
        }
        let places = places.join(", ");
        voice.say(format!(
            "  {target}: holds fields for secrets in {places} (`takeback secrets` names them)"
        ));
    }
    warn(voice, target, &others, facts);
}

/// Warns of every secret in what would be kept.
fn warn(voice: &Voice, target: &TargetId, findings: &[&Finding], facts: &HostFacts) {
    for finding in findings.iter().take(TOLD) {
        let place = human::place(&finding.path, facts);
        let what = words(finding);
        voice.warn(&format!("{target}: {place} holds {what}"));
    }
    if findings.len() > TOLD {
        let more = findings.len() - TOLD;
        voice.warn(&format!(
            "{target}: and {more} more; `takeback secrets {target}` names them all"
        ));
    }
}

fn show(context: &Context, looked: &[Looked<'_>], history: bool, facts: &HostFacts) {
    let voice = &context.voice;
    let width = looked.iter().map(|one| one.target.as_str().len()).max();
    let width = width.unwrap_or_default();
    for one in looked {
        let target = one.target;
        let name = target.as_str();
        for finding in &one.found.findings {
            let place = human::place(&finding.path, facts);
            voice.line(format!("  {name:width$}    {place}    {}", words(finding)));
        }
        for path in &one.found.unread {
            let path = Shown(path);
            voice.warn(&format!("{target}: {path} cannot be read"));
        }
    }
    for one in looked {
        human::left_out(voice, one.target, one.left_out);
    }
    let files: u64 = looked.iter().map(|one| one.found.files).sum();
    let findings: usize = looked.iter().map(|one| one.found.findings.len()).sum();
    let files = human::counted(files, "file", "files");
    voice.say(match findings {
        0 => format!("No secret was found in {files}"),
        _ => format!("Looked through {files}; what was found is not shown"),
    });
    if !history {
        voice.say("Transcripts were not looked through; --history does that, too");
    }
}

/// A finding in a document.
#[derive(Serialize)]
pub(super) struct View<'a> {
    path: String,
    kind: &'static str,
    count: u64,
    fields: &'a [String],
}

/// Findings in a document.
pub(super) fn views(findings: &[Finding]) -> Vec<View<'_>> {
    let view = |finding: &'_ Finding| (finding.path.to_string(), finding.kind.as_str());
    findings
        .iter()
        .map(|finding| {
            let (path, kind) = view(finding);
            View {
                path,
                kind,
                count: finding.count,
                fields: &finding.fields,
            }
        })
        .collect()
}

#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    message_type: &'static str,
    /// The classes that were looked through.
    classes: Vec<&'static str>,
    targets: Vec<TargetView<'a>>,
}

#[derive(Serialize)]
struct TargetView<'a> {
    target: &'a str,
    files: u64,
    secrets: Vec<View<'a>>,
    unread: &'a [String],
    left_out: Vec<json::LeftOutView>,
}

fn document(looked: &[Looked<'_>], classes: ClassSelection) {
    let targets = looked.iter().map(|one| TargetView {
        target: one.target.as_str(),
        files: one.found.files,
        secrets: views(&one.found.findings),
        unread: &one.found.unread,
        left_out: json::left_out(one.left_out),
    });
    json::print(&Document {
        schema_version: json::SCHEMA,
        message_type: "secrets",
        classes: classes.classes().map(Class::as_str).collect(),
        targets: targets.collect(),
    });
}
