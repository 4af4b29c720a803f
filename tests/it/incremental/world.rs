//! A home in which somebody works: every kind of change that a backup must notice.

use super::{Dice, PLACE};
use crate::support::TestEnv;
use crate::support::copy::set_time;
use std::fs;
use std::os::unix::fs::{FileExt, MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

/// Sizes around every border: blocks, small pieces, the smallest large file, its parts.
const SIZES: [usize; 16] = [
    0, 1, 511, 512, 513, 5_000, 20_000, 65_535, 65_536, 65_537, 131_072, 131_073, 262_144, 262_145,
    600_000, 1_048_576,
];
const MODES: [u32; 5] = [0o644, 0o600, 0o755, 0o640, 0o400];
/// Files that the rest of the tree may link to, and that always stay.
const ANCHORS: usize = 4;

pub(super) struct World {
    pub(super) env: TestEnv,
    pub(super) dice: Dice,
    /// What was done, for whoever has to find out what went wrong.
    pub(super) log: Vec<String>,
    names: usize,
}

impl World {
    /// A home with some hundred files.
    pub(super) fn new(seed: u64) -> Self {
        let mut world = Self {
            env: TestEnv::new(),
            dice: Dice(seed),
            log: Vec::new(),
            names: 0,
        };
        for number in 0..ANCHORS {
            let path = format!("{PLACE}/skills/anchor-{number}");
            world.env.write(&path, format!("anchor {number}\n"));
        }
        for _ in 0..140 {
            let path = world.fresh();
            let size = world.small();
            world.write(&path, size);
        }
        for size in SIZES {
            let path = world.fresh();
            world.write(&path, size);
        }
        world
    }

    fn root(&self) -> PathBuf {
        self.env.home().join(PLACE).join("skills")
    }

    /// A name that was never used, in a directory that may be new.
    fn fresh(&mut self) -> PathBuf {
        self.names += 1;
        let dirs = ["", "a", "a/b", "a/b/c", "d", "e e", "f/\u{e9}"];
        let dir = dirs[self.dice.roll(dirs.len())];
        // Names that share beginnings, sort before a slash, and need an extension header.
        let name = match self.dice.roll(5) {
            0 => format!("{}!", self.names),
            1 => format!("{}-{}", "long".repeat(28), self.names),
            2 => format!("caf\u{e9}-{}", self.names),
            _ => format!("file-{}", self.names),
        };
        let dir = self.root().join(dir);
        // Something else may have taken the directory's name meanwhile.
        match fs::create_dir_all(&dir) {
            Ok(()) => dir.join(name),
            Err(_) => self.root().join(name),
        }
    }

    fn small(&mut self) -> usize {
        let most = [40, 900, 4_000, 12_000][self.dice.roll(4)];
        self.dice.roll(most)
    }

    fn any_size(&mut self) -> usize {
        if self.dice.roll(2) == 0 {
            SIZES[self.dice.roll(SIZES.len())]
        } else {
            self.small()
        }
    }

    fn write(&mut self, path: &Path, size: usize) {
        let bytes = self.dice.bytes(size);
        fs::write(path, bytes).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    }

    /// What is there of one kind, in a fixed order, but for what must stay.
    fn there(&self, wanted: impl Fn(&fs::Metadata) -> bool) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut left = vec![self.root()];
        while let Some(dir) = left.pop() {
            for entry in fs::read_dir(dir).unwrap() {
                let path = entry.unwrap().path();
                let meta = path.symlink_metadata().unwrap();
                if meta.is_dir() {
                    left.push(path.clone());
                }
                let stays = path.to_string_lossy().contains("anchor-");
                if !stays && wanted(&meta) {
                    found.push(path);
                }
            }
        }
        found.sort();
        found
    }

    fn pick(&mut self, wanted: impl Fn(&fs::Metadata) -> bool) -> Option<PathBuf> {
        let found = self.there(wanted);
        (!found.is_empty()).then(|| found[self.dice.roll(found.len())].clone())
    }

    /// A link to one of the files that stay.
    fn link(&mut self, path: &Path) {
        let depth = path.strip_prefix(self.root()).unwrap().components().count();
        let up = "../".repeat(depth - 1);
        let anchor = self.dice.roll(ANCHORS);
        symlink(format!("{up}anchor-{anchor}"), path).unwrap();
    }

    /// Does a few things at random.
    pub(super) fn work(&mut self) {
        for _ in 0..1 + self.dice.roll(9) {
            let what = self.dice.roll(16);
            let Some(path) = self.pick(fs::Metadata::is_file) else {
                return;
            };
            let name = path.strip_prefix(self.root()).unwrap().to_owned();
            self.log.push(format!("{what} {}", name.display()));
            self.change(what, &path);
        }
    }

    fn change(&mut self, what: usize, path: &Path) {
        let meta = path.symlink_metadata().unwrap();
        // Somebody who changes a file may do so whatever its mode.
        let _ = fs::set_permissions(path, fs::Permissions::from_mode(meta.mode() | 0o600));
        match what {
            0 => {
                let (path, size) = (self.fresh(), self.any_size());
                self.write(&path, size);
            }
            1 | 2 => self.rewrite_unseen(path, &meta),
            3 => self.replace_unseen(path, &meta),
            4 => self.append(path),
            5 => self.cut(path, meta.len()),
            6 => {
                let to = self.fresh();
                fs::rename(path, to).unwrap();
            }
            7 => {
                let over = self.pick(fs::Metadata::is_file).unwrap();
                fs::rename(path, over).unwrap();
            }
            8 => fs::remove_file(path).unwrap(),
            9 => {
                let mode = MODES[self.dice.roll(MODES.len())];
                fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
                return;
            }
            10 => set_time(path, 1_700_000_000 + self.dice.roll(3) as i64, 5),
            11 => {
                fs::remove_file(path).unwrap();
                fs::create_dir(path).unwrap();
                let size = self.any_size();
                self.write(&path.join("inner"), size);
            }
            12 => {
                fs::remove_file(path).unwrap();
                self.link(path);
            }
            13 => self.turn_back(),
            14 => self.swap(path),
            _ => {
                let size = self.any_size();
                self.write(path, size);
            }
        }
        if path.is_file() && !path.is_symlink() {
            let mode = fs::Permissions::from_mode(meta.mode());
            fs::set_permissions(path, mode).unwrap();
        }
    }

    /// Other bytes, the same size and time: only the time of the inode's change tells.
    fn rewrite_unseen(&mut self, path: &Path, meta: &fs::Metadata) {
        let file = fs::File::options().write(true).open(path).unwrap();
        if meta.len() > 0 {
            let at = self.dice.roll(meta.len() as usize) as u64;
            let byte = self.dice.roll(256) as u8;
            file.write_all_at(&[byte], at).unwrap();
        }
        set_time(path, meta.mtime(), meta.mtime_nsec());
    }

    /// Another file with the same size, mode and time.
    fn replace_unseen(&mut self, path: &Path, meta: &fs::Metadata) {
        let beside = self.fresh();
        self.write(&beside, meta.len() as usize);
        fs::set_permissions(&beside, fs::Permissions::from_mode(meta.mode())).unwrap();
        set_time(&beside, meta.mtime(), meta.mtime_nsec());
        fs::rename(beside, path).unwrap();
    }

    fn append(&mut self, path: &Path) {
        let size = self.any_size();
        let bytes = [fs::read(path).unwrap(), self.dice.bytes(size)].concat();
        fs::write(path, bytes).unwrap();
    }

    fn cut(&mut self, path: &Path, size: u64) {
        let file = fs::File::options().write(true).open(path).unwrap();
        file.set_len(self.dice.roll(size as usize + 1) as u64)
            .unwrap();
    }

    /// A directory or link becomes a file.
    fn turn_back(&mut self) {
        if let Some(link) = self.pick(fs::Metadata::is_symlink) {
            fs::remove_file(&link).unwrap();
            let size = self.any_size();
            self.write(&link, size);
        }
        if let Some(dir) = self.pick(fs::Metadata::is_dir) {
            fs::remove_dir_all(&dir).unwrap();
            if self.dice.roll(2) == 0 {
                self.link(&dir);
            } else {
                let size = self.any_size();
                self.write(&dir, size);
            }
        }
    }

    /// Two files of one size and time change places.
    fn swap(&mut self, path: &Path) {
        let twin = self.fresh();
        let meta = path.symlink_metadata().unwrap();
        self.write(&twin, meta.len() as usize);
        for path in [path, &twin] {
            set_time(path, 1_700_000_007, 7);
        }
        let between = self.fresh();
        fs::rename(path, &between).unwrap();
        fs::rename(&twin, path).unwrap();
        fs::rename(&between, &twin).unwrap();
    }
}
