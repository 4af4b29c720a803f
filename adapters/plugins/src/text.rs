//! A recovery as hints: what appears on the screen. The saved file is in `notes`.

use crate::{
    commands::{Command, Phase, slash_lines},
    model::{Install, Parse, ParseStates, Recovery},
    notes, words,
};
use alloc::{format, string::String, vec::Vec};
use takeback_adapter::{CommandBlock, Hint, SavedFile, Severity, Shell};

/// Steps of one kind on the screen; the saved file has them all.
const MAX_STEPS: usize = 20;

/// Bounds on the commands of one phase. The host refuses an answer over 1 MiB whole,
/// so a hostile manifest is cut here instead; honest ones, even with hundreds of
/// plugins, are far below.
const MAX_COMMANDS: usize = 1_000;
const MAX_BYTES: usize = 250_000;

/// Everything there is to say about a recovery.
pub fn hints(recovery: &Recovery) -> Vec<Hint> {
    action(recovery)
        .into_iter()
        .chain(damage(&recovery.parse))
        .collect()
}

fn action(recovery: &Recovery) -> Option<Hint> {
    let idle = recovery.marketplaces.is_empty()
        && recovery.installs.is_empty()
        && recovery.manual.is_empty();
    let lost = recovery
        .skipped
        .iter()
        .any(|skipped| !skipped.reason.is_routine());
    if idle && !lost {
        return None;
    }
    let (severity, summary) = if idle {
        (
            Severity::Info,
            "Some entries of Claude Code's plugin manifests are not usable.".into(),
        )
    } else {
        (Severity::Action, words::summary(recovery))
    };
    let (commands, cut) = blocks(recovery);
    let text = notes::saved(recovery);
    let save = Some(SavedFile {
        name: notes::FILE_NAME.into(),
        text,
    });
    Some(Hint {
        severity,
        summary,
        steps: steps(recovery, cut),
        commands,
        save,
    })
}

fn steps(recovery: &Recovery, cut: usize) -> Vec<String> {
    let late = recovery.installs.iter().any(|install| install.after_manual);
    let mut steps = advice(recovery);
    steps.extend(some(
        recovery.manual.iter().map(words::by_hand),
        "marketplaces",
    ));
    if late {
        steps
            .push("When these marketplaces are there, run the lines headed \"afterwards\".".into());
    }
    steps.extend(
        recovery
            .warnings
            .iter()
            .map(|warning| words::warning(*warning)),
    );
    let skipped = recovery.skipped.iter();
    steps.extend(some(
        skipped.map(|entry| format!("Left out: {}", words::refused(entry))),
        "entries",
    ));
    if cut > 0 {
        steps.push(format!(
            "{cut} more command lines are left out here: the manifest is too long."
        ));
    }
    steps
}

/// What holds for every recovery that has commands.
fn advice(recovery: &Recovery) -> Vec<String> {
    let mut steps = Vec::new();
    if !recovery.marketplaces.is_empty() || !recovery.installs.is_empty() {
        steps.push(
            "Run the terminal lines, or paste the Claude Code lines one at a time: either does it."
                .into(),
        );
        steps.push(
            "Marketplaces and plugins run code with your rights: look at each source first.".into(),
        );
    }
    // The short form `owner/repo` is cloned over SSH, which needs a key.
    if recovery
        .marketplaces
        .iter()
        .any(|market| !market.arg.contains(':'))
    {
        steps.push(
            "Where GitHub refuses your SSH key, set CLAUDE_CODE_PLUGIN_PREFER_HTTPS=1 first."
                .into(),
        );
    }
    if !recovery.installs.is_empty() {
        steps.push("Secret options of plugins are in no backup: enter them again.".into());
    }
    steps
}

/// The first few of a list, and how many more there are.
fn some(list: impl ExactSizeIterator<Item = String>, what: &str) -> Vec<String> {
    let more = list.len().saturating_sub(MAX_STEPS);
    let mut steps: Vec<String> = list.take(MAX_STEPS).collect();
    if more > 0 {
        steps.push(format!("{more} more {what} are in {}.", notes::FILE_NAME));
    }
    steps
}

