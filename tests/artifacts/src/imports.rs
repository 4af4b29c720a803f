//! What a component asks of whoever runs it, read from its bytes.

use anyhow::{Context, Result, ensure};
use wasmparser::{
    ComponentAlias, ComponentExternalKind, ComponentImport, ComponentOuterAliasKind, ComponentType,
    ComponentTypeRef, Encoding, InstanceTypeDeclaration, Parser, Payload,
};

/// The names of all imports of a component through which it could do something.
/// An interface of nothing but types, such as the contract's own, is no such import:
/// it carries names for the types of the exports and no code.
pub fn imports(component: &[u8]) -> Result<Vec<String>> {
    let mut outermost = Outermost::default();
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(component) {
        let payload = payload.context("not a whole component")?;
        match &payload {
            // The first of these is the component itself.
            Payload::Version { encoding, .. } => {
                let is_component = *encoding == Encoding::Component;
                ensure!(depth > 0 || is_component, "a core module, not a component");
                depth += 1;
            }
            Payload::End(_) => depth = depth.saturating_sub(1),
            _ if depth == 1 => outermost.read(payload)?,
            _ => {}
        }
    }
    Ok(outermost.imports)
}

/// The outermost component; what lies inside it can only import from it.
#[derive(Default)]
struct Outermost {
    /// For each type by its index: whether it is an instance of nothing but types.
    types: Vec<bool>,
    imports: Vec<String>,
}

impl Outermost {
    fn read(&mut self, payload: Payload<'_>) -> Result<()> {
        match payload {
            Payload::ComponentTypeSection(section) => {
                for kind in section {
                    self.types.push(only_types(&kind?));
                }
            }
            Payload::ComponentImportSection(section) => {
                for import in section {
                    self.import(import?);
                }
            }
            Payload::ComponentAliasSection(section) => {
                for alias in section {
                    self.types.extend(makes_type(&alias?).then_some(false));
                }
            }
            Payload::ComponentExportSection(section) => {
                for export in section {
                    let is_type = export?.kind == ComponentExternalKind::Type;
                    self.types.extend(is_type.then_some(false));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn import(&mut self, import: ComponentImport<'_>) {
        let harmless = match import.ty {
            ComponentTypeRef::Type(_) => {
                self.types.push(false);
                true
            }
            ComponentTypeRef::Instance(index) => {
                self.types.get(index as usize).copied().unwrap_or(false)
            }
            _ => false,
        };
        if !harmless {
            self.imports.push(import.name.name.to_owned());
        }
    }
}

fn only_types(kind: &ComponentType<'_>) -> bool {
    let ComponentType::Instance(declarations) = kind else {
        return false;
    };
    declarations.iter().all(|declaration| {
        let InstanceTypeDeclaration::Export { ty, .. } = declaration else {
            return true;
        };
        matches!(ty, ComponentTypeRef::Type(_))
    })
}

fn makes_type(alias: &ComponentAlias<'_>) -> bool {
    match alias {
        ComponentAlias::InstanceExport { kind, .. } => *kind == ComponentExternalKind::Type,
        ComponentAlias::Outer { kind, .. } => *kind == ComponentOuterAliasKind::Type,
        ComponentAlias::CoreInstanceExport { .. } => false,
    }
}
