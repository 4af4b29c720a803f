//! Text for people.

use super::{Voice, difference};
use crate::cli::context::tilde;
use crate::cli::secrets;
use takeback::backup::TargetReport;
use takeback::model::{
    ArchivePath, Class, HostFacts, LeftOut, LeftOutReason, Shown, TallyCount, TargetId, Trouble,
};
use takeback::operation::Tally;
use takeback::restore::{Action, Conflict, PlannedAction, RestorePlan, Totals};
use takeback::vault::{SnapshotRecord, TargetRecord};

/// Bytes as people say them: `2.1 MB`, `640 kB`.
pub(in crate::cli) fn bytes(count: u64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    if count < 1000 {
        return format!("{count} B");
    }
    // One decimal where it says something; what would round up to 1000 is the next unit.
    let mut size = count as f64 / 1000.0;
    let mut unit = 0;
    while size >= 999.5 && unit + 1 < UNITS.len() {
        size /= 1000.0;
        unit += 1;
    }
    let decimals = usize::from(size < 99.95);
    format!("{size:.decimals$} {}", UNITS[unit])
}

/// `1 skill`, `5 skills`.
pub(in crate::cli) fn counted(count: u64, one: &str, more: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { more })
}

/// `5 skills, 2 agents, 2.1 MB`.
pub(in crate::cli) fn contents(tallies: &[TallyCount], size: u64) -> String {
    let counts = tallies.iter().filter(|tally| tally.count > 0).map(|tally| {
        counted(
            tally.count,
            &Shown::sentence(&tally.noun),
            &Shown::sentence(&tally.plural),
        )
    });
    counts.chain([bytes(size)]).collect::<Vec<_>>().join(", ")
}

/// `  claude    5 skills, 2 agents, 2.1 MB`.
pub(in crate::cli) fn target_line(
    target: &TargetId,
    tallies: &[TallyCount],
    size: u64,
    width: usize,
) -> String {
    format!("  {target:width$}    {}", contents(tallies, size))
}

/// A snapshot as `list` shows it.
pub(in crate::cli) fn snapshot(voice: &Voice, record: &SnapshotRecord, only: Option<&TargetId>) {
    voice.line(&record.id);
    let shown = || {
        record
            .targets
            .iter()
            .filter(|t| only.is_none_or(|id| t.target == *id))
    };
    let width = shown()
        .map(|target| target.target.as_str().len())
        .max()
        .unwrap_or_default();
    for target in shown() {
        voice.line(with_remarks(record, target, width));
    }
}

fn with_remarks(record: &SnapshotRecord, target: &TargetRecord, width: usize) -> String {
    let mut line = target_line(&target.target, &target.tallies, target.bytes, width);
    let mut remarks = Vec::new();
    if record.kind.as_str() != "manual" {
        remarks.push(record.kind.as_str().to_owned());
    }
    if target.troubles > 0 {
        remarks.push(counted(target.troubles, "gap", "gaps"));
    }
    if let Some(since) = &target.unchanged_since {
        remarks.push(format!("unchanged since {since}"));
    }
    // Last, for the note is about the pin.
    if record.pinned {
        remarks.push("pinned".to_owned());
    }
    if !remarks.is_empty() {
        line = format!("{line}    {}", remarks.join(", "));
    }
    match &record.note {
        Some(note) if remarks.is_empty() => format!("{line}    {}", Shown::sentence(note)),
        Some(note) => format!("{line}: {}", Shown::sentence(note)),
        None => line,
    }
}

/// What somebody says of a snapshot: `pinned: before the big clean-up`.
pub(in crate::cli) fn remarks(record: &SnapshotRecord) -> Option<String> {
    let note = record.note.as_deref().map(Shown::sentence);
    match (record.pinned, note) {
        (true, Some(note)) => Some(format!("pinned: {note}")),
        (true, None) => Some("pinned".to_owned()),
        (false, Some(note)) => Some(format!("note: {note}")),
        (false, None) => None,
    }
}

