//! From JSON to a manifest: every part is checked on the way.

use super::super::error::ArchiveError;
use super::super::manifest::{Manifest, Origin};
use super::schema::{
    DeclarationJson, LeftOutJson, LinkJson, ManifestJson, RuleJson, RunningJson, TallyJson,
    TroubleJson,
};
use crate::archive::FORMAT;
use crate::model::limits::{DECLARED_RULES, MANIFEST_DEPTH};
use crate::model::{
    ArchivePath, Class, ClassSelection, Declaration, Digest, FolderTally, FollowedLink, GlobList,
    Kind, LeftOut, LinkPolicy, Location, Placement, RelPath, Rule, RuleId, RunningCheck, Shape,
    SnapshotId, Tally, TallyOf, TargetId, Trouble, TroubleKind,
};
use serde::Deserialize;

/// Why a manifest is not usable.
type Why = String;

/// Reads a manifest and checks every part of it.
pub(in crate::archive) fn parse(bytes: &[u8]) -> Result<Manifest, ArchiveError> {
    #[derive(Deserialize)]
    struct FormatOnly {
        format: u64,
    }
    if depth(bytes) > MANIFEST_DEPTH {
        let why = format!("it is nested deeper than {MANIFEST_DEPTH} levels");
        return Err(ArchiveError::Manifest(why));
    }
    // A value that is passed over is not looked at by the parser.
    let text = std::str::from_utf8(bytes)
        .map_err(|_| ArchiveError::Manifest("it is not UTF-8".to_owned()))?;
    let unusable = |e: serde_json::Error| ArchiveError::Manifest(e.to_string());
    // The format decides how the rest is to be read, so it is read first, alone.
    let FormatOnly { format } = serde_json::from_str(text).map_err(unusable)?;
    if format != u64::from(FORMAT) {
        return Err(ArchiveError::Newer {
            found: format,
            known: FORMAT,
        });
    }
    let json: ManifestJson = serde_json::from_str(text).map_err(unusable)?;
    from_json(json).map_err(ArchiveError::Manifest)
}

/// How deep brackets are nested, counted without a parser's stack.
fn depth(bytes: &[u8]) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let (mut in_string, mut escaped) = (false, false);
    for byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
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
        scope: json
            .adapter
            .scope
            .iter()
            .map(|s| location(s))
            .collect::<Result<_, Why>>()?,
        variables: json.adapter.variables,
        declaration: declaration_from_json(json.declaration)?,
        classes,
        left_out: json
            .left_out
            .into_iter()
            .map(|l| left_out_from_json(l, classes))
            .collect::<Result<_, Why>>()?,
        troubles: json
            .troubles
            .into_iter()
            .map(trouble_from_json)
            .collect::<Result<_, Why>>()?,
        followed: json
            .followed
            .into_iter()
            .map(|f| {
                Ok(FollowedLink {
                    path: path(&f.path)?,
                    target: f.target,
                })
            })
            .collect::<Result<_, Why>>()?,
        links: links_from_json(json.links)?,
        replaced_links: links_from_json(json.replaced_links)?,
        blanked: json
            .blanked
            .into_iter()
            .map(|one| Ok((path(&one.path)?, one.pointer)))
            .collect::<Result<_, Why>>()?,
        safety: json.safety,
    })
}

fn links_from_json(links: Vec<LinkJson>) -> Result<Vec<(ArchivePath, String)>, Why> {
    links
        .into_iter()
        .map(|link| Ok((path(&link.path)?, link.target)))
        .collect()
}

fn class(name: &str) -> Result<Class, Why> {
    Class::from_name(name).ok_or_else(|| format!("there is no class {name}"))
}

fn path(text: &str) -> Result<ArchivePath, Why> {
    ArchivePath::parse(text).map_err(|e| format!("the path {text}: {e}"))
}

fn location(text: &str) -> Result<Location, Why> {
    let path = path(text)?;
    Ok(Location::from(path))
}

fn left_out_from_json(json: LeftOutJson, taken: ClassSelection) -> Result<LeftOut, Why> {
    let class = class(&json.class)?;
    let reason = taken
        .left_out(class)
        .ok_or("a class is both taken and left out")?;
    let rule = RuleId::new(&json.rule).map_err(|e| e.to_string())?;
    Ok(LeftOut {
        rule,
        class,
        at: json.at,
        reason,
    })
}

fn trouble_from_json(json: TroubleJson) -> Result<Trouble, Why> {
    let kind = TroubleKind::from_name(&json.kind)
        .ok_or_else(|| format!("there is no trouble {}", json.kind))?;
    Ok(Trouble {
        path: json.path,
        kind,
        detail: json.detail,
    })
}

fn declaration_from_json(json: DeclarationJson) -> Result<Declaration, Why> {
    if json.rules.len() > DECLARED_RULES {
        return Err(format!("it has more than {DECLARED_RULES} rules"));
    }
    Ok(Declaration {
        rules: json
            .rules
            .into_iter()
            .map(rule_from_json)
            .collect::<Result<_, Why>>()?,
        tallies: json
            .tallies
            .into_iter()
            .map(tally_from_json)
            .collect::<Result<_, Why>>()?,
        running: json
            .running
            .into_iter()
            .map(running_from_json)
            .collect::<Result<_, Why>>()?,
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
        links: if json.follow_links {
            LinkPolicy::Follow
        } else {
            LinkPolicy::Keep
        },
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
    Ok(Tally {
        noun: json.noun,
        plural: json.plural,
        at: location(&json.at)?,
        of,
    })
}

fn running_from_json(json: RunningJson) -> Result<RunningCheck, Why> {
    match (json.process, json.lock_file) {
        (Some(name), None) => Ok(RunningCheck::Process(name)),
        (None, Some(place)) => Ok(RunningCheck::LockFile(location(&place)?)),
        _ => Err("a running check names neither a process nor a file".to_owned()),
    }
}
