//! `takeback guard install` and `uninstall`: what is to be written is shown and asked about,
//! and written as one operation, which an undo takes back.

mod block;
mod claude;
mod json_edit;
mod shell;

pub(in crate::cli) use shell::Shell;

use super::super::args::{GuardCommand, InstallArgs, SetupArgs, SubjectArgs, UninstallArgs};
use super::super::context::{Context, tilde};
use super::super::error::{CommandError, ExitStatus};
use super::super::prompt::confirm;
use super::super::recover;
use super::super::render::{BOLD, json};
use block::Block;
use json_edit::Odd;
use serde::Serialize;
use shell::Function;
use std::path::{Path, PathBuf};
use takeback::model::limits::SETUP_FILE_BYTES;
use takeback::model::{Shown, ShownPath};
use takeback::operation::{EditFile, Operations};

/// One file, what it will hold, and what of that is new.
struct Edit {
    file: EditFile,
    content: Option<Vec<u8>>,
    /// What is put in, or taken out, for people.
    part: String,
}

#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    message_type: &'static str,
    dry_run: bool,
    changed: bool,
    operation: Option<String>,
    files: Vec<FileView<'a>>,
}

#[derive(Serialize)]
struct FileView<'a> {
    path: String,
    action: &'static str,
    text: &'a str,
}

pub(super) fn run(context: &Context, setup: &GuardCommand) -> Result<ExitStatus, CommandError> {
    match setup {
        GuardCommand::Install(args) => {
            let edits = match &args.subject.name {
                Some(name) => functions(context, args, name)?,
                None => claude_in(context)?,
            };
            carry_out(
                context,
                &args.setup,
                &format!("guard install {}", of(&args.subject)),
                edits,
            )
        }
        GuardCommand::Uninstall(args) => {
            let edits = match &args.subject.name {
                Some(name) => without_functions(context, args, name)?,
                None => claude_out(context)?,
            };
            let command = format!("guard uninstall {}", of(&args.subject));
            carry_out(context, &args.setup, &command, edits)
        }
    }
}

fn of(subject: &SubjectArgs) -> &str {
    subject.name.as_deref().unwrap_or("--claude-code")
}

/// The place of a start file, through links.
fn read(path: &Path) -> Result<EditFile, CommandError> {
    let real = path.canonicalize().or_else(|_| {
        let above = path.parent().unwrap_or(path).canonicalize();
        above.map(|above| above.join(path.file_name().unwrap_or_default()))
    });
    let real = real.unwrap_or_else(|_| path.to_owned());
    Ok(EditFile::read(&real, SETUP_FILE_BYTES)?)
}

/// Shells, and where their files are.
struct Shells<'a> {
    context: &'a Context,
    zdotdir: Option<PathBuf>,
    chosen: Vec<Shell>,
}

impl<'a> Shells<'a> {
    fn new(context: &'a Context, setup: &SetupArgs) -> Self {
        let facts = &context.facts;
        let zdotdir = facts.environment.get("ZDOTDIR").map(PathBuf::from);
        let mut shells = Self {
            zdotdir: zdotdir.filter(|dir| dir.is_absolute()),
            context,
            chosen: setup.shell.clone(),
        };
        if shells.chosen.is_empty() {
            let own = facts.environment.get("SHELL");
            let own = own.and_then(|shell| Path::new(shell).file_name()?.to_str());
            let zdotdir = shells.zdotdir.as_deref();
            let here = |shell: &Shell| {
                own == Some(shell.word()) || shell.is_here(&facts.home, &facts.config, zdotdir)
            };
            shells.chosen = Shell::ALL.into_iter().filter(here).collect();
        }
        shells.chosen.sort();
        shells.chosen.dedup();
        shells
    }

    fn files(&self, name: &str) -> Vec<(Shell, PathBuf)> {
        let facts = &self.context.facts;
        let zdotdir = self.zdotdir.as_deref();
        let file = |shell: &Shell| {
            let path = shell.file(&facts.home, &facts.config, zdotdir, name);
            (*shell, path)
        };
        self.chosen.iter().map(file).collect()
    }
}

