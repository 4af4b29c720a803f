//! The machines an adapter is tried on: one for each system, made of nothing but facts, and
//! home directories that somebody has.

use super::super::super::args::CheckArgs;
use super::super::super::context::Context;
use super::super::super::error::CommandError;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use takeback::adapters::Adapter;
use takeback::model::{AdapterIdentity, Base, HostFacts, Location, Os, OwnPlaces, ShownPath};

/// One machine.
pub(super) struct Case {
    pub(super) os: Os,
    /// What is special about it; empty where nothing is.
    pub(super) what: String,
    pub(super) facts: HostFacts,
    /// Whether there are files to look at.
    pub(super) walks: bool,
    /// Whether every probe is there and every variable set.
    full: bool,
}

impl Case {
    /// The probes that are there.
    pub(super) fn existing(&self, identity: &AdapterIdentity) -> Vec<Location> {
        match (self.walks, self.full) {
            (true, _) => takeback::backup::existing(identity, &self.facts),
            (false, true) => identity.probes.clone(),
            (false, false) => Vec::new(),
        }
    }

    /// The facts, with the variables that the adapter lists where all of them are set.
    pub(super) fn facts_for(mut self, adapter: &Adapter) -> Self {
        if self.full {
            let moved = adapter.identity().variables.iter().map(|name| {
                let dir = self.facts.home.join("moved").join(name.to_lowercase());
                (name.clone(), dir.to_string_lossy().into_owned())
            });
            self.facts.environment.extend(moved);
        }
        self
    }
}

/// Every machine this check is about.
pub(super) fn cases(context: &Context, args: &CheckArgs) -> Result<Vec<Case>, CommandError> {
    let mut cases = Vec::new();
    for facts in systems(context) {
        let full = HostFacts {
            project: Some(facts.home.join("project")),
            ..facts.clone()
        };
        let what = "with every variable set, in a project".to_owned();
        cases.push(Case::made(facts, String::new(), false));
        cases.push(Case::made(full, what, true));
    }
    let tree = |os, home: PathBuf| Case {
        os,
        what: format!("with the files in {}", ShownPath(&home)),
        facts: facts(os, home, context),
        walks: true,
        full: false,
    };
    if let Some(home) = &args.home {
        cases.push(tree(Os::current(), real(home)?));
    }
    if let Some(fixture) = &args.fixture {
        let fixture = real(fixture)?;
        let homes = [Os::Linux, Os::Macos, Os::Windows].map(|os| (os, fixture.join(os.as_str())));
        let before = cases.len();
        let there = homes.into_iter().filter(|(_, home)| home.is_dir());
        cases.extend(there.map(|(os, home)| tree(os, home)));
        if cases.len() == before {
            let fixture = ShownPath(&fixture);
            let message =
                format!("{fixture} holds none of the directories linux, macos and windows");
            return Err(CommandError::usage(message));
        }
    }
    Ok(cases)
}

impl Case {
    fn made(facts: HostFacts, what: String, full: bool) -> Self {
        Self {
            os: facts.os,
            what,
            facts,
            walks: false,
            full,
        }
    }
}

/// A home directory on each system, of which there is nothing but the name.
pub(super) fn systems(context: &Context) -> Vec<HostFacts> {
    // On this system a home with a drive letter would be no absolute path.
    [
        (Os::Linux, "/home/ada"),
        (Os::Macos, "/Users/ada"),
        (Os::Windows, "/Users/Ada"),
    ]
    .map(|(os, home)| facts(os, PathBuf::from(home), context))
    .into()
}

fn facts(os: Os, home: PathBuf, context: &Context) -> HostFacts {
    let below = |base: &Base| {
        let windows = os == Os::Windows;
        home.join(match base {
            Base::Config if windows => "AppData/Roaming",
            Base::Config => ".config",
            Base::Data | Base::State if windows => "AppData/Local",
            Base::Data => ".local/share",
            _ => ".local/state",
        })
    };
    let (config, data, state) = (
        below(&Base::Config),
        below(&Base::Data),
        below(&Base::State),
    );
    HostFacts {
        os,
        host: context.facts.host.clone(),
        user: "ada".to_owned(),
        own: OwnPlaces(
            [&config, &data, &state]
                .map(|dir| dir.join("takeback"))
                .into(),
        ),
        config,
        data,
        state,
        project: None,
        environment: BTreeMap::new(),
        home,
    }
}

fn real(path: &Path) -> Result<PathBuf, CommandError> {
    path.canonicalize()
        .ok()
        .filter(|path| path.is_dir())
        .ok_or_else(|| CommandError::usage(format!("{} is not a directory", ShownPath(path))))
}
