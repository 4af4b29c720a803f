//! From an engine's error to an exit code, a message with its causes, and a way out.

use takeback::adapters::AdapterError;
use takeback::backup::BackupError;
use takeback::fetch::FetchError;
use takeback::fs::FsError;
use takeback::import::ImportError;
use takeback::operation::OperationError;
use takeback::restore::RestoreError;
use takeback::vault::{SelectError, VaultError};

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ExitStatus {
    /// Done.
    Done,
    /// Failed; live files as they were.
    Failed,
    /// Wrong usage.
    Usage,
    /// Done, something left out.
    Partial,
    /// Refused by a rule, nothing changed.
    Refused,
    /// Cancelled.
    Cancelled,
    /// Archive damaged or hostile.
    BadArchive,
    /// An adapter failed or is not trusted.
    Adapter,
    /// An interrupted operation needs `recover`.
    NeedsRecovery,
    /// Looked at, and not as it was to be, where somebody asked for that.
    Different,
    /// Nothing found.
    NotFound,
    /// Locked.
    Locked,
    /// Stopped by this signal.
    Signal(u8),
    /// What a command that was run ended with, or why none was.
    Command(u8),
}

impl ExitStatus {
    /// The number the process exits with.
    pub(super) fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Partial => 3,
            Self::Refused => 4,
            Self::Cancelled => 5,
            Self::BadArchive => 6,
            Self::Adapter => 7,
            Self::NeedsRecovery => 8,
            Self::Different => 9,
            Self::NotFound => 10,
            Self::Locked => 11,
            Self::Signal(signal) => 128 + signal,
            Self::Command(code) => code,
        }
    }
}

impl From<ExitStatus> for std::process::ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(status.code())
    }
}

/// A command that did not do what was asked.
#[derive(Debug)]
pub(super) struct CommandError {
    pub(super) status: ExitStatus,
    /// What went wrong, with its causes.
    pub(super) source: anyhow::Error,
    /// What to do about it.
    pub(super) hints: Vec<String>,
}

impl CommandError {
    pub(super) fn new(status: ExitStatus, message: impl std::fmt::Display) -> Self {
        Self {
            status,
            source: anyhow::anyhow!("{message}"),
            hints: Vec::new(),
        }
    }

    pub(super) fn usage(message: impl std::fmt::Display) -> Self {
        Self::new(ExitStatus::Usage, message)
    }

    /// The message with its causes. A transparent error and its source say the same.
    pub(super) fn in_full(&self) -> String {
        let mut parts: Vec<String> = self.source.chain().map(ToString::to_string).collect();
        parts.dedup();
        parts.join(": ")
    }

    /// Adds a way out.
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    fn of<E: std::error::Error + Send + Sync + 'static>(status: ExitStatus, error: E) -> Self {
        Self {
            status,
            source: error.into(),
            hints: Vec::new(),
        }
    }
}

impl From<FsError> for CommandError {
    fn from(error: FsError) -> Self {
        Self::of(ExitStatus::Failed, error)
    }
}

impl From<VaultError> for CommandError {
    fn from(error: VaultError) -> Self {
        let status = match &error {
            VaultError::Locked(_) => ExitStatus::Locked,
            VaultError::DamagedRecord { .. } | VaultError::Stored { .. } => ExitStatus::BadArchive,
            _ => ExitStatus::Failed,
        };
        Self::of(status, error)
    }
}

impl From<SelectError> for CommandError {
    fn from(error: SelectError) -> Self {
        let status = match &error {
            SelectError::Ambiguous { .. } => ExitStatus::Usage,
            _ => ExitStatus::NotFound,
        };
        Self::of(status, error)
    }
}

impl From<AdapterError> for CommandError {
    fn from(error: AdapterError) -> Self {
        Self::of(ExitStatus::Adapter, error)
    }
}

