//! How much memory a backup takes does not grow with the files that it keeps.

use crate::support::{Output, TestEnv, tools};
use std::fs;
use std::os::unix::fs::FileExt;

/// Prints on stderr, behind everything else, how much memory a program took at the most.
const MEASURE: &str = "import resource, subprocess, sys\n\
    code = subprocess.run(sys.argv[1:]).returncode\n\
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss\n\
    print('\\npeak', most, file=sys.stderr)\n\
    sys.exit(code)";
/// What a backup may take, in KiB.
const MOST: u64 = 64 << 10;

/// Runs the program; gives the most memory that it took, in KiB.
fn peak(env: &TestEnv, args: &[&str]) -> u64 {
    tools::require("python3");
    let output = Output::of(env.on_vault(&["python3", "-c", MEASURE], args)).exits(0);
    let last = output.stderr.lines().rev().find(|line| !line.is_empty());
    let peak = last.and_then(|line| line.strip_prefix("peak "));
    peak.unwrap_or_else(|| panic!("{output}")).parse().unwrap()
}

#[track_caller]
fn stays_small(env: &TestEnv, what: &str, args: &[&str]) {
    let peak = peak(env, args);
    assert!(peak < MOST, "{what}: {peak} KiB instead of {MOST}");
    #[expect(clippy::print_stdout, reason = "for who runs the tests")]
    {
        println!("{what}: {peak} KiB");
    }
}

const BACKUP: [&str; 2] = ["backup", "claude"];

#[test]
fn many_small_files_take_little_memory() {
    let env = TestEnv::small();
    for number in 0..20_000 {
        let dir = number / 200;
        let path = format!(".claude/skills/dir-{dir:03}/file-{number:05}.md");
        env.write(&path, format!("{number}\n").repeat(40));
    }
    stays_small(&env, "first", &BACKUP);
    stays_small(&env, "nothing changed", &BACKUP);
    env.write(".claude/skills/dir-042/file-08500.md", "changed\n");
    stays_small(&env, "one changed", &BACKUP);
    stays_small(
        &env,
        "everything read",
        &["backup", "claude", "--verify-content"],
    );
}

#[test]
fn a_large_file_takes_little_memory() {
    const SIZE: u64 = 300 << 20;
    let env = TestEnv::small();
    let path = env.write(".claude/skills/large", "");
    let file = fs::File::options().write(true).open(path).unwrap();
    file.set_len(SIZE).unwrap();
    let noise = crate::support::odd::noise(64 << 10);
    for at in (0..SIZE).step_by(1 << 20) {
        file.write_all_at(&noise, at + at / 97 % 4096).unwrap();
    }
    stays_small(&env, "first", &BACKUP);
    file.write_all_at(b"changed", SIZE / 2).unwrap();
    stays_small(&env, "one byte changed", &BACKUP);
    stays_small(&env, "nothing changed", &BACKUP);
    stays_small(&env, "verify", &["verify"]);
}
