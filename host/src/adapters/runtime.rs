//! The sandbox: components only, nothing linked, everything bounded, a fresh store
//! for each call.

use super::admission::Admission;
use super::bindings::Instance;
use super::convert::{self, AfterRestore};
use super::declarative::Table;
use super::error::AdapterError;
use super::metadata::Metadata;
use super::sections;
use super::together::telling;
use super::wire;
use crate::model::limits::{
    ADAPTER_COMPILE_SILENCE, ADAPTER_MEMORY, ADAPTER_OUTPUT, ADAPTER_STACK, ADAPTER_TICK,
    ADAPTER_TIME,
};
use crate::model::{AdapterIdentity, CheckedDeclaration, Digest, Hint, HostFacts, Location};
use std::panic::AssertUnwindSafe;
use std::path::Path;
use wasmtime::component::{Component, Linker};
use wasmtime::{Cache, CacheConfig, Config, Engine, Store, StoreLimits, StoreLimitsBuilder, Trap};

/// Is told the name of an adapter that takes long to compile.
type Tell = Box<dyn Fn(&str) + Send + Sync>;
/// How every component and every module begins.
const COMPONENT: &[u8] = b"\0asm";

/// The engine that compiles and runs adapters.
pub struct Runtime {
    engine: Engine,
    slow: Option<Tell>,
}

impl Runtime {
    /// Sets the engine up. Compiled code is kept in `cache_dir`, which must be private:
    /// compiled code is native code. Without one every run compiles anew.
    ///
    /// # Errors
    /// When the engine cannot be made on this machine.
    pub fn new(cache_dir: Option<&Path>) -> Result<Self, AdapterError> {
        let failed = |e: wasmtime::Error| AdapterError::Compile(format!("{e:#}"));
        let mut config = Config::new();
        config
            .wasm_component_model(true)
            .epoch_interruption(true)
            .cranelift_nan_canonicalization(true)
            .max_wasm_stack(ADAPTER_STACK)
            // Small reservations: it also runs where address space is limited.
            .memory_reservation(64 << 20)
            .memory_reservation_for_growth(16 << 20)
            .memory_guard_size(64 << 10);
        if let Some(dir) = cache_dir {
            let mut cache = CacheConfig::new();
            cache.with_directory(dir);
            config.cache(Some(Cache::new(cache).map_err(failed)?));
        }
        let engine = Engine::new(&config).map_err(failed)?;
        tick(&engine);
        Ok(Self { engine, slow: None })
    }

    /// The same, telling the name of each adapter that takes long to compile.
    #[must_use]
    pub fn telling(mut self, slow: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.slow = Some(Box::new(slow));
        self
    }

    /// Judges, compiles and describes an adapter: a component, or a text in TOML.
    ///
    /// # Errors
    /// When it is refused before it runs, or does not describe itself properly.
    pub fn load(&self, bytes: &[u8]) -> Result<Adapter, AdapterError> {
        self.load_named("the adapter", bytes)
    }

    /// The same, of an adapter that is called so while it is compiled.
    ///
    /// # Errors
    /// As for [`Self::load`].
    pub fn load_named(&self, name: &str, bytes: &[u8]) -> Result<Adapter, AdapterError> {
        if !Table::is_text(bytes) || bytes.starts_with(COMPONENT) {
            return self.load_component(name, bytes);
        }
        let (identity, table) = Table::read(bytes)?;
        Ok(Adapter {
            form: Form::Table(Box::new(table)),
            identity,
            metadata: Metadata::default(),
            granted: None,
        })
    }

