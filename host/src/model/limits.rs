//! Every bound on what comes from outside, in one place, each with its reason.

use std::time::Duration;

/// Largest component accepted as an adapter, in bytes: a Python adapter is 18 MB.
pub const ADAPTER_BYTES: u64 = 64 << 20;
/// Bytes of an adapter that is a TOML file: ten times the longest built-in one.
pub const ADAPTER_TABLE_BYTES: u64 = 64 << 10;
/// Locations of one named place of such a file: a tool under two names on each of some
/// editors.
pub const PLACE_LOCATIONS: usize = 8;
/// Bytes of a restored file out of which such an adapter makes commands: a list of a
/// thousand extensions is a tenth of that.
pub const HINT_WORD_FILE: usize = 2 << 20;
/// Commands made out of restored files for one list; more than anybody installs.
pub const HINT_WORDS: usize = 1_000;
/// Bytes of a word from a restored file that may stand in a command.
pub const HINT_WORD_BYTES: usize = 256;
/// Wall time an adapter call may take; a healthy one takes under a millisecond.
pub const ADAPTER_TIME: Duration = Duration::from_secs(10);
/// How often the clock that stops adapters ticks.
pub const ADAPTER_TICK: Duration = Duration::from_millis(10);
/// Time an adapter may be compiled before somebody is told; it is compiled once.
pub const ADAPTER_COMPILE_SILENCE: Duration = Duration::from_secs(1);
/// Adapters that are loaded at once; most machines have two cores, and more bring little.
pub const ADAPTER_LOADERS: usize = 2;
/// Linear memory of an adapter, in bytes; Python starts with 13 MiB.
pub const ADAPTER_MEMORY: usize = 128 << 20;
/// Stack of an adapter, in bytes.
pub const ADAPTER_STACK: usize = 512 << 10;
/// Bytes the host allocates for what an adapter returns in one call before it is stopped;
/// a lifted record is some times larger than the text in it.
pub const ADAPTER_OUTPUT: usize = 4 << 20;
/// Items in any list an adapter returns.
pub const ADAPTER_ITEMS: usize = 10_000;
/// Rules of one declaration. Every file is compared with every rule, and the longest
/// built-in declaration has fewer than a hundred.
pub const DECLARED_RULES: usize = 1_000;
/// Bytes of one string from an adapter.
pub const ADAPTER_STRING: usize = 4 << 10;
/// Bytes of a text file that an adapter wants saved.
pub const ADAPTER_SAVED_FILE: usize = 256 << 10;
/// Bytes of restored files handed to an adapter in one call.
pub const READ_BACK_BYTES: u64 = 8 << 20;
/// Sorts of files of which one adapter says that its tool deletes them by itself.
pub const ADAPTER_SWEEPS: usize = 8;
/// Environment variables one adapter may ask for.
pub const ADAPTER_VARIABLES: usize = 16;
/// Lines of one hint that reach the screen; the rest is in the saved file.
pub const HINT_LINES: usize = 20;

/// Time a server may take to be reached, to answer, and between two parts of its answer.
pub const DOWNLOAD_SILENCE: Duration = Duration::from_secs(20);
/// Time one request to a server may take: the largest adapter at 250 kB a second.
pub const DOWNLOAD_TIME: Duration = Duration::from_secs(300);
/// How often a server may send on to another address.
pub const DOWNLOAD_SENT_ON: usize = 5;
/// Bytes of what a registry says to something that was sent to it; nothing of it is used.
pub const UPLOAD_ANSWER_BYTES: u64 = 64 << 10;
/// Bytes of a registry's manifest: ours has less than two thousand.
pub const REGISTRY_MANIFEST_BYTES: u64 = 1 << 20;
/// Bytes of what a registry says when it hands out a token.
pub const REGISTRY_TOKEN_BYTES: u64 = 256 << 10;

/// Bytes of a path inside an archive: a quarter of Linux's `PATH_MAX`, so that any root fits.
pub const PATH_BYTES: usize = 1024;
/// Bytes of one component of a path (`NAME_MAX` everywhere that matters).
pub const COMPONENT_BYTES: usize = 255;
/// Components of a path.
pub const PATH_DEPTH: usize = 64;
/// Bytes of a symbolic link's target.
pub const LINK_TARGET_BYTES: usize = 1024;

/// Bytes of a file that one archive entry can hold: what a ustar header's size field can say.
pub const STORED_FILE_BYTES: u64 = (8 << 30) - 1;
/// Bytes up to which a file is captured in memory; larger ones go through a temporary file.
pub const CAPTURE_IN_MEMORY: u64 = 1 << 20;
/// How often a file that changes while it is read is read again.
pub const CAPTURE_TRIES: u32 = 3;

