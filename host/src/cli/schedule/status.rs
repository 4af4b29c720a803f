//! `takeback schedule status`: whether a timer is installed, and how it goes.

use super::installed::{Installed, installed};
use super::mark::FORM;
use super::tool::Call;
use super::{launchd, name, systemd};
use crate::cli::args::System;
use crate::cli::context::Context;
use crate::cli::error::{CommandError, ExitStatus};
use crate::cli::last_run::{self, LastRun};
use crate::cli::render::json;
use serde::Serialize;
use std::collections::BTreeMap;
use takeback::model::Shown;

#[derive(Serialize)]
struct Document {
    schema_version: u32,
    message_type: &'static str,
    timers: Vec<Timer>,
    /// How the last automatic backup ended, whoever started it.
    last_run: Option<LastRun>,
}

/// A timer of ours, and what the system says of it.
#[derive(Serialize)]
pub(in crate::cli) struct Timer {
    /// Which timer it is, such as `systemd`.
    pub(in crate::cli) system: String,
    /// When it runs, in words.
    pub(in crate::cli) when: Option<String>,
    form: u32,
    /// Whether it is in the form this program writes, and unchanged.
    current: bool,
    /// Whether the system has it switched on; absent where it does not say.
    pub(in crate::cli) active: Option<bool>,
    /// What the system says of it.
    pub(in crate::cli) state: String,
    next_run: Option<String>,
    places: Vec<String>,
    /// What is odd about it.
    pub(in crate::cli) remark: Option<String>,
}

/// What the system says.
#[derive(Default)]
struct State {
    active: Option<bool>,
    words: String,
    next: Option<String>,
}

/// The timers that are installed. Where the system's tool is missing, their state says so.
pub(in crate::cli) fn timers(context: &Context) -> Result<Vec<Timer>, CommandError> {
    Ok(installed(context)?.iter().map(timer).collect())
}

pub(super) fn run(context: &Context) -> Result<ExitStatus, CommandError> {
    let timers = timers(context)?;
    let last_run = last_run::read(&context.own.state);
    let status = if timers.is_empty() {
        ExitStatus::NotFound
    } else if timers.iter().any(|timer| timer.active == Some(false)) {
        ExitStatus::Partial
    } else {
        ExitStatus::Done
    };
    if context.voice.json {
        json::print(&Document {
            schema_version: json::SCHEMA,
            message_type: "schedule-status",
            timers,
            last_run,
        });
        return Ok(status);
    }
    show(context, &timers, last_run.as_ref());
    Ok(status)
}

fn timer(one: &Installed) -> Timer {
    let state = match one.system {
        System::Systemd => of_systemd(),
        System::Launchd => of_launchd(),
        System::Cron | System::Windows => State {
            words: "cron does not say whether it runs".to_owned(),
            ..State::default()
        },
    };
    let by_clock = || {
        let next = one.mark.when?.next(&jiff::Zoned::now())?;
        Some(next.strftime("%Y-%m-%d %H:%M").to_string())
    };
    // A manager that does not answer may never start it.
    let off =
        state.active == Some(false) || one.system == System::Systemd && state.active.is_none();
    Timer {
        system: name(one.system),
        when: one.mark.when.map(super::when::When::words),
        form: one.mark.form,
        current: one.whole && one.mark.form == FORM,
        active: state.active,
        state: state.words,
        next_run: if off {
            None
        } else {
            state.next.or_else(by_clock)
        },
        places: one.places.clone(),
        remark: one.remark(),
    }
}

fn of_systemd() -> State {
    let asked = "ActiveState,UnitFileState,NextElapseUSecRealtime,LastTriggerUSec";
    let call = Call::new(
        "systemctl",
        &["--user", "show", systemd::TIMER, "--property", asked],
    );
    let properties = match call.run(b"") {
        Ok(out) => properties(&out),
        Err(e) => {
            return State {
                words: format!("systemd cannot be asked: {e}"),
                ..State::default()
            };
        }
    };
    let get = |name: &str| {
        properties
            .get(name)
            .map(String::as_str)
            .filter(|text| !text.is_empty())
    };
    let active = get("ActiveState") == Some("active");
    let enabled = get("UnitFileState").unwrap_or("not enabled");
    let last = get("LastTriggerUSec")
        .filter(|text| *text != "n/a")
        .unwrap_or("never");
    let running = if active {
        "switched on"
    } else {
        "not switched on"
    };
    State {
        active: Some(active),
        words: Shown::again(&format!(
            "{running}, {enabled}; systemd last started it: {last}"
        )),
        next: get("NextElapseUSecRealtime")
            .filter(|text| *text != "n/a")
            .map(Shown::again),
    }
}

/// Lines of `NAME=VALUE`.
fn properties(out: &[u8]) -> BTreeMap<String, String> {
    let text = String::from_utf8_lossy(out);
    let pairs = text.lines().filter_map(|line| line.split_once('='));
    pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn of_launchd() -> State {
    let user = rustix::process::getuid().as_raw();
    let call = Call::new("launchctl", &["print", &launchd::agent(user)]);
    match call.ask(b"") {
        Err(e) => State {
            words: format!("launchd cannot be asked: {e}"),
            ..State::default()
        },
        Ok(said) if !said.good => State {
            active: Some(false),
            words: format!("not switched on: {}", said.why()),
            next: None,
        },
        Ok(said) => {
            let text = String::from_utf8_lossy(&said.out);
            let lines = text.lines().map(str::trim);
            let told: Vec<&str> = lines
                .filter(|line| line.starts_with("runs =") || line.starts_with("last exit code ="))
                .collect();
            let words = Shown::again(&format!("switched on; {}", told.join(", ")));
            State {
                active: Some(true),
                words,
                next: None,
            }
        }
    }
}

fn show(context: &Context, timers: &[Timer], last_run: Option<&LastRun>) {
    let voice = &context.voice;
    if timers.is_empty() {
        voice.line("No timer is installed");
        voice.say("`takeback schedule install` installs one");
    }
    for timer in timers {
        let when = timer.when.as_deref().unwrap_or("at a time it does not say");
        voice.line(format!("{}, {when}, form {}", timer.system, timer.form));
        voice.line(format!("  {}", timer.state));
        if let Some(next) = &timer.next_run {
            voice.line(format!("  next run    {next}"));
        }
        for place in &timer.places {
            voice.line(format!("  written in  {place}"));
        }
        if let Some(remark) = &timer.remark {
            voice.warn(remark);
        }
    }
    match last_run {
        None => voice.line("No automatic backup has run yet"),
        Some(run) => {
            voice.line(format!(
                "Last run      {}: {}",
                last_run::by_clock(&run.time),
                run.words()
            ));
            if run.failures > 0 {
                let good = run.last_good.as_deref();
                let good = good.map_or_else(|| "never".to_owned(), last_run::by_clock);
                voice.line(format!(
                    "  {} since it last went well, {}",
                    crate::cli::render::human::counted(run.failures.into(), "run", "runs"),
                    good
                ));
            }
        }
    }
}
