//! The timeline: a line for each target, a mark for each snapshot. Marks differ in shape, so
//! that nothing is told by colour alone.

use super::super::survey::{Survey, Told};
use super::super::words::{day, marks, time};
use super::esc;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use takeback::model::TargetId;
use takeback::vault::SnapshotKind;

/// Places on a line. Snapshots that fall on one place share a mark, so the page stays small
/// however many there are.
const PLACES: i64 = 160;

/// Snapshots that a shared mark names.
const MOST_NAMED: usize = 4;

/// The section.
pub(super) fn section(out: &mut String, survey: &Survey) {
    let times = || survey.snapshots.iter().map(|told| told.time);
    let (Some(first), Some(last)) = (times().min(), times().max()) else {
        return;
    };
    out.push_str("<section id=\"timeline\">\n<h2>Timeline</h2>\n");
    out.push_str("<p>When each tool was backed up, from left (oldest) to right (newest).</p>\n");
    legend(out);
    out.push_str("<div class=\"lines\" role=\"list\">\n");
    for target in &survey.targets {
        line(out, survey, &target.id, (first, last));
    }
    let middle = day(first + (last - first) / 2);
    let _ = writeln!(
        out,
        "<div class=\"axis\" aria-hidden=\"true\"><span>{}</span><span class=\"mid\">{middle}</span><span>{}</span></div>",
        day(first),
        day(last)
    );
    out.push_str("</div>\n</section>\n");
}

fn legend(out: &mut String) {
    out.push_str("<ul class=\"legend\">\n");
    for (class, text) in [
        ("manual", "made by hand"),
        ("automatic", "automatic"),
        (
            "safety",
            "safety: saved by a restore before it changed anything",
        ),
        (
            "imported",
            "half round: imported from another program's backup",
        ),
        (
            "manual pinned",
            "ringed: pinned, kept whatever the rules say",
        ),
        (
            "manual partial",
            "hollow: partial, something could not be read",
        ),
    ] {
        let _ = writeln!(out, "<li><i class=\"mark {class}\"></i> {text}</li>");
    }
    out.push_str("</ul>\n");
}

fn line(out: &mut String, survey: &Survey, target: &TargetId, (first, last): (i64, i64)) {
    let span = (last - first).max(1);
    let mut places: BTreeMap<i64, Vec<&Told>> = BTreeMap::new();
    // Oldest first, so that the newest of a place comes last.
    for told in survey.snapshots.iter().rev() {
        if told.record.target(target).is_some() {
            let place = (told.time - first).saturating_mul(PLACES) / span;
            places.entry(place).or_default().push(told);
        }
    }
    let count: usize = places.values().map(Vec::len).sum();
    let _ = write!(
        out,
        "<div class=\"line\" role=\"listitem\"><b>{target}</b><span class=\"count\">{count}</span><div class=\"track\">",
    );
    for (place, all) in places {
        let left = place as f64 * 100.0 / PLACES as f64;
        let _ = write!(
            out,
            "<i class=\"mark {}\" style=\"left:{left:.1}%\" title=\"{}\"></i>",
            look(&all, target),
            title(&all)
        );
    }
    out.push_str("</div></div>\n");
}

/// The look of a mark: of several snapshots that of the one that says most.
fn look(all: &[&Told], target: &TargetId) -> String {
    let worth = |told: &&&Told| match told.record.kind {
        SnapshotKind::Manual => 2,
        SnapshotKind::Automatic => 1,
        SnapshotKind::Imported | SnapshotKind::Safety => 0,
    };
    let kind = all.iter().max_by_key(worth).map(|told| told.record.kind);
    let mut look = match kind {
        Some(SnapshotKind::Automatic) => "automatic".to_owned(),
        Some(SnapshotKind::Safety) => "safety".to_owned(),
        Some(SnapshotKind::Imported) => "imported".to_owned(),
        _ => "manual".to_owned(),
    };
    if all.iter().any(|told| told.record.pinned) {
        look.push_str(" pinned");
    }
    let troubles = |told: &&Told| {
        told.record
            .target(target)
            .is_some_and(|one| one.troubles > 0)
    };
    if all.iter().all(troubles) {
        look.push_str(" partial");
    }
    look
}

fn title(all: &[&Told]) -> String {
    let one = |told: &&Told| format!("{}, {}", time(told.time), marks(told).join(", "));
    let mut texts: Vec<String> = all.iter().rev().take(MOST_NAMED).map(one).collect();
    if all.len() > MOST_NAMED {
        texts.push(format!("and {} more", all.len() - MOST_NAMED));
    }
    esc(&texts.join("; "))
}
