//! What files are, and which of them a run takes.

use std::fmt;

/// What files are. Named by adapters, chosen by the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Settings.
    Settings,
    /// Instructions for the tool.
    Instructions,
    /// Skills and commands.
    Skills,
    /// Agent definitions.
    Agents,
    /// What the tool was asked to remember.
    Memory,
    /// Transcripts, prompts, plans.
    History,
    /// Plugin manifests.
    Plugins,
    /// Plugin code and marketplace clones.
    CodeCache,
    /// Logins, keys, tokens.
    Credentials,
    /// Environment files.
    Env,
    /// Caches and logs.
    Cache,
    /// Bound to one machine.
    Machine,
    /// Put there by an administrator.
    Managed,
}

impl Class {
    /// Every class, in the order reports use.
    pub const ALL: [Self; 13] = [
        Self::Settings,
        Self::Instructions,
        Self::Skills,
        Self::Agents,
        Self::Memory,
        Self::History,
        Self::Plugins,
        Self::CodeCache,
        Self::Credentials,
        Self::Env,
        Self::Cache,
        Self::Machine,
        Self::Managed,
    ];

    /// The class's name in archives, on the command line and in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Settings => "settings",
            Self::Instructions => "instructions",
            Self::Skills => "skills",
            Self::Agents => "agents",
            Self::Memory => "memory",
            Self::History => "history",
            Self::Plugins => "plugins",
            Self::CodeCache => "code-cache",
            Self::Credentials => "credentials",
            Self::Env => "env",
            Self::Cache => "cache",
            Self::Machine => "machine",
            Self::Managed => "managed",
        }
    }

    /// The class with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.as_str() == name)
    }

    fn bit(self) -> u16 {
        1 << (self as u16)
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Why files of a class are not in a backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeftOutReason {
    /// The chosen profile leaves the class out; holds the flag that takes it.
    Profile(&'static str),
    /// No profile takes the class.
    Never,
}

impl fmt::Display for LeftOutReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Profile(flag) => write!(f, "taken with {flag}"),
            Self::Never => f.write_str("never taken"),
        }
    }
}

/// The classes one run takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClassSelection(u16);

impl ClassSelection {
    /// The default profile: what the person made, and the history of it.
    #[must_use]
    pub fn default_profile() -> Self {
        use Class::{Agents, History, Instructions, Memory, Plugins, Settings, Skills};
        Self::of(&[
            Settings,
            Instructions,
            Skills,
            Agents,
            Memory,
            History,
            Plugins,
        ])
    }

    /// Exactly these classes.
    #[must_use]
    pub fn of(classes: &[Class]) -> Self {
        Self(classes.iter().fold(0, |bits, class| bits | class.bit()))
    }

    /// Every class there is.
    #[must_use]
    pub fn everything() -> Self {
        Self::of(&Class::ALL)
    }

    /// The same with one class more.
    #[must_use]
    pub fn with(self, class: Class) -> Self {
        Self(self.0 | class.bit())
    }

    /// The same with one class less.
    #[must_use]
    pub fn without(self, class: Class) -> Self {
        Self(self.0 & !class.bit())
    }

    /// Whether the class is taken.
    #[must_use]
    pub fn takes(self, class: Class) -> bool {
        self.0 & class.bit() != 0
    }

    /// The classes taken, in report order.
    pub fn classes(self) -> impl Iterator<Item = Class> {
        Class::ALL
            .into_iter()
            .filter(move |class| self.takes(*class))
    }

    /// Why a class is left out; `None` when it is taken.
    #[must_use]
    pub fn left_out(self, class: Class) -> Option<LeftOutReason> {
        if self.takes(class) {
            return None;
        }
        Some(match class {
            Class::History => LeftOutReason::Profile("the default profile"),
            Class::CodeCache => LeftOutReason::Profile("--full"),
            Class::Credentials => LeftOutReason::Profile("--include-credentials"),
            Class::Env => LeftOutReason::Profile("--include-env"),
            Class::Cache | Class::Machine | Class::Managed => LeftOutReason::Never,
            _ => LeftOutReason::Profile("the default profile"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_profile_leaves_secrets_and_caches_out() {
        let taken = ClassSelection::default_profile();
        let names: Vec<&str> = taken.classes().map(Class::as_str).collect();
        assert_eq!(
            names,
            [
                "settings",
                "instructions",
                "skills",
                "agents",
                "memory",
                "history",
                "plugins"
            ]
        );
        assert!(!taken.without(Class::History).takes(Class::History));
        assert!(taken.with(Class::Env).takes(Class::Env));
    }

    #[test]
    fn names_round_trip() {
        for class in Class::ALL {
            assert_eq!(Class::from_name(class.as_str()), Some(class));
        }
        assert_eq!(Class::from_name("Settings"), None);
    }
}
