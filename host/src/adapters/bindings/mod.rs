//! What `wasmtime` makes of the contract: one module for each version that is served, and in
//! each the one conversion into the words of the newest published one, which the rest of the
//! host speaks. A conversion renames and fills in; it checks nothing and decides nothing, so
//! that every version meets the same checks afterwards.

use super::wire;
use semver::Version;
use wasmtime::component::{Component, Linker};
use wasmtime::{Result, Store, StoreLimits};

pub(super) mod v0_1;
#[cfg(test)]
mod v0_2;

#[cfg(test)]
mod tests;

/// A version of the contract that this program serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Contract {
    /// The first one.
    V0_1,
    /// Not published; see `tests/contract`.
    #[cfg(test)]
    V0_2,
}

impl Contract {
    /// All of them, oldest first.
    pub(super) const SERVED: &[(Self, Version)] = &[
        (Self::V0_1, Version::new(0, 1, 0)),
        #[cfg(test)]
        (Self::V0_2, Version::new(0, 2, 0)),
    ];

    /// The one that serves components made for this version. Within 0.x the minor is the
    /// unit of compatibility.
    pub(super) fn serving(needs: &Version) -> Option<Self> {
        let fits = |has: &Version| (has.major, has.minor) == (needs.major, needs.minor);
        let mut served = Self::SERVED.iter();
        served.find_map(|(contract, has)| fits(has).then_some(*contract))
    }

    /// The versions that are served, for people.
    pub(super) fn served() -> String {
        let versions: Vec<String> = Self::SERVED.iter().map(|(_, v)| v.to_string()).collect();
        versions.join(" and ")
    }
}

/// A running component, asked in the words of its own version.
pub(super) enum Instance {
    V0_1(v0_1::Adapter),
    #[cfg(test)]
    V0_2(v0_2::Adapter),
}

impl Instance {
    pub(super) fn new(
        contract: Contract,
        store: &mut Store<StoreLimits>,
        component: &Component,
        linker: &Linker<StoreLimits>,
    ) -> Result<Self> {
        Ok(match contract {
            Contract::V0_1 => Self::V0_1(v0_1::Adapter::instantiate(store, component, linker)?),
            #[cfg(test)]
            Contract::V0_2 => Self::V0_2(v0_2::Adapter::instantiate(store, component, linker)?),
        })
    }

    pub(super) fn describe(&self, store: &mut Store<StoreLimits>) -> Result<wire::Identity> {
        match self {
            Self::V0_1(adapter) => adapter.call_describe(store),
            #[cfg(test)]
            Self::V0_2(adapter) => Ok(adapter.call_describe(store)?.into()),
        }
    }

    pub(super) fn declare(
        &self,
        store: &mut Store<StoreLimits>,
        facts: &wire::Facts,
    ) -> Result<Result<wire::Declaration, wire::Refusal>> {
        match self {
            Self::V0_1(adapter) => adapter.call_declare(store, facts),
            #[cfg(test)]
            Self::V0_2(adapter) => {
                let said = adapter.call_declare(store, &facts.clone().into())?;
                Ok(said.map(Into::into).map_err(Into::into))
            }
        }
    }

    pub(super) fn after_restore(
        &self,
        store: &mut Store<StoreLimits>,
        facts: &wire::Facts,
        outcome: &wire::Outcome,
    ) -> Result<Vec<wire::Hint>> {
        match self {
            Self::V0_1(adapter) => adapter.call_after_restore(store, facts, outcome),
            #[cfg(test)]
            Self::V0_2(adapter) => {
                let (facts, outcome) = (facts.clone().into(), outcome.clone().into());
                let said = adapter.call_after_restore(store, &facts, &outcome)?;
                Ok(said.into_iter().map(Into::into).collect())
            }
        }
    }
}
