//! The manifest's JSON, field by field. Fields are only ever added.

use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
pub(super) struct ManifestJson {
    pub(super) format: u64,
    pub(super) program: String,
    pub(super) snapshot: String,
    pub(super) target: String,
    pub(super) time: String,
    pub(super) zone: String,
    pub(super) host: String,
    pub(super) user: String,
    pub(super) os: String,
    pub(super) home: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) project: Option<String>,
    pub(super) adapter: AdapterJson,
    pub(super) classes: Vec<String>,
    pub(super) declaration: DeclarationJson,
    #[serde(default)]
    pub(super) left_out: Vec<LeftOutJson>,
    #[serde(default)]
    pub(super) troubles: Vec<TroubleJson>,
    #[serde(default)]
    pub(super) followed: Vec<LinkJson>,
    #[serde(default)]
    pub(super) links: Vec<LinkJson>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) safety: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) replaced_links: Vec<LinkJson>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) blanked: Vec<BlankedJson>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct BlankedJson {
    pub(super) path: String,
    pub(super) pointer: String,
}

#[derive(Serialize, Deserialize)]
pub(super) struct AdapterJson {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) sha256: String,
    pub(super) scope: Vec<String>,
    #[serde(default)]
    pub(super) variables: Vec<String>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct DeclarationJson {
    pub(super) rules: Vec<RuleJson>,
    #[serde(default)]
    pub(super) tallies: Vec<TallyJson>,
    #[serde(default)]
    pub(super) running: Vec<RunningJson>,
    #[serde(default)]
    pub(super) notes: Vec<String>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct RuleJson {
    pub(super) id: String,
    pub(super) at: String,
    pub(super) shape: String,
    pub(super) class: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) take: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) leave: Vec<String>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) follow_links: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) kind: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) merge_keys: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) placement: Option<String>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) read_back: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) secrets: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) machine_paths: Vec<String>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct TallyJson {
    pub(super) noun: String,
    pub(super) plural: String,
    pub(super) at: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) files: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) folders: Option<FolderTallyJson>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct FolderTallyJson {
    pub(super) marker: String,
    pub(super) depth: u8,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) unless: Vec<String>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct RunningJson {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) process: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) lock_file: Option<String>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct LeftOutJson {
    pub(super) rule: String,
    pub(super) class: String,
    pub(super) at: String,
    pub(super) reason: String,
}

#[derive(Serialize, Deserialize)]
pub(super) struct TroubleJson {
    pub(super) path: String,
    pub(super) kind: String,
    pub(super) detail: String,
}

#[derive(Serialize, Deserialize)]
pub(super) struct LinkJson {
    pub(super) path: String,
    pub(super) target: String,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference"
)]
fn is_false(flag: &bool) -> bool {
    !*flag
}
