//! What the standard library would bring: memory, and something to do on a panic.
//!
//! A component that is built with `std` for `wasm32-wasip2` imports a dozen WASI
//! interfaces, used or not. takeback gives an adapter no WASI; such a component
//! still runs, but fails the moment it reaches for one. Without `std` it imports
//! nothing, so everybody can see that it cannot do anything. The price is this file,
//! which is the same for every adapter.

use alloc::alloc::{Layout, alloc, handle_alloc_error, realloc};

/// `String` and `Vec` need an allocator; this is the one that `std` uses on wasm.
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

/// There is nowhere to print to: a panic becomes a trap, and takeback reports that
/// the adapter failed. Return `Refusal::Other` where there is something to say.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

/// takeback calls this to make room for the arguments of a call. It belongs to every
/// component; with `std` it would come from the C library.
///
/// # Safety
/// Called by the host with a pointer it got from here and its true old size.
#[unsafe(no_mangle)]
unsafe extern "C" fn cabi_realloc(
    old: *mut u8,
    old_len: usize,
    align: usize,
    new_len: usize,
) -> *mut u8 {
    if new_len == 0 {
        return core::ptr::without_provenance_mut(align);
    }
    // SAFETY: the canonical ABI passes powers of two for `align`, and for `old` only
    // what an earlier call returned together with its length.
    unsafe {
        let fresh = Layout::from_size_align_unchecked(new_len, align);
        let grown = if old_len == 0 {
            alloc(fresh)
        } else {
            realloc(
                old,
                Layout::from_size_align_unchecked(old_len, align),
                new_len,
            )
        };
        if grown.is_null() {
            handle_alloc_error(fresh);
        }
        grown
    }
}

// `core` compares text with `memcmp`. The compiler's target brings it in a C library,
// of which the linker takes that one function and nothing that imports WASI.
#[cfg(target_os = "wasi")]
#[link(name = "c")]
unsafe extern "C" {}
