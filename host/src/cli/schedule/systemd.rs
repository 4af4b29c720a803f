//! A timer and a service of systemd's user manager, as text.

use super::job::Job;
use super::mark;
use super::tool::Call;
use super::unit::Units;
use crate::cli::error::{CommandError, ExitStatus};
use std::path::Path;
use takeback::model::Shown;

/// The timer's name.
pub(super) const TIMER: &str = "takeback.timer";
/// The name of what it starts.
pub(super) const SERVICE: &str = "takeback.service";

/// The units of a job, below the configuration directory of the person.
pub(super) fn units(job: &Job, config: &Path) -> Result<Units, CommandError> {
    if job.program.contains(['"', '\'', '\\']) {
        let message = format!(
            "{} has a quote or a backslash in it, and systemd starts no such program",
            Shown(&job.program)
        );
        return Err(CommandError::new(ExitStatus::Refused, message)
            .hint("a link to it from another place will do"));
    }
    Ok(Units {
        files: vec![(SERVICE, service(job)), (TIMER, timer(job))],
        ..none(config)
    })
}

/// Where they would be.
pub(super) fn none(config: &Path) -> Units {
    let reload = || Call::new("systemctl", &["--user", "daemon-reload"]);
    Units {
        dir: config.join("systemd/user"),
        files: vec![(SERVICE, String::new()), (TIMER, String::new())],
        on: vec![
            reload(),
            Call::new("systemctl", &["--user", "enable", TIMER]),
            // Not `enable --now`: a timer that runs already takes up a new time only so.
            Call::new("systemctl", &["--user", "restart", TIMER]),
        ],
        off: vec![Call::new(
            "systemctl",
            &["--user", "disable", "--now", TIMER],
        )],
        gone: vec![reload()],
    }
}

fn service(job: &Job) -> String {
    let variables: String = job
        .environment
        .iter()
        .map(|(name, value)| format!("Environment={}\n", quoted(&format!("{name}={value}"))))
        .collect();
    // With a colon nothing is put in the place of `$`; older systemd knows no colon.
    let dollar = job.words().any(|word| word.contains('$'));
    let mut words = job.words().map(quoted);
    let program = words.next().unwrap_or_default();
    let program = if dollar {
        program.replacen('"', "\":", 1)
    } else {
        program
    };
    let args: String = words.map(|word| format!(" {word}")).collect();
    marked(
        job,
        &format!(
            "\
# Written by `takeback schedule install`; `takeback schedule remove` removes it.

[Unit]
Description=Back up the state of developer and AI tools

[Service]
Type=oneshot
{variables}ExecStart={program}{args}
# 3: made, with gaps. 10: the vault is not there, such as an unplugged disk.
SuccessExitStatus=3 10
Nice=10
CPUSchedulingPolicy=batch
IOSchedulingClass=idle
"
        ),
    )
}

fn timer(job: &Job) -> String {
    let calendar = job.when.calendar();
    marked(
        job,
        &format!(
            "\
# Written by `takeback schedule install`; `takeback schedule remove` removes it.

[Unit]
Description=Back up the state of developer and AI tools, {}

[Timer]
OnCalendar={calendar}
# What was missed while the machine was off or asleep is made up for, once.
Persistent=true

[Install]
WantedBy=timers.target
",
            job.when.words()
        ),
    )
}

fn marked(job: &Job, rest: &str) -> String {
    format!("# {}\n{rest}", mark::mark(job.when, rest))
}

/// A word in double quotes: `%` begins a specifier and a backslash an escape.
fn quoted(word: &str) -> String {
    let mut out = String::from('"');
    for c in word.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '%' => out.push_str("%%"),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
