//! Archives are plain: every common reader extracts all of them, the checksum list
//! checks with coreutils, and the same tree gives the same bytes.

use crate::support::blocks::{expand, members, named};
use crate::support::env::archive_of;
use crate::support::odd::{at, noise, odd_tree};
use crate::support::tree::What;
use crate::support::{Node, TestEnv, TreeSnapshot, tools};
use std::fs::{self, File};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

/// A home with odd things, its archive, and the state the archive must hold.
fn odd_archive() -> (TestEnv, PathBuf, TreeSnapshot) {
    let env = TestEnv::new();
    odd_tree(&env, false);
    let state = TreeSnapshot::of(&env.home().join(".claude"));
    let report = env.backup(0, &["claude"]);
    let archive = archive_of(&env, &report, "claude");
    (env, archive, state)
}

/// The same, made from the archive of a home that was another in many things.
fn incremental_archive() -> (TestEnv, PathBuf, TreeSnapshot) {
    let (env, first, _) = odd_archive();
    let odd = env.home().join(".claude/skills/odd");
    let large = File::options().write(true).open(odd.join("large-odd"));
    large.unwrap().write_all_at(b"changed", 600_000).unwrap();
    fs::rename(odd.join("large-even"), odd.join("moved")).unwrap();
    fs::rename(odd.join("@at"), odd.join("n".repeat(101))).unwrap();
    fs::remove_file(odd.join("link-long")).unwrap();
    fs::create_dir(odd.join("link-long")).unwrap();
    fs::remove_dir(odd.join("empty-700")).unwrap();
    for name in ["case", "-rf", "mode-755"] {
        env.write(&format!(".claude/skills/odd/{name}"), "other\n");
    }
    env.write(".claude/skills/odd/link-long/inner", noise(70_000));
    let state = TreeSnapshot::of(&env.home().join(".claude"));
    let report = env.backup(0, &["claude"]);
    let archive = archive_of(&env, &report, "claude");
    assert!(first != archive);
    (env, archive, state)
}

/// Extracts archives with one reader and compares, after both sides were made to forget what
/// the reader does not keep.
fn check_reader(program: &str, args: &[&str], forget: impl Fn(&mut Node)) {
    for made in [odd_archive(), incremental_archive()] {
        check_one(made, program, args, &forget);
    }
}

fn check_one(
    (env, archive, state): (TestEnv, PathBuf, TreeSnapshot),
    program: &str,
    args: &[&str],
    forget: impl Fn(&mut Node),
) {
    let into = env.root().join("out");
    fs::create_dir(&into).unwrap();
    let words: Vec<&str> = args.to_vec();
    let archive = archive.to_str().unwrap();
    let words: Vec<&str> = words
        .iter()
        .map(|word| if *word == "ARCHIVE" { archive } else { *word })
        .collect();
    tools::run(&into, program, &words);
    let all = TreeSnapshot::of(&into);
    let top: Vec<String> = all
        .paths()
        .into_iter()
        .filter(|path| !path.contains('/'))
        .collect();
    assert_eq!(top, ["SHA256SUMS", "home", "manifest.json"], "{program}");
    let loosen = |mut tree: TreeSnapshot| {
        tree.0.values_mut().for_each(&forget);
        tree
    };
    assert!(
        state.0.len() > 60,
        "the tree is smaller than it was meant to be"
    );
    let (wanted, got) = (loosen(state), loosen(all.below("home/.claude")));
    wanted.assert_same(&got, &format!("extracted by {program}"));
}

#[test]
fn gnu_tar_restores_everything_exactly() {
    check_reader("tar", &["-xzpf", "ARCHIVE"], |_| {});
}

#[test]
fn bsdtar_restores_everything_but_fine_times_before_1970() {
    check_reader("bsdtar", &["-xpf", "ARCHIVE"], |node| {
        // It reads -4.75 as 4 seconds before 1970 and 0.75 more.
        if node.mtime.0 < 0 && node.mtime.1 > 0 {
            node.mtime = (-1, 0);
        }
    });
}

