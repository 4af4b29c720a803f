//! `takeback show`.

use super::archives::open_recorded;
use super::args::ShowArgs;
use super::context::Context;
use super::error::{CommandError, ExitStatus};
use super::list;
use super::render::{human, json};
use serde::Serialize;
use std::collections::BTreeMap;
use takeback::archive::{Listing, OpenArchive};
use takeback::model::{Class, EntryKind, Shown};
use takeback::vault::{SnapshotRecord, SnapshotSelector, select};

#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    message_type: &'static str,
    snapshot: json::SnapshotView<'a>,
    targets: Vec<TargetView<'a>>,
}

#[derive(Serialize)]
struct TargetView<'a> {
    target: String,
    adapter_version: &'a str,
    adapter_sha256: String,
    classes: Vec<ClassView>,
    left_out: Vec<json::LeftOutView>,
    troubles: Vec<json::TroubleView<'a>>,
    followed: Vec<json::LinkView>,
}

#[derive(Serialize)]
struct ClassView {
    class: &'static str,
    files: u64,
    bytes: u64,
    paths: Vec<String>,
}

pub(super) fn run(context: &Context, args: &ShowArgs) -> Result<ExitStatus, CommandError> {
    let catalogue = context.catalogue()?;
    let only = args
        .target
        .as_deref()
        .map(|name| list::target(name, &catalogue))
        .transpose()?;
    let selector = SnapshotSelector::parse(&args.snapshot);
    let record = select(&catalogue.snapshots, &selector, only.as_ref())?;
    let listings = listings(context, record, only.as_ref())?;
    if context.voice.json {
        json::print(&Document {
            schema_version: json::SCHEMA,
            message_type: "show",
            snapshot: json::snapshot(record),
            targets: listings.iter().map(view).collect(),
        });
        return Ok(ExitStatus::Done);
    }
    context.voice.line(&record.id);
    if let Some(remarks) = human::remarks(record) {
        context.voice.line(format!("  {remarks}"));
    }
    for listing in &listings {
        show(context, record, listing);
    }
    Ok(ExitStatus::Done)
}

fn listings(
    context: &Context,
    record: &SnapshotRecord,
    only: Option<&takeback::model::TargetId>,
) -> Result<Vec<Listing>, CommandError> {
    let Some(vault) = context.vault()? else {
        return Ok(Vec::new());
    };
    let wanted = record
        .targets
        .iter()
        .filter(|t| only.is_none_or(|id| t.target == *id));
    wanted
        .map(|target| Ok(open_recorded(&vault, record, target)?.into_listing()))
        .collect()
}

fn by_class(listing: &Listing) -> BTreeMap<Class, ClassView> {
    let mut classes: BTreeMap<Class, ClassView> = BTreeMap::new();
    for entry in listing.entries.values() {
        let size = match entry.kind {
            EntryKind::File { size } => size,
            EntryKind::Link { .. } => 0,
            EntryKind::Directory => continue,
        };
        let Some(class) = listing.rule_for(&entry.path).map(|rule| rule.class) else {
            continue;
        };
        let empty = || ClassView {
            class: class.as_str(),
            files: 0,
            bytes: 0,
            paths: Vec::new(),
        };
        let view = classes.entry(class).or_insert_with(empty);
        view.files += 1;
        view.bytes += size;
        view.paths.push(entry.path.to_string());
    }
    classes
}

fn view(listing: &Listing) -> TargetView<'_> {
    let manifest = &listing.manifest;
    TargetView {
        target: manifest.target.to_string(),
        adapter_version: &manifest.adapter_version,
        adapter_sha256: manifest.adapter_digest.to_string(),
        classes: by_class(listing).into_values().collect(),
        left_out: json::left_out(&manifest.left_out),
        troubles: json::troubles(&manifest.troubles),
        followed: json::followed(&manifest.followed),
    }
}

fn show(context: &Context, record: &SnapshotRecord, listing: &Listing) {
    let voice = &context.voice;
    let target = &listing.manifest.target;
    let recorded = record.target(target);
    let tallies = recorded.map(|r| r.tallies.as_slice()).unwrap_or_default();
    voice.line(human::target_line(
        target,
        tallies,
        listing.bytes,
        target.as_str().len(),
    ));
    for class in by_class(listing).into_values() {
        let files = human::counted(class.files, "file", "files");
        voice.line(format!(
            "    {:<12}  {files}, {}",
            class.class,
            human::bytes(class.bytes)
        ));
        if voice.verbose {
            class
                .paths
                .iter()
                .for_each(|path| voice.line(format!("      {}", Shown(path))));
        }
    }
    human::left_out(voice, target, &listing.manifest.left_out);
    human::troubles(voice, target, &listing.manifest.troubles);
}