/// What a backup left out, and why: one line for each reason.
pub(in crate::cli) fn left_out(voice: &Voice, target: &TargetId, left: &[LeftOut]) {
    for class in Class::ALL {
        let of_class: Vec<&LeftOut> = left.iter().filter(|item| item.class == class).collect();
        let Some(first) = of_class.first() else {
            continue;
        };
        let line = format!("  {target}: left out {class} ({})", first.reason);
        match first.reason {
            LeftOutReason::Profile(_) => voice.say(line),
            LeftOutReason::Never => voice.detail(line),
        }
    }
}

/// What went wrong with single files.
pub(in crate::cli) fn troubles(voice: &Voice, target: &TargetId, troubles: &[Trouble]) {
    const MOST: usize = 20;
    for trouble in troubles.iter().take(MOST) {
        let (path, kind) = (Shown::again(&trouble.path), trouble.kind.as_str());
        let detail = Shown::again(&trouble.detail);
        voice.warn(&format!(
            "{target}: {path} is not backed up as it is ({kind}: {detail})"
        ));
    }
    if troubles.len() > MOST {
        let more = troubles.len() - MOST;
        voice.warn(&format!(
            "{target}: and {more} more; the archive's manifest.json lists them"
        ));
    }
}

/// The report of one target of a backup.
pub(in crate::cli) fn backed_up(voice: &Voice, report: &TargetReport, facts: &HostFacts) {
    let target = &report.record.target;
    troubles(voice, target, &report.manifest.troubles);
    left_out(voice, target, &report.manifest.left_out);
    for link in &report.manifest.followed {
        let (path, to) = (&link.path, Shown(&link.target));
        voice.detail(format!(
            "  {target}: the link {} to {to} is stored as what it leads to",
            Shown(&path.to_string())
        ));
    }
    undeclared(voice, target, &report.undeclared);
    secrets::tell(voice, target, &report.secrets, facts);
}

/// Names the adapter does not know.
pub(in crate::cli) fn undeclared(voice: &Voice, target: &TargetId, names: &[String]) {
    for name in names {
        voice.detail(format!(
            "  {target}: {} is unknown to the adapter and not taken",
            Shown(name)
        ));
    }
}

/// A path as people know it on this machine.
pub(in crate::cli) fn place(path: &ArchivePath, facts: &HostFacts) -> String {
    match facts.base_dir(path.base()) {
        Some(base) => tilde(&path.under(&base), &facts.home),
        None => Shown(&path.to_string()).to_string(),
    }
}

/// A restore plan, file by file.
pub(in crate::cli) fn plan(voice: &Voice, plan: &RestorePlan, facts: &HostFacts) {
    voice.line(format!("{} from {}", plan.target, plan.snapshot));
    for (path, real) in &plan.real_places {
        voice.line(format!(
            "  {} is really {}",
            place(path, facts),
            tilde(real, &facts.home)
        ));
    }
    let shown = |planned: &&PlannedAction| match &planned.action {
        Action::Same | Action::KeepDirectory => voice.verbose,
        // The link itself is named; what lies behind it is counted.
        Action::KeepLink(_) => voice.verbose || !planned.behind_link,
        _ => true,
    };
    let shown = plan.actions.iter().filter(shown);
    voice.lines(shown.flat_map(|planned| {
        let inside = plan.differences.get(&planned.path);
        let inside = inside.map(|one| difference::lines(one, "      ", voice.verbose));
        std::iter::once(action(planned, facts)).chain(inside.unwrap_or_default())
    }));
    for conflict in &plan.conflicts {
        voice.line(format!(
            "  conflict      {}",
            self::conflict(conflict, facts)
        ));
    }
    for name in &plan.ignored {
        voice.line(format!(
            "  ignored       {}: outside the known trees",
            Shown(name)
        ));
    }
    if plan.masked > 0 {
        voice.line(format!(
            "  {} made harmless (privileges, or writing by others)",
            counted(plan.masked, "mode is", "modes are")
        ));
    }
    for (path, pointer) in &plan.blanked {
        let (place, pointer) = (place(path, facts), Shown(pointer));
        voice.warn(&format!(
            "{place}: {pointer} is blank in this archive, for it is a secret"
        ));
    }
    for (path, why) in &plan.odd_names {
        voice.warn(&format!("{}: {why}", place(path, facts)));
    }
    for (path, command) in &plan.commands {
        let (key, text) = (Shown(&command.key), Shown(&command.text));
        voice.line(format!(
            "  will run      {text}    ({key} in {})",
            place(path, facts)
        ));
    }
    for path in &plan.executables {
        voice.line(format!("  executable    {}", place(path, facts)));
    }
    voice.line(format!("  {}", totals(&plan.totals())));
}

