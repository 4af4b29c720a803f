//! A home directory, what lies around it, and what stands in the way inside it.

use super::super::dice::Dice;
use super::super::tree::{TreeSnapshot, What};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use takeback::model::{ArchivePath, Base, HostFacts, Location, Os, OwnPlaces};
use tempfile::TempDir;

/// When it is, in seconds since 1970.
pub(super) const NOW: i64 = 1_800_000_000;
/// Names that archives and trees share, so that they meet.
pub(super) const WORDS: [&str; 8] = [
    "a",
    "b",
    "skills",
    "settings.json",
    "c.md",
    "db",
    "db-wal",
    "A",
];
/// Content, of which there is little, so that it is often the same.
pub(super) const CONTENT: [&str; 5] = [
    "",
    "x",
    "{\"mcpServers\": {\"a\": 1}, \"hooks\": {\"command\": \"x\"}}\n",
    "{\"mcpServers\": {\"b\": 2}, \"other\": 3}\n",
    "SQLite format 3\0 and no more",
];
/// Where the adapter may write.
pub(super) const SCOPE: [&str; 3] = ["home/.claude", "home/.claude.json", "project"];

/// A directory with everything a restore knows of, and canaries.
pub(super) struct World {
    pub(super) root: TempDir,
    pub(super) facts: HostFacts,
    pub(super) state: PathBuf,
    pub(super) vault: PathBuf,
    pub(super) scope: Vec<Location>,
}

impl World {
    /// Makes one where things stand at and around the paths that an archive names.
    pub(super) fn new(dice: &mut Dice<'_>, named: &[ArchivePath]) -> Self {
        let root = tempfile::tempdir().expect("a temporary directory");
        let top = root.path().canonicalize().expect("its real path");
        let home = top.join("home");
        let (state, vault) = (home.join(".local/state/takeback"), top.join("vault"));
        let project = home.join("src/app");
        for canary in [
            "outside/file",
            "outside/dir/file",
            "home/.ssh/authorized_keys",
            "home/.bashrc",
            "home/.claude-other/a",
            "home/dotfiles/claude/a",
            "home/src/a",
            "home/src/app/a",
            // Directories above takeback's own that hold nothing else are not looked at.
            "home/.local/state/a",
        ] {
            let path = top.join(canary);
            fs::create_dir_all(path.parent().expect("a directory")).expect("a directory");
            fs::write(&path, "canary").expect("a canary");
        }
        let place = |text: &&str| {
            ArchivePath::parse(text)
                .map(Location::from)
                .expect("a place")
        };
        let facts = HostFacts {
            os: Os::current(),
            host: "h".to_owned(),
            user: "ada".to_owned(),
            config: home.join(".config"),
            data: home.join(".local/share"),
            state: home.join(".local/state"),
            project: dice.chance(230).then_some(project),
            environment: BTreeMap::new(),
            own: OwnPlaces(vec![state.clone(), vault.clone()]),
            home,
        };
        let world = Self {
            root,
            facts,
            state,
            vault,
            scope: SCOPE.iter().map(place).collect(),
        };
        for _ in 0..dice.up_to(10) {
            world.put(dice, &top, named);
        }
        world
    }

    /// Puts something at a place where the archive may want to write, or near it; what
    /// cannot be made there is left out.
    fn put(&self, dice: &mut Dice<'_>, top: &Path, named: &[ArchivePath]) {
        let path = self.spot(dice, named);
        // Links may lead out of the world, and who opens a pipe waits.
        if path.symlink_metadata().is_ok() || path.ancestors().any(Path::is_symlink) {
            return;
        }
        if let Some(above) = path.parent() {
            let _ = fs::create_dir_all(above);
        }
        let _ = match dice.up_to(11) {
            0..=3 => fs::write(&path, dice.pick(&CONTENT)).and_then(|()| {
                let mode = dice.pick(&[0o644, 0o600, 0o755, 0o4755, 0o000]);
                fs::set_permissions(&path, fs::Permissions::from_mode(mode))
            }),
            4 | 5 => fs::create_dir(&path),
            6..=8 => self.link(dice, top, &path),
            9 => pipe(&path),
            10 => UnixListener::bind(&path).map(|_| ()),
            _ => fs::hard_link(top.join("outside/file"), &path),
        };
    }

    fn spot(&self, dice: &mut Dice<'_>, named: &[ArchivePath]) -> PathBuf {
        let home = &self.facts.home;
        if named.is_empty() || dice.chance(90) {
            let tree = dice.pick(&[".claude", ".claude", ".claude.json", "src/app"]);
            let below = dice.list(3, |dice| dice.pick(&WORDS)).join("/");
            return home.join(tree).join(below);
        }
        let path = dice.pick(named);
        let base = if *path.base() == Base::Project {
            home.join("src/app")
        } else {
            home.clone()
        };
        let mut spot = path.under(&base);
        for _ in 0..dice.up_to(5).saturating_sub(3) {
            spot.pop();
        }
        // Above home there is nothing to put.
        if home.starts_with(&spot) {
            return home.join(".claude");
        }
        if dice.chance(12) {
            let mut name = spot.into_os_string();
            name.push("-wal");
            return name.into();
        }
        spot
    }

    fn link(&self, dice: &mut Dice<'_>, top: &Path, path: &Path) -> std::io::Result<()> {
        let home = &self.facts.home;
        let targets = [
            top.join("outside"),
            top.join("outside/dir"),
            top.join("outside/file"),
            top.join("outside/new"),
            home.join("dotfiles/claude"),
            home.join("src"),
            home.join(".ssh"),
            home.join(".bashrc"),
            home.clone(),
            top.join("vault"),
            self.state.clone(),
            PathBuf::from("a"),
            PathBuf::from("b"),
            PathBuf::from(".."),
            PathBuf::from("../.."),
            PathBuf::from("../../outside"),
            PathBuf::from("skills/a"),
            PathBuf::from("/proc/self/cwd"),
        ];
        symlink(dice.pick(&targets), path)
    }

    /// All there is, but takeback's own places; the times of directories do not count,
    /// for whatever is made in one and taken back changes them.
    pub(super) fn look(&self) -> TreeSnapshot {
        let tree = TreeSnapshot::of(self.root.path());
        let mut tree = tree.without("vault").without("home/.local/state/takeback");
        for node in tree.0.values_mut() {
            if node.what == What::Directory {
                node.mtime = (0, 0);
            }
        }
        tree
    }

    /// What was prepared goes with the restore; only what was done stays.
    pub(super) fn check_no_litter(&self) {
        let left = fs::read_dir(self.state.join("operations"));
        let left: Vec<PathBuf> = left
            .into_iter()
            .flatten()
            .map(|entry| entry.expect("a name").path())
            .filter(|path| path.to_string_lossy().contains("/.draft-"))
            .collect();
        assert!(left.is_empty(), "left of what was prepared: {left:?}");
    }
}

#[cfg(target_os = "linux")]
fn pipe(path: &Path) -> std::io::Result<()> {
    use rustix::fs::{CWD, Mode, mkfifoat};
    Ok(mkfifoat(CWD, path, Mode::from_raw_mode(0o600))?)
}

#[cfg(not(target_os = "linux"))]
fn pipe(path: &Path) -> std::io::Result<()> {
    UnixListener::bind(path).map(|_| ())
}
