//! What can stand in a tree, and how a file is recognised again.

use super::Digest;

/// A modification time: seconds since 1970 and nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct ModTime {
    /// Seconds since 1970; negative before.
    pub seconds: i64,
    /// Nanoseconds within the second.
    pub nanos: u32,
}

/// What an entry is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A regular file of so many bytes.
    File {
        /// Its size in bytes.
        size: u64,
    },
    /// A directory.
    Directory,
    /// A symbolic link with its target as written.
    Link {
        /// The target, relative and inside the rule's location.
        target: String,
    },
}

impl EntryKind {
    /// One word for messages.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::File { .. } => "file",
            Self::Directory => "directory",
            Self::Link { .. } => "link",
        }
    }
}

/// What is kept of an entry besides its name and content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meta {
    /// Permission bits, `0o777` at most.
    pub mode: u32,
    /// Modification time.
    pub mtime: ModTime,
}

/// What no program can give a file back after changing it: its inode, and the time of the
/// inode's last change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Device and inode.
    pub inode: (u64, u64),
    /// Time of the last change of the inode.
    pub ctime: ModTime,
}

/// What identifies the state of one path on disk: if it is equal, nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    /// Device and inode.
    pub inode: (u64, u64),
    /// File type and permission bits as the system gives them.
    pub mode: u32,
    /// Size in bytes.
    pub size: u64,
    /// Modification time.
    pub mtime: ModTime,
    /// Time of the last change of the inode.
    pub ctime: ModTime,
    /// Digest of the content, where it was read.
    pub digest: Option<Digest>,
}

impl Fingerprint {
    /// Whether it is of a symbolic link.
    #[must_use]
    pub fn is_link(&self) -> bool {
        self.mode & 0o170_000 == 0o120_000
    }

    /// Whether it is of a regular file.
    #[must_use]
    pub fn is_file(&self) -> bool {
        self.mode & 0o170_000 == 0o100_000
    }

    /// Whether it is of a directory.
    #[must_use]
    pub fn is_directory(&self) -> bool {
        self.mode & 0o170_000 == 0o040_000
    }

    /// Whether it is the same inode with the same content, wherever that was moved. The
    /// device does not count: some file systems get another number at each start.
    #[must_use]
    pub fn same_file(&self, other: &Self) -> bool {
        (self.inode.1, self.mode) == (other.inode.1, other.mode)
            && (self.is_directory() || (self.size, self.mtime) == (other.size, other.mtime))
    }

    /// Whether two looks show the same state, whatever was read of the content.
    #[must_use]
    pub fn same_state(&self, other: &Self) -> bool {
        Self {
            digest: None,
            ..self.clone()
        } == Self {
            digest: None,
            ..other.clone()
        }
    }
}