impl From<FetchError> for CommandError {
    fn from(error: FetchError) -> Self {
        let status = match &error {
            FetchError::Address { .. } | FetchError::Reference { .. } => ExitStatus::Usage,
            FetchError::NotFound(_) => ExitStatus::NotFound,
            FetchError::SentOn { .. } | FetchError::Taken(_) => ExitStatus::Refused,
            FetchError::TooLarge { .. } | FetchError::Odd { .. } | FetchError::Digest { .. } => {
                ExitStatus::Adapter
            }
            FetchError::NotBuilt(_)
            | FetchError::NoRoots(_)
            | FetchError::Unreachable { .. }
            | FetchError::Certificate { .. }
            | FetchError::Denied(_)
            | FetchError::Status { .. }
            | FetchError::Truncated { .. } => ExitStatus::Failed,
        };
        let hint = match &error {
            FetchError::Certificate { .. } => {
                "if you trust its authority, name its certificate with SSL_CERT_FILE"
            }
            FetchError::Denied(_) => {
                "`docker login` writes a name and password where takeback looks: \
                 ~/.docker/config.json, or where DOCKER_CONFIG says; helpers are not asked"
            }
            FetchError::Taken(_) => "give the adapter another version",
            _ => "",
        };
        let error = Self::of(status, error);
        if hint.is_empty() {
            error
        } else {
            error.hint(hint)
        }
    }
}

impl From<BackupError> for CommandError {
    fn from(error: BackupError) -> Self {
        match error {
            BackupError::Vault(error) => error.into(),
            BackupError::Fs(error) => error.into(),
            BackupError::Interrupted => Self::of(super::signals::status(), error),
            BackupError::VaultInside { .. } => Self::of(ExitStatus::Refused, error),
            BackupError::Archive { .. } => Self::of(ExitStatus::Failed, error),
        }
    }
}

impl From<ImportError> for CommandError {
    fn from(error: ImportError) -> Self {
        let (status, hint) = match &error {
            ImportError::Source { source, .. } if source.is_io() => (ExitStatus::Failed, ""),
            ImportError::Source { .. } => (
                ExitStatus::BadArchive,
                "what is packed in another way can be unpacked, and the directory imported",
            ),
            ImportError::Checksum(_) => (
                ExitStatus::BadArchive,
                "it is damaged, or the .sha256 file beside it is another one's",
            ),
            ImportError::Unknown(_) => (
                ExitStatus::NotFound,
                "`takeback import SOURCE --at DIR` says what place below the home it is, and \
                 --root DIR which directory in it is a home",
            ),
            ImportError::NotThat { .. } => (ExitStatus::Usage, ""),
            ImportError::Several { .. } => (
                ExitStatus::Usage,
                "`takeback import SOURCE --root DIR` says which one is meant",
            ),
            ImportError::NoRoom { .. } | ImportError::Fs(_) => (ExitStatus::Failed, ""),
        };
        let error = Self::of(status, error);
        match hint {
            "" => error,
            hint => error.hint(hint),
        }
    }
}

impl From<RestoreError> for CommandError {
    fn from(error: RestoreError) -> Self {
        let status = match &error {
            RestoreError::Archive { source, .. } if source.is_io() => ExitStatus::Failed,
            RestoreError::Archive { .. } | RestoreError::NotAsRecorded { .. } => {
                ExitStatus::BadArchive
            }
            RestoreError::OtherTarget { .. }
            | RestoreError::OutOfScope { .. }
            | RestoreError::OutsideScope { .. }
            | RestoreError::NotWhole(_)
            | RestoreError::DatabaseOpen(_) => ExitStatus::Refused,
            RestoreError::NothingChosen(_) => ExitStatus::NotFound,
            RestoreError::Operation(error) => operation_status(error),
            RestoreError::Vault(VaultError::Locked(_)) => ExitStatus::Locked,
            RestoreError::Safety(BackupError::Interrupted) => super::signals::status(),
            _ => ExitStatus::Failed,
        };
        Self::of(status, error)
    }
}

fn operation_status(error: &OperationError) -> ExitStatus {
    match error {
        OperationError::Changed(_) | OperationError::Occupied(_) => ExitStatus::Refused,
        OperationError::Interrupted => super::signals::status(),
        OperationError::Locked(_) => ExitStatus::Locked,
        OperationError::HalfDone { .. }
        | OperationError::Unsettled(_)
        | OperationError::Damaged { .. }
        | OperationError::Newer { .. } => ExitStatus::NeedsRecovery,
        OperationError::NotFound(_)
        | OperationError::NothingToUndo
        | OperationError::AlreadyUndone { .. } => ExitStatus::NotFound,
        OperationError::Fs(_) | OperationError::TakenBack(_) => ExitStatus::Failed,
    }
}

impl From<OperationError> for CommandError {
    fn from(error: OperationError) -> Self {
        Self::of(operation_status(&error), error)
    }
}
