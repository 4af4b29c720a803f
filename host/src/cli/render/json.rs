//! JSON documents. Fields are only ever added. Everything that is not plain ASCII is
//! escaped, so that a document on a terminal steers nothing.

mod cleanup;
mod difference;
mod snapshots;

pub(in crate::cli) use cleanup::{Cleanup, cleanup};
pub(in crate::cli) use difference::{DifferenceView, difference};
pub(in crate::cli) use snapshots::{List, SnapshotView, snapshot};

use crate::cli::secrets;
use serde::Serialize;
use std::fmt::Write as _;
use takeback::backup::TargetReport;
use takeback::model::{
    ArchivePath, FollowedLink, Hint, LeftOut, Severity, Shell, TallyCount, Trouble,
};
use takeback::restore::RestorePlan;

/// Version of all documents.
pub(in crate::cli) const SCHEMA: u32 = 1;

/// Prints one document.
pub(in crate::cli) fn print(document: &impl Serialize) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stdout(), "{}", text(document));
}

/// One document, for where it is not printed.
pub(in crate::cli) fn text(document: &impl Serialize) -> String {
    // These values have only string keys: they cannot fail to become JSON.
    ascii(&serde_json::to_string(document).unwrap_or_default())
}

fn ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if (' '..='~').contains(&c) {
            out.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
    out
}

#[derive(Serialize)]
pub(in crate::cli) struct Error {
    pub(in crate::cli) schema_version: u32,
    pub(in crate::cli) message_type: &'static str,
    pub(in crate::cli) code: u8,
    pub(in crate::cli) error: String,
    pub(in crate::cli) causes: Vec<String>,
    pub(in crate::cli) hints: Vec<String>,
}

#[derive(Serialize)]
pub(in crate::cli) struct Tally<'a> {
    noun: &'a str,
    plural: &'a str,
    count: u64,
}

pub(in crate::cli) fn tallies(counts: &[TallyCount]) -> Vec<Tally<'_>> {
    counts
        .iter()
        .map(|c| Tally {
            noun: &c.noun,
            plural: &c.plural,
            count: c.count,
        })
        .collect()
}

#[derive(Serialize)]
pub(in crate::cli) struct LeftOutView {
    rule: String,
    class: &'static str,
    at: String,
    reason: String,
}

pub(in crate::cli) fn left_out(left: &[LeftOut]) -> Vec<LeftOutView> {
    let view = |item: &LeftOut| LeftOutView {
        rule: item.rule.to_string(),
        class: item.class.as_str(),
        at: item.at.clone(),
        reason: item.reason.to_string(),
    };
    left.iter().map(view).collect()
}

#[derive(Serialize)]
pub(in crate::cli) struct TroubleView<'a> {
    path: &'a str,
    kind: &'static str,
    detail: &'a str,
}

pub(in crate::cli) fn troubles(troubles: &[Trouble]) -> Vec<TroubleView<'_>> {
    troubles.iter().map(trouble).collect()
}

pub(in crate::cli) fn trouble(trouble: &Trouble) -> TroubleView<'_> {
    TroubleView {
        path: &trouble.path,
        kind: trouble.kind.as_str(),
        detail: &trouble.detail,
    }
}

#[derive(Serialize)]
pub(in crate::cli) struct LinkView {
    path: String,
    target: String,
}

pub(in crate::cli) fn followed(links: &[FollowedLink]) -> Vec<LinkView> {
    let view = |f: &FollowedLink| LinkView {
        path: f.path.to_string(),
        target: f.target.clone(),
    };
    links.iter().map(view).collect()
}

/// One target of a backup or a dry run.
#[derive(Serialize)]
pub(in crate::cli) struct BackedUp<'a> {
    pub(in crate::cli) target: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::cli) archive: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::cli) sha256: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::cli) size: Option<u64>,
    /// The snapshot its archive was made for, when nothing has changed since.
    pub(in crate::cli) unchanged_since: Option<String>,
    pub(in crate::cli) files: u64,
    pub(in crate::cli) bytes: u64,
    pub(in crate::cli) tallies: Vec<Tally<'a>>,
    pub(in crate::cli) left_out: Vec<LeftOutView>,
    pub(in crate::cli) troubles: Vec<TroubleView<'a>>,
    pub(in crate::cli) followed: Vec<LinkView>,
    pub(in crate::cli) undeclared: &'a [String],
    /// Secrets in files that were read for it.
    pub(in crate::cli) secrets: Vec<secrets::View<'a>>,
}

pub(in crate::cli) fn backed_up(report: &TargetReport, archive: Option<String>) -> BackedUp<'_> {
    BackedUp {
        target: report.record.target.to_string(),
        archive,
        sha256: Some(report.record.digest.to_string()),
        size: Some(report.record.size),
        unchanged_since: report
            .record
            .unchanged_since
            .as_ref()
            .map(ToString::to_string),
        files: report.record.files,
        bytes: report.record.bytes,
        tallies: tallies(&report.record.tallies),
        left_out: left_out(&report.manifest.left_out),
        troubles: troubles(&report.manifest.troubles),
        followed: followed(&report.manifest.followed),
        undeclared: &report.undeclared,
        secrets: secrets::views(&report.secrets),
    }
}

#[derive(Serialize)]
pub(in crate::cli) struct Skipped {
    pub(in crate::cli) target: String,
    pub(in crate::cli) reason: String,
}