/// All command blocks in the order in which they are to be used, and the number of
/// commands that did not fit.
fn blocks(recovery: &Recovery) -> (Vec<CommandBlock>, usize) {
    let mut blocks = Vec::new();
    let mut cut = 0;
    for phase in [Phase::First, Phase::AfterManual] {
        let mut commands = recovery.commands(phase);
        let whole = commands.len();
        let mut bytes = 0;
        let mut fits = |command: &Command<'_>| {
            bytes += weight(command);
            bytes <= MAX_BYTES
        };
        commands.truncate(
            commands
                .iter()
                .take(MAX_COMMANDS)
                .take_while(|c| fits(c))
                .count(),
        );
        cut += whole - commands.len();
        blocks.extend(terminal(&commands, phase));
        blocks.push(tool(&commands, phase));
    }
    blocks.retain(|block| !block.lines.is_empty());
    (blocks, cut)
}

/// What a command costs at most: two lines and perhaps a heading.
fn weight(command: &Command<'_>) -> usize {
    let heading = match command {
        Command::Install(install) => words::inside(install).map_or(0, |place| place.len()),
        Command::Add(_) | Command::Disable(_) => 0,
    };
    2 * command.slash().len() + heading + 64
}

fn tool(commands: &[Command<'_>], phase: Phase) -> CommandBlock {
    let mut heading = String::from(match phase {
        Phase::First => "In Claude Code",
        Phase::AfterManual => "In Claude Code, afterwards",
    });
    let scoped = |command: &Command<'_>| matches!(command, Command::Install(install) if words::inside(install).is_some());
    if commands.iter().any(scoped) {
        heading.push_str(" (what belongs to a project: from inside it, see the terminal lines)");
    }
    CommandBlock {
        shell: Shell::Tool,
        heading,
        lines: slash_lines(commands),
    }
}

/// One block for what runs anywhere and one for each project. What switches a plugin
/// off comes last: it may have been installed in a project.
fn terminal(commands: &[Command<'_>], phase: Phase) -> Vec<CommandBlock> {
    let general = match phase {
        Phase::First => "In a terminal",
        Phase::AfterManual => "In a terminal, afterwards",
    };
    let mut first = block(general.into());
    let mut projects: Vec<(&Install, CommandBlock)> = Vec::new();
    let mut last = block(format!("{general}, at the end"));
    for command in commands {
        let line = command.line();
        match command {
            Command::Add(_) => first.lines.push(line),
            Command::Disable(_) => last.lines.push(line),
            Command::Install(install) => {
                let Some(place) = words::inside(install) else {
                    first.lines.push(line);
                    continue;
                };
                let same = |(other, _): &&mut (&Install, CommandBlock)| {
                    other.cwd == install.cwd && other.scope == install.scope
                };
                match projects.iter_mut().find(same) {
                    Some((_, block)) => block.lines.push(line),
                    None => {
                        let mut block = block(format!("{general}, {place}"));
                        block.lines.push(line);
                        projects.push((install, block));
                    }
                }
            }
        }
    }
    if projects.is_empty() {
        first.lines.append(&mut last.lines);
    }
    let mut blocks = Vec::from([first]);
    blocks.extend(projects.into_iter().map(|(_, block)| block));
    blocks.push(last);
    blocks
}

fn block(heading: String) -> CommandBlock {
    CommandBlock {
        shell: Shell::Terminal,
        heading,
        lines: Vec::new(),
    }
}

/// What to do about files that could not be read.
fn damage(parse: &ParseStates) -> Option<Hint> {
    let files = [
        (
            "plugins/installed_plugins.json",
            parse.installed,
            "what was installed is not known; install it again with /plugin in Claude Code",
        ),
        (
            "plugins/known_marketplaces.json",
            parse.known,
            "Claude Code finds no marketplace at all while its own copy is damaged; move that away",
        ),
        (
            "settings.json",
            parse.settings,
            "what was switched off is not known; check with /plugin in Claude Code",
        ),
    ];
    let bad = |state: Parse| !matches!(state, Parse::Ok | Parse::Missing);
    let bad: Vec<_> = files
        .into_iter()
        .filter(|(_, state, _)| bad(*state))
        .collect();
    let names: Vec<String> = bad.iter().map(|(name, _, _)| String::from(*name)).collect();
    let step = |(name, state, advice): &(&str, Parse, &str)| {
        format!(
            "{name} {} ({}): {advice}.",
            words::damage(*state),
            state.as_str()
        )
    };
    (!bad.is_empty()).then(|| Hint {
        severity: Severity::Warning,
        summary: format!(
            "Not every plugin may come back: {} could not be read.",
            words::joined(names.iter(), " and ")
        ),
        steps: bad.iter().map(step).collect(),
        commands: Vec::new(),
        save: None,
    })
}
