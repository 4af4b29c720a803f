//! The report as text.

use super::super::render::human::{ago, bytes, counted};
use super::super::render::{BOLD, Voice};
use super::survey::{Point, Survey, Target};
use super::words::{attention, change, more, time};

/// Snapshots whose changes are shown.
const MOST: usize = 10;

/// Prints it.
pub(super) fn show(voice: &Voice, survey: &Survey) {
    let count = counted(survey.snapshots.len() as u64, "snapshot", "snapshots");
    let size = bytes(survey.on_disk);
    voice.line(format!(
        "{BOLD}{}: {count}, {size} on the disk{BOLD:#}",
        survey.vault
    ));
    for one in attention(survey) {
        voice.line(format!("  attention: {one}"));
    }
    survey
        .targets
        .iter()
        .for_each(|one| target(voice, survey, one));
    let news = survey.snapshots.iter().filter(|told| told.has_news());
    let mut news = news.take(MOST).peekable();
    if news.peek().is_some() {
        voice.line(format!("{BOLD}What changed when{BOLD:#}"));
    }
    for told in news {
        for (id, changed) in told.changed.iter().filter(|(_, one)| one.count() > 0) {
            voice.line(format!("  {}  {id}: {}", told.record.id, change(changed)));
        }
        for (id, by) in &told.unknown {
            voice.line(format!("  {}  {id}: {}", told.record.id, more(*by)));
        }
    }
}

fn target(voice: &Voice, survey: &Survey, target: &Target) {
    let point = |point: &Option<Point>| match point {
        Some(point) => format!("{} ({})", time(point.time), ago(survey.now, point.time)),
        None => "none".to_owned(),
    };
    let count = counted(target.snapshots, "snapshot", "snapshots");
    voice.line(format!(
        "{BOLD}{}{BOLD:#}    {count}, {} on the disk",
        target.id,
        bytes(target.on_disk)
    ));
    voice.line(format!("  newest             {}", point(&target.newest)));
    voice.line(format!("  oldest restorable  {}", point(&target.oldest)));
    for one in &target.classes {
        let files = counted(one.files, "file", "files");
        voice.line(format!(
            "    {:<12}  {files}, {}",
            one.class,
            bytes(one.bytes)
        ));
    }
}
