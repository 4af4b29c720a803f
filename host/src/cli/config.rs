//! The configuration file and the record of trusted adapters, both TOML in the
//! configuration directory.

use super::error::{CommandError, ExitStatus};
use serde::{Deserialize, Serialize};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use takeback::adapters::{AdapterError, Recorded};
use takeback::fs::{Dir, PrivateDir, read_small};
use takeback::model::limits::ADAPTER_BYTES;
use takeback::model::{ArchivePath, Digest, Location, ShownPath, TargetId};

/// Name of the record of trusted adapters.
pub(super) const LOCK: &str = "adapters.lock.toml";
/// Directory of recorded components, beside the record.
pub(super) const STORE: &str = "adapters";
/// How the names of stored adapters end: components, and declarations.
const FORMS: [&str; 2] = ["wasm", "toml"];
/// Bytes of the configuration file: nobody writes a larger one by hand.
pub(super) const CONFIG_BYTES: u64 = 1 << 20;

/// What the configuration file may say.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Config {
    /// The vault, where neither flag nor variable names one.
    pub(super) vault: Option<PathBuf>,
    /// For how many days an operation can be taken back.
    pub(super) undo_days: Option<u32>,
    /// How many of the newest archives of a target stay plain.
    pub(super) plain: Option<Plain>,
    /// For how many days what was removed stays in the trash.
    pub(super) trash_days: Option<u32>,
    /// Seconds that a backup may spend on older archives.
    pub(super) upkeep_seconds: Option<u32>,
    /// Which snapshots are kept.
    pub(super) keep: Option<super::keep::Keep>,
}

/// A number of archives, or `"all"`.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Plain {
    /// So many.
    Newest(std::num::NonZeroU32),
    /// A word.
    Word(Word),
}

/// The only word for a number of archives.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) enum Word {
    /// Every archive.
    #[serde(rename = "all")]
    All,
}

/// Reads the configuration file; a missing one is empty, unless it was named.
pub(super) fn read(path: &Path, named: bool) -> Result<Config, CommandError> {
    let Some(text) = read_text(path)? else {
        if named {
            let path = ShownPath(path);
            return Err(CommandError::usage(format!(
                "there is no configuration file {path}"
            )));
        }
        return Ok(Config::default());
    };
    interpret(&text, path)
}

/// What a text says; a name that is no setting is answered with the nearest one.
pub(super) fn interpret(text: &str, path: &Path) -> Result<Config, CommandError> {
    parse(text, path).map_err(|error| {
        let path = ShownPath(path).to_string();
        super::settings::unknown(text, &path).unwrap_or(error)
    })
}

pub(super) fn parse<T: for<'a> Deserialize<'a>>(
    text: &str,
    path: &Path,
) -> Result<T, CommandError> {
    toml::from_str(text).map_err(|e| {
        let line = e
            .span()
            .map_or(1, |span| text[..span.start].matches('\n').count() + 1);
        let (path, why) = (
            ShownPath(path),
            takeback::model::Shown::sentence(e.message()),
        );
        CommandError::usage(format!("{path}, line {line}: {why}"))
    })
}

/// Whether anything stands where the configuration file would be written.
pub(super) fn exists(path: &Path) -> Result<bool, CommandError> {
    let (dir, name) = place(path)?;
    match Dir::open(dir) {
        Ok(dir) => Ok(dir.stat(name)?.is_some()),
        Err(e) if e.is_missing() => Ok(false),
        Err(e) => Err(e.into()),
    }
}

/// Writes the configuration file; its directory is made only where it is our own.
pub(super) fn write(path: &Path, own: &Path, text: &str) -> Result<(), CommandError> {
    let (dir, name) = place(path)?;
    let opened = if dir == own {
        PrivateDir::create_all(dir)?
    } else {
        Dir::open(dir)?
    };
    let name = name.to_string_lossy();
    Ok(PrivateDir::write_file(&opened, &name, text.as_bytes())?)
}

/// The directory of a file and its name.
fn place(path: &Path) -> Result<(&Path, &OsStr), CommandError> {
    let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
        let shown = ShownPath(path);
        return Err(CommandError::usage(format!("{shown} is not a file")));
    };
    let here = parent.as_os_str().is_empty();
    Ok((if here { Path::new(".") } else { parent }, name))
}

