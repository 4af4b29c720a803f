//! The manifest as JSON. The only place, with the vault's records, that knows serde;
//! every field is checked again on the way in.

use super::error::ArchiveError;
use super::manifest::{Manifest, Origin};
use crate::model::{
    ArchivePath, Class, ClassSelection, Declaration, Digest, FolderTally, FollowedLink, GlobList,
    Kind, LeftOut, LinkPolicy, Location, Placement, RelPath, Rule, RuleId, RunningCheck, Shape,
    SnapshotId, Tally, TallyOf, TargetId, Trouble, TroubleKind,
};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct ManifestJson {
    format: u64,
    program: String,
    snapshot: String,
    target: String,
    time: String,
    zone: String,
    host: String,
    user: String,
    os: String,
    home: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    project: Option<String>,
    adapter: AdapterJson,
    classes: Vec<String>,
    declaration: DeclarationJson,
    #[serde(default)]
    left_out: Vec<LeftOutJson>,
    #[serde(default)]
    troubles: Vec<TroubleJson>,
    #[serde(default)]
    followed: Vec<LinkJson>,
    #[serde(default)]
    links: Vec<LinkJson>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    absent: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    replaced_links: Vec<LinkJson>,
}

#[derive(Serialize, Deserialize)]
struct AdapterJson {
    name: String,
    version: String,
    sha256: String,
    scope: Vec<String>,
    #[serde(default)]
    variables: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct DeclarationJson {
    rules: Vec<RuleJson>,
    #[serde(default)]
    tallies: Vec<TallyJson>,
    #[serde(default)]
    running: Vec<RunningJson>,
    #[serde(default)]
    notes: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct RuleJson {
    id: String,
    at: String,
    shape: String,
    class: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    take: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    leave: Vec<String>,
    #[serde(default, skip_serializing_if = "is_false")]
    follow_links: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    merge_keys: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    placement: Option<String>,
    #[serde(default, skip_serializing_if = "is_false")]
    read_back: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    secrets: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    machine_paths: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct TallyJson {
    noun: String,
    plural: String,
    at: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    files: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    folders: Option<FolderTallyJson>,
}

#[derive(Serialize, Deserialize)]
struct FolderTallyJson {
    marker: String,
    depth: u8,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    unless: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct RunningJson {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    process: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lock_file: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct LeftOutJson {
    rule: String,
    class: String,
    at: String,
    reason: String,
}

#[derive(Serialize, Deserialize)]
struct TroubleJson {
    path: String,
    kind: String,
    detail: String,
}

#[derive(Serialize, Deserialize)]
struct LinkJson {
    path: String,
    target: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_false(flag: &bool) -> bool {
    !*flag
}

/// Why a manifest is not usable.
type Why = String;

/// Writes a manifest.
pub(super) fn write(manifest: &Manifest) -> Result<Vec<u8>, ArchiveError> {
    let mut bytes = serde_json::to_vec_pretty(&to_json(manifest))
        .map_err(|e| ArchiveError::Manifest(e.to_string()))?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Reads a manifest and checks every part of it.
pub(super) fn parse(bytes: &[u8]) -> Result<Manifest, ArchiveError> {
    #[derive(Deserialize)]
    struct FormatOnly {
        format: u64,
    }
    let unusable = |e: serde_json::Error| ArchiveError::Manifest(e.to_string());
    // The format decides how the rest is to be read, so it is read first, alone.
    let FormatOnly { format } = serde_json::from_slice(bytes).map_err(unusable)?;
    if format != u64::from(super::FORMAT) {
        return Err(ArchiveError::Newer { found: format, known: super::FORMAT });
    }
    let json: ManifestJson = serde_json::from_slice(bytes).map_err(unusable)?;
    from_json(json).map_err(ArchiveError::Manifest)
}

fn to_json(m: &Manifest) -> ManifestJson {
    let texts = |list: &[Location]| list.iter().map(ToString::to_string).collect();
    ManifestJson {
        format: u64::from(super::FORMAT),
        program: m.program.clone(),
        snapshot: m.snapshot.to_string(),
        target: m.target.to_string(),
        time: m.origin.time.clone(),
        zone: m.origin.zone.clone(),
        host: m.origin.host.clone(),
        user: m.origin.user.clone(),
        os: m.origin.os.clone(),
        home: m.origin.home.clone(),
        project: m.origin.project.clone(),
        adapter: AdapterJson {
            name: m.adapter_name.clone(),
            version: m.adapter_version.clone(),
            sha256: m.adapter_digest.to_string(),
            scope: texts(&m.scope),
            variables: m.variables.clone(),
        },
        classes: m.classes.classes().map(|class| class.to_string()).collect(),
        declaration: declaration_to_json(&m.declaration),
        left_out: m.left_out.iter().map(left_out_to_json).collect(),
        troubles: m.troubles.iter().map(trouble_to_json).collect(),
        followed: m.followed.iter().map(|f| link_to_json(&f.path, &f.target)).collect(),
        links: m.links.iter().map(|(path, target)| link_to_json(path, target)).collect(),
        absent: m.absent.iter().map(ToString::to_string).collect(),
        replaced_links: m.replaced_links.iter().map(|(p, t)| link_to_json(p, t)).collect(),
    }
}

fn link_to_json(path: &ArchivePath, target: &str) -> LinkJson {
    LinkJson { path: path.to_string(), target: target.to_owned() }
}

fn trouble_to_json(trouble: &Trouble) -> TroubleJson {
    TroubleJson {
        path: trouble.path.clone(),
        kind: trouble.kind.as_str().to_owned(),
        detail: trouble.detail.clone(),
    }
}

fn left_out_to_json(left: &LeftOut) -> LeftOutJson {
    LeftOutJson {
        rule: left.rule.to_string(),
        class: left.class.to_string(),
        at: left.at.clone(),
        reason: left.reason.to_string(),
    }
}

fn declaration_to_json(declaration: &Declaration) -> DeclarationJson {
    DeclarationJson {
        rules: declaration.rules.iter().map(rule_to_json).collect(),
        tallies: declaration.tallies.iter().map(tally_to_json).collect(),
        running: declaration.running.iter().map(running_to_json).collect(),
        notes: declaration.notes.clone(),
    }
}

fn rule_to_json(rule: &Rule) -> RuleJson {
    let (kind, merge_keys) = match &rule.kind {
        Kind::Plain => (None, Vec::new()),
        Kind::Json(keys) => (Some("json"), keys.clone()),
        Kind::Jsonl => (Some("jsonl"), Vec::new()),
        Kind::Sqlite => (Some("sqlite"), Vec::new()),
    };
    let placement = match rule.placement {
        Placement::Always => None,
        Placement::SameHome => Some("same-home"),
        Placement::HintsOnly => Some("hints-only"),
    };
    RuleJson {
        id: rule.id.to_string(),
        at: rule.at.to_string(),
        shape: if rule.shape == Shape::File { "file" } else { "directory" }.to_owned(),
        class: rule.class.to_string(),
        take: rule.take.source().to_vec(),
        leave: rule.leave.source().to_vec(),
        follow_links: rule.links == LinkPolicy::Follow,
        kind: kind.map(str::to_owned),
        merge_keys,
        placement: placement.map(str::to_owned),
        read_back: rule.read_back,
        secrets: rule.secrets.clone(),
        machine_paths: rule.machine_paths.clone(),
    }
}

fn tally_to_json(tally: &Tally) -> TallyJson {
    let (files, folders) = match &tally.of {
        TallyOf::Files(glob) => (glob.source().first().cloned(), None),
        TallyOf::Folders(of) => {
            let unless = of.unless.iter().map(ToString::to_string).collect();
            (None, Some(FolderTallyJson { marker: of.marker.clone(), depth: of.depth, unless }))
        }
    };
    TallyJson {
        noun: tally.noun.clone(),
        plural: tally.plural.clone(),
        at: tally.at.to_string(),
        files,
        folders,
    }
}

fn running_to_json(check: &RunningCheck) -> RunningJson {
    match check {
        RunningCheck::Process(name) => {
            RunningJson { process: Some(name.clone()), lock_file: None }
        }
        RunningCheck::LockFile(place) => {
            RunningJson { process: None, lock_file: Some(place.to_string()) }
        }
    }
}

fn from_json(json: ManifestJson) -> Result<Manifest, Why> {
    let mut classes = ClassSelection::of(&[]);
    for name in &json.classes {
        classes = classes.with(class(name)?);
    }
    Ok(Manifest {
        program: json.program,
        snapshot: SnapshotId::new(&json.snapshot).map_err(|e| e.to_string())?,
        origin: Origin {
            time: json.time,
            zone: json.zone,
            host: json.host,
            user: json.user,
            os: json.os,
            home: json.home,
            project: json.project,
        },
        target: TargetId::new(&json.target).map_err(|e| e.to_string())?,
        adapter_name: json.adapter.name,
        adapter_version: json.adapter.version,
        adapter_digest: Digest::from_hex(&json.adapter.sha256).ok_or("a digest is malformed")?,
        scope: json.adapter.scope.iter().map(|s| location(s)).collect::<Result<_, Why>>()?,
        variables: json.adapter.variables,
        declaration: declaration_from_json(json.declaration)?,
        classes,
        left_out: json.left_out.into_iter().map(|l| left_out_from_json(l, classes)).collect::<Result<_, Why>>()?,
        troubles: json.troubles.into_iter().map(trouble_from_json).collect::<Result<_, Why>>()?,
        followed: json
            .followed
            .into_iter()
            .map(|f| Ok(FollowedLink { path: path(&f.path)?, target: f.target }))
            .collect::<Result<_, Why>>()?,
        links: links_from_json(json.links)?,
        replaced_links: links_from_json(json.replaced_links)?,
        absent: json.absent.iter().map(|p| path(p)).collect::<Result<_, Why>>()?,
    })
}

fn links_from_json(links: Vec<LinkJson>) -> Result<Vec<(ArchivePath, String)>, Why> {
    links.into_iter().map(|link| Ok((path(&link.path)?, link.target))).collect()
}

fn class(name: &str) -> Result<Class, Why> {
    Class::from_name(name).ok_or_else(|| format!("there is no class {name}"))
}

fn path(text: &str) -> Result<ArchivePath, Why> {
    ArchivePath::parse(text).map_err(|e| format!("the path {text}: {e}"))
}

fn location(text: &str) -> Result<Location, Why> {
    let path = path(text)?;
    Ok(Location { base: path.base().clone(), path: path.rel().clone() })
}

fn left_out_from_json(json: LeftOutJson, taken: ClassSelection) -> Result<LeftOut, Why> {
    let class = class(&json.class)?;
    let reason = taken.left_out(class).ok_or("a class is both taken and left out")?;
    let rule = RuleId::new(&json.rule).map_err(|e| e.to_string())?;
    Ok(LeftOut { rule, class, at: json.at, reason })
}

fn trouble_from_json(json: TroubleJson) -> Result<Trouble, Why> {
    let kind = TroubleKind::from_name(&json.kind)
        .ok_or_else(|| format!("there is no trouble {}", json.kind))?;
    Ok(Trouble { path: json.path, kind, detail: json.detail })
}

fn declaration_from_json(json: DeclarationJson) -> Result<Declaration, Why> {
    Ok(Declaration {
        rules: json.rules.into_iter().map(rule_from_json).collect::<Result<_, Why>>()?,
        tallies: json.tallies.into_iter().map(tally_from_json).collect::<Result<_, Why>>()?,
        running: json.running.into_iter().map(running_from_json).collect::<Result<_, Why>>()?,
        notes: json.notes,
    })
}

fn rule_from_json(json: RuleJson) -> Result<Rule, Why> {
    let globs = |list: &[String]| GlobList::new(list).map_err(|e| e.to_string());
    Ok(Rule {
        id: RuleId::new(&json.id).map_err(|e| e.to_string())?,
        at: location(&json.at)?,
        shape: match json.shape.as_str() {
            "file" => Shape::File,
            "directory" => Shape::Directory,
            other => return Err(format!("there is no shape {other}")),
        },
        take: globs(&json.take)?,
        leave: globs(&json.leave)?,
        class: class(&json.class)?,
        links: if json.follow_links { LinkPolicy::Follow } else { LinkPolicy::Keep },
        kind: match json.kind.as_deref() {
            None => Kind::Plain,
            Some("json") => Kind::Json(json.merge_keys),
            Some("jsonl") => Kind::Jsonl,
            Some("sqlite") => Kind::Sqlite,
            Some(other) => return Err(format!("there is no kind {other}")),
        },
        placement: match json.placement.as_deref() {
            None => Placement::Always,
            Some("same-home") => Placement::SameHome,
            Some("hints-only") => Placement::HintsOnly,
            Some(other) => return Err(format!("there is no placement {other}")),
        },
        read_back: json.read_back,
        secrets: json.secrets,
        machine_paths: json.machine_paths,
    })
}

fn tally_from_json(json: TallyJson) -> Result<Tally, Why> {
    let of = match (json.files, json.folders) {
        (Some(glob), None) => TallyOf::Files(GlobList::new(&[glob]).map_err(|e| e.to_string())?),
        (None, Some(of)) => TallyOf::Folders(FolderTally {
            marker: of.marker,
            depth: of.depth,
            unless: of
                .unless
                .iter()
                .map(|p| RelPath::new(p).map_err(|e| e.to_string()))
                .collect::<Result<_, Why>>()?,
        }),
        _ => return Err("a tally counts neither files nor folders".to_owned()),
    };
    Ok(Tally { noun: json.noun, plural: json.plural, at: location(&json.at)?, of })
}

fn running_from_json(json: RunningJson) -> Result<RunningCheck, Why> {
    match (json.process, json.lock_file) {
        (Some(name), None) => Ok(RunningCheck::Process(name)),
        (None, Some(place)) => Ok(RunningCheck::LockFile(location(&place)?)),
        _ => Err("a running check names neither a process nor a file".to_owned()),
    }
}

