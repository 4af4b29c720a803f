//! Where nothing may ever be declared, said again in other words than the program's: a
//! few places of each kind, compared by components, and as file systems compare them that
//! know neither case nor composition.

use std::path::{Component, Path, PathBuf};
use takeback::model::{Base, HostFacts, Location, Os};
use unicode_normalization::UnicodeNormalization;

const BELOW_HOME: [&str; 12] = [
    ".ssh",
    ".gnupg",
    ".aws",
    ".kube",
    ".netrc",
    ".bashrc",
    ".profile",
    ".zshrc",
    ".config/fish",
    ".config/autostart",
    ".local/share/keyrings",
    "Library/LaunchAgents",
];
const BELOW_CONFIG: [&str; 4] = ["fish", "autostart", "systemd", "gh"];
const BELOW_DATA: [&str; 2] = ["keyrings", "autostart"];
const SYSTEM: [&str; 6] = ["/etc", "/usr", "/bin", "/proc", "/dev", "/System"];

/// Fails when a place leads to keys, start-up files, the system, our own, or takes a home.
#[track_caller]
pub(super) fn check_harmless(place: &Location, facts: &HostFacts, variables: &[String]) {
    if let Base::Variable(name) = &place.base {
        let listed = variables.iter().any(|known| **known == **name);
        assert!(listed, "{place}: nobody listed {name}");
    }
    let Some(real) = facts.resolve(place) else {
        return;
    };
    let climbs = real.components().any(|part| part == Component::ParentDir);
    assert!(
        real.is_absolute() && !climbs,
        "{place} is at {}",
        real.display()
    );
    let folds = facts.os != Os::Linux;
    for bad in off_limits(facts) {
        let inside = starts_with(&real, &bad, folds);
        assert!(
            !inside,
            "{place} is at {}, inside {}",
            real.display(),
            bad.display()
        );
    }
    for whole in [&facts.home, &facts.config] {
        let same = real == *whole;
        assert!(!same, "{place} is all of {}", whole.display());
    }
    let above = facts.home.starts_with(&real);
    assert!(!above, "{place} is at {}, above home", real.display());
}

fn off_limits(facts: &HostFacts) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = BELOW_HOME
        .iter()
        .map(|place| facts.home.join(place))
        .collect();
    all.extend(BELOW_CONFIG.iter().map(|place| facts.config.join(place)));
    all.extend(BELOW_DATA.iter().map(|place| facts.data.join(place)));
    all.extend(SYSTEM.iter().map(PathBuf::from));
    all.extend(facts.own.0.iter().cloned());
    all
}

fn starts_with(path: &Path, above: &Path, folds: bool) -> bool {
    let parts = |path: &Path| -> Vec<String> {
        let text = path
            .components()
            .map(|part| part.as_os_str().to_string_lossy().into_owned());
        text.map(|part| if folds { folded(&part) } else { part })
            .collect()
    };
    parts(path).starts_with(&parts(above))
}

fn folded(name: &str) -> String {
    let upper = name.nfd().collect::<String>().to_uppercase();
    upper.to_lowercase().nfd().collect()
}
