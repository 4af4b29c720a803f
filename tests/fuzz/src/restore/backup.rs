//! A backup of a world: it changes nothing, what it makes can be read, and restoring it at
//! once has nothing to do.

use super::super::sealed::manifest_with;
use super::run::ground;
use super::world::{NOW, SCOPE, World};
use serde_json::{Value, json};
use takeback::archive::fuzz_hooks::parse_manifest;
use takeback::archive::{Choice, Trees};
use takeback::archive::{Manifest, ReadLimits, VerifiedArchive};
use takeback::backup::{SnapshotRequest, TargetPlan, take};
use takeback::in_use::Lookout;
use takeback::model::{AdapterIdentity, CheckedDeclaration, ClassSelection, GlobList, Quiet};
use takeback::operation::Operations;
use takeback::restore::{Action, PlannedAction, Wish, prepare};
use takeback::scan::scan;
use takeback::vault::{SnapshotKind, Vault};

/// Backs a world up by these rules.
pub(super) fn check_backup(world: &World, rules: &Value) {
    let plan = plan(world, rules);
    let vault = Vault::create(&world.vault).expect("a vault can be made");
    let lock = vault
        .lock("h", "backup", &mut || false)
        .expect("nobody else has the lock");
    let request = SnapshotRequest::new(SnapshotKind::Manual, ClassSelection::everything(), "fuzz");
    let report = take(&vault, &lock, vec![plan], &request, &world.facts, &Quiet)
        .expect("no single file stops a backup");
    let target = &report.record.targets[0];
    let file = vault
        .archive(&report.record.id, target)
        .expect("an archive");
    let limits = ReadLimits::recorded(target.size, target.expanded, target.entries);
    let archive =
        VerifiedArchive::read(file, limits, NOW).expect("what a backup makes can be read");
    let wish = Wish {
        choice: Choice {
            classes: ClassSelection::everything(),
            paths: GlobList::new::<&str>(&[]).expect("no globs"),
            trees: Trees::All,
        },
        exact: false,
        replace_links: false,
    };
    let operations = Operations::create(&world.state).expect("a state directory can be made");
    let lookout = Lookout::post();
    let ground = ground(world, &operations, &lookout);
    // There may be nothing at all to restore.
    if let Ok(prepared) = prepare(archive, "archive", &wish, &ground) {
        let plan = &prepared.plan;
        assert!(plan.conflicts.is_empty(), "{:?}", plan.conflicts);
        // A database beside its log is not what its file alone says: it is always replaced.
        let log = |planned: &PlannedAction| matches!(planned.action, Action::RemoveLog(_));
        let logged = plan.actions.iter().any(log);
        assert!(
            logged || !plan.changes(),
            "restoring at once changes {:?}",
            plan.actions
        );
    }
}

fn plan(world: &World, rules: &Value) -> TargetPlan {
    let mut manifest = manifest_with(&[], rules.clone());
    manifest["adapter"]["scope"] = json!(SCOPE);
    let manifest = parse_manifest(manifest.to_string().as_bytes()).expect("a manifest");
    let facts = &world.facts;
    let declaration =
        CheckedDeclaration::admit(manifest.declaration.clone(), &world.scope, &[], facts)
            .expect("these rules are inside their scope");
    let inventory = scan(
        &declaration,
        &world.scope,
        ClassSelection::everything(),
        facts,
    );
    TargetPlan {
        identity: identity(manifest),
        scope: world.scope.clone(),
        declaration,
        inventory,
        replaced_links: Vec::new(),
    }
}

fn identity(manifest: Manifest) -> AdapterIdentity {
    AdapterIdentity {
        id: manifest.target,
        name: manifest.adapter_name,
        version: semver::Version::new(1, 0, 0),
        description: String::new(),
        homepage: String::new(),
        licence: String::new(),
        variables: Vec::new(),
        scope: manifest.scope,
        probes: Vec::new(),
        digest: manifest.adapter_digest,
    }
}
