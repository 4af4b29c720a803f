//! The tracer itself: that it does to small programs of the system what it says.

use crate::support::tracer::{Act, Call, STOPPED, Traced, trace};
use nix::errno::Errno;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// A directory with one file, `old`.
fn place() -> TempDir {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("old"), "0123456789").unwrap();
    place
}

/// Runs words in a directory.
fn run<'a>(place: &TempDir, words: &[&str], decide: impl FnMut(&Call) -> Act<'a>) -> Traced {
    let mut command = Command::new(STOPPED[0]);
    command.args(&STOPPED[1..]).args(words);
    command.current_dir(place.path()).env("LC_ALL", "C");
    command.stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    trace(command, Path::new("/nothing/is/ignored"), decide)
}

fn names(traced: &Traced) -> Vec<&str> {
    traced.calls.iter().map(|call| call.name).collect()
}

fn read(place: &TempDir, name: &str) -> Option<String> {
    fs::read_to_string(place.path().join(name)).ok()
}

#[test]
fn a_program_that_is_left_alone_does_what_it_does_and_every_change_is_seen() {
    let place = place();
    let script = "mkdir -m 700 d && echo text > d/a && mv d/a d/b && ln -s b d/l \
        && touch -d @1 d/b && rm d/l && cat old && echo gone >&2 && exit 7";
    let traced = run(&place, &["sh", "-c", script], |_| Act::Go);
    let output = &traced.output;
    assert_eq!(
        (output.code, output.stdout.as_str(), output.stderr.as_str()),
        (7, "0123456789", "gone\n")
    );
    let named = |call: &Call| {
        let name = call.path.strip_prefix(place.path().canonicalize().unwrap());
        name.unwrap().to_str().unwrap().to_owned()
    };
    let changed: Vec<(String, Option<u64>)> = traced
        .calls
        .iter()
        .map(|call| (named(call), call.bytes))
        .collect();
    // `touch` opens the file as if it might have to be made; what goes to the streams is no
    // change of a file.
    let expected = [
        ("d", None),
        ("d/a", None),
        ("d/a", Some(5)),
        ("d/b", None),
        ("d/l", None),
        ("d/b", None),
        ("d/b", None),
        ("d/l", None),
    ];
    assert_eq!(changed, expected.map(|(path, n)| (path.to_owned(), n)));
    let rename = &traced.calls[3];
    assert!(rename.name.starts_with("rename"), "{rename}");
    assert!(rename.touches(&rename.path) && rename.touches(rename.from.as_ref().unwrap()));
    assert!(!rename.touches(&place.path().join("d/l")));
}

/// Lets every call go but those of one name.
fn at<'a>(name: &'static str, act: impl Fn() -> Act<'a>) -> impl FnMut(&Call) -> Act<'a> {
    move |call| {
        if call.name.starts_with(name) {
            act()
        } else {
            Act::Go
        }
    }
}