pub(super) fn read_text(path: &Path) -> Result<Option<String>, CommandError> {
    let (Some(parent), Some(name)) = (path.parent(), path.file_name().and_then(|n| n.to_str()))
    else {
        return Ok(None);
    };
    let parent = if parent.as_os_str().is_empty() {
        Path::new(".")
    } else {
        parent
    };
    let bytes = Dir::open(parent).and_then(|dir| read_small(&dir, name, CONFIG_BYTES));
    match bytes {
        Ok(bytes) => {
            let not_text = |_| CommandError::usage(format!("{} is not UTF-8", ShownPath(path)));
            String::from_utf8(bytes).map(Some).map_err(not_text)
        }
        Err(e) if e.is_missing() => Ok(None),
        Err(e) => Err(e.into()),
    }
}

/// The record of trusted adapters.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct AdapterLock {
    #[serde(default, rename = "adapter")]
    pub(super) adapters: Vec<LockedAdapter>,
}

/// One trusted adapter, as it was when somebody trusted it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct LockedAdapter {
    pub(super) id: String,
    pub(super) version: String,
    pub(super) sha256: String,
    pub(super) scope: Vec<String>,
    /// Older records do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) variables: Option<Vec<String>>,
    pub(super) source: String,
    pub(super) added: String,
}

impl LockedAdapter {
    /// The values behind the text.
    pub(super) fn values(&self) -> Result<(TargetId, Recorded), CommandError> {
        let bad = |why: String| {
            CommandError::new(ExitStatus::Adapter, format!("{LOCK} is damaged: {why}"))
        };
        let id = TargetId::new(&self.id).map_err(|e| bad(e.to_string()))?;
        let digest = Digest::from_hex(&self.sha256)
            .ok_or_else(|| bad(format!("the digest of {id} is malformed")))?;
        let place = |text: &String| {
            let path = ArchivePath::parse(text).map_err(|e| bad(e.to_string()))?;
            Ok(Location::from(path))
        };
        let scope = self
            .scope
            .iter()
            .map(place)
            .collect::<Result<_, CommandError>>()?;
        let recorded = Recorded {
            digest,
            version: self.version.clone(),
            scope,
            variables: self.variables.clone(),
        };
        Ok((id, recorded))
    }

    /// The adapter's file below the configuration directory, named by its content, and the
    /// bytes in it. One that cannot be read fails when it is asked for, like one that was
    /// changed: its bytes are not the recorded ones.
    pub(super) fn stored(&self, config_dir: &Path) -> (PathBuf, Vec<u8>) {
        let place = |kind| {
            config_dir
                .join(STORE)
                .join(format!("{}.{kind}", self.sha256))
        };
        let found = FORMS.into_iter().map(place).find_map(|path| {
            let bytes = read_component(&path).ok()?;
            Some((path, bytes))
        });
        found.unwrap_or_else(|| (place(FORMS[0]), Vec::new()))
    }
}

impl AdapterLock {
    /// Reads the record.
    pub(super) fn read(config_dir: &Path) -> Result<Self, CommandError> {
        let path = config_dir.join(LOCK);
        read_text(&path)?.map_or_else(|| Ok(Self::default()), |text| parse(&text, &path))
    }

    /// Writes the record.
    pub(super) fn write(&self, config_dir: &Path) -> Result<(), CommandError> {
        let text = toml::to_string(self).map_err(|e| {
            CommandError::new(ExitStatus::Failed, format!("cannot write {LOCK}: {e}"))
        })?;
        let dir = PrivateDir::create_all(config_dir)?;
        Ok(PrivateDir::write_file(&dir, LOCK, text.as_bytes())?)
    }
}

/// Reads a component file.
pub(super) fn read_component(path: &Path) -> Result<Vec<u8>, CommandError> {
    let (Some(parent), Some(name)) = (path.parent(), path.file_name().and_then(|n| n.to_str()))
    else {
        return Err(CommandError::usage(format!(
            "{} is not a file",
            ShownPath(path)
        )));
    };
    let parent = if parent.as_os_str().is_empty() {
        Path::new(".")
    } else {
        parent
    };
    let too_large = path.metadata().is_ok_and(|meta| meta.len() > ADAPTER_BYTES);
    if too_large {
        let (path, why) = (ShownPath(path), AdapterError::TooLarge);
        let message = format!("{path} is not accepted: {why}");
        return Err(CommandError::new(ExitStatus::Adapter, message));
    }
    Ok(read_small(&Dir::open(parent)?, name, ADAPTER_BYTES)?)
}

/// Stores an adapter under the name of its content.
pub(super) fn store_component(
    dir: &Dir,
    locked: &LockedAdapter,
    bytes: &[u8],
) -> Result<(), CommandError> {
    let form = FORMS[usize::from(!bytes.starts_with(b"\0asm"))];
    let name = format!("{}.{form}", locked.sha256);
    Ok(PrivateDir::write_file(dir, &name, bytes)?)
}
