//! From a manifest to its JSON.

use super::super::error::ArchiveError;
use super::super::manifest::Manifest;
use super::schema::{
    AdapterJson, BlankedJson, DeclarationJson, FolderTallyJson, LeftOutJson, LinkJson,
    ManifestJson, RuleJson, RunningJson, TallyJson, TroubleJson,
};
use crate::model::{
    ArchivePath, Declaration, Kind, LeftOut, LinkPolicy, Location, Placement, Rule, RunningCheck,
    Shape, Tally, TallyOf, Trouble,
};

/// Writes a manifest.
pub(in crate::archive) fn write(manifest: &Manifest) -> Result<Vec<u8>, ArchiveError> {
    let mut bytes = serde_json::to_vec_pretty(&to_json(manifest))
        .map_err(|e| ArchiveError::Manifest(e.to_string()))?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn to_json(m: &Manifest) -> ManifestJson {
    let texts = |list: &[Location]| list.iter().map(ToString::to_string).collect();
    ManifestJson {
        format: u64::from(crate::archive::FORMAT),
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
        followed: m
            .followed
            .iter()
            .map(|f| link_to_json(&f.path, &f.target))
            .collect(),
        links: m
            .links
            .iter()
            .map(|(path, target)| link_to_json(path, target))
            .collect(),
        safety: m.safety,
        replaced_links: m
            .replaced_links
            .iter()
            .map(|(p, t)| link_to_json(p, t))
            .collect(),
        blanked: m.blanked.iter().map(blanked_to_json).collect(),
    }
}

fn blanked_to_json((path, pointer): &(ArchivePath, String)) -> BlankedJson {
    BlankedJson {
        path: path.to_string(),
        pointer: pointer.clone(),
    }
}

fn link_to_json(path: &ArchivePath, target: &str) -> LinkJson {
    LinkJson {
        path: path.to_string(),
        target: target.to_owned(),
    }
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
        shape: if rule.shape == Shape::File {
            "file"
        } else {
            "directory"
        }
        .to_owned(),
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
            (
                None,
                Some(FolderTallyJson {
                    marker: of.marker.clone(),
                    depth: of.depth,
                    unless,
                }),
            )
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
        RunningCheck::Process(name) => RunningJson {
            process: Some(name.clone()),
            lock_file: None,
        },
        RunningCheck::LockFile(place) => RunningJson {
            process: None,
            lock_file: Some(place.to_string()),
        },
    }
}
