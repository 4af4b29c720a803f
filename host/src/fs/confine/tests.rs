//! Each test confines a thread of its own and tries in it what must work and what must not.
#![expect(
    clippy::disallowed_methods,
    reason = "a test does what must be refused"
)]

use super::*;
use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::Path;

/// Runs something in a confined thread of its own: the others stay free.
fn confined(allowed: &[&Path], work: impl FnOnce() + Send) {
    let run = || {
        let dirs: Vec<Dir> = allowed
            .iter()
            .map(|path| Dir::open(path).unwrap())
            .collect();
        match confine_writes(&dirs.iter().collect::<Vec<_>>()) {
            Confinement::Enforced => work(),
            Confinement::NotAvailable(why) => {
                assert!(!why.is_empty());
                // Nothing may have been taken away.
                fs::write(allowed[0].with_extension("free"), "x").unwrap();
                eprintln!("NOT TESTED: this kernel does not confine writes: {why}");
            }
        }
    };
    std::thread::scope(|scope| scope.spawn(run).join()).unwrap();
}

/// `one` and `two`, which may be written, and `other`, which may not.
fn laid_out() -> (tempfile::TempDir, [std::path::PathBuf; 3]) {
    let temp = tempfile::tempdir().unwrap();
    let dirs = ["one", "two", "other"].map(|name| temp.path().join(name));
    for dir in &dirs {
        fs::create_dir_all(dir.join("sub")).unwrap();
        fs::write(dir.join("file"), dir.as_os_str().as_encoded_bytes()).unwrap();
    }
    (temp, dirs)
}

#[test]
fn nothing_outside_can_be_changed() {
    let (_temp, [one, two, other]) = laid_out();
    let mut open = fs::OpenOptions::new()
        .append(true)
        .open(other.join("file"))
        .unwrap();
    let before = fs::read(other.join("file")).unwrap();
    confined(&[&one, &two], || {
        let refused = |what: &str, done: std::io::Result<()>| {
            let kind = done.expect_err(what).kind();
            let refused = [
                std::io::ErrorKind::PermissionDenied,
                std::io::ErrorKind::CrossesDevices,
            ];
            assert!(refused.contains(&kind), "{what}: {kind}");
        };
        let file = other.join("file");
        refused("write", fs::write(&file, "x"));
        refused("make", fs::write(other.join("new"), "x"));
        refused("make a directory", fs::create_dir(other.join("dir")));
        refused("remove", fs::remove_file(&file));
        refused("remove a directory", fs::remove_dir(other.join("sub")));
        refused("rename inside", fs::rename(&file, other.join("new")));
        refused("move in", fs::rename(one.join("file"), other.join("new")));
        refused("move out", fs::rename(&file, one.join("new")));
        refused(
            "hard link",
            fs::hard_link(one.join("file"), other.join("new")),
        );
        refused("link", std::os::unix::fs::symlink("x", other.join("new")));
        let inside = Dir::open(&one).unwrap();
        let outside = Dir::open(&other).unwrap();
        let name = OsStr::new("file");
        assert!(inside.exchange(name, &outside, name).is_err());
        // Reading is free, and so is what was open before.
        assert_eq!(fs::read(&file).unwrap(), before);
        assert!(fs::read_dir(&other).unwrap().count() > 0);
        open.write_all(b" more").unwrap();
        assert!(fs::read(&file).unwrap().ends_with(b" more"));
    });
}

#[test]
fn a_lookout_that_was_posted_before_still_sees() {
    let (_temp, [one, _, _]) = laid_out();
    let mut child = std::process::Command::new("sh")
        .args(["-c", "exec 3<\"$0\"; echo; read _ || :"])
        .arg(one.join("file"))
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut ready = [0];
    std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut ready).unwrap();
    let stat = Dir::open(&one)
        .unwrap()
        .stat(OsStr::new("file"))
        .unwrap()
        .unwrap();
    let lookout = crate::fs::Lookout::post();
    let pid = child.id();
    confined(&[&one], move || {
        let seen = lookout.open_handles([stat.inode].into());
        assert!(
            matches!(seen[..], [handle] if handle.pid == pid),
            "{seen:?}"
        );
    });
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn everything_inside_can_be_done() {
    let (_temp, [one, two, _]) = laid_out();
    let before = fs::read(one.join("file")).unwrap();
    confined(&[&one, &two], || {
        fs::write(one.join("sub/new"), "new").unwrap();
        fs::write(one.join("sub/new"), "newer").unwrap();
        fs::create_dir(two.join("sub/deep")).unwrap();
        let (from, to) = (
            Dir::open(&one.join("sub")).unwrap(),
            Dir::open(&two.join("sub/deep")).unwrap(),
        );
        let name = OsStr::new("new");
        from.move_new(name, &to, name).unwrap();
        assert_eq!(fs::read(two.join("sub/deep/new")).unwrap(), b"newer");
        let (from, to) = (Dir::open(&one).unwrap(), Dir::open(&two).unwrap());
        let name = OsStr::new("file");
        from.exchange(name, &to, name).unwrap();
        assert_eq!(fs::read(two.join("file")).unwrap(), before);
        std::os::unix::fs::symlink("file", one.join("link")).unwrap();
        fs::hard_link(one.join("file"), two.join("twin")).unwrap();
        fs::remove_file(two.join("twin")).unwrap();
        crate::fs::PrivateDir::remove_tree(&to, OsStr::new("sub")).unwrap();
        assert!(!two.join("sub").exists());
        crate::fs::scratch_file(&from)
            .unwrap()
            .write_all(b"x")
            .unwrap();
        fs::write("/dev/null", "x").unwrap();
    });
}

#[test]
fn what_a_confined_thread_starts_is_confined_too() {
    let (_temp, [one, _, other]) = laid_out();
    confined(&[&one], || {
        let file = other.join("file");
        let thread =
            std::thread::scope(|scope| scope.spawn(|| fs::write(&file, "x")).join().unwrap());
        assert!(thread.is_err());
        let status = std::process::Command::new("sh")
            .args(["-c", "exec 3>>\"$0\"", file.to_str().unwrap()])
            .stderr(std::process::Stdio::null())
            .status()
            .unwrap();
        assert!(!status.success());
    });
}
