//! `takeback report`: the vault at a glance, as text, as JSON, or as one page of HTML.

mod changes;
mod html;
mod json;
mod survey;
mod text;
mod totals;
mod words;

use super::args::ReportArgs;
use super::context::Context;
use super::error::{CommandError, ExitStatus};
use std::io::{IsTerminal, Write};
use std::path::Path;
use takeback::fs::{Dir, PrivateDir};
use takeback::model::ShownPath;

pub(super) fn run(context: &Context, args: &ReportArgs) -> Result<ExitStatus, CommandError> {
    let facts = context.facts_in(&args.project)?;
    let output = args
        .output
        .as_deref()
        .filter(|path| *path != Path::new("-"));
    check(context, args, output)?;
    let survey = survey::survey(context, &facts, args.full)?;
    let status = match survey.damaged {
        0 => ExitStatus::Done,
        _ => ExitStatus::BadArchive,
    };
    if args.html {
        let page = html::page(&survey);
        match output {
            Some(path) => to_file(context, path, args.force, &page)?,
            // A reader that has gone away is no reason to fail.
            None => _ = std::io::stdout().write_all(page.as_bytes()),
        }
    } else if context.voice.json {
        json::print(&survey);
    } else {
        text::show(&context.voice, &survey);
    }
    Ok(status)
}

/// What cannot be done is said before the vault is read.
fn check(context: &Context, args: &ReportArgs, output: Option<&Path>) -> Result<(), CommandError> {
    let usage = |why: &str, hint: &str| Err(CommandError::usage(why).hint(hint));
    match (args.html, output) {
        (true, _) if context.voice.json => {
            usage("a report is HTML or JSON, not both", "leave one out")
        }
        (true, None) if args.output.is_none() && std::io::stdout().is_terminal() => usage(
            "a page of HTML is nothing for a terminal",
            "name a file with --output, as in `takeback report --html -o report.html`",
        ),
        _ => Ok(()),
    }
}

/// Writes the page for its owner's eyes: names of files and notes are in it.
fn to_file(context: &Context, path: &Path, force: bool, page: &str) -> Result<(), CommandError> {
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| CommandError::usage("the output is no file"))?;
    let parent = path.parent().filter(|dir| !dir.as_os_str().is_empty());
    let dir = Dir::open(parent.unwrap_or(Path::new(".")))?;
    let shown = ShownPath(path);
    if !force && dir.stat(name.as_ref())?.is_some() {
        let message = format!("there is already something at {shown}; nothing was written");
        return Err(CommandError::new(ExitStatus::Refused, message)
            .hint("run it again with --force to replace it"));
    }
    PrivateDir::write_file(&dir, name, page.as_bytes())?;
    context
        .voice
        .say(format!("Wrote the report to {shown}; open it in a browser"));
    Ok(())
}
