//! What the guests share: an honest adapter of which each guest changes one thing.
#![cfg_attr(target_family = "wasm", no_std)]

extern crate alloc;

pub use alloc::{format, string::String, vec, vec::Vec};
#[cfg(feature = "next-contract")]
#[doc(hidden)]
pub mod next;

#[cfg(feature = "next-contract")]
pub use next::*;
#[cfg(not(feature = "next-contract"))]
pub use takeback_adapter::*;

/// An adapter for an invented tool that lives in `~/.<id>`. Every answer has an
/// honest default; a guest replaces the one in which it misbehaves.
pub trait Guest {
    /// The adapter's id, and the name of its directory below the home directory.
    const ID: &'static str;

    /// Answers `describe`.
    fn identity() -> Identity {
        honest_identity(Self::ID)
    }

    /// Answers `declare`.
    fn declaration(_facts: Facts) -> Result<Declaration, Refusal> {
        Ok(declares(vec![honest_rule(Self::ID)]))
    }

    /// Answers `after-restore`.
    fn hints(_facts: Facts, _outcome: Outcome) -> Vec<Hint> {
        Vec::new()
    }
}

/// Exports a [`Guest`] as a component.
#[macro_export]
macro_rules! guest {
    ($guest:ident) => {
        impl $crate::Adapter for $guest {
            fn describe() -> $crate::Identity {
                <$guest as $crate::Guest>::identity()
            }
            fn declare(facts: $crate::Facts) -> Result<$crate::Declaration, $crate::Refusal> {
                <$guest as $crate::Guest>::declaration(facts)
            }
            fn after_restore(
                facts: $crate::Facts,
                outcome: $crate::Outcome,
            ) -> $crate::Vec<$crate::Hint> {
                <$guest as $crate::Guest>::hints(facts, outcome)
            }
        }
        #[cfg(target_family = "wasm")]
        $crate::export_adapter!($guest);
    };
}

/// A path below the home directory.
pub fn home(path: &str) -> Location {
    at(Base::Home, path)
}

/// The identity of a tool that keeps to `~/.<id>`.
pub fn honest_identity(id: &str) -> Identity {
    Identity {
        id: id.into(),
        name: id.into(),
        version: "0.1.0".into(),
        description: "A guest of takeback's tests".into(),
        homepage: String::new(),
        licence: "MIT OR Apache-2.0".into(),
        variables: Vec::new(),
        scope: vec![home(&format!(".{id}"))],
        probes: Vec::new(),
    }
}

/// A rule that keeps all of `~/.<id>`.
pub fn honest_rule(id: &str) -> Rule {
    tree("everything", home(&format!(".{id}")), Class::Settings)
}

/// A rule for a file, under the id `bad`: what the host must name when it refuses.
pub fn bad_rule(at: Location) -> Rule {
    file("bad", at, Class::Settings)
}

/// A declaration of nothing but rules.
pub fn declares(rules: Vec<Rule>) -> Declaration {
    Declaration {
        rules,
        tallies: Vec::new(),
        running: Vec::new(),
        notes: Vec::new(),
    }
}

/// Ends the component with a trap, on any target.
pub fn trap() -> ! {
    #[cfg(target_family = "wasm")]
    core::arch::wasm32::unreachable();
    #[cfg(not(target_family = "wasm"))]
    std::process::abort();
}