/// Bytes of an archive file from outside the vault.
pub const ARCHIVE_BYTES: u64 = 2 << 30;
/// Bytes an archive from outside may expand to, at the least.
pub const EXPANDED_FLOOR: u64 = 1 << 30;
/// Bytes an archive from outside may expand to, at the most.
pub const EXPANDED_CEILING: u64 = 8 << 30;
/// Expanded bytes for each compressed byte, between floor and ceiling.
pub const EXPANDED_RATIO: u64 = 20;
/// Expanded bytes for each compressed byte that are never honest; deflate ends near 1032.
pub const BOMB_RATIO: u64 = 200;
/// Expanded bytes below which the bomb ratio is not looked at.
pub const BOMB_FLOOR: u64 = 64 << 20;
/// Bytes of one file in an archive from outside.
pub const FILE_BYTES: u64 = 512 << 20;
/// Entries of an archive from outside, directories included.
pub const ENTRIES: u64 = 100_000;
/// Bytes of one extension header's body.
pub const EXTENSION_BYTES: u64 = 1 << 20;
/// Records in one PAX extension header.
pub const PAX_RECORDS: usize = 64;
/// Bytes of a manifest.
pub const MANIFEST_BYTES: u64 = 8 << 20;
/// Nesting of a manifest's JSON; its own is below ten.
pub const MANIFEST_DEPTH: usize = 32;
/// Bytes of a checksum list: a hundred thousand long lines.
pub const SUMS_BYTES: u64 = 128 << 20;
/// Entries of each list of troubles in a manifest; the rest is only counted.
pub const MANIFEST_TROUBLES: usize = 10_000;
/// Bytes of a file that is searched for secrets to blank: it is held in memory, and settings
/// files are small.
pub const BLANK_BYTES: u64 = 32 << 20;
/// Bytes of a file whose content is compared, each side of it, unless somebody asks for more:
/// more than settings, instructions and a long day's transcript have.
pub const DIFF_BYTES: u64 = 8 << 20;
/// Bytes of a file whose content is compared when somebody asks for everything: both sides are
/// held in memory, and values take several times their text.
pub const DIFF_FULL_BYTES: u64 = 512 << 20;
/// Bytes of contents that are held at once to be compared, beside a single larger file.
pub const DIFF_TOGETHER: u64 = 32 << 20;
/// Time for finding the shortest way between two lists of lines; then any way will do.
pub const DIFF_TIME: Duration = Duration::from_secs(2);
/// Bytes of a thin archive's recipe: the most runs there may be, each in its longest line.
pub const THIN_RECIPE_BYTES: u64 = 16 << 20;
/// Runs of a thin archive: every other piece of an archive that expands to 16 GB changed.
pub const THIN_RUNS: usize = 1 << 18;
/// Steps from a thin archive to the plain one it comes to rest on. Each costs an open file
/// and one more that must be whole.
pub const THIN_STEPS: usize = 16;
/// Bytes that a thin form must save to be worth leaning on another file: one block.
pub const THIN_GAIN: u64 = 4 << 10;
/// Time for thinning at the end of a backup, looked at between two archives, unless the
/// configuration says otherwise: long enough for what one backup brings.
pub const UPKEEP_TIME: Duration = Duration::from_secs(1);
/// Bytes of an archive's index: a hundred thousand entries with the longest paths.
pub const INDEX_BYTES: u64 = 256 << 20;
/// Bytes of a piece of an archive, compressed or not: four times what the largest holds, for
/// each thread has one in memory.
pub const PIECE_BYTES: u32 = 1 << 20;
/// Bytes of a snapshot record.
pub const RECORD_BYTES: u64 = 1 << 20;
/// Bytes of a note: a record must stay one that can be read.
pub const NOTE_BYTES: usize = 4 << 10;
/// The last place in a vault's order: what every reader of JSON and TOML takes exactly.
pub const SEQUENCE: u64 = 1 << 53;
/// Names below new directories that a guard notes: as many as an archive can hold.
pub const GUARD_NEW_NAMES: usize = 100_000;
/// Bytes of a start file or of settings that takeback changes: a hundred times what people have.
pub const SETUP_FILE_BYTES: u64 = 4 << 20;
/// Bytes kept free beside what a restore writes.
pub const FREE_SPACE_MARGIN: u64 = 64 << 20;

/// Bytes of a lock file that are looked at: it holds a number, or a few fields.
pub const LOCK_FILE_BYTES: u64 = 64 << 10;
/// Bytes of a process's command line that are looked at: the program's name is at its front.
pub const COMMAND_LINE_BYTES: u64 = 64 << 10;

/// Characters of a foreign string that reach the screen.
pub const SHOWN_CHARS: usize = 200;
/// Bytes of an operation's journal: what 100,000 entries with the longest paths need.
pub const JOURNAL_BYTES: u64 = 512 << 20;
/// Bytes of the cache of what files were like: a million files.
pub const SEEN_BYTES: u64 = 32 << 20;

/// Bytes of one value in what a timer is told: longer than any path.
pub const SCHEDULE_VALUE: usize = 8 << 10;
/// Bytes of a crontab, or of a timer's file: nobody writes larger ones by hand.
pub const SCHEDULE_BYTES: u64 = 1 << 20;
/// Bytes of a line of a crontab: what the oldest cron still in use takes as a command.
pub const CRON_LINE: usize = 990;
/// Bytes of the log of what was done, after which it is begun anew: some two thousand commands.
/// The one before it is kept, so twice as much lies on the disk.
pub const LOG_BYTES: u64 = 512 << 10;
/// Bytes of one line of that log; one with every target and a long error has fewer than half.
pub const LOG_LINE_BYTES: usize = 8 << 10;
/// Targets and snapshots that one line of it names.
pub const LOG_NAMES: usize = 64;
/// Characters of an error in it.
pub const LOG_ERROR_CHARS: usize = 500;
/// Bytes of the `manifest.txt` of another program's backup: what it lists is at most a
/// hundred names.
pub const IMPORT_NOTE_BYTES: u64 = 64 << 10;
/// Directories above a home in a tar that is looked for one: `backup/home/ada`.
pub const IMPORT_HOME_DEPTH: usize = 4;
