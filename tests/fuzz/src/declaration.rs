//! What a hostile adapter could say, put before the conversion and the admission. What
//! is admitted lies inside the scope, in no place that is off limits, and can be stored.

mod answer;
mod limits;

use super::dice::Dice;
use super::manifest::{SNAPSHOT, check_declaration};
use super::paths::{check_location, check_rel};
use takeback::adapters::fuzz_hooks;
use takeback::archive::fuzz_hooks::{parse_manifest, write_manifest};
use takeback::archive::{Manifest, Origin};
use takeback::model::{
    AdapterIdentity, CheckedDeclaration, ClassSelection, Declaration, Digest, Hint, Location,
    RunningCheck, Shape, SnapshotId, TallyOf, TargetId,
};

/// Puts one answer of an adapter before the host; says whether it was taken.
pub fn declaration(data: &[u8]) -> bool {
    let mut dice = Dice::new(data);
    match dice.up_to(5) {
        0 => identity(&mut dice),
        1 => hints(&mut dice),
        _ => declared(&mut dice),
    }
}

fn declared(dice: &mut Dice<'_>) -> bool {
    let facts = answer::facts(dice);
    let variables: Vec<String> = dice.list(2, |dice| dice.word(&answer::VARIABLES));
    let scope: Vec<Location> = dice.list(3, answer::granted);
    let Ok(declaration) = fuzz_hooks::declaration(answer::declaration(dice)) else {
        return false;
    };
    check_form(&declaration);
    let stored = can_be_stored(&declaration, &scope);
    let Ok(admitted) = CheckedDeclaration::admit(declaration, &scope, &variables, &facts) else {
        return false;
    };
    assert!(stored, "it is admitted, and no manifest can hold it");
    for place in places(&admitted) {
        check_inside(place, &scope);
        limits::check_harmless(place, &facts, &variables);
    }
    for place in &scope {
        limits::check_harmless(place, &facts, &variables);
    }
    let mut ids: Vec<_> = admitted.rules.iter().map(|rule| &rule.id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), admitted.rules.len(), "two rules have one name");
    true
}

/// Every place that a declaration names.
fn places(declaration: &Declaration) -> Vec<&Location> {
    let mut places: Vec<&Location> = declaration.rules.iter().map(|rule| &rule.at).collect();
    places.extend(declaration.tallies.iter().map(|tally| &tally.at));
    places.extend(declaration.running.iter().filter_map(|check| match check {
        RunningCheck::LockFile(place) => Some(place),
        RunningCheck::Process(_) => None,
    }));
    places
}

/// What the conversion promises, whatever was granted.
fn check_form(declaration: &Declaration) {
    check_declaration(declaration);
    for rule in &declaration.rules {
        if rule.shape == Shape::File {
            assert!(rule.take.is_empty() && rule.leave.is_empty());
        }
        let pointers = rule.secrets.iter().chain(&rule.machine_paths);
        pointers.for_each(|pointer| assert!(pointer.starts_with('/')));
    }
    for tally in &declaration.tallies {
        for name in [&tally.noun, &tally.plural] {
            assert!((1..=64).contains(&name.len()) && !name.chars().any(char::is_control));
        }
        if let TallyOf::Folders(folders) = &tally.of {
            assert!(!folders.marker.contains('/') && folders.marker != "..");
            folders.unless.iter().for_each(check_rel);
        }
    }
    for check in &declaration.running {
        if let RunningCheck::LockFile(place) = check {
            let above = place.path.parent().unwrap_or_default();
            assert!(!above.as_str().contains('*'));
        }
    }
}

/// Inside means: the same base, and the same components first.
#[track_caller]
fn check_inside(place: &Location, scope: &[Location]) {
    let inside = scope.iter().any(|granted| {
        let granted_parts: Vec<&str> = granted.path.components().collect();
        let parts: Vec<&str> = place.path.components().collect();
        granted.base == place.base && parts.starts_with(&granted_parts)
    });
    assert!(inside, "{place} is outside {scope:?}");
}

/// Whether a manifest with this declaration can be read again.
fn can_be_stored(declaration: &Declaration, scope: &[Location]) -> bool {
    let (Ok(snapshot), Ok(target)) = (SnapshotId::new(SNAPSHOT), TargetId::new("claude")) else {
        return false;
    };
    let manifest = Manifest {
        program: String::new(),
        snapshot,
        origin: Origin {
            time: String::new(),
            zone: String::new(),
            host: String::new(),
            user: String::new(),
            os: String::new(),
            home: String::new(),
            project: None,
        },
        target,
        adapter_name: String::new(),
        adapter_version: String::new(),
        adapter_digest: Digest::of(b""),
        scope: scope.to_vec(),
        variables: Vec::new(),
        declaration: declaration.clone(),
        classes: ClassSelection::everything(),
        left_out: Vec::new(),
        troubles: Vec::new(),
        followed: Vec::new(),
        links: Vec::new(),
        safety: false,
        replaced_links: Vec::new(),
        blanked: Vec::new(),
    };
    let written = write_manifest(&manifest).expect("any manifest can be written");
    parse_manifest(&written).is_ok()
}

fn identity(dice: &mut Dice<'_>) -> bool {
    let said = answer::identity(dice);
    let Ok(identity) = fuzz_hooks::identity(said, Digest::of(b"x")) else {
        return false;
    };
    check_identity(&identity);
    true
}

fn check_identity(identity: &AdapterIdentity) {
    let id = identity.id.as_str();
    assert!((1..=32).contains(&id.len()));
    assert!(
        id.bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    );
    identity.scope.iter().for_each(check_location);
    for probe in &identity.probes {
        check_location(probe);
        check_inside(probe, &identity.scope);
    }
    let texts = [
        &identity.name,
        &identity.description,
        &identity.homepage,
        &identity.licence,
    ];
    texts.iter().for_each(|text| assert!(text.len() <= 4096));
    assert!(identity.variables.len() <= 16);
}

fn hints(dice: &mut Dice<'_>) -> bool {
    let Ok(hints) = fuzz_hooks::hints(answer::hints(dice)) else {
        return false;
    };
    hints.iter().for_each(check_hint);
    true
}

fn check_hint(hint: &Hint) {
    for line in hint.commands.iter().flat_map(|block| &block.lines) {
        assert!(
            !line.is_empty() && line.bytes().all(|b| (0x20..0x7f).contains(&b)),
            "{line:?}"
        );
    }
    if let Some(file) = &hint.save {
        let legal = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.".contains(&b);
        let name = &file.name;
        assert!(
            (1..=64).contains(&name.len()) && name.bytes().all(legal),
            "{name:?}"
        );
        assert!(
            !name.starts_with(['.', '-']) && !name.contains(".."),
            "{name:?}"
        );
        // Nothing that the vault keeps itself.
        assert!(!["lock", "backups", "snapshot.toml"].contains(&name.as_str()));
        assert!(!file.text.chars().any(|c| c.is_control() && c != '\n'));
    }
}
