//! The timer that backs up, and how its last run ended.

use super::Finding;
use super::vault::or_unknown;
use crate::cli::context::Context;
use crate::cli::error::{CommandError, ExitStatus};
use crate::cli::last_run::{self, LastRun};
use crate::cli::render::human;
use crate::cli::schedule::{Timer, timers};

const INSTALL: &str = "`takeback schedule install` writes it anew and switches it on";

pub(super) fn checks(context: &Context) -> Vec<Finding> {
    let mut found = or_unknown("schedule", installed(context));
    found.extend(last_run::read(&context.own.state).map(|run| last(&run)));
    found
}

/// Whether there is a timer, and whether it is switched on, as far as the system says.
fn installed(context: &Context) -> Result<Vec<Finding>, CommandError> {
    let timers = timers(context)?;
    if timers.is_empty() {
        let says =
            "no timer is installed; `takeback schedule install` has the system back up regularly";
        return Ok(vec![Finding::ok("schedule", says)]);
    }
    Ok(timers.iter().map(timer).collect())
}

fn timer(timer: &Timer) -> Finding {
    let when = timer.when.as_deref().unwrap_or("at a time it does not say");
    let says = |more: &str| format!("{} backs up {when}: {more}", timer.system);
    match (timer.active, &timer.remark) {
        (Some(false), _) => Finding::problem("schedule", says(&timer.state), INSTALL),
        (_, Some(remark)) => Finding::warning("schedule", says(remark), INSTALL),
        _ => Finding::ok("schedule", says(&timer.state)),
    }
}

/// How the last automatic backup ended, whoever started it.
fn last(run: &LastRun) -> Finding {
    let says = format!("{}: {}", last_run::by_clock(&run.time), run.words());
    if run.failures == 0 {
        return Finding::ok("automatic", says);
    }
    let good = run.last_good.as_deref();
    let good = good.map_or_else(|| "never".to_owned(), last_run::by_clock);
    let runs = human::counted(run.failures.into(), "run", "runs");
    let says = format!("{says}; {runs} since one last went well, {good}");
    // A disk that is not plugged in is nothing wrong, as long as it is not for ever.
    if run.code == ExitStatus::NotFound.code() {
        let advice = "make sure that the vault is there when the timer runs";
        return Finding::warning("automatic", says, advice);
    }
    let advice = "when the cause is gone, `takeback backup --automatic` tells that it is";
    Finding::problem("automatic", says, advice)
}
