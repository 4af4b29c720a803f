//! Places no adapter may declare, whatever was granted: keys, what a login shell or
//! a desktop runs by itself, system directories, and takeback's own.

use super::facts::{HostFacts, Os};
use super::spelling::folded;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

/// Keys and secrets of other programs, relative to the home directory.
const KEYS: &[&str] = &[
    ".ssh",
    ".gnupg",
    ".aws",
    ".azure",
    ".kube",
    ".docker",
    ".netrc",
    ".pgpass",
    ".password-store",
    ".config/gcloud",
    ".config/gh",
    ".local/share/keyrings",
    "Library/Keychains",
    "AppData/Roaming/gnupg",
    "AppData/Roaming/Microsoft/Credentials",
    "AppData/Roaming/Microsoft/Protect",
];

/// What runs by itself at login, relative to the home directory.
const STARTUP: &[&str] = &[
    ".bashrc",
    ".bash_profile",
    ".bash_login",
    ".bash_logout",
    ".profile",
    ".zshrc",
    ".zshenv",
    ".zprofile",
    ".zlogin",
    ".zlogout",
    ".config/fish",
    ".config/autostart",
    ".config/systemd",
    ".config/environment.d",
    ".config/plasma-workspace",
    ".local/share/systemd",
    ".local/share/autostart",
    ".xprofile",
    ".xinitrc",
    ".xsession",
    ".pam_environment",
    "Library/LaunchAgents",
    "Documents/WindowsPowerShell",
    "Documents/PowerShell",
    "AppData/Roaming/Microsoft/Windows/Start Menu",
];

/// Directories of the system.
const SYSTEM: &[&str] = &[
    "/bin",
    "/boot",
    "/dev",
    "/etc",
    "/lib",
    "/lib64",
    "/proc",
    "/run",
    "/sbin",
    "/sys",
    "/usr",
    "/System",
    "/Library",
    "/private/etc",
    "C:\\Windows",
    "C:\\Program Files",
    "C:\\ProgramData",
];

/// Knows which real paths are off limits on this machine.
#[derive(Clone, Debug)]
pub struct Forbidden {
    /// As `spelled` gives them.
    places: HashMap<PathBuf, &'static str>,
    /// Every directory that one of them lies in.
    above: HashSet<PathBuf>,
    /// Base directories that links lead elsewhere, and where to; as `spelled` gives them.
    led: Vec<(PathBuf, PathBuf)>,
    home: PathBuf,
    folds_case: bool,
}

