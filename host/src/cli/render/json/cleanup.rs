//! A clean-up, with every verdict.

use super::SCHEMA;
use crate::cli::cleanup::reasons;
use serde::Serialize;
use takeback::vault::retention::{ArchiveVerdict, CleanupPlan, SeriesPlan};

#[derive(Serialize)]
pub(in crate::cli) struct Cleanup {
    schema_version: u32,
    message_type: &'static str,
    dry_run: bool,
    series: Vec<Series>,
    /// The snapshots that went into the trash, or would.
    removed: Vec<String>,
    /// Bytes of files that only they have.
    removed_bytes: u64,
    /// How many snapshots stay.
    stay: usize,
}

#[derive(Serialize)]
struct Series {
    target: String,
    host: String,
    home: String,
    project: Option<String>,
    archives: Vec<Archive>,
}

#[derive(Serialize)]
struct Archive {
    snapshot: String,
    kind: &'static str,
    stored_size: u64,
    /// `keep` or `remove`.
    verdict: &'static str,
    reasons: Vec<String>,
}

pub(in crate::cli) fn cleanup(plan: &CleanupPlan, dry_run: bool, removed: usize) -> Cleanup {
    let gone = plan.remove.iter().take(removed);
    Cleanup {
        schema_version: SCHEMA,
        message_type: "cleanup",
        dry_run,
        series: plan.series.iter().map(series).collect(),
        removed: gone.map(ToString::to_string).collect(),
        removed_bytes: plan.frees,
        stay: plan.stay + plan.remove.len() - removed,
    }
}

fn series(series: &SeriesPlan) -> Series {
    Series {
        target: series.target.to_string(),
        host: series.host.clone(),
        home: series.home.clone(),
        project: series.project.clone(),
        archives: series.archives.iter().map(archive).collect(),
    }
}

fn archive(one: &ArchiveVerdict) -> Archive {
    let keeps = one.verdict.keeps();
    Archive {
        snapshot: one.id.to_string(),
        kind: one.kind.as_str(),
        stored_size: one.size,
        verdict: if keeps { "keep" } else { "remove" },
        reasons: reasons(&one.verdict),
    }
}