#[test]
fn killed_before_a_call_it_was_not_made_killed_after_it_was() {
    for (act, moved) in [(Act::KillBefore as Act<'_>, false), (Act::KillAfter, true)] {
        let place = place();
        let act = std::cell::RefCell::new(Some(act));
        let once = || act.take().unwrap();
        let script = "mv old new; echo never > never";
        let traced = run(&place, &["sh", "-c", script], at("rename", once));
        assert_eq!(traced.output.code, 128 + 9, "{}", traced.output);
        let text = || Some("0123456789".to_owned());
        let (old, new) = if moved {
            (None, text())
        } else {
            (text(), None)
        };
        assert_eq!((read(&place, "old"), read(&place, "new")), (old, new));
        assert_eq!(read(&place, "never"), None);
        assert!(names(&traced).last().unwrap().starts_with("rename"));
    }
}

#[test]
fn a_call_that_fails_is_not_made_and_its_error_reaches_the_program() {
    for (name, words, message) in [
        ("write", &["dd", "if=old", "of=new"][..], "No space left"),
        ("rename", &["mv", "-T", "old", "new"], "No space left"),
        ("mkdir", &["mkdir", "new"], "No space left"),
        ("open", &["dd", "if=old", "of=new"], "No space left"),
        ("unlink", &["rm", "old"], "No space left"),
        (
            "fsync",
            &["dd", "if=old", "of=new", "conv=fsync"],
            "No space left",
        ),
    ] {
        let place = place();
        let traced = run(&place, words, at(name, || Act::Fail(Errno::ENOSPC)));
        let output = &traced.output;
        assert_eq!(output.code, 1, "{output}");
        assert!(output.stderr.contains(message), "{output}");
        assert_eq!(read(&place, "old").as_deref(), Some("0123456789"), "{name}");
        let new = match name {
            "write" => Some(""),
            "fsync" => Some("0123456789"),
            _ => None,
        };
        assert_eq!(read(&place, "new").as_deref(), new, "{name}");
    }
}

#[test]
fn a_program_goes_on_unharmed_after_a_call_that_failed() {
    let place = place();
    let script = "mkdir a; mkdir b && mv old b/new && cat b/new";
    let mut first = true;
    let traced = run(&place, &["sh", "-c", script], |call| {
        let fails = std::mem::take(&mut first) && call.name.starts_with("mkdir");
        if fails {
            Act::Fail(Errno::EIO)
        } else {
            Act::Go
        }
    });
    assert_eq!(traced.output.code, 0, "{}", traced.output);
    assert_eq!(traced.output.stdout, "0123456789");
    assert!(!place.path().join("a").exists());
}

#[test]
fn short_writes_are_really_short_and_the_program_is_told() {
    let place = place();
    // A buffer of four bytes, three writes; each is cut to three, and the rest is tried again.
    let words = ["dd", "if=old", "of=new", "bs=4", "status=none"];
    let traced = run(&place, &words, at("write", || Act::Short(3)));
    assert_eq!(traced.output.code, 0, "{}", traced.output);
    assert_eq!(read(&place, "new").as_deref(), Some("0123456789"));
    let asked: Vec<u64> = traced.calls.iter().filter_map(|call| call.bytes).collect();
    assert_eq!(asked, [4, 1, 4, 1, 2]);
}

#[test]
fn writes_from_many_buffers_are_cut_too() {
    crate::support::tools::require("python3");
    let place = place();
    let script = "import os\nf = os.open('new', os.O_CREAT | os.O_WRONLY)\n\
        b = [b'abcd', b'efgh']\nprint(os.writev(f, b), os.writev(f, b))";
    let mut cut = [Act::Short(3), Act::Short(9)].into_iter();
    let traced = run(&place, &["python3", "-c", script], |call| {
        if call.name == "writev" {
            cut.next().unwrap()
        } else {
            Act::Go
        }
    });
    assert_eq!(traced.output.stdout, "3 4\n", "{}", traced.output);
    assert_eq!(read(&place, "new").as_deref(), Some("abcabcd"));
    let asked: Vec<u64> = traced.calls.iter().filter_map(|call| call.bytes).collect();
    assert_eq!(asked, [8, 8]);
}

#[test]
fn a_write_can_be_torn() {
    let place = place();
    let words = ["dd", "if=old", "of=new", "status=none"];
    let traced = run(&place, &words, at("write", || Act::Tear(4)));
    assert_eq!(traced.output.code, 128 + 9, "{}", traced.output);
    assert_eq!(read(&place, "new").as_deref(), Some("0123"));
}

#[test]
fn what_happens_in_a_pause_happens_between_two_calls() {
    let place = place();
    let seen = std::cell::RefCell::new(Vec::new());
    let traced = run(
        &place,
        &["sh", "-c", "mv old new; mv new newer; cat newer"],
        |call| {
            let pause = || {
                let there = ["old", "new", "newer"].map(|name| read(&place, name).is_some());
                seen.borrow_mut().push(there);
                // The program finds what was written here.
                if there[1] {
                    fs::write(place.path().join("new"), "changed").unwrap();
                }
            };
            if call.name.starts_with("rename") {
                Act::Pause(Box::new(pause))
            } else {
                Act::Go
            }
        },
    );
    assert_eq!(*seen.borrow(), [[true, false, false], [false, true, false]]);
    assert_eq!(traced.output.stdout, "changed", "{}", traced.output);
}

#[test]
fn calls_of_threads_and_of_children_are_seen_and_a_kill_reaches_all() {
    crate::support::tools::require("python3");
    let place = place();
    let script = "import os, subprocess, threading, time\n\
        t = threading.Thread(target=lambda: os.mkdir('by-thread'))\nt.start()\nt.join()\n\
        subprocess.run(['mkdir', 'by-child'])\n\
        subprocess.Popen(['sleep', '1000'])\n\
        os.mkdir('last')\ntime.sleep(1000)";
    let traced = run(&place, &["python3", "-c", script], |call| {
        if call.path.ends_with("last") {
            Act::KillAfter
        } else {
            Act::Go
        }
    });
    assert_eq!(traced.output.code, 128 + 9, "{}", traced.output);
    let mut made: Vec<_> = fs::read_dir(place.path())
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    made.sort();
    assert_eq!(made, ["by-child", "by-thread", "last", "old"]);
}

#[test]
fn what_is_ignored_is_neither_counted_nor_touched() {
    let place = place();
    let ignored = place.path().join("cache");
    let mut command = Command::new(STOPPED[0]);
    let script = "mkdir cache && cp old cache/old && mkdir seen";
    command.args(&STOPPED[1..]).args(["sh", "-c", script]);
    command.current_dir(place.path()).stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let traced = trace(command, &ignored, |_| Act::Fail(Errno::EIO));
    assert_eq!(traced.output.code, 1, "{}", traced.output);
    assert_eq!(traced.calls.len(), 1, "{:?}", names(&traced));
    assert!(traced.calls[0].path.ends_with("seen"));
    assert_eq!(read(&place, "cache/old").as_deref(), Some("0123456789"));
}

#[test]
fn memory_and_pipes_are_no_files() {
    crate::support::tools::require("python3");
    let place = place();
    let script = "import os\nf = os.memfd_create('m')\nos.write(f, b'x')\n\
        os.ftruncate(f, 9)\nr, w = os.pipe()\nos.write(w, b'x')\nos.mkdir('seen')";
    let traced = run(&place, &["python3", "-c", script], |_| Act::Go);
    assert_eq!(traced.output.code, 0, "{}", traced.output);
    assert_eq!(names(&traced).len(), 1, "{:?}", names(&traced));
}

#[test]
fn a_test_that_fails_leaves_no_process_behind() {
    let place = place();
    let pid = place.path().join("pid");
    let script = "echo $$ > pid; mkdir d; sleep 1000";
    let failed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let pause = || panic!("this test fails on purpose");
        run(
            &place,
            &["sh", "-c", script],
            at("mkdir", move || Act::Pause(Box::new(pause))),
        )
    }));
    assert!(failed.is_err());
    let pid = fs::read_to_string(pid).unwrap();
    assert!(!Path::new("/proc").join(pid.trim()).exists());
}