impl Forbidden {
    /// The places that are off limits for this person on this machine.
    #[must_use]
    pub fn new(facts: &HostFacts) -> Self {
        let below_home = |list: &'static [&str], why| {
            list.iter().map(move |place| (facts.home.join(place), why))
        };
        let mut places: Vec<(PathBuf, &'static str)> = below_home(KEYS, "keys are kept there")
            .chain(below_home(
                STARTUP,
                "programs start from there by themselves",
            ))
            .chain(
                SYSTEM
                    .iter()
                    .map(|dir| (PathBuf::from(dir), "it belongs to the system")),
            )
            .chain(
                facts
                    .own
                    .0
                    .iter()
                    .map(|dir| (dir.clone(), "it belongs to takeback itself")),
            )
            .collect();
        // The same places, where a variable moved the base directory.
        for (base, prefix) in [(&facts.config, ".config/"), (&facts.data, ".local/share/")] {
            let moved = |list: &'static [&str], why| {
                list.iter()
                    .filter_map(move |place| Some((place.strip_prefix(prefix)?, why)))
            };
            let both = moved(KEYS, "keys are kept there")
                .chain(moved(STARTUP, "programs start from there by themselves"));
            places.extend(both.map(|(rest, why)| (base.join(rest), why)));
        }
        let mut forbidden = Self {
            places: HashMap::new(),
            above: HashSet::new(),
            led: Vec::new(),
            home: facts.home.clone(),
            folds_case: facts.os != Os::Linux,
        };
        for (place, why) in places {
            let place = forbidden.spelled(&place).into_owned();
            forbidden.add(place, why);
        }
        forbidden
    }

    fn add(&mut self, place: PathBuf, why: &'static str) {
        self.above.extend(place.ancestors().map(Path::to_owned));
        self.places.insert(place, why);
    }

    /// The same, knowing where links lead: a place is off limits by every way to it. `real`
    /// gives the real path of what exists; of `bases` it is the way to everything below.
    #[must_use]
    pub fn through_links(
        mut self,
        bases: impl IntoIterator<Item = PathBuf>,
        real: impl Fn(&Path) -> Option<PathBuf>,
    ) -> Self {
        let elsewhere = |path: &Path| {
            let real = self.spelled(&real(path)?).into_owned();
            (real != path && !self.home.starts_with(&real)).then_some(real)
        };
        let places: Vec<_> = self
            .places
            .iter()
            .filter_map(|(place, why)| Some((elsewhere(place)?, *why)))
            .collect();
        for base in bases {
            let known = base
                .ancestors()
                .find_map(|dir| Some(real(dir)?.join(base.strip_prefix(dir).ok()?)));
            let name = self.spelled(&base).into_owned();
            let known = known.map(|known| self.spelled(&known).into_owned());
            self.led.extend(
                known
                    .filter(|known| *known != name)
                    .map(|known| (name, known)),
            );
        }
        for (place, why) in places {
            self.add(place, why);
        }
        self
    }

    /// Why this path is off limits; `None` when it is not.
    #[must_use]
    pub fn reason(&self, path: &Path) -> Option<&'static str> {
        let path = self.spelled(path);
        self.named(&path).or_else(|| {
            self.led.iter().find_map(|(name, real)| {
                let rest = path.strip_prefix(name).ok()?;
                if self.spelled(&self.home).starts_with(real) {
                    return Some("it leads to the home directory, or above it");
                }
                self.named(&real.join(rest))
            })
        })
    }

    fn named(&self, path: &Path) -> Option<&'static str> {
        path.ancestors()
            .find_map(|dir| self.places.get(dir).copied())
    }

    /// Whether a place that is off limits lies below this path.
    #[must_use]
    pub fn lies_below(&self, path: &Path) -> bool {
        let path = self.spelled(path);
        let below = |path: &Path| self.above.contains(path);
        below(&path)
            || self.led.iter().any(|(name, real)| {
                name.starts_with(&path)
                    || path
                        .strip_prefix(name)
                        .is_ok_and(|rest| below(&real.join(rest)))
            })
    }

    /// Whether no name in this directory can be off limits, so that single ones need not be
    /// looked at. `false` where spelling has to be looked at for each.
    #[must_use]
    pub fn spares(&self, dir: &Path) -> bool {
        !self.folds_case && self.reason(dir).is_none() && !self.lies_below(dir)
    }

    /// The one spelling of a path by which it is compared.
    fn spelled<'a>(&self, path: &'a Path) -> Cow<'a, Path> {
        if self.folds_case {
            Cow::Owned(PathBuf::from(folded(&path.to_string_lossy())))
        } else {
            Cow::Borrowed(path)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::facts::OwnPlaces;
    use super::*;
    use std::collections::BTreeMap;

    fn facts(os: Os) -> HostFacts {
        let home = PathBuf::from("/home/ada");
        HostFacts {
            os,
            host: "h".into(),
            user: "ada".into(),
            config: home.join("cfg"),
            data: home.join(".local/share"),
            state: home.join(".local/state"),
            home,
            project: None,
            environment: BTreeMap::from([
                ("GOOD".into(), "/home/ada/.work/".into()),
                ("HOME_ITSELF".into(), "/home/ada".into()),
                ("ABOVE".into(), "/home".into()),
                ("KEYS".into(), "/home/ada/.ssh/x".into()),
                ("SYSTEM".into(), "/etc/claude".into()),
                ("RELATIVE".into(), ".claude".into()),
                ("CLIMBS".into(), "/home/ada/../bob".into()),
            ]),
            own: OwnPlaces(vec!["/home/ada/vault".into()]),
        }
    }

    #[test]
    fn keys_startup_files_and_our_own_are_off_limits() {
        let forbidden = Forbidden::new(&facts(Os::Linux));
        for path in [
            ".ssh",
            ".ssh/id",
            ".bashrc",
            "cfg/autostart/x",
            ".config/fish",
            "vault/x",
        ] {
            assert!(
                forbidden
                    .reason(&Path::new("/home/ada").join(path))
                    .is_some(),
                "{path}"
            );
        }
        for path in [".claude", ".sshx", ".config/zed", "Vault"] {
            assert!(
                forbidden
                    .reason(&Path::new("/home/ada").join(path))
                    .is_none(),
                "{path}"
            );
        }
        for (dir, spared) in [
            (".claude", true),
            ("", false),
            ("cfg", false),
            (".ssh/x", false),
        ] {
            let dir = Path::new("/home/ada").join(dir);
            assert_eq!(forbidden.spares(&dir), spared, "{}", dir.display());
        }
        assert!(forbidden.lies_below(Path::new("/home/ada")));
        assert!(!forbidden.lies_below(Path::new("/home/ada/.claude")));
    }

    #[test]
    fn spelling_is_no_way_around_where_it_does_not_count() {
        let forbidden = Forbidden::new(&facts(Os::Macos));
        for name in [".SSH", ".\u{17f}sh", ".\u{212a}ube"] {
            let path = Path::new("/home/ada").join(name).join("id");
            assert!(forbidden.reason(&path).is_some(), "{name}");
        }
    }

    #[test]
    fn variables_may_only_name_ordinary_directories() {
        let facts = facts(Os::Linux);
        assert_eq!(
            facts.variable_dir("GOOD"),
            Some(PathBuf::from("/home/ada/.work"))
        );
        for name in [
            "HOME_ITSELF",
            "ABOVE",
            "KEYS",
            "SYSTEM",
            "RELATIVE",
            "CLIMBS",
            "UNSET",
        ] {
            assert_eq!(facts.variable_dir(name), None, "{name}");
        }
    }
}
