//! How a SQLite database is recognised, whatever it is called.

/// First bytes of every SQLite database.
pub const SQLITE_MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// What SQLite keeps beside a database; captured and removed with it, never on its own.
pub const SQLITE_SIDES: [&str; 3] = ["-wal", "-shm", "-journal"];

/// Bytes of `-shm` that are locked while a log is used; the last one is held by every open
/// connection.
pub const SQLITE_SHARED_LOCKS: std::ops::Range<u64> = 120..129;
