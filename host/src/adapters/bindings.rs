//! What `wasmtime` makes of the contract. Private: everything else uses host values.

wasmtime::component::bindgen!({
    path: "../wit",
    world: "adapter",
});