#[derive(Serialize)]
pub(in crate::cli) struct Backup<'a> {
    pub(in crate::cli) schema_version: u32,
    pub(in crate::cli) message_type: &'static str,
    pub(in crate::cli) dry_run: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::cli) snapshot: Option<String>,
    /// Why there is no snapshot, where one was wanted only under a condition.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::cli) nothing_done: Option<&'static str>,
    pub(in crate::cli) complete: bool,
    pub(in crate::cli) targets: Vec<BackedUp<'a>>,
    pub(in crate::cli) skipped: Vec<Skipped>,
    /// What was cleaned up behind it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::cli) cleanup: Option<Cleanup>,
}

#[derive(Serialize)]
pub(in crate::cli) struct PlanView<'a> {
    target: String,
    snapshot: String,
    archive: String,
    actions: Vec<ActionView<'a>>,
    conflicts: Vec<ConflictView>,
    soft_refusals: Vec<String>,
    will_run: Vec<CommandView>,
    executables: Vec<String>,
    ignored: Vec<String>,
    masked_modes: u64,
    odd_names: Vec<ConflictView>,
    blanked: Vec<BlankedView>,
}

#[derive(Serialize)]
pub(in crate::cli) struct BlankedView {
    path: String,
    pointer: String,
}

pub(in crate::cli) fn blanked(blanked: &[(ArchivePath, String)]) -> Vec<BlankedView> {
    let view = |(path, pointer): &(ArchivePath, String)| BlankedView {
        path: path.to_string(),
        pointer: pointer.clone(),
    };
    blanked.iter().map(view).collect()
}

#[derive(Serialize)]
struct ActionView<'a> {
    action: &'static str,
    path: String,
    class: Option<&'static str>,
    size: u64,
    newer_here: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    difference: Option<DifferenceView<'a>>,
}

#[derive(Serialize)]
struct ConflictView {
    path: String,
    why: String,
}

#[derive(Serialize)]
struct CommandView {
    path: String,
    key: String,
    command: String,
}

pub(in crate::cli) fn plan(plan: &RestorePlan) -> PlanView<'_> {
    let actions = plan.actions.iter().map(|planned| ActionView {
        action: planned.action.word(),
        path: planned.path.to_string(),
        class: planned.class.map(takeback::model::Class::as_str),
        size: planned.size,
        newer_here: planned.newer_here,
        difference: plan.differences.get(&planned.path).map(difference),
    });
    PlanView {
        target: plan.target.to_string(),
        snapshot: plan.snapshot.to_string(),
        archive: plan.archive.clone(),
        actions: actions.collect(),
        conflicts: plan
            .conflicts
            .iter()
            .map(|c| ConflictView {
                path: c.path.to_string(),
                why: c.why.clone(),
            })
            .collect(),
        soft_refusals: plan.soft.iter().map(ToString::to_string).collect(),
        will_run: plan
            .commands
            .iter()
            .map(|(path, c)| CommandView {
                path: path.to_string(),
                key: c.key.clone(),
                command: c.text.clone(),
            })
            .collect(),
        executables: plan.executables.iter().map(ToString::to_string).collect(),
        ignored: plan.ignored.clone(),
        masked_modes: plan.masked,
        odd_names: plan
            .odd_names
            .iter()
            .map(|(path, why)| ConflictView {
                path: path.to_string(),
                why: why.clone(),
            })
            .collect(),
        blanked: blanked(&plan.blanked),
    }
}

#[derive(Serialize)]
pub(in crate::cli) struct HintView<'a> {
    adapter: &'a str,
    severity: &'static str,
    summary: &'a str,
    steps: &'a [String],
    commands: Vec<BlockView<'a>>,
    saved: Option<String>,
}

#[derive(Serialize)]
struct BlockView<'a> {
    shell: &'static str,
    heading: &'a str,
    lines: &'a [String],
}

pub(in crate::cli) fn hint<'a>(
    adapter: &'a str,
    hint: &'a Hint,
    saved: Option<String>,
) -> HintView<'a> {
    HintView {
        adapter,
        severity: match hint.severity {
            Severity::Info => "info",
            Severity::Action => "action",
            Severity::Warning => "warning",
        },
        summary: &hint.summary,
        steps: &hint.steps,
        commands: hint
            .commands
            .iter()
            .map(|block| BlockView {
                shell: if block.shell == Shell::Terminal {
                    "terminal"
                } else {
                    "tool"
                },
                heading: &block.heading,
                lines: &block.lines,
            })
            .collect(),
        saved,
    }
}

#[derive(Serialize)]
pub(in crate::cli) struct Restore<'a> {
    pub(in crate::cli) schema_version: u32,
    pub(in crate::cli) message_type: &'static str,
    pub(in crate::cli) dry_run: bool,
    pub(in crate::cli) changed: bool,
    pub(in crate::cli) operation: Option<String>,
    pub(in crate::cli) safety_snapshot: Option<String>,
    pub(in crate::cli) plans: Vec<PlanView<'a>>,
    pub(in crate::cli) hints: Vec<HintView<'a>>,
    pub(in crate::cli) notes: Vec<String>,
}

pub(in crate::cli) use super::operations::{Operations, Recover, operation, recovered, undo};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_plain_ascii_is_printed() {
        let text = serde_json::to_string("a\u{202e}\u{9b}\u{7f}é😀\u{1b}").unwrap();
        let safe = ascii(&text);
        assert!(safe.bytes().all(|b| (b' '..=b'~').contains(&b)));
        assert_eq!(
            serde_json::from_str::<String>(&safe).unwrap(),
            "a\u{202e}\u{9b}\u{7f}é😀\u{1b}"
        );
    }
}
