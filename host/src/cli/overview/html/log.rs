//! The parts of the page that list: what changed when, and all snapshots.

use super::super::changes::Changed;
use super::super::survey::{MOST_NAMED, Survey, Told};
use super::super::words::{change, marks, more, time};
use super::{esc, foreign};
use crate::cli::render::human::{ago, bytes};
use std::fmt::Write as _;
use takeback::model::TargetId;

/// What changed when, newest first: snapshots in which something did.
pub(super) fn changes(out: &mut String, survey: &Survey) {
    out.push_str("<section id=\"changes\">\n<h2>What changed when</h2>\n<p>Files that each backup found added, changed or removed since the one before. Open a line to see which.
         Where only a size is given, the archive was not looked into: <code>takeback report --full</code> does.</p>\n");
    let all: Vec<&Told> = survey
        .snapshots
        .iter()
        .filter(|told| told.has_news())
        .collect();
    for told in all.iter().take(MOST_NAMED) {
        let _ = writeln!(
            out,
            "<div class=\"day\"><h3><time>{}</time> <small>{}</small></h3>",
            esc(&time(told.time)),
            esc(&ago(survey.now, told.time))
        );
        for (target, changed) in told.changed.iter().filter(|(_, one)| one.count() > 0) {
            one(out, target, changed);
        }
        for (target, by) in &told.unknown {
            let _ = writeln!(out, "<p class=\"change\"><b>{target}</b> {}</p>", more(*by));
        }
        out.push_str("</div>\n");
    }
    if all.is_empty() {
        out.push_str("<p class=\"none\">Nothing that is known.</p>\n");
    }
    if all.len() > MOST_NAMED {
        let more = all.len() - MOST_NAMED;
        let _ = writeln!(
            out,
            "<p>{more} earlier ones are below, with their counts.</p>"
        );
    }
    out.push_str("</section>\n");
}

fn one(out: &mut String, target: &TargetId, changed: &Changed) {
    let words = change(changed);
    if changed.files.is_empty() {
        let _ = writeln!(out, "<p class=\"change\"><b>{target}</b> {words}</p>");
        return;
    }
    let _ = writeln!(
        out,
        "<details><summary><b>{target}</b> {words}</summary><ul class=\"files\">"
    );
    for (word, place) in &changed.files {
        let _ = writeln!(
            out,
            "<li><span class=\"{word}\">{word}</span> <code>{}</code></li>",
            esc(place)
        );
    }
    let more = changed.count() - changed.files.len() as u64;
    if more > 0 {
        let _ = writeln!(out, "<li>and {more} more</li>");
    }
    out.push_str("</ul></details>\n");
}

/// All snapshots, by month.
pub(super) fn snapshots(out: &mut String, survey: &Survey) {
    out.push_str("<section id=\"snapshots\">\n<h2>All snapshots</h2>\n");
    let month = |told: &Told| time(told.time).get(..7).unwrap_or_default().to_owned();
    let months = survey
        .snapshots
        .chunk_by(|one, other| month(one) == month(other));
    for (number, all) in months.enumerate() {
        let open = if number == 0 { " open" } else { "" };
        let _ = writeln!(
            out,
            "<details{open}><summary>{} <small>({})</small></summary>\n<ul class=\"snapshots\">",
            all.first()
                .map(|told| esc(&month(told)))
                .unwrap_or_default(),
            all.len()
        );
        all.iter().for_each(|told| snapshot(out, told));
        out.push_str("</ul></details>\n");
    }
    out.push_str("</section>\n");
}

fn snapshot(out: &mut String, told: &Told) {
    let record = &told.record;
    let _ = write!(out, "<li><code>{}</code> ", record.id);
    for mark in marks(told) {
        let _ = write!(out, "<span class=\"tag\">{mark}</span> ");
    }
    let _ = write!(out, "<span>{}</span>", bytes(told.bytes()));
    if let Some(note) = &record.note {
        let _ = write!(out, " <q>{}</q>", foreign(note));
    }
    let targets = record.targets.iter().map(|target| {
        let known = told.changed.iter().find(|(id, _)| *id == target.target);
        let gaps = match target.troubles {
            0 => String::new(),
            count => format!(", {count} missing"),
        };
        let unknown = told.unknown.iter().find(|(id, _)| *id == target.target);
        match (known, unknown) {
            (Some((id, changed)), _) => format!("{id}: {}{gaps}", change(changed)),
            (None, Some((id, by))) => format!("{id}: {}{gaps}", more(*by)),
            (None, None) => format!("{}{gaps}", target.target),
        }
    });
    let targets: Vec<String> = targets.collect();
    let _ = writeln!(out, "<div>{}</div></li>", esc(&targets.join(" · ")));
}