#[test]
fn busybox_tar_restores_everything_but_fine_times() {
    tools::require("busybox");
    // It heeds the umask for everybody but root.
    let script = "umask 000; exec busybox tar -xzf \"$1\"";
    check_reader("bash", &["-c", script, "bash", "ARCHIVE"], |node| {
        // It reads times from the header alone, which begins in 1970 and ends at a second.
        node.mtime = (node.mtime.0.max(0), 0);
        // Of links and directories it does not restore the time at all.
        if matches!(node.what, What::Link(_) | What::Directory) {
            node.mtime = (0, 0);
        }
    });
}

/// Python's times are floating point numbers: what is left of them is compared.
fn python_time(node: &mut Node) {
    // Both times become the floating point number that Python makes of them.
    let (seconds, nanos) = node.mtime;
    let time = match seconds {
        0.. => format!("{seconds}.{nanos:09}").parse().unwrap(),
        _ => seconds as f64 + nanos as f64 / 1e9,
    };
    node.mtime = (f64::to_bits(time).cast_signed(), 0);
    if matches!(node.what, What::Link(_)) {
        node.mtime = (0, 0);
    }
}

#[test]
fn python_restores_everything_with_full_trust() {
    let code = "import sys, tarfile; t = tarfile.open(sys.argv[1]); \
                t.extractall(**({'filter': 'fully_trusted'} if hasattr(tarfile, 'data_filter') else {}))";
    check_reader("python3", &["-c", code, "ARCHIVE"], python_time);
}

#[test]
fn python_restores_everything_with_its_data_filter() {
    // Python 3.12 has the filter, and so have some of the older versions.
    let ask =
        "import sys, tarfile; print(hasattr(tarfile, 'data_filter'), sys.version_info >= (3, 12))";
    let answer = tools::run(Path::new("/"), "python3", &["-c", ask]).stdout;
    if answer.trim() == "False False" {
        return;
    }
    assert!(answer.starts_with("True"), "{answer}");
    let code = "import sys, tarfile; tarfile.open(sys.argv[1]).extractall(filter='data')";
    check_reader("python3", &["-c", code, "ARCHIVE"], |node| {
        python_time(node);
        match node.what {
            // The filter leaves the mode of directories to the system.
            What::Directory => node.mode = 0,
            _ => node.mode = (node.mode & 0o755) | 0o600,
        }
        if node.mode & 0o100 == 0 {
            node.mode &= !0o011;
        }
    });
}

#[test]
fn the_checksum_list_checks_with_coreutils_and_lists_every_file() {
    let (env, archive, state) = odd_archive();
    let into = env.root().join("out");
    tools::extract(&archive, &into);
    tools::run(
        &into,
        "sha256sum",
        &["--strict", "--quiet", "-c", "SHA256SUMS"],
    );
    let is_file = |node: &&Node| matches!(node.what, What::File { .. });
    let files = state.0.values().filter(is_file).count();
    let lines = fs::read_to_string(into.join("SHA256SUMS"))
        .unwrap()
        .lines()
        .count();
    assert_eq!(lines, files + 1, "every file and the manifest");
    // The check itself can fail.
    fs::write(into.join("home/.claude/skills/odd/size-1"), "y").unwrap();
    let changed = std::process::Command::new("sha256sum")
        .args(["--status", "-c", "SHA256SUMS"])
        .current_dir(&into)
        .status();
    assert!(!changed.unwrap().success());
}

#[test]
fn an_archive_is_one_gzip_member_and_nothing_more() {
    let (env, archive, _) = odd_archive();
    let archive = archive.to_str().unwrap();
    tools::run(env.root(), "gzip", &["-t", archive]);
    let code = "import sys, zlib; d = zlib.decompressobj(31); \
                data = d.decompress(open(sys.argv[1], 'rb').read()) + d.flush(); \
                assert d.eof and d.unused_data == b'' and len(data) % 512 == 0; print(len(data))";
    let out = tools::run(env.root(), "python3", &["-c", code, archive]);
    let length: usize = out.stdout.trim().parse().unwrap();
    assert_eq!(length, expand(Path::new(archive)).len());
}

