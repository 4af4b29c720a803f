//! The manifest of a package: one layer, which is an adapter.

use crate::model::limits::ADAPTER_BYTES;
use crate::model::{Digest, Shown};
use serde_json::{Value, json};

/// Media type of the manifest.
pub(super) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// Media type of a component's configuration, as other tools for components write it.
const WASM_CONFIG: &str = "application/vnd.wasm.config.v0+json";
/// Media type of no configuration.
const EMPTY_CONFIG: &str = "application/vnd.oci.empty.v1+json";
/// Media types of layers.
const WASM_LAYER: &str = "application/wasm";
const TOML_LAYER: &str = "application/toml";
/// What kind of thing the package is.
const ARTIFACT: &str = "application/vnd.takeback.adapter.v0";

/// An adapter to be published, with what its manifest says of it.
pub struct Package<'a> {
    /// The adapter.
    pub bytes: &'a [u8],
    /// The tool's name for people.
    pub title: &'a str,
    /// The adapter's version.
    pub version: &'a str,
    /// One line.
    pub description: &'a str,
    /// Where it is at home; may be empty.
    pub homepage: &'a str,
    /// Its licence; may be empty.
    pub licence: &'a str,
}

impl Package<'_> {
    fn is_component(&self) -> bool {
        is_component(self.bytes)
    }

    /// The configuration blob.
    pub(super) fn config(&self) -> Vec<u8> {
        if !self.is_component() {
            return b"{}".to_vec();
        }
        let config = json!({
            "architecture": "wasm",
            "os": "wasip2",
            "layerDigests": [format!("sha256:{}", Digest::of(self.bytes))],
        });
        config.to_string().into_bytes()
    }

    /// The manifest. The same package has the same one, whenever it is made.
    pub(super) fn manifest(&self) -> Vec<u8> {
        let config = self.config();
        let (config_type, layer_type) = if self.is_component() {
            (WASM_CONFIG, WASM_LAYER)
        } else {
            (EMPTY_CONFIG, TOML_LAYER)
        };
        let said = [
            ("title", self.title),
            ("version", self.version),
            ("description", self.description),
            ("url", self.homepage),
            ("licenses", self.licence),
        ];
        let annotations: serde_json::Map<String, Value> = said
            .into_iter()
            .filter(|(_, text)| !text.is_empty())
            .map(|(key, text)| (format!("org.opencontainers.image.{key}"), text.into()))
            .collect();
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "artifactType": ARTIFACT,
            "config": descriptor(config_type, &config),
            "layers": [descriptor(layer_type, self.bytes)],
            "annotations": annotations,
        });
        manifest.to_string().into_bytes()
    }
}

fn descriptor(media_type: &str, bytes: &[u8]) -> Value {
    json!({
        "mediaType": media_type,
        "digest": format!("sha256:{}", Digest::of(bytes)),
        "size": bytes.len(),
    })
}

fn is_component(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\0asm")
}

/// The one layer of a package.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Layer {
    pub(super) digest: Digest,
    pub(super) size: u64,
    component: bool,
}

impl Layer {
    /// Reads a manifest.
    ///
    /// # Errors
    /// Says, escaped, why this is not the package of an adapter.
    pub(super) fn of(manifest: &[u8]) -> Result<Self, String> {
        let manifest: Value =
            serde_json::from_slice(manifest).map_err(|_| "it is not JSON".to_owned())?;
        let kind = manifest["mediaType"].as_str().unwrap_or(MANIFEST);
        if kind != MANIFEST || manifest["schemaVersion"] != 2 {
            let kind = Shown(kind);
            return Err(format!("its manifest is a {kind}, not an OCI manifest"));
        }
        let Some(layers) = manifest["layers"].as_array() else {
            return Err("its manifest lists no layers".to_owned());
        };
        let [layer] = layers.as_slice() else {
            let count = layers.len();
            return Err(format!("it has {count} layers, and an adapter is one"));
        };
        let media_type = layer["mediaType"].as_str().unwrap_or_default();
        if !matches!(media_type, WASM_LAYER | TOML_LAYER) {
            let media_type = Shown(media_type);
            return Err(format!("its layer is a {media_type}, not an adapter"));
        }
        let digest = layer["digest"]
            .as_str()
            .and_then(|d| d.strip_prefix("sha256:"));
        let digest = digest.and_then(Digest::from_hex);
        let digest = digest.ok_or_else(|| "its layer has no SHA-256".to_owned())?;
        let size = layer["size"].as_u64();
        let size = size.ok_or_else(|| "its layer has no size".to_owned())?;
        if size > ADAPTER_BYTES {
            let most = ADAPTER_BYTES >> 20;
            return Err(format!("its layer has {size} bytes; {most} MiB are taken"));
        }
        Ok(Self {
            digest,
            size,
            component: media_type == WASM_LAYER,
        })
    }

    /// Whether the layer is what its media type says.
    pub(super) fn is_what_it_says(&self, bytes: &[u8]) -> bool {
        self.component == is_component(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(bytes: &[u8]) -> Package<'_> {
        Package {
            bytes,
            title: "Zed",
            version: "1.0.0",
            description: "settings",
            homepage: "",
            licence: "MIT",
        }
    }

    #[test]
    fn what_is_published_can_be_read_again() {
        for bytes in [b"\0asm....".as_slice(), b"id = \"zed\""] {
            let manifest = package(bytes).manifest();
            let layer = Layer::of(&manifest).unwrap();
            assert_eq!(
                (layer.digest, layer.size),
                (Digest::of(bytes), bytes.len() as u64)
            );
            assert!(layer.is_what_it_says(bytes));
            assert!(!layer.is_what_it_says(if bytes[0] == 0 { b"x" } else { b"\0asm" }));
            let text = String::from_utf8(manifest).unwrap();
            assert!(text.contains("image.version\":\"1.0.0\""), "{text}");
            assert!(!text.contains("image.url"), "{text}");
        }
    }

    #[test]
    fn other_packages_are_refused_by_what_they_are() {
        let whole: Value = serde_json::from_slice(&package(b"\0asm").manifest()).unwrap();
        let said = |change: &dyn Fn(&mut Value)| {
            let mut manifest = whole.clone();
            change(&mut manifest);
            Layer::of(manifest.to_string().as_bytes()).unwrap_err()
        };
        let index = "application/vnd.oci.image.index.v1+json";
        assert!(said(&|m| m["mediaType"] = index.into()).contains("index"));
        assert!(said(&|m| m["schemaVersion"] = 1.into()).contains("not an OCI manifest"));
        assert!(said(&|m| m["layers"] = json!([])).contains("0 layers"));
        assert!(said(&|m| m["layers"] = json!([1, 2])).contains("2 layers"));
        assert!(said(&|m| m["layers"] = 1.into()).contains("no layers"));
        let tar = "application/vnd.oci.image.layer.v1.tar+gzip";
        assert!(said(&|m| m["layers"][0]["mediaType"] = tar.into()).contains("not an adapter"));
        assert!(said(&|m| m["layers"][0]["digest"] = "sha512:00".into()).contains("no SHA-256"));
        assert!(said(&|m| m["layers"][0]["size"] = (-1).into()).contains("no size"));
        assert!(said(&|m| m["layers"][0]["size"] = (65u64 << 20).into()).contains("64 MiB"));
        assert!(Layer::of(b"<html>").unwrap_err().contains("not JSON"));
    }
}
