//! The parts of the page that sum up: what needs attention, targets, growth, the way back.

use super::super::survey::{Point, Survey, Target};
use super::super::words::{attention as wanted, time};
use super::{esc, foreign};
use crate::cli::render::human::{ago, bytes, counted};
use std::fmt::Write as _;

/// Points of the line that shows how a target grew.
const POINTS: usize = 120;
/// Months that are shown.
const MONTHS: usize = 36;

/// What somebody should do something about.
pub(super) fn attention(out: &mut String, survey: &Survey) {
    let all = wanted(survey);
    let (class, title) = match all.is_empty() {
        true => ("good", "Nothing needs your attention"),
        false => ("look", "What needs your attention"),
    };
    let _ = writeln!(
        out,
        "<section class=\"attention {class}\">\n<h2>{title}</h2>"
    );
    if all.is_empty() {
        out.push_str(
            "<p>The newest backup of every tool is complete. This page looks at records and \
             indexes only; <code>takeback verify</code> reads every byte.</p>\n",
        );
    } else {
        out.push_str("<ul>\n");
        for one in all {
            let _ = writeln!(out, "<li>{}</li>", commands(&esc(&one)));
        }
        out.push_str("</ul>\n");
    }
    out.push_str("</section>\n");
}

/// Sets what stands between backquotes as code.
fn commands(text: &str) -> String {
    let parts = text.split('`').enumerate();
    let parts = parts.map(|(number, part)| match number % 2 {
        1 => format!("<code>{part}</code>"),
        _ => part.to_owned(),
    });
    parts.collect()
}

/// A card for each target.
pub(super) fn targets(out: &mut String, survey: &Survey) {
    out.push_str("<section id=\"tools\">\n<h2>Tools</h2>\n<p>What the newest backup of each tool holds, by class, and how it grew.</p>\n<div class=\"cards\">\n");
    for target in &survey.targets {
        card(out, survey, target);
    }
    out.push_str("</div>\n</section>\n");
}

fn card(out: &mut String, survey: &Survey, target: &Target) {
    let now = survey.now;
    let point = |point: &Option<Point>| match point {
        Some(point) => format!(
            "{}<br><small>{}</small>",
            esc(&ago(now, point.time)),
            esc(&time(point.time))
        ),
        None => "none".to_owned(),
    };
    let _ = writeln!(
        out,
        "<article>\n<h3>{}</h3>\n<dl class=\"facts\"><div><dt>Newest</dt><dd>{}</dd></div>\
         <div><dt>Oldest restorable</dt><dd>{}</dd></div><div><dt>Snapshots</dt><dd>{}</dd></div>\
         <div><dt>On the disk</dt><dd>{}</dd></div></dl>",
        target.id,
        point(&target.newest),
        point(&target.oldest),
        target.snapshots,
        bytes(target.on_disk)
    );
    classes(out, target);
    grown(out, target);
    out.push_str("</article>\n");
}

fn classes(out: &mut String, target: &Target) {
    if target.classes.is_empty() {
        out.push_str(
            "<p class=\"none\">What is in the newest one could not be read from its index.</p>\n",
        );
        return;
    }
    let most = target
        .classes
        .iter()
        .map(|one| one.bytes)
        .max()
        .unwrap_or(1)
        .max(1);
    out.push_str("<table class=\"bars\"><caption>In the newest backup</caption>\n");
    for one in &target.classes {
        let share = one.bytes as f64 * 100.0 / most as f64;
        let _ = writeln!(
            out,
            "<tr><th scope=\"row\">{}</th><td class=\"bar\"><span style=\"width:{share:.1}%\"></span></td><td>{}</td><td>{}</td></tr>",
            one.class,
            bytes(one.bytes),
            counted(one.files, "file", "files")
        );
    }
    out.push_str("</table>\n");
}

/// A line from the oldest to the newest size.
fn grown(out: &mut String, target: &Target) {
    let (Some(first), Some(last)) = (target.sizes.first(), target.sizes.last()) else {
        return;
    };
    if target.sizes.iter().all(|(_, size)| *size == first.1) {
        out.push_str("<p class=\"none\">Its size has not changed.</p>\n");
        return;
    }
    let (begin, span) = (first.0, (last.0 - first.0).max(1));
    let most = target
        .sizes
        .iter()
        .map(|(_, size)| *size)
        .max()
        .unwrap_or(1)
        .max(1);
    let step = target.sizes.len().div_ceil(POINTS);
    let thinned = target.sizes.iter().step_by(step).chain([last]);
    let points: Vec<String> = thinned
        .map(|(at, size)| {
            let x = (at - begin) as f64 * 300.0 / span as f64;
            let y = 38.0 - *size as f64 * 34.0 / most as f64;
            format!("{x:.1},{y:.1}")
        })
        .collect();
    let _ = writeln!(
        out,
        "<figure><svg viewBox=\"0 0 300 40\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{label}\"><polyline points=\"{}\"/></svg><figcaption>{label}</figcaption></figure>",
        points.join(" "),
        label = esc(&format!(
            "Size of its files: {} at first, {} now, {} at most",
            bytes(first.1),
            bytes(last.1),
            bytes(most)
        )),
    );
}

/// What came onto the disk, by month.
pub(super) fn growth(out: &mut String, survey: &Survey) {
    let most = survey.months.values().copied().max().unwrap_or(1).max(1);
    out.push_str("<section id=\"growth\">\n<h2>Growth</h2>\n<p>What each month's snapshots still take on the disk.</p>\n<table class=\"bars\">\n");
    let skipped = survey.months.len().saturating_sub(MONTHS);
    for (month, came) in survey.months.iter().skip(skipped) {
        let share = *came as f64 * 100.0 / most as f64;
        let _ = writeln!(
            out,
            "<tr><th scope=\"row\">{}</th><td class=\"bar\"><span style=\"width:{share:.1}%\"></span></td><td>{}</td></tr>",
            foreign(month),
            bytes(*came)
        );
    }
    let _ = writeln!(
        out,
        "<tr class=\"sum\"><th scope=\"row\">all</th><td class=\"bar\"></td><td>{}</td></tr>\n</table>",
        bytes(survey.on_disk)
    );
    if skipped > 0 {
        let _ = writeln!(out, "<p>{skipped} earlier months are in the sum.</p>");
    }
    out.push_str("</section>\n");
}

/// How to get something back.
pub(super) fn back(out: &mut String, survey: &Survey) {
    let target = survey
        .targets
        .first()
        .map_or("claude", |target| target.id.as_str());
    let newest = survey.newest().map(|told| told.record.id.as_str());
    let newest = newest.unwrap_or("latest");
    out.push_str("<section id=\"back\">\n<h2>Getting something back</h2>\n<p>In a terminal. Nothing changes before you have seen the plan and agreed.</p>\n<dl class=\"how\">\n");
    for (command, text) in [
        (
            "takeback browse".to_owned(),
            "look through the snapshots, pick files, restore them",
        ),
        (
            format!("takeback restore {target} --dry-run"),
            "what restoring a tool would do, file by file",
        ),
        (
            format!("takeback restore {target} --from {newest}"),
            "restore it from this snapshot, after asking",
        ),
        ("takeback undo".to_owned(), "take the last restore back"),
    ] {
        let _ = writeln!(
            out,
            "<div><dt><code>{}</code></dt><dd>{text}</dd></div>",
            esc(&command)
        );
    }
    out.push_str("</dl>\n</section>\n");
}
