//! `takeback config`: see and change what the configuration file says. Everything here works
//! also where that file cannot be read.

mod change;
mod edit;
mod editor;
mod file;
mod keys;
mod show;

pub(super) use keys::{KEYS, unknown};

use super::args::{ConfigArgs, ConfigCommand, Global};
use super::context::tilde;
use super::error::{CommandError, ExitStatus};
use super::facts::{self, OwnDirs};
use super::render::Voice;
use std::path::PathBuf;
use takeback::model::HostFacts;

/// What these commands work with.
struct Place<'a> {
    global: &'a Global,
    facts: HostFacts,
    own: OwnDirs,
    /// The configuration file, which may not be there.
    path: PathBuf,
    voice: Voice,
}

impl Place<'_> {
    /// The file's path as people write it.
    fn shown(&self) -> String {
        tilde(&self.path, &self.facts.home)
    }
}

pub(super) fn run(global: &Global, args: &ConfigArgs) -> Result<ExitStatus, CommandError> {
    let (facts, own) = facts::gather()?;
    let path = global
        .config
        .clone()
        .unwrap_or_else(|| own.config.join("config.toml"));
    let voice = Voice {
        json: global.json,
        quiet: global.quiet,
        verbose: global.verbose,
    };
    let place = Place {
        global,
        facts,
        own,
        path,
        voice,
    };
    match &args.command {
        ConfigCommand::Show => show::show(&place),
        ConfigCommand::Path => show::path(&place),
        ConfigCommand::Edit => edit::run(&place),
        ConfigCommand::Set(args) => change::set(&place, &args.key, &args.value),
        ConfigCommand::Unset(args) => change::unset(&place, &args.key),
    }
}
