//! Manual pages, made from the same text as `--help`.

use super::args::{Cli, ManArgs};
use super::error::{CommandError, ExitStatus};
use clap::{Command, CommandFactory};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};
use std::ffi::OsStr;
use std::io::{self, Write};
use takeback::fs::{Dir, FsError};
use takeback::model::{Meta, ModTime, ShownPath};

pub(super) fn run(args: &ManArgs) -> Result<ExitStatus, CommandError> {
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    let failed = |e: io::Error| CommandError::new(ExitStatus::Failed, e);
    let Some(dir) = &args.output else {
        let page = page(&command, None).map_err(failed)?;
        let mut out = io::stdout().lock();
        // A reader that has gone away is no reason to fail.
        let _ = out.write_all(&page).and_then(|()| out.flush());
        return Ok(ExitStatus::Done);
    };
    let opened = Dir::open(dir)?;
    let mut count = 0;
    write_all(&opened, &command, None, &mut count)?;
    let _ = writeln!(
        anstream::stderr(),
        "Wrote {count} pages to {}; `man -l {}` shows the first",
        ShownPath(dir),
        ShownPath(&dir.join("takeback.1"))
    );
    Ok(ExitStatus::Done)
}

/// The page of a command and of all below it.
fn write_all(
    dir: &Dir,
    command: &Command,
    above: Option<&str>,
    count: &mut usize,
) -> Result<(), CommandError> {
    let name = name(command);
    let page = page(command, above).map_err(|e| CommandError::new(ExitStatus::Failed, e))?;
    write(dir, &format!("{name}.1"), &page)?;
    *count += 1;
    for inner in shown(command) {
        write_all(dir, inner, Some(name), count)?;
    }
    Ok(())
}

/// Manuals are for everybody to read.
fn write(dir: &Dir, name: &str, page: &[u8]) -> Result<(), FsError> {
    let temp = format!(".{name}.{}.tmp", std::process::id());
    let (temp, path) = (OsStr::new(&temp), dir.path().join(name));
    let now = jiff::Timestamp::now();
    let mtime = ModTime {
        seconds: now.as_second(),
        nanos: 0,
    };
    let fill = || {
        let mut file = dir.create_new(temp, 0o644)?;
        file.write_all(page)
            .map_err(|e| FsError::new("write", &path, e))?;
        Dir::set_file_meta(&file, &path, Meta { mode: 0o644, mtime })?;
        dir.move_over(temp, dir, OsStr::new(name))
    };
    fill().inspect_err(|_| {
        let _ = dir.remove_file(temp);
    })
}

fn name(command: &Command) -> &str {
    command
        .get_display_name()
        .unwrap_or_else(|| command.get_name())
}

fn shown(command: &Command) -> impl Iterator<Item = &Command> {
    let all = command
        .get_subcommands()
        .filter(|inner| !inner.is_hide_set());
    all.filter(|inner| inner.get_name() != "help")
}

/// The sections of a page; examples keep their lines, which the library would join.
fn page(command: &Command, above: Option<&str>) -> io::Result<Vec<u8>> {
    let command = &match above {
        None => command.clone(),
        // Its own options first: what every command takes stands apart.
        Some(_) => command.clone().mut_args(|arg| match arg.is_global_set() {
            true => arg.help_heading("Options of every command"),
            false => arg,
        }),
    };
    let man = Man::new(command.clone());
    let mut out = Vec::new();
    // The library leaves an empty date out, and what follows would take its place.
    let (title, version) = (name(command).to_uppercase(), env!("CARGO_PKG_VERSION"));
    writeln!(
        out,
        ".TH {title} 1 \"\" \"takeback {version}\" \"takeback\""
    )?;
    man.render_name_section(&mut out)?;
    man.render_synopsis_section(&mut out)?;
    man.render_description_section(&mut out)?;
    man.render_options_section(&mut out)?;
    if shown(command).next().is_some() {
        man.render_subcommands_section(&mut out)?;
    }
    let mut roff = Roff::new();
    if let Some(help) = command.get_after_help() {
        after(&mut roff, &help.to_string());
    }
    see_also(&mut roff, above, command);
    roff.to_writer(&mut out)?;
    Ok(tidy(&String::from_utf8_lossy(&out)).into_bytes())
}

/// Without what the library writes and readers of manuals complain of: spaces at ends of
/// lines, and line breaks beside vertical space.
fn tidy(page: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let lines = page.lines().map(str::trim_end);
    for line in lines.filter(|line| !line.is_empty()) {
        let is_space = line == ".sp" || line == ".RE" || line.starts_with(".RS");
        if is_space && kept.last() == Some(&".br") {
            kept.pop();
        }
        let is_done = |last: &&&str| matches!(**last, ".br" | ".sp" | ".RE");
        if line != ".br" || kept.last().filter(is_done).is_none() {
            kept.push(line);
        }
    }
    kept.iter().map(|line| format!("{line}\n")).collect()
}

/// The most characters of a heading; a colon further on is one of a sentence.
const HEADING: usize = 24;

/// What help says at its end: a heading for each line that ends in a colon, or begins with
/// one in it, and the lines below as they are.
fn after(roff: &mut Roff, help: &str) {
    for part in help.split("\n\n") {
        let headed = part.split_once(':');
        let headed = headed.filter(|(heading, _)| heading.len() <= HEADING);
        let (heading, text) = headed.unwrap_or(("Notes", part));
        roff.control("SH", [heading.to_uppercase().as_str()]);
        let text = text.trim_matches('\n');
        // Lines that are set in are to stay lines.
        if text.starts_with(' ') && text.lines().count() > 1 && part.contains(":\n") {
            roff.control("nf", []);
            text.lines().for_each(|line| _ = roff.text([roman(line)]));
            roff.control("fi", []);
        } else {
            roff.text([roman(text.split_whitespace().collect::<Vec<_>>().join(" "))]);
        }
    }
}

fn see_also(roff: &mut Roff, above: Option<&str>, command: &Command) {
    let below: Vec<&str> = shown(command).map(name).collect();
    let mut others: Vec<&str> = above.into_iter().collect();
    others.extend(below);
    if others.is_empty() {
        return;
    }
    roff.control("SH", ["SEE ALSO"]);
    let last = others.len() - 1;
    let mut words = Vec::new();
    for (at, other) in others.into_iter().enumerate() {
        words.extend([bold(other), roman(if at == last { "(1)" } else { "(1), " })]);
    }
    roff.text(words);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_page_that_names_it() {
        let mut command = Cli::command().disable_help_subcommand(true);
        command.build();
        let mut all = vec![&command];
        let mut count = 0;
        while let Some(one) = all.pop() {
            let page = String::from_utf8(page(one, None).unwrap()).unwrap();
            let name = name(one).replace('-', "\\-");
            assert!(page.contains(&name), "{name}");
            assert!(page.contains(".SH NAME"), "{name}");
            count += 1;
            all.extend(shown(one));
        }
        assert!(count > 30, "{count}");
    }
}
