//! Which processes run here. With `handles` the only reader of `/proc`. What the system
//! does not show (other users' processes, a process that has just ended) is left out
//! without a word. On systems without `/proc` nothing is seen at all.

use crate::model::limits::COMMAND_LINE_BYTES;
use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};

/// A running process. Texts that are not UTF-8 have replacement characters in them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Its number.
    pub pid: u32,
    /// The user it was started by.
    pub user: u32,
    /// The kernel's name for it: at most 15 bytes, and the process can change it.
    pub short_name: String,
    /// The name of the program file that runs; `None` where the system does not say.
    pub program: Option<String>,
    /// The words it was started with; the process can change them, too.
    pub words: Vec<String>,
}

/// Whether this system shows processes and what they hold open.
#[must_use]
pub fn sees_processes() -> bool {
    proc_of(std::process::id()).join("fd").is_dir()
}

/// The users whose processes count as this person's: the one this process runs as, and the
/// owner of the home directory, who is another when root works in somebody's home.
#[must_use]
pub fn users(home: &Path) -> BTreeSet<u32> {
    use std::os::unix::fs::MetadataExt;
    let owner = std::fs::metadata(home).ok().map(|meta| meta.uid());
    let own = [rustix::process::getuid(), rustix::process::geteuid()];
    own.into_iter()
        .map(rustix::process::Uid::as_raw)
        .chain(owner)
        .collect()
}

/// All processes of these users that can be seen but this one, by number. Those that have
/// ended and only wait for their parents are not among them.
#[must_use]
pub fn processes(users: &BTreeSet<u32>) -> Vec<Process> {
    let of_these = |pid| process_if(pid, |user| users.contains(&user));
    others().into_iter().filter_map(of_these).collect()
}

/// What is known about a process; `None` when it does not run or cannot be seen.
#[must_use]
pub fn process(pid: u32) -> Option<Process> {
    process_if(pid, |_| true)
}

/// The same for a process whose user is wanted; of others no more than that is read.
fn process_if(pid: u32, wanted: impl Fn(u32) -> bool) -> Option<Process> {
    let dir = proc_of(pid);
    let status = read_some(&dir.join("status"))?;
    let status = String::from_utf8_lossy(&status);
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_ascii_whitespace().next()
    };
    if matches!(field("State:")?, "Z" | "X") {
        return None;
    }
    let user = field("Uid:")?.parse().ok().filter(|user| wanted(*user))?;
    let short_name = text(&read_some(&dir.join("comm"))?);
    let words = read_some(&dir.join("cmdline")).unwrap_or_default();
    let program = std::fs::read_link(dir.join("exe")).ok();
    Some(Process {
        pid,
        user,
        short_name: short_name.trim_end_matches('\n').to_owned(),
        program: program.as_deref().and_then(program_name),
        words: words
            .strip_suffix(b"\0")
            .unwrap_or(&words)
            .split(|byte| *byte == 0)
            .map(text)
            .collect(),
    })
}

/// Whether a process of this number runs for one of these users. Where processes cannot be
/// seen, whether this user could signal it.
#[must_use]
pub fn runs_for(pid: u32, users: &BTreeSet<u32>) -> bool {
    if sees_processes() {
        return process(pid).is_some_and(|process| users.contains(&process.user));
    }
    let pid = i32::try_from(pid).ok();
    let pid = pid.and_then(rustix::process::Pid::from_raw);
    pid.is_some_and(|pid| rustix::process::test_kill_process(pid).is_ok())
}

pub(super) fn proc_of(pid: u32) -> PathBuf {
    Path::new("/proc").join(pid.to_string())
}

/// The numbers of all processes that are shown, in order, without this one.
pub(super) fn others() -> Vec<u32> {
    let own = std::process::id();
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let mut pids: Vec<u32> = entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|pid| *pid != own)
        .collect();
    #[cfg(debug_assertions)]
    pids.retain(|pid| super::below::is_seen(*pid));
    pids.sort_unstable();
    pids
}

/// The beginning of a file of `/proc`; `None` when the process has ended meanwhile.
pub(super) fn read_some(path: &Path) -> Option<Vec<u8>> {
    let mut content = Vec::new();
    let file = std::fs::File::open(path).ok()?;
    file.take(COMMAND_LINE_BYTES)
        .read_to_end(&mut content)
        .ok()?;
    Some(content)
}

pub(super) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The file name; the kernel says with a word when the file has been replaced since.
fn program_name(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_string_lossy().into_owned();
    Some(name.trim_end_matches(" (deleted)").to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_sees_oneself_as_one_is() {
        let Some(own) = process(std::process::id()) else {
            assert!(!sees_processes() && processes(&users(Path::new("/"))).is_empty());
            return;
        };
        assert_eq!(own.user, rustix::process::getuid().as_raw());
        assert_eq!(own.words, std::env::args().collect::<Vec<_>>());
        let program = std::env::current_exe().unwrap();
        assert_eq!(own.program, program_name(&program));
        let (mine, nobodys) = (BTreeSet::from([own.user]), BTreeSet::new());
        assert!(!processes(&mine).contains(&own) && processes(&nobodys).is_empty());
    }

    #[test]
    fn a_process_runs_for_its_user_only() {
        let (own, users) = (std::process::id(), users(Path::new("/")));
        assert!(runs_for(own, &users));
        assert!(!runs_for(own, &BTreeSet::new()));
        assert!(!runs_for(u32::MAX, &users));
    }
}