    fn load_component(&self, name: &str, bytes: &[u8]) -> Result<Adapter, AdapterError> {
        let admission = Admission::check(bytes)?;
        // What only speaks of a component is not compiled: a packed one is found in the cache.
        let code = sections::without(bytes, Metadata::is_section);
        let tell = || self.slow.iter().for_each(|slow| slow(name));
        let component = telling(ADAPTER_COMPILE_SILENCE, tell, || {
            guarded("compile", || {
                Component::from_binary(&self.engine, &code)
                    .map_err(|e| AdapterError::Compile(format!("{e:#}")))
            })
        })?;
        let mut linker = Linker::new(&self.engine);
        linker
            .define_unknown_imports_as_traps(&component)
            .map_err(|e| AdapterError::Compile(format!("{e:#}")))?;
        let sandbox = Sandbox {
            engine: self.engine.clone(),
            component,
            linker,
            admission,
        };
        let said = sandbox.call("describe", |store, adapter| adapter.describe(store))?;
        let identity =
            convert::identity(said, Digest::of(bytes)).map_err(|why| AdapterError::BadAnswer {
                call: "describe",
                why,
            })?;
        Ok(Adapter {
            form: Form::Component(Box::new(sandbox)),
            identity,
            metadata: Metadata::read(bytes),
            granted: None,
        })
    }
}

/// Advances the engine's clock until the engine is gone.
fn tick(engine: &Engine) {
    let weak = engine.weak();
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(ADAPTER_TICK);
            match weak.upgrade() {
                Some(engine) => engine.increment_epoch(),
                None => return,
            }
        }
    });
}

/// What answers for an adapter.
enum Form {
    Component(Box<Sandbox>),
    Table(Box<Table>),
}

impl Form {
    fn declare(
        &self,
        facts: &wire::Facts,
    ) -> Result<Result<wire::Declaration, wire::Refusal>, AdapterError> {
        match self {
            Self::Component(sandbox) => {
                sandbox.call("declare", |store, adapter| adapter.declare(store, facts))
            }
            Self::Table(table) => Ok(Ok(table.declare(facts))),
        }
    }

    fn after_restore(
        &self,
        facts: &wire::Facts,
        outcome: &wire::Outcome,
    ) -> Result<Vec<wire::Hint>, AdapterError> {
        match self {
            Self::Component(sandbox) => sandbox.call("after-restore", |store, adapter| {
                adapter.after_restore(store, facts, outcome)
            }),
            Self::Table(table) => Ok(table.after_restore(facts, outcome)),
        }
    }
}

/// An adapter that was admitted and has said who it is.
pub struct Adapter {
    form: Form,
    identity: AdapterIdentity,
    metadata: Metadata,
    granted: Option<Vec<Location>>,
}

impl Adapter {
    /// Who it says it is.
    #[must_use]
    pub fn identity(&self) -> &AdapterIdentity {
        &self.identity
    }

    /// What its file says of it, which nobody checked.
    #[must_use]
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// Restricts it to the places that were granted when it was recorded.
    #[must_use]
    pub fn granted(mut self, scope: Vec<Location>) -> Self {
        self.granted = Some(scope);
        self
    }

    /// The places it may declare: what it says it may ask for, or what was granted.
    #[must_use]
    pub fn scope(&self) -> &[Location] {
        self.granted.as_deref().unwrap_or(&self.identity.scope)
    }

    /// WASI interfaces the component imports without being given them.
    #[must_use]
    pub fn wasi_imports(&self) -> &[String] {
        match &self.form {
            Form::Component(sandbox) => &sandbox.admission.wasi,
            Form::Table(_) => &[],
        }
    }

    /// The places of which one exists where the tool is installed; empty when the adapter
    /// does not say, and any file of its rules is sign enough.
    #[must_use]
    pub fn signs(&self, facts: &HostFacts) -> Vec<Location> {
        match &self.form {
            Form::Component(_) => Vec::new(),
            Form::Table(table) => table.signs(&convert::facts(facts, &self.identity, &[])),
        }
    }

    /// The places that are worth a backup where they exist, and no sign of the tool: others
    /// use them too.
    #[must_use]
    pub fn shared(&self, facts: &HostFacts) -> Vec<Location> {
        match &self.form {
            Form::Component(_) => Vec::new(),
            Form::Table(table) => table.shared(&convert::facts(facts, &self.identity, &[])),
        }
    }

