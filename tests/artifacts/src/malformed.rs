//! Files that are no components, for the tests of the door they must not pass.

use crate::guest;
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// The preamble of a component: magic number, version 13, layer 1.
const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";

/// Names and bytes of files that are no components.
///
/// # Panics
/// If nothing was [`built`](crate::built): one of them is half of a real component.
///
/// # Errors
/// If that component cannot be read.
pub fn malformed() -> io::Result<Vec<(&'static str, Vec<u8>)>> {
    let whole = fs::read(guest("well-behaved"))?;
    let mut flipped = whole.clone();
    // Early enough to hit the types, which every reader has to understand.
    for byte in flipped.iter_mut().skip(16).take(64) {
        *byte ^= 0xff;
    }
    Ok(vec![
        ("empty", Vec::new()),
        ("truncated", whole[..whole.len() / 2].to_vec()),
        ("flipped", flipped),
        ("preamble-only", COMPONENT.to_vec()),
        ("core-module", b"\0asm\x01\0\0\0".to_vec()),
        ("random", noise(4096)),
        ("precompiled", precompiled()),
        ("text", b"(component)\n".to_vec()),
    ])
}

/// Writes each of [`malformed`] as `<name>.wasm` into a folder and says where.
///
/// # Panics
/// As [`malformed`].
///
/// # Errors
/// If a file cannot be read or written.
pub fn write_malformed(folder: &Path) -> io::Result<Vec<(&'static str, PathBuf)>> {
    let write = |(name, bytes): (&'static str, Vec<u8>)| {
        let path = folder.join(format!("{name}.wasm"));
        fs::write(&path, bytes)?;
        Ok((name, path))
    };
    malformed()?.into_iter().map(write).collect()
}

/// Bytes without sense, the same in every run (a linear congruential generator).
fn noise(len: usize) -> Vec<u8> {
    let mut state = 9_u32;
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    std::iter::repeat_with(next).take(len).collect()
}

/// Looks like native code from wasmtime's own compiler (a `.cwasm` is an ELF file),
/// which would run outside of any sandbox.
fn precompiled() -> Vec<u8> {
    let mut bytes = b"\x7fELF\x02\x01\x01\xc8".to_vec();
    bytes.resize(64, 0);
    bytes.extend(b"\0.wasmtime.engine\0.wasmtime.info\0");
    bytes.extend(noise(512));
    bytes
}