fn functions(context: &Context, args: &InstallArgs, name: &str) -> Result<Vec<Edit>, CommandError> {
    let function = Function::new(name, &args.on, &args.target, args.best_effort)
        .map_err(|why| not_guarded(name, &why))?;
    let shells = Shells::new(context, &args.setup);
    if shells.chosen.is_empty() {
        let message = "no start file of bash, zsh or fish is here";
        return Err(CommandError::new(ExitStatus::NotFound, message)
            .hint("name the shell with --shell; its file is then made"));
    }
    let block = Block::new(name);
    let mut edits = Vec::new();
    for (shell, path) in shells.files(name) {
        let file = read(&path)?;
        let part = function.text(shell);
        let content = block.put(file.content(), &part).map_err(|_| torn(&path))?;
        edits.push(Edit {
            content: Some(content),
            file,
            part,
        });
    }
    Ok(edits)
}

fn not_guarded(name: &str, why: &str) -> CommandError {
    CommandError::usage(format!("{} cannot be guarded: {why}", Shown(name)))
}

fn torn(path: &Path) -> CommandError {
    let path = ShownPath(path);
    let message =
        format!("the marks of takeback in {path} do not belong together; nothing was changed");
    CommandError::new(ExitStatus::Refused, message).hint("take out what is left of them by hand")
}

fn without_functions(
    context: &Context,
    args: &UninstallArgs,
    name: &str,
) -> Result<Vec<Edit>, CommandError> {
    shell::check_name(name).map_err(|why| not_guarded(name, &why))?;
    let mut shells = Shells::new(context, &args.setup);
    if args.setup.shell.is_empty() {
        shells.chosen = Shell::ALL.to_vec();
    }
    let block = Block::new(name);
    let mut edits = Vec::new();
    for (shell, path) in shells.files(name) {
        let file = read(&path)?;
        let Some(content) = block.take(file.content()).map_err(|_| torn(&path))? else {
            continue;
        };
        // A file of its own goes with what was in it.
        let gone = shell == Shell::Fish && content.is_empty();
        edits.push(Edit {
            content: (!gone).then_some(content),
            part: format!("the function {name}\n"),
            file,
        });
    }
    if edits.is_empty() {
        let message = format!("{name} is not guarded in any start file");
        return Err(CommandError::new(ExitStatus::NotFound, message));
    }
    Ok(edits)
}

/// Claude Code's settings as text.
fn settings(file: &EditFile) -> Result<&str, CommandError> {
    std::str::from_utf8(file.content()).map_err(|_| odd(file, &Odd::NotJson))
}

fn odd(file: &EditFile, why: &Odd) -> CommandError {
    let shown = file.path();
    let shown = ShownPath(&shown);
    let message = match why {
        Odd::NotJson => format!("{shown} is no JSON that could be changed; nothing was written"),
        Odd::OtherKind(name) => {
            let name = if name.is_empty() { "it" } else { name };
            format!("in {shown}, {name} is not what it should be; nothing was written")
        }
    };
    CommandError::new(ExitStatus::Refused, message)
}

fn claude_in(context: &Context) -> Result<Vec<Edit>, CommandError> {
    let dir = claude::directory(&context.facts);
    if !dir.is_dir() {
        let shown = ShownPath(&dir);
        let message = format!("Claude Code is not here: there is no {shown}");
        return Err(CommandError::new(ExitStatus::NotFound, message));
    }
    let mut edits = Vec::new();
    for (name, text) in claude::commands() {
        let file = read(&dir.join(name))?;
        if file.exists() && !claude::is_ours(file.content()) {
            let path = file.path();
            let message = format!(
                "{} is somebody else's; nothing was written",
                ShownPath(&path)
            );
            return Err(
                CommandError::new(ExitStatus::Refused, message).hint("give it another name first")
            );
        }
        edits.push(Edit {
            content: Some(text.as_bytes().to_vec()),
            part: text.to_owned(),
            file,
        });
    }
    let file = read(&dir.join("settings.json"))?;
    let text = claude::with_hook(settings(&file)?).map_err(|why| odd(&file, &why))?;
    let part = "a hook that runs `takeback backup claude --automatic` when a session begins\n";
    edits.push(Edit {
        content: Some(text.into_bytes()),
        part: part.to_owned(),
        file,
    });
    Ok(edits)
}

