//! How a history looks.

use super::super::context::Context;
use super::super::render::{BOLD, human, json};
use super::Found;
use super::versions::{State, Version};
use serde::Serialize;
use takeback::model::{ArchivePath, Base, HostFacts, Shown};

#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    message_type: &'static str,
    target: &'a str,
    path: String,
    live: VersionView<'a>,
    versions: Vec<VersionView<'a>>,
}

#[derive(Serialize)]
struct VersionView<'a> {
    snapshot: Option<&'a str>,
    time: Option<&'a str>,
    safety: bool,
    present: bool,
    #[serde(flatten)]
    state: Option<StateView>,
    same_as_above: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    unread: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    restore: Option<Vec<String>>,
}

#[derive(Serialize)]
struct StateView {
    kind: &'static str,
    size: u64,
    files: u64,
    modified: i64,
    sha256: String,
}

/// Versions that follow each other and are the same.
struct Run<'a> {
    newest: &'a Version,
    oldest: &'a Version,
    count: u64,
}

pub(super) fn show(context: &Context, found: &Found, facts: &HostFacts) {
    if context.voice.json {
        json::print(&document(context, found));
        return;
    }
    let voice = &context.voice;
    let place = human::place(&found.path, facts);
    voice.line(format!("{BOLD}{}: {place}{BOLD:#}", found.target));
    let live = std::slice::from_ref(&found.live);
    let runs = runs(live).chain(runs(&found.snapshots));
    let mut above: Option<&Version> = None;
    for run in runs {
        voice.line(row(&run, above));
        above = Some(run.newest);
    }
    if let Some(version) = worth_restoring(found) {
        let words = command(context, found, version);
        voice.say(format!(
            "To have one back: {BOLD}{}{BOLD:#}",
            words
                .iter()
                .map(|word| quoted(word))
                .collect::<Vec<_>>()
                .join(" ")
        ));
    }
}

fn digest(version: &Version) -> Option<takeback::model::Digest> {
    version.state.as_ref().map(|state| state.digest)
}

fn same(one: &Version, other: &Version) -> bool {
    digest(one) == digest(other) && one.unread.is_none() && other.unread.is_none()
}

fn runs(all: &[Version]) -> impl Iterator<Item = Run<'_>> {
    all.chunk_by(same).filter_map(|run| {
        Some(Run {
            newest: run.first()?,
            oldest: run.last()?,
            count: run.len() as u64,
        })
    })
}

/// `  2026-01-20_15-30-00  2.1 kB  3f2a91c07d11  and 3 before, back to 2026-01-17_10-00-00`.
fn row(run: &Run<'_>, above: Option<&Version>) -> String {
    let version = run.newest;
    let name = version.snapshot.as_deref().unwrap_or("now");
    let what = match (&version.unread, &version.state) {
        (Some(why), _) => format!("unknown: {}", Shown::sentence(why)),
        (None, None) => "not there".to_owned(),
        (None, Some(state)) => what(state),
    };
    let mut remarks = Vec::new();
    if version.safety {
        remarks.push("safety".to_owned());
    }
    if above.is_some_and(|above| same(above, version)) {
        remarks.push("same as above".to_owned());
    }
    if run.count > 1 {
        let oldest = run.oldest.snapshot.as_deref().unwrap_or_default();
        remarks.push(format!("and {} before, back to {oldest}", run.count - 1));
    }
    let line = format!("  {name:<22}  {what}");
    match remarks.is_empty() {
        true => line,
        false => format!("{line}    {}", remarks.join("; ")),
    }
}

fn what(state: &State) -> String {
    let digest = state.digest.to_string();
    let digest = &digest[..12];
    let size = human::bytes(state.size);
    let time = jiff::Timestamp::from_second(state.modified).map_or_else(
        |_| String::new(),
        |time| {
            let here = time.to_zoned(jiff::tz::TimeZone::system());
            format!("  changed {}", here.strftime("%Y-%m-%d %H:%M:%S"))
        },
    );
    match state.kind {
        "directory" => {
            let files = human::counted(state.files, "file", "files");
            format!("{digest}  {files}, {size}{time}")
        }
        _ => format!("{digest}  {size}{time}"),
    }
}

/// The newest version that is not what is here.
fn worth_restoring(found: &Found) -> Option<&Version> {
    let there = found.snapshots.iter().filter(|one| one.state.is_some());
    let mut other = there.filter(|one| !same(one, &found.live));
    other.next()
}

/// The words that bring a version back.
fn command(context: &Context, found: &Found, version: &Version) -> Vec<String> {
    let mut words = vec!["takeback".to_owned()];
    if context.vault_path != context.own.data {
        words.extend([
            "--vault".to_owned(),
            context.vault_path.display().to_string(),
        ]);
    }
    let from = version.snapshot.clone().unwrap_or_default();
    words.extend(["restore".to_owned(), found.target.to_string()]);
    words.extend(["--from".to_owned(), from]);
    words.extend(["--path".to_owned(), glob(&found.path)]);
    if let (Base::Project, Some(project)) = (found.path.base(), &found.project) {
        words.extend(["--project".to_owned(), project.display().to_string()]);
    }
    words
}

/// A glob that matches just this path.
pub(in crate::cli) fn glob(path: &ArchivePath) -> String {
    let mut glob = String::new();
    for c in path.to_string().chars() {
        match c {
            '*' | '?' | '[' | ']' | '{' | '}' => glob.extend(['[', c, ']']),
            c => glob.push(c),
        }
    }
    glob
}

/// A word as shells take it; what could steer a terminal is escaped as bash and zsh read it.
pub(in crate::cli) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    if Shown::line(word, usize::MAX) == word && !word.contains('\t') {
        return format!("'{}'", word.replace('\'', "'\\''"));
    }
    let bytes = word.bytes().map(|byte| match byte {
        b'\'' | b'\\' => format!("\\{}", char::from(byte)),
        b' '..=b'~' => char::from(byte).to_string(),
        byte => format!("\\x{byte:02x}"),
    });
    format!("$'{}'", bytes.collect::<String>())
}

fn document<'a>(context: &Context, found: &'a Found) -> Document<'a> {
    let mut above = &found.live;
    let versions = found.snapshots.iter().map(|version| {
        let view = view(context, found, version, same(above, version));
        above = version;
        view
    });
    Document {
        schema_version: json::SCHEMA,
        message_type: "history",
        target: found.target.as_str(),
        path: found.path.to_string(),
        versions: versions.collect(),
        live: view(context, found, &found.live, false),
    }
}

fn view<'a>(
    context: &Context,
    found: &Found,
    version: &'a Version,
    same_as_above: bool,
) -> VersionView<'a> {
    let restorable = version.snapshot.is_some() && version.state.is_some();
    VersionView {
        snapshot: version.snapshot.as_deref(),
        time: version.time.as_deref(),
        safety: version.safety,
        present: version.state.is_some(),
        state: version.state.as_ref().map(|state| StateView {
            kind: state.kind,
            size: state.size,
            files: state.files,
            modified: state.modified,
            sha256: state.digest.to_string(),
        }),
        same_as_above,
        unread: version.unread.as_deref(),
        restore: restorable.then(|| command(context, found, version)),
    }
}
