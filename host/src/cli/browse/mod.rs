//! `takeback browse`: the vault on a screen. `state` says what a key changes, `draw` how that
//! looks, both without a terminal; `screen` is the terminal, `work` reads, `commands` names what
//! is then run. Nothing is changed here: a restore or an undo is the command of that name.

mod commands;
mod draw;
mod events;
mod keys;
mod screen;
mod state;
mod text;
mod tree;
mod work;

use super::args::{BrowseArgs, Cli, ProjectArgs};
use super::context::{Context, tilde};
use super::error::{CommandError, ExitStatus};
use super::render::{self, BOLD};
use super::signals;
use clap::Parser;
use events::{Answer, Effect, Event, Question};
use rustix::fs::Mode;
use screen::{Input, Terminal};
use state::State;
use std::io::{self, IsTerminal};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::time::Duration;
use work::Reader;

pub(super) fn run(context: &Context, args: &BrowseArgs) -> Result<ExitStatus, CommandError> {
    check_terminal(context)?;
    let facts = context.facts_in(&args.project)?;
    let options = options(&args.project);
    let vault = tilde(&context.vault_path, &context.facts.home);
    let now = jiff::Timestamp::now().as_second();
    let state = State::new(facts.clone(), vault, now, options.clone());
    let (ask, questions) = channel();
    let (tell, answers) = channel();
    std::thread::scope(|scope| {
        let (facts, options) = (&facts, &options);
        scope.spawn(move || {
            let reader = Reader {
                context,
                facts,
                options,
            };
            reader.serve(&questions, &tell);
        });
        let ascii = !speaks_utf8();
        let terminal = Terminal::take(context.voice.coloured()).map_err(gone)?;
        let held = render::hold();
        let browser = Browser {
            context,
            state,
            terminal,
            ascii,
            stale: true,
            ask,
            answers,
        };
        let ended = browser.go();
        drop(held);
        ended
    })
}

/// A screen needs a terminal on both ends.
fn check_terminal(context: &Context) -> Result<(), CommandError> {
    let refuse = |why: &str| {
        Err(CommandError::usage(why).hint(
            "`takeback list` and `takeback show` print what there is; `takeback report` sums it up",
        ))
    };
    if context.voice.json {
        return refuse("browse shows a screen and has no JSON");
    }
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return refuse("browse needs a terminal, and there is none");
    }
    if std::env::var_os("TERM").is_none_or(|term| term == "dumb" || term.is_empty()) {
        return refuse(
            "browse needs a terminal that can move its cursor, and TERM says this one cannot",
        );
    }
    Ok(())
}

/// Whether the terminal is told to expect UTF-8, by the first of these variables that is set.
fn speaks_utf8() -> bool {
    let names = ["LC_ALL", "LC_CTYPE", "LANG"];
    let mut set = names
        .iter()
        .filter_map(std::env::var_os)
        .filter(|value| !value.is_empty());
    set.next().is_some_and(|value| {
        let value = value.to_string_lossy().to_ascii_lowercase();
        value.contains("utf-8") || value.contains("utf8")
    })
}

/// The options that commands get which the browser runs.
fn options(project: &ProjectArgs) -> Vec<String> {
    let named = project.project.as_ref();
    let mut options: Vec<String> = named
        .and_then(|dir| dir.to_str())
        .map(|dir| format!("--project={dir}"))
        .into_iter()
        .collect();
    if project.no_project {
        options.push("--no-project".to_owned());
    }
    options
}

fn gone(error: io::Error) -> CommandError {
    CommandError::new(ExitStatus::Failed, format!("the terminal: {error}"))
}

struct Browser<'a> {
    context: &'a Context,
    state: State,
    terminal: Terminal,
    /// Whether the terminal only knows ASCII.
    ascii: bool,
    /// Whether something happened since the screen was painted.
    stale: bool,
    ask: Sender<Question>,
    answers: Receiver<Answer>,
}

