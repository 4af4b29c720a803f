//! What a component without a standard library must bring itself: an allocator,
//! the canonical ABI's `realloc`, and a panic that traps. With these an adapter
//! imports nothing, not even WASI.

use alloc::alloc::{Layout, alloc, handle_alloc_error, realloc};

#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

// Comparing strings calls `memcmp`, which this target takes from its C library.
#[cfg(target_os = "wasi")]
#[link(name = "c")]
unsafe extern "C" {}

/// The allocator entry point that the canonical ABI asks for.
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
