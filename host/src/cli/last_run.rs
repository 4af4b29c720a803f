//! How the last automatic backup ended. A timer has nobody to tell: what it met is written
//! into the state directory, for `takeback schedule status`; and what it found to be in the vault
//! as it is, for `takeback status`: where nothing changed, no snapshot tells of the run.

use super::args::{BackupArgs, Command};
use super::context::Context;
use super::error::{CommandError, ExitStatus};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;
use takeback::fs::{Dir, PrivateDir, read_small};
use takeback::model::Shown;
use takeback::model::limits::LOG_ERROR_CHARS;

const FILE: &str = "last-automatic.toml";
const BYTES: u64 = 64 << 10;

/// The end of a run.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct LastRun {
    /// When it ended, UTC, RFC 3339.
    pub(super) time: String,
    /// Its exit code.
    pub(super) code: u8,
    /// What it said when it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<String>,
    /// When one last ended well: with exit code 0 or 3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) last_good: Option<String>,
    /// How many in a row have not ended well.
    #[serde(default)]
    pub(super) failures: u32,
    /// What was in the vault as it was found, by the last run that made no snapshot for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) looked: Option<Looked>,
}

/// A look at targets that the vault holds as they were then.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Looked {
    /// When it ended, UTC, RFC 3339.
    pub(super) time: String,
    /// The digest of each target's archive.
    pub(super) archives: BTreeMap<String, String>,
}

/// A time of a run as people read it: by the machine's clock, with its zone.
pub(super) fn by_clock(time: &str) -> String {
    match time.parse::<jiff::Timestamp>() {
        Ok(time) => {
            let here = time.to_zoned(jiff::tz::TimeZone::system());
            here.strftime("%Y-%m-%d %H:%M:%S %:z").to_string()
        }
        Err(_) => Shown::again(time),
    }
}

impl LastRun {
    /// How it ended, in words.
    pub(super) fn words(&self) -> String {
        let error = self.error.as_deref().map(Shown::again);
        match (self.code, error) {
            (0, _) => "done".to_owned(),
            (3, _) => "done, with gaps (exit code 3)".to_owned(),
            (code, None) => format!("exit code {code}"),
            (code, Some(error)) => format!("exit code {code}: {error}"),
        }
    }
}

/// Whether a command is an automatic backup whose end is to be kept.
pub(super) fn is_automatic(command: &Command) -> bool {
    matches!(
        command,
        Command::Backup(BackupArgs {
            automatic: true,
            dry_run: false,
            ..
        })
    )
}

/// What is known; what cannot be read is nothing.
pub(super) fn read(state: &Path) -> Option<LastRun> {
    let dir = Dir::open(state).ok()?;
    let bytes = read_small(&dir, FILE, BYTES).ok()?;
    toml::from_str(&String::from_utf8(bytes).ok()?).ok()
}

/// Keeps how a run ended. That this fails changes nothing of how it ended.
pub(super) fn write(context: &Context, done: &Result<ExitStatus, CommandError>) {
    let now = jiff::Timestamp::now()
        .strftime("%Y-%m-%dT%H:%M:%SZ")
        .to_string();
    let before = read(&context.own.state).unwrap_or_default();
    let (code, error) = match done {
        Ok(ExitStatus::NotFound) => (10, Some("the vault is not there".to_owned())),
        Ok(status) => (status.code(), None),
        Err(error) => (
            error.status.code(),
            Some(Shown::line(&error.in_full(), LOG_ERROR_CHARS)),
        ),
    };
    let good = matches!(code, 0 | 3);
    // A run that made a snapshot needs no more to tell of it.
    let archives = context.noted.archives();
    let looked = (!archives.is_empty()).then(|| Looked {
        time: now.clone(),
        archives,
    });
    let run = LastRun {
        looked: looked.or(before.looked),
        code,
        error,
        last_good: if good {
            Some(now.clone())
        } else {
            before.last_good
        },
        failures: if good {
            0
        } else {
            before.failures.saturating_add(1)
        },
        time: now,
    };
    let written = toml::to_string(&run)
        .map_err(|e| e.to_string())
        .and_then(|text| {
            let dir = PrivateDir::create_all(&context.own.state).map_err(|e| e.to_string())?;
            PrivateDir::write_file(&dir, FILE, text.as_bytes()).map_err(|e| e.to_string())
        });
    if let Err(e) = written {
        context
            .voice
            .warn(&format!("how this run ended is not kept: {e}"));
    }
}