    /// Asks what to keep on this machine; `existing` are the probes that exist.
    ///
    /// # Errors
    /// When the call fails or the declaration is refused.
    pub fn declare(
        &self,
        facts: &HostFacts,
        existing: &[Location],
    ) -> Result<CheckedDeclaration, AdapterError> {
        let wire = convert::facts(facts, &self.identity, existing);
        let declared = self
            .form
            .declare(&wire)?
            .map_err(|refusal| AdapterError::Declines(convert::refusal(refusal)))?;
        let declaration =
            convert::declaration(declared).map_err(|why| AdapterError::BadAnswer {
                call: "declare",
                why,
            })?;
        let variables = &self.identity.variables;
        Ok(CheckedDeclaration::admit(
            declaration,
            self.scope(),
            variables,
            facts,
        )?)
    }

    /// Asks what is left to do after a restore.
    ///
    /// # Errors
    /// When the call fails or the hints break the contract.
    pub fn after_restore(
        &self,
        facts: &HostFacts,
        existing: &[Location],
        outcome: &AfterRestore,
    ) -> Result<Vec<Hint>, AdapterError> {
        let wire = convert::facts(facts, &self.identity, existing);
        let said = self.form.after_restore(&wire, outcome.wire())?;
        convert::hints(said).map_err(|why| AdapterError::BadAnswer {
            call: "after-restore",
            why,
        })
    }
}

struct Sandbox {
    engine: Engine,
    component: Component,
    linker: Linker<StoreLimits>,
    admission: Admission,
}

impl Sandbox {
    fn call<R>(
        &self,
        call: &'static str,
        run: impl FnOnce(&mut Store<StoreLimits>, &Instance) -> wasmtime::Result<R>,
    ) -> Result<R, AdapterError> {
        let limits = StoreLimitsBuilder::new()
            .memory_size(ADAPTER_MEMORY)
            .table_elements(100_000)
            .instances(64)
            .tables(64)
            .memories(16)
            .trap_on_grow_failure(true)
            .build();
        let mut store = Store::new(&self.engine, limits);
        store.limiter(|limits| limits);
        let ticks = ADAPTER_TIME.as_millis() / ADAPTER_TICK.as_millis();
        store.set_epoch_deadline(u64::try_from(ticks).unwrap_or(u64::MAX));
        store.set_hostcall_fuel(ADAPTER_OUTPUT);
        guarded(call, move || {
            let contract = self.admission.contract;
            let adapter = Instance::new(contract, &mut store, &self.component, &self.linker)
                .map_err(|e| explain(call, &e))?;
            run(&mut store, &adapter).map_err(|e| explain(call, &e))
        })
    }
}

/// A panic inside the engine is that adapter's failure, not the program's.
pub(super) fn guarded<R>(
    call: &'static str,
    run: impl FnOnce() -> Result<R, AdapterError>,
) -> Result<R, AdapterError> {
    std::panic::catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| {
        Err(AdapterError::Trapped {
            call,
            why: "the engine panicked".to_owned(),
        })
    })
}

fn explain(call: &'static str, error: &wasmtime::Error) -> AdapterError {
    match error.downcast_ref::<Trap>() {
        Some(Trap::Interrupt) => return AdapterError::TimedOut { call },
        Some(Trap::StackOverflow) => return AdapterError::Stack { call },
        _ => {}
    }
    // The engine has no error types for these: the texts are pinned by the sandbox tests.
    let text = format!("{error:#}");
    if text.contains("fuel allocated for hostcalls") {
        AdapterError::TooMuchOutput { call }
    } else if text.contains("growing memory") || text.contains("exceeds memory limits") {
        AdapterError::Memory { call }
    } else if let Some((_, rest)) = text.split_once("unknown import: `") {
        let import = rest.split('`').next().unwrap_or_default().to_owned();
        AdapterError::UsedImport { call, import }
    } else {
        let why = error.root_cause().to_string();
        AdapterError::Trapped { call, why }
    }
}