impl Browser<'_> {
    fn go(mut self) -> Result<ExitStatus, CommandError> {
        let (width, height) = Terminal::size();
        self.state.update(Event::Size(width, height));
        let mut effects = vec![Effect::Read(Question::Snapshots)];
        loop {
            for effect in effects {
                if let Some(status) = self.carry_out(effect)? {
                    return Ok(status);
                }
            }
            if std::mem::take(&mut self.stale) {
                let lines = draw::screen(&self.state, self.ascii);
                self.terminal.paint(&lines).map_err(gone)?;
            }
            if self.context.stop.asked() {
                return Ok(signals::status());
            }
            effects = self.happened()?;
        }
    }

    /// Waits a moment, and takes in what happened.
    fn happened(&mut self) -> Result<Vec<Effect>, CommandError> {
        let mut effects = Vec::new();
        match self.terminal.next() {
            Ok(Input::Event(event)) => effects.extend(self.take_in(event)),
            Ok(Input::Resumed) => self.retake()?,
            Ok(Input::Suspended) => effects.push(Effect::Suspend),
            Ok(Input::Nothing) => {}
            // A terminal that went away asked us to stop first.
            Err(_) if self.context.stop.asked() => {}
            Err(e) => return Err(gone(e)),
        }
        loop {
            match self.answers.try_recv() {
                Ok(answer) => effects.extend(self.take_in(Event::Read(answer))),
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => {
                    let why = "what reads the vault has stopped";
                    return Err(CommandError::new(ExitStatus::Failed, why));
                }
            }
        }
        let said = render::held();
        self.stale |= !said.is_empty();
        self.state.said.extend(said);
        Ok(effects)
    }

    fn take_in(&mut self, event: Event) -> Vec<Effect> {
        self.stale = true;
        self.state.update(event)
    }

    /// Does what a key asked for; a status ends the browser.
    fn carry_out(&mut self, effect: Effect) -> Result<Option<ExitStatus>, CommandError> {
        match effect {
            // The reader only goes when nobody asks any more.
            Effect::Read(question) => _ = self.ask.send(question),
            Effect::Suspend => {
                self.terminal.suspend().map_err(gone)?;
                self.resize();
            }
            Effect::Leave => return Ok(Some(ExitStatus::Done)),
            Effect::Interrupt => return Ok(Some(ExitStatus::Signal(2))),
            Effect::Run(words) => {
                self.outside(&words)?;
                if self.context.stop.asked() {
                    return Ok(Some(signals::status()));
                }
                self.retake()?;
                for effect in self.take_in(Event::Back) {
                    self.carry_out(effect)?;
                }
            }
        }
        Ok(None)
    }

    fn retake(&mut self) -> Result<(), CommandError> {
        self.terminal.retake().map_err(gone)?;
        self.resize();
        Ok(())
    }

    /// The terminal may have been made another size while it was not ours.
    fn resize(&mut self) {
        let (width, height) = Terminal::size();
        self.take_in(Event::Size(width, height));
    }

    /// Runs a command on the ordinary screen, just as if it had been typed there.
    fn outside(&mut self, words: &[String]) -> Result<(), CommandError> {
        self.terminal.leave();
        let held = render::pause();
        let voice = &self.context.voice;
        voice.say(format!("{BOLD}$ {}{BOLD:#}", commands::line(words)));
        match Cli::try_parse_from(words) {
            Ok(cli) => match self.run_beside(cli) {
                Ok(_) => {}
                Err(error) => render::error(&error, false),
            },
            Err(e) => render::error(&CommandError::usage(e), false),
        }
        let stop = &self.context.stop;
        if !stop.asked() {
            voice.say(format!(
                "\n{BOLD}Press Enter to go back to the browser{BOLD:#}"
            ));
            screen::wait_for_enter(stop).map_err(gone)?;
        }
        drop(held);
        Ok(())
    }

    /// Runs a command on a thread of its own: a restore confines the thread that it runs on
    /// for good, and there may be a next one.
    fn run_beside(&self, cli: Cli) -> Result<ExitStatus, CommandError> {
        let (context, stop) = (self.context, &self.context.stop);
        std::thread::scope(|scope| {
            let running =
                scope.spawn(|| super::logged(context, cli.command, Mode::from_raw_mode(0o077)));
            while !running.is_finished() {
                if stop.asked() {
                    // From now on another signal ends the process, as everywhere.
                    stop.end_at_next();
                }
                std::thread::sleep(Duration::from_millis(10));
            }
            running
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    }
}
