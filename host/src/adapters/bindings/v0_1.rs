//! Contract 0.1, which the rest of the host speaks: there is nothing to convert.

wasmtime::component::bindgen!({
    path: "../wit",
    world: "adapter",
});
