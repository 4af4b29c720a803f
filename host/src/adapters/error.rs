//! Why an adapter is not run, or its answer not used.

use super::bindings::Contract;
use crate::model::limits::{ADAPTER_BYTES, ADAPTER_MEMORY, ADAPTER_TABLE_BYTES, ADAPTER_TIME};
use crate::model::{Refused, Shown};

/// What is wrong with an adapter. Each is the failure of that adapter alone.
#[derive(Debug, thiserror::Error)]
pub enum AdapterError {
    /// Larger than the limit.
    #[error("it is larger than {} MiB", ADAPTER_BYTES >> 20)]
    TooLarge,
    /// A text larger than the limit.
    #[error("as an adapter in TOML it is larger than {} KiB", ADAPTER_TABLE_BYTES >> 10)]
    TableTooLarge,
    /// A text that says something wrong.
    #[error("line {line}, column {column}: {why}")]
    Table {
        /// The line, from 1.
        line: usize,
        /// The column in characters, from 1.
        column: usize,
        /// What is wrong, and what would be right; foreign parts are already escaped.
        why: String,
    },
    /// Not WebAssembly at all, or damaged.
    #[error("it is not a WebAssembly component: {0}")]
    NotAComponent(String),
    /// A plain module.
    #[error(
        "it is a WebAssembly module, not a component; build it for wasm32-wasip2, or make one \
         of it with `takeback adapter pack`"
    )]
    CoreModule,
    /// A module that no component can be made of.
    #[error("no component can be made of it: {}", Shown::sentence(.0))]
    Encode(String),
    /// Native code.
    #[error("it is compiled native code, which is never taken from outside; give the .wasm file")]
    NativeCode,
    /// Imports something that is neither the contract nor WASI.
    #[error("it imports {}, and adapters are given nothing", Shown(.0))]
    ForeignImport(String),
    /// Made for another version of the contract.
    #[error("it needs contract {needs}, this program has {}", Contract::served())]
    Contract {
        /// The version it was built for.
        needs: semver::Version,
    },
    /// A component for something else.
    #[error("it is a component, but not a takeback adapter: it does not export `{0}`")]
    NotAnAdapter(&'static str),
    /// Cranelift or the linker refused it.
    #[error("it cannot be compiled: {}", Shown(.0))]
    Compile(String),
    /// Ran longer than the limit.
    #[error("it did not finish `{call}` within {} seconds", ADAPTER_TIME.as_secs())]
    TimedOut {
        /// The function called.
        call: &'static str,
    },
    /// Wanted more memory than the limit.
    #[error("it asked for more than {} MiB of memory in `{call}`", ADAPTER_MEMORY >> 20)]
    Memory {
        /// The function called.
        call: &'static str,
    },
    /// Recursed too deep.
    #[error("it ran out of stack in `{call}`")]
    Stack {
        /// The function called.
        call: &'static str,
    },
    /// Returned more than the limit.
    #[error("it returned too much from `{call}`")]
    TooMuchOutput {
        /// The function called.
        call: &'static str,
    },
    /// Trapped on something it must not use.
    #[error("it used {} in `{call}`, and adapters are given nothing", Shown(.import))]
    UsedImport {
        /// The function called.
        call: &'static str,
        /// The import.
        import: String,
    },
    /// Trapped otherwise.
    #[error("it crashed in `{call}`: {}", Shown(.why))]
    Trapped {
        /// The function called.
        call: &'static str,
        /// What the engine said.
        why: String,
    },
    /// An answer that breaks the contract.
    #[error("its answer to `{call}` is not usable: {why}")]
    BadAnswer {
        /// The function called.
        call: &'static str,
        /// What is wrong; foreign parts are already escaped.
        why: String,
    },
    /// A declaration that asks for too much.
    #[error(transparent)]
    AsksTooMuch(#[from] Refused),
    /// The adapter itself says no.
    #[error("it says: {}", Shown::sentence(.0))]
    Declines(String),
    /// The file's bytes are not the ones that were recorded.
    #[error(
        "its bytes are not the ones recorded in adapters.lock.toml; run `takeback adapter add` \
         again if you trust the new file"
    )]
    NotTrusted,
    /// It says something else of itself than what was recorded.
    #[error(
        "adapters.lock.toml records the {what} {}, and it says {}; run `takeback adapter remove` \
         and `add` if you trust it",
        Shown(.recorded), Shown(.said)
    )]
    NotAsRecorded {
        /// What of it.
        what: &'static str,
        /// What the record says.
        recorded: String,
        /// What the adapter says.
        said: String,
    },
    /// Asked twice, it answered twice differently.
    #[error("it answers `{0}` differently when it is asked again")]
    Fickle(&'static str),
    /// Two adapters for one target.
    #[error("there is already an adapter called `{0}`")]
    DuplicateId(String),
}
