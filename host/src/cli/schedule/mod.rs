//! `takeback schedule`: the system's own timer runs the backup. Nothing of takeback's stays
//! in memory; what is written is marked, so that exactly that can be taken away again.

mod cron;
mod install;
mod installed;
mod job;
mod launchd;
mod mark;
mod remove;
mod status;
mod systemd;
mod tool;
mod unit;
mod when;
mod windows;

use super::args::{ScheduleArgs, ScheduleCommand, System};
use super::context::Context;
use super::error::{CommandError, ExitStatus};
use clap::ValueEnum;
pub(super) use status::{Timer, timers};
use std::ffi::OsStr;
use std::path::Path;
use unit::Units;

pub(super) fn run(context: &Context, args: &ScheduleArgs) -> Result<ExitStatus, CommandError> {
    match &args.command {
        ScheduleCommand::Install(args) => install::run(context, args),
        ScheduleCommand::Remove(args) => remove::run(context, args),
        ScheduleCommand::Status => status::run(context),
    }
}

/// The timers that can be installed on this kind of system.
const HERE: &[System] = if cfg!(target_os = "macos") {
    &[System::Launchd, System::Cron]
} else {
    &[System::Systemd, System::Cron]
};

fn name(system: System) -> String {
    let value = system.to_possible_value();
    value.map_or_else(String::new, |value| value.get_name().to_owned())
}

/// The timer of this machine: systemd's where it runs, launchd on macOS, cron elsewhere.
fn detect() -> Result<System, CommandError> {
    let has = |program: &str| job::on_path(OsStr::new(program)).is_some();
    if cfg!(target_os = "macos") {
        return Ok(System::Launchd);
    }
    if Path::new("/run/systemd/system").is_dir() {
        return Ok(System::Systemd);
    }
    match (has("crontab"), has("systemctl")) {
        (true, _) => Ok(System::Cron),
        (_, true) => Ok(System::Systemd),
        _ => {
            let message = "there is neither systemd nor cron on this machine";
            Err(CommandError::new(ExitStatus::NotFound, message)
                .hint("`takeback schedule install --with cron -n` shows the command to run"))
        }
    }
}

/// The places of a timer that is made of files; of what is written there nothing is known yet.
fn places(context: &Context, system: System) -> Option<Units> {
    let user = rustix::process::getuid().as_raw();
    match system {
        System::Systemd => Some(systemd::none(&context.facts.config)),
        System::Launchd => Some(launchd::none(&context.facts.home, user)),
        System::Cron | System::Windows => None,
    }
}
