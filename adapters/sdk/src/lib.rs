//! Guest bindings for takeback adapters: the contract's types, the trait and the
//! export macro, generated once from `wit/adapter.wit`, and a few constructors.
//! No logic: what an adapter says is reviewed like data in the adapter itself.
#![cfg_attr(target_family = "wasm", no_std)]

extern crate alloc;

mod outcome;
#[cfg(target_family = "wasm")]
mod runtime;
mod shapes;
mod table;

/// What `wit-bindgen` makes of the contract; the export macro needs to reach it.
#[doc(hidden)]
#[expect(
    clippy::too_many_arguments,
    reason = "generated: one argument for each lifted field"
)]
pub mod bindings {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "adapter",
        pub_export_macro: true,
        default_bindings_module: "takeback_adapter::bindings",
        export_macro_name: "export_adapter",
        additional_derives: [PartialEq],
    });
}

pub use bindings::Guest as Adapter;
pub use bindings::export_adapter;
pub use bindings::takeback::adapter::types::*;
pub use outcome::{any, elsewhere, is_written};
pub use shapes::*;
pub use table::*;
