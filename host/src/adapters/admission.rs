//! What can be read from a component's bytes before any of it is compiled or run.

use super::bindings::Contract;
use super::error::AdapterError;
use crate::model::limits::ADAPTER_BYTES;
use semver::Version;
use wasmparser::{ComponentTypeRef, Encoding, Parser, Payload};

/// The newest published contract. Within 0.x the minor is the unit of compatibility.
pub const CONTRACT: Version = Version::new(0, 1, 0);

const OUR_PACKAGE: &str = "takeback:adapter/";
const EXPORTS: [&str; 3] = ["describe", "declare", "after-restore"];

/// What a component asks for and offers, read from its bytes.
#[derive(Debug)]
pub struct Admission {
    /// WASI interfaces it imports; they are linked as traps.
    pub wasi: Vec<String>,
    /// The contract it was made for.
    pub(super) contract: Contract,
}

impl Admission {
    /// Reads and judges a component.
    ///
    /// # Errors
    /// When it is not a component, imports anything but the contract and WASI, lacks an
    /// export, or was made for another version of the contract.
    pub fn check(bytes: &[u8]) -> Result<Self, AdapterError> {
        if bytes.len() as u64 > ADAPTER_BYTES {
            return Err(AdapterError::TooLarge);
        }
        if bytes.starts_with(b"\x7fELF") {
            return Err(AdapterError::NativeCode);
        }
        let surface = Surface::read(bytes)?;
        let mut wasi = Vec::new();
        // Whoever names none fits the first one or none.
        let mut contract = Contract::V0_1;
        for import in surface.imports {
            if let Some(interface) = import.strip_prefix(OUR_PACKAGE) {
                let version = interface.rsplit_once('@');
                if let Some(needs) = version.and_then(|(_, v)| Version::parse(v).ok()) {
                    contract = Contract::serving(&needs).ok_or(AdapterError::Contract { needs })?;
                }
            } else if import.starts_with("wasi:") {
                wasi.push(import);
            } else {
                return Err(AdapterError::ForeignImport(import));
            }
        }
        match EXPORTS
            .into_iter()
            .find(|name| !surface.exports.iter().any(|e| e == name))
        {
            Some(missing) => Err(AdapterError::NotAnAdapter(missing)),
            None => Ok(Self { wasi, contract }),
        }
    }
}

#[derive(Default)]
struct Surface {
    imports: Vec<String>,
    exports: Vec<String>,
}

impl Surface {
    /// Lists imports and exports of the outermost component.
    fn read(bytes: &[u8]) -> Result<Self, AdapterError> {
        let damaged = |e: wasmparser::BinaryReaderError| {
            AdapterError::NotAComponent(crate::model::Shown::sentence(e.message()))
        };
        let mut surface = Self::default();
        let mut depth = 0_u32;
        for payload in Parser::new(0).parse_all(bytes) {
            match payload.map_err(damaged)? {
                Payload::Version {
                    encoding: Encoding::Module,
                    ..
                } if depth == 0 => {
                    return Err(AdapterError::CoreModule);
                }
                Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
                Payload::End(_) => depth = depth.saturating_sub(1),
                Payload::ComponentImportSection(section) if depth == 0 => {
                    for import in section {
                        let import = import.map_err(damaged)?;
                        // A name for a type gives the component nothing to call.
                        let only_names = matches!(
                            import.ty,
                            ComponentTypeRef::Type(wasmparser::TypeBounds::Eq(_))
                        );
                        if !only_names {
                            surface.imports.push(import.name.name.to_owned());
                        }
                    }
                }
                Payload::ComponentExportSection(section) if depth == 0 => {
                    for export in section {
                        surface
                            .exports
                            .push(export.map_err(damaged)?.name.name.to_owned());
                    }
                }
                _ => {}
            }
        }
        Ok(surface)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_component_is_named() {
        let said = |bytes: &[u8]| Admission::check(bytes).unwrap_err().to_string();
        assert!(said(b"").contains("not a WebAssembly component"));
        assert!(said(b"hello").contains("not a WebAssembly component"));
        assert!(said(b"\0asm\x01\0\0\0").contains("not a component"));
        assert!(said(b"\x7fELF....").contains("native code"));
        assert!(said(b"\0asm\x0d\0\x01\0").contains("does not export `describe`"));
    }
}
