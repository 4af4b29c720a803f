//! What `takeback-adapter` gives, made for the contract that is not published.

#[path = "../../../adapters/sdk/src/outcome.rs"]
#[rustfmt::skip] // Not ours to format.
mod outcome;
#[cfg(target_family = "wasm")]
#[path = "../../../adapters/sdk/src/runtime.rs"]
#[rustfmt::skip]
mod runtime;
#[path = "../../../adapters/sdk/src/table.rs"]
#[rustfmt::skip]
mod table;

/// What the macro makes of it; the export macro needs to reach it.
#[doc(hidden)]
pub mod bindings {
    wit_bindgen::generate!({
        path: "../contract/0.2",
        world: "adapter",
        pub_export_macro: true,
        default_bindings_module: "takeback_guests::next::bindings",
        export_macro_name: "export_adapter",
        additional_derives: [PartialEq],
    });
}

pub use bindings::Guest as Adapter;
pub use bindings::export_adapter;
pub use bindings::takeback::adapter::types::*;
pub use outcome::{any, elsewhere, is_written};
pub use table::*;