fn claude_out(context: &Context) -> Result<Vec<Edit>, CommandError> {
    let dir = claude::directory(&context.facts);
    let mut edits = Vec::new();
    for (name, _) in claude::commands() {
        let file = read(&dir.join(name))?;
        if claude::is_ours(file.content()) {
            edits.push(Edit {
                content: None,
                part: "the slash command\n".to_owned(),
                file,
            });
        }
    }
    let file = read(&dir.join("settings.json"))?;
    if let Some(text) = claude::without_hook(settings(&file)?).map_err(|why| odd(&file, &why))? {
        edits.push(Edit {
            content: Some(text.into_bytes()),
            part: "the hook of takeback\n".to_owned(),
            file,
        });
    }
    if edits.is_empty() {
        let message = "nothing of takeback is installed in Claude Code";
        return Err(CommandError::new(ExitStatus::NotFound, message));
    }
    Ok(edits)
}

/// What becomes of a file.
fn action(edit: &Edit) -> &'static str {
    match &edit.content {
        None => "remove",
        Some(_) if !edit.file.exists() => "create",
        Some(content) if content == edit.file.content() => "keep",
        Some(_) => "change",
    }
}

fn carry_out(
    context: &Context,
    setup: &SetupArgs,
    command: &str,
    edits: Vec<Edit>,
) -> Result<ExitStatus, CommandError> {
    let voice = &context.voice;
    let changing = edits.iter().any(|edit| action(edit) != "keep");
    if !voice.json {
        edits.iter().for_each(|edit| show(context, edit));
    }
    if setup.dry_run || !changing {
        match (voice.json, changing) {
            (true, _) => print(setup.dry_run, &views(&edits), None),
            (false, true) => voice.line("Would write this; nothing was written"),
            (false, false) => voice.say("Everything is there already"),
        }
        context.noted.nothing_done();
        return Ok(ExitStatus::Done);
    }
    if !setup.yes {
        let no_input = context.no_input || voice.json;
        confirm("Write this?", no_input, "--yes")?;
    }
    write(context, setup, command, edits)
}

/// Writes all of it as one operation.
fn write(
    context: &Context,
    setup: &SetupArgs,
    command: &str,
    edits: Vec<Edit>,
) -> Result<ExitStatus, CommandError> {
    let voice = &context.voice;
    let operations = Operations::create(&context.own.state)?;
    let lock = recover::lock(context, &operations, "guard install", setup.wait)?;
    let views = views(&edits);
    let changed: Vec<(EditFile, Option<Vec<u8>>)> = edits
        .into_iter()
        .filter(|edit| action(edit) != "keep")
        .map(|edit| (edit.file, edit.content))
        .collect();
    let done = operations.edit(&lock, command, &changed, &context.progress())?;
    context.noted.operation(&done.id);
    context.noted.count("files", changed.len() as u64);
    context.expire(&operations, &lock);
    if voice.json {
        print(false, &views, Some(done.id.to_string()));
    }
    voice.say(format!(
        "Done; new shells and sessions have it. To take it back: {BOLD}takeback undo {}{BOLD:#}",
        done.id
    ));
    Ok(ExitStatus::Done)
}

fn show(context: &Context, edit: &Edit) {
    let path = tilde(&edit.file.path(), &context.facts.home);
    let word = action(edit);
    context
        .voice
        .line(format!("{word:<7} {BOLD}{path}{BOLD:#}"));
    if word != "keep" {
        // Every word of it is ours.
        let lines = edit
            .part
            .lines()
            .map(|line| format!("    {line}").trim_end().to_owned());
        context.voice.lines(lines);
    }
}

/// Path, action and text of each file, for when the files themselves are given away.
type View = (PathBuf, &'static str, String);

fn views(edits: &[Edit]) -> Vec<View> {
    let view = |edit: &Edit| (edit.file.path(), action(edit), edit.part.clone());
    edits.iter().map(view).collect()
}

fn print(dry_run: bool, views: &[View], operation: Option<String>) {
    let files = views.iter().map(|(path, action, text)| FileView {
        path: path.to_string_lossy().into_owned(),
        action,
        text,
    });
    json::print(&Document {
        schema_version: json::SCHEMA,
        message_type: "guard-install",
        dry_run,
        changed: operation.is_some(),
        operation,
        files: files.collect(),
    });
}
