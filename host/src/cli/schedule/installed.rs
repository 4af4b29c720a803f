//! Which timers of ours there are.

use super::mark::{FORM, Mark};
use super::unit::{Standing, Units};
use super::{HERE, cron, places};
use crate::cli::args::System;
use crate::cli::context::{Context, tilde};
use crate::cli::error::CommandError;

/// A timer of ours.
pub(super) struct Installed {
    pub(super) system: System,
    pub(super) mark: Mark,
    /// Whether all of its parts are there and as they were written.
    pub(super) whole: bool,
    /// Where it is, for people.
    pub(super) places: Vec<String>,
    /// Its files; a line of cron has none.
    pub(super) units: Option<Units>,
}

impl Installed {
    /// What is odd about it.
    pub(super) fn remark(&self) -> Option<String> {
        if self.mark.form > FORM {
            return Some("it was written by a newer takeback".to_owned());
        }
        let changed = !self.whole || self.mark.when.is_none();
        changed.then(|| {
            "it was changed since it was written; `takeback schedule install` writes it anew"
                .to_owned()
        })
    }
}

/// All of them; what cannot be asked for is a warning.
pub(super) fn installed(context: &Context) -> Result<Vec<Installed>, CommandError> {
    let mut found = Vec::new();
    for system in HERE {
        found.extend(match places(context, *system) {
            Some(units) => of_files(context, *system, units)?,
            None => of_cron(context)?,
        });
    }
    Ok(found)
}

fn of_files(
    context: &Context,
    system: System,
    units: Units,
) -> Result<Option<Installed>, CommandError> {
    let standing = units.standing()?;
    let marks: Vec<Mark> = standing
        .iter()
        .filter_map(|standing| match standing {
            Standing::Ours(mark, _) => Some(*mark),
            Standing::Nothing | Standing::Foreign => None,
        })
        .collect();
    let Some(mark) = marks.last().copied() else {
        return Ok(None);
    };
    let same = |other: &Mark| other.when == mark.when && other.form == mark.form && other.intact;
    let paths = units.paths().zip(&standing);
    let ours = paths.filter(|(_, standing)| matches!(standing, Standing::Ours(..)));
    Ok(Some(Installed {
        system,
        mark,
        whole: marks.len() == standing.len() && marks.iter().all(same),
        places: ours
            .map(|(path, _)| tilde(&path, &context.facts.home))
            .collect(),
        units: Some(units),
    }))
}

fn of_cron(context: &Context) -> Result<Option<Installed>, CommandError> {
    let text = match cron::read() {
        Ok(text) => text,
        Err(super::tool::ToolError::Missing(_)) => return Ok(None),
        Err(e) => {
            context
                .voice
                .warn(&format!("the crontab cannot be read: {e}"));
            return Ok(None);
        }
    };
    let mark = cron::Parts::of(&text)?.mark();
    Ok(mark.map(|mark| Installed {
        system: System::Cron,
        mark,
        whole: mark.intact,
        places: vec!["the crontab".to_owned()],
        units: None,
    }))
}