/// What stands in the way. That something is in use says itself where.
pub(in crate::cli) fn conflict(conflict: &Conflict, facts: &HostFacts) -> String {
    if conflict.in_use {
        return conflict.why.clone();
    }
    format!("{}: {}", place(&conflict.path, facts), conflict.why)
}

fn action(planned: &PlannedAction, facts: &HostFacts) -> String {
    let (word, place) = (planned.action.word(), place(&planned.path, facts));
    match &planned.action {
        Action::MakeDirectory | Action::KeepDirectory => format!("  {word:<12}  {place}/"),
        Action::CreateLink(target) => format!("  {word:<12}  {place} -> {}", Shown(target)),
        Action::KeepLink(why) => format!("  {word:<12}  {place}    {why}"),
        Action::Withhold(why) => format!("  {word:<12}  {place}    {why}"),
        Action::Remove(_) | Action::Same => format!("  {word:<12}  {place}"),
        Action::RemoveLog(_) => format!("  {word:<12}  {place}    log of the replaced database"),
        _ if planned.newer_here => {
            let size = bytes(planned.size);
            format!("  {word:<12}  {place}    {size}, newer here than in the backup")
        }
        _ => format!("  {word:<12}  {place}    {}", bytes(planned.size)),
    }
}

/// `3 to create, 1 to replace, 40 the same; 12 kB`.
pub(in crate::cli) fn totals(totals: &Totals) -> String {
    let mut parts = Vec::new();
    for (count, what) in [
        (totals.create, "to create"),
        (totals.replace, "to replace"),
        (totals.remove, "to remove"),
        (totals.same, "the same already"),
        (totals.keep_link, "behind links, kept"),
        (totals.withhold, "withheld"),
    ] {
        if count > 0 {
            parts.push(format!("{count} {what}"));
        }
    }
    if parts.is_empty() {
        parts.push("nothing to do".to_owned());
    }
    format!("{}; {}", parts.join(", "), bytes(totals.bytes))
}

/// `3 created, 1 replaced, 2 removed`.
pub(in crate::cli) fn tally(tally: &Tally) -> String {
    let parts = [
        (tally.created, "created"),
        (tally.replaced, "replaced"),
        (tally.removed, "removed"),
    ];
    let parts = parts.iter().filter(|(count, _)| *count > 0);
    let parts: Vec<String> = parts
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    if parts.is_empty() {
        "no file".to_owned()
    } else {
        parts.join(", ")
    }
}

/// How long ago a second of 1970's count was: `2 hours ago`.
pub(in crate::cli) fn ago(now: i64, then: i64) -> String {
    const UNITS: [(i64, &str, &str); 6] = [
        (365 * 86_400, "year", "years"),
        (30 * 86_400, "month", "months"),
        (7 * 86_400, "week", "weeks"),
        (86_400, "day", "days"),
        (3_600, "hour", "hours"),
        (60, "minute", "minutes"),
    ];
    let seconds = now - then;
    if seconds < 0 {
        return "in the future".to_owned();
    }
    let unit = UNITS.iter().find(|(length, ..)| seconds >= *length);
    unit.map_or("just now".to_owned(), |(length, one, more)| {
        format!(
            "{} ago",
            counted((seconds / length).unsigned_abs(), one, more)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_like_people_say_them() {
        for (count, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (8_100, "8.1 kB"),
            (640_000, "640 kB"),
            (999_499, "999 kB"),
            (999_500, "1.0 MB"),
            (2_100_000, "2.1 MB"),
            (u64::MAX, "18447 PB"),
        ] {
            assert_eq!(bytes(count), text);
        }
    }
}
