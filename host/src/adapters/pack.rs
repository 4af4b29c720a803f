//! Makes the file that an author hands out: a component that was run once, with what it
//! says of itself in sections that can be read without running it.

use super::error::AdapterError;
use super::metadata::Metadata;
use super::runtime::{Adapter, Runtime, guarded};
use super::sections::{custom, leb, sections, without};
use crate::model::AdapterIdentity;

/// A component to hand out.
pub struct Packed {
    /// The file.
    pub bytes: Vec<u8>,
    /// What it is, as it was loaded from these bytes.
    pub adapter: Adapter,
    /// Whether it was made from a module.
    pub encoded: bool,
}

/// How every module and every component begins, and what tells one from the other.
const MAGIC: &[u8] = b"\0asm";
const MODULE: &[u8] = b"\0asm\x01\0\0\0";

/// The section that names a component.
const NAME: &str = "component-name";
/// In it, the part with the component's own name.
const OWN_NAME: u8 = 0;

impl Packed {
    /// Packs a component, or a module that carries its contract in a section of its own, as
    /// `wit-bindgen` makes them. What was packed before comes out as it was.
    ///
    /// # Errors
    /// When it cannot be made a component, or is refused like any other adapter.
    pub fn new(runtime: &Runtime, bytes: &[u8]) -> Result<Self, AdapterError> {
        if !bytes.starts_with(MAGIC) {
            let why = "it does not begin like WebAssembly".to_owned();
            return Err(AdapterError::NotAComponent(why));
        }
        let encoded = bytes.starts_with(MODULE);
        let component = if encoded {
            encode(bytes)?
        } else {
            bytes.to_vec()
        };
        let identity = runtime.load(&component)?.identity().clone();
        let bytes = stamp(&component, &identity)?;
        let adapter = runtime.load(&bytes)?;
        Ok(Self {
            bytes,
            adapter,
            encoded,
        })
    }
}

/// Makes a component of a module. Nothing is linked into it: a module that wants more than
/// the contract gives is refused.
fn encode(module: &[u8]) -> Result<Vec<u8>, AdapterError> {
    guarded("pack", || {
        let failed = |e: anyhow::Error| AdapterError::Encode(format!("{e:#}"));
        wit_component::ComponentEncoder::default()
            .module(module)
            .map_err(failed)?
            .validate(true)
            .encode()
            .map_err(failed)
    })
}

/// Puts what an adapter says of itself into sections, in the place of such as there are.
fn stamp(component: &[u8], identity: &AdapterIdentity) -> Result<Vec<u8>, AdapterError> {
    let parts = sections(component).map_err(|why| AdapterError::NotAComponent(why.to_owned()))?;
    let mut out = without(component, Metadata::is_section).into_owned();
    let version = identity.version.to_string();
    for (name, text) in [
        ("version", version.as_str()),
        ("description", &identity.description),
        ("homepage", &identity.homepage),
        ("licenses", &identity.licence),
    ] {
        if !text.is_empty() {
            custom(&mut out, name, text.as_bytes());
        }
    }
    let others = parts.iter().filter(|part| part.name == Some(NAME));
    let mut names = own_name(identity.id.as_str());
    names.extend(others.flat_map(|part| without_own_name(part.content)));
    custom(&mut out, NAME, &names);
    Ok(out)
}

fn own_name(name: &str) -> Vec<u8> {
    let mut text = Vec::new();
    leb(&mut text, name.len());
    text.extend_from_slice(name.as_bytes());
    let mut part = vec![OWN_NAME];
    leb(&mut part, text.len());
    part.extend(text);
    part
}

/// The names of what is inside a component; what cannot be read is left out.
fn without_own_name(content: &[u8]) -> Vec<u8> {
    let parts = super::sections::parts(content).unwrap_or_default();
    let others = parts.iter().filter(|(id, _)| *id != OWN_NAME);
    others
        .flat_map(|(_, whole)| whole.iter().copied())
        .collect()
}