#[test]
fn members_come_in_the_documented_order_and_say_nothing_of_their_owner() {
    let (_env, archive, _) = odd_archive();
    let members = members(&archive);
    let names: Vec<String> = named(&members).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names.first().map(String::as_str), Some("manifest.json"));
    assert_eq!(names.last().map(String::as_str), Some("SHA256SUMS"));
    let body = &names[1..names.len() - 1];
    let parts = |name: &String| -> Vec<String> {
        name.trim_end_matches('/')
            .split('/')
            .map(str::to_owned)
            .collect()
    };
    for (index, name) in body.iter().enumerate() {
        let parent = parts(name);
        let above = &parent[..parent.len() - 1];
        let known = above == ["home"]
            || body[..index]
                .iter()
                .any(|n| n.ends_with('/') && parts(n) == above);
        assert!(known, "{name} comes before its directory");
    }
    let mut sorted = body.to_vec();
    sorted.sort_by_key(parts);
    sorted.dedup();
    let by_path = sorted == body || {
        sorted.sort_by(|a, b| a.trim_end_matches('/').cmp(b.trim_end_matches('/')));
        sorted == body
    };
    assert!(by_path, "members are not sorted by path");
    for member in &members {
        assert!(
            "05x2".contains(member.flag()),
            "{} is of type {}",
            member.name(),
            member.flag()
        );
        let owner = [108..116, 116..124].map(|range| member.field(range));
        assert!(
            owner
                .iter()
                .all(|id| id.trim_matches(['0', ' ']).is_empty()),
            "{owner:?}"
        );
        assert_eq!(
            [265..297, 297..329].map(|range| member.field(range)),
            ["", ""]
        );
    }
}

#[test]
fn the_same_tree_gives_the_same_bytes() {
    let archive = |backwards| {
        let env = TestEnv::new();
        odd_tree(&env, backwards);
        let report = env.backup(0, &["claude"]);
        let all = members(&archive_of(&env, &report, "claude"));
        (env, all)
    };
    let ((_first, a), (_second, b)) = (archive(false), archive(true));
    let own = ["manifest.json", "SHA256SUMS"];
    let names =
        |all: &[_]| -> Vec<String> { named(all).into_iter().map(|(name, _)| name).collect() };
    assert_eq!(names(&a), names(&b));
    for (one, other) in a.iter().zip(&b) {
        if !own.contains(&one.name().as_str()) {
            assert!(one == other, "{} differs", one.name());
        }
    }
    let [one, other] = [&a, &b].map(|all| {
        let mut json: serde_json::Value = serde_json::from_slice(&all[0].content).unwrap();
        for field in ["snapshot", "time", "home"] {
            json[field].take();
        }
        json
    });
    assert_eq!(
        one, other,
        "the manifests differ in more than name, time and home"
    );
}

#[test]
fn the_same_home_backed_up_twice_is_one_file() {
    let (env, first, state) = odd_archive();
    let report = env.backup(0, &["claude"]);
    let second = archive_of(&env, &report, "claude");
    assert!(first != second);
    let [one, other] = [&first, &second].map(|path| path.metadata().unwrap());
    assert_eq!((one.dev(), one.ino()), (other.dev(), other.ino()));
    let into = env.root().join("out");
    tools::extract(&second, &into);
    let got = TreeSnapshot::of(&into.join("home/.claude"));
    state.assert_same(&got, "what did not change");
}

#[test]
fn a_file_of_any_size_keeps_its_time() {
    // A file so large that it is not captured in memory takes another way.
    let env = TestEnv::new();
    let large = env.write(".claude/skills/large/data.bin", noise(5 << 20));
    File::options()
        .write(true)
        .open(&large)
        .unwrap()
        .set_modified(at(-1, 999_999_999))
        .unwrap();
    let state = TreeSnapshot::of(&env.home().join(".claude/skills/large/data.bin"));
    let report = env.backup(0, &["claude"]);
    let into = env.root().join("out");
    tools::extract(&archive_of(&env, &report, "claude"), &into);
    let got = TreeSnapshot::of(&into.join("home/.claude/skills/large/data.bin"));
    assert_eq!(state.0.len(), 1);
    state.assert_same(&got, "a large file");
}
