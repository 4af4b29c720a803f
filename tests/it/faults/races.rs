//! Others that write to the same places while a restore is at work, at each of its calls:
//! nothing outside is touched, and nothing that somebody wrote is lost.

use super::judge::{Ending, Sides, check, is_kept, settle, spoke};
use super::scene::{CREATED, LINES, REMODED, REMOVED, REPLACED, Scene};
use super::sweep::{Sweep, in_parts};
use crate::support::copy::copy_tree;
use crate::support::tracer::{Act, Call};
use crate::support::{Output, TreeSnapshot};
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::Path;

in_parts! {
    directories_that_become_links
    editors_that_save
    lines_that_are_appended
}

const UNDO: [&str; 2] = ["undo", "--yes"];

/// Restores, whatever speaks against it, and lets something happen before one call.
fn restore_with(scene: &Scene, at: usize, happens: impl Fn()) -> (Output, String) {
    let words = [&scene.restore()[..], &["--force"]].concat();
    let traced = scene.trace(&words, |call| {
        if call.index == at {
            Act::Pause(Box::new(&happens))
        } else {
            Act::Go
        }
    });
    let call = traced.calls.get(at).map(ToString::to_string);
    (traced.output, call.unwrap_or_default())
}

/// While a restore changes files, a directory on the way is moved away, and a link to
/// somebody else's directory, which looks the same, takes its place.
fn directories_that_become_links(shard: usize) {
    let scene = Scene::new();
    let mut sweep = Sweep::new("races directories", shard);
    let touching = scene.touching(&scene.calls);
    let points = touching[0].saturating_sub(4)..=touching[touching.len() - 1];
    let swaps = |dir: &'static str| points.clone().map(move |at| (dir, at));
    let dirs = [
        ".claude",
        ".claude/skills",
        ".claude/skills/one",
        ".claude/agents",
    ];
    for (dir, at) in sweep.mine(dirs.into_iter().flat_map(swaps)) {
        scene.reset();
        let outside = scene.beside("outside");
        let aside = scene.beside("aside");
        for left in [&outside, &aside] {
            let _ = fs::remove_dir_all(left);
        }
        copy_tree(&scene.home().join(dir), &outside);
        fs::write(outside.join("canary"), "sings").unwrap();
        let before = TreeSnapshot::of(&outside);
        let (run, call) = restore_with(&scene, at, || {
            fs::rename(scene.home().join(dir), &aside).unwrap();
            symlink(&outside, scene.home().join(dir)).unwrap();
        });
        let ended = swapped(&scene, dir, &run).and_then(|ended| {
            // The owner finds out and puts the directory back.
            fs::remove_file(scene.home().join(dir)).unwrap();
            fs::rename(&aside, scene.home().join(dir)).unwrap();
            let sides = Sides::of_restore(&scene).loose_above(dir);
            let settled = settle(&scene, &sides).map_err(|why| format!("{why}\n{run}"))?;
            check(run.code != 0 || settled == Ending::New, || {
                format!("it was well and is taken back\n{run}")
            })?;
            Ok(ended)
        });
        // Neither the restore nor anything after it.
        let after = before.diff(&TreeSnapshot::of(&outside));
        let untouched = check(after.is_empty(), || format!("outside: {after:?}\n{run}"));
        sweep.point(
            format!("{dir} before {call}"),
            ended.and_then(|e| untouched.map(|()| e)),
        );
    }
    sweep.end();
}

/// Judges all but the directory that was swapped.
fn swapped(scene: &Scene, dir: &str, run: &Output) -> Result<Ending, String> {
    spoke(run)?;
    let sides = Sides::of_restore(scene).but(dir);
    if run.code == 0 {
        sides
            .must_be(Ending::New, &scene.tree())
            .map_err(|why| format!("{why}\n{run}"))?;
    }
    let next = scene.run(&["list"]);
    spoke(&next)?;
    let link = scene.home().join(dir);
    check(link.is_symlink(), || {
        format!("the link is gone\n{run}\n{next}")
    })?;
    sides
        .which(&scene.tree())
        .map_err(|why| format!("{why}\n{run}\n{next}"))
}

/// The call by which the plan was made: what changes from there on is a change since then.
fn planned(scene: &Scene) -> usize {
    let backups = scene.vault().join("backups");
    let mut calls = scene.calls.iter();
    calls.find(|call| call.touches(&backups)).unwrap().index
}

/// The call by which a restore changes a file.
fn step(scene: &Scene, path: &str) -> usize {
    let path = scene.home().join(path);
    let mut calls = scene.calls.iter();
    let mut of = calls.by_ref().filter(|call| call.touches(&path));
    of.next()
        .unwrap_or_else(|| panic!("nothing changes {}", path.display()))
        .index
}

/// Every call from plan to step, and some of the others.
fn moments(scene: &Scene, path: &str) -> Vec<usize> {
    let close = planned(scene)..=step(scene, path) + 2;
    let all = 0..scene.calls.len();
    all.filter(|at| close.contains(at) || at % 5 == 0).collect()
}

/// An editor saves a file as editors do: a new file is renamed over the old one.
fn editors_that_save(shard: usize) {
    const TEXT: &[u8] = b"what the editor saved\n";
    let scene = Scene::new();
    let planned = planned(&scene);
    let mut sweep = Sweep::new("races editors", shard);
    let all = |path: &'static str| moments(&scene, path).into_iter().map(move |at| (path, at));
    let paths = [REPLACED, REMODED, CREATED, REMOVED];
    for (path, at) in sweep.mine(paths.into_iter().flat_map(all)) {
        scene.reset();
        let file = scene.home().join(path);
        let (run, call) = restore_with(&scene, at, || {
            let saved = file.with_extension("saved");
            fs::write(&saved, TEXT).unwrap();
            fs::rename(saved, &file).unwrap();
        });
        let in_time = (planned..=step(&scene, path)).contains(&at);
        let ended = saved(&scene, path, TEXT, &run, in_time);
        sweep.point(format!("{path} before {call}"), ended);
    }
    sweep.end();
}

/// What somebody wrote is where it was written, or comes back by `undo`. Written after the
/// plan was made and before the step's own call (`in_time`) it stops everything.
fn saved(
    scene: &Scene,
    path: &str,
    text: &[u8],
    run: &Output,
    in_time: bool,
) -> Result<Ending, String> {
    spoke(run)?;
    check(run.code != 0 || !in_time, || format!("it went on\n{run}"))?;
    let sides = Sides::of_restore(scene).but(path);
    let ended = settle(scene, &sides).map_err(|why| format!("{why}\n{run}"))?;
    let wanted = if run.code == 0 {
        Ending::New
    } else {
        Ending::Old
    };
    check(ended == wanted, || format!("it ended {ended:?}\n{run}"))?;
    let live = || fs::read(scene.home().join(path)).unwrap_or_default();
    if live().ends_with(text) {
        return Ok(ended);
    }
    check(run.code == 0, || format!("lost by taking back\n{run}"))?;
    let undo = scene.run(&UNDO);
    check(undo.code == 0 && live().ends_with(text), || {
        let kept = is_kept(scene, path, text);
        format!("undo does not bring it (it is kept: {kept})\n{run}\n{undo}")
    })?;
    Ok(ended)
}

/// A tool appends to its file through a handle that it held open all the time.
fn lines_that_are_appended(shard: usize) {
    const LINE: &[u8] = b"{\"appended\":true}\n";
    let scene = Scene::new();
    let planned = planned(&scene);
    let mut sweep = Sweep::new("races lines", shard);
    let over = scene.calls.len();
    for at in sweep.mine(moments(&scene, LINES).into_iter().chain([over])) {
        scene.reset();
        let file = scene.home().join(LINES);
        let handle = File::options().append(true).open(&file).unwrap();
        let append = || (&handle).write_all(LINE).unwrap();
        let (run, call) = restore_with(&scene, at, append);
        if at == over {
            append();
        }
        drop(handle);
        let in_time = (planned..=step(&scene, LINES)).contains(&at);
        let ended = saved(&scene, LINES, LINE, &run, in_time);
        sweep.point(format!("a line before {call}"), ended);
    }
    sweep.end();
}

/// What is written to a restored file does not vanish when the restore is taken back.
#[test]
fn what_was_written_after_a_restore_is_not_lost_by_undo() {
    const TEXT: &str = "written after the restore\n";
    let scene = Scene::new();
    for path in [REPLACED, CREATED, LINES] {
        scene.reset();
        scene.run(&scene.restore()).exits(0);
        fs::write(scene.home().join(path), TEXT).unwrap();
        let undo = scene.run(&UNDO);
        assert!(is_kept(&scene, path, TEXT.as_bytes()), "{path}\n{undo}");
    }
}

/// The places that these tests speak of are changed by one step each.
#[test]
fn each_file_is_changed_after_the_plan_was_made() {
    let scene = Scene::new();
    let planned = planned(&scene);
    let touching = scene.touching(&scene.calls);
    for path in [REPLACED, REMODED, CREATED, REMOVED, LINES] {
        let step = step(&scene, path);
        assert!(planned < step && touching.contains(&step), "{path}");
        let call: &Call = &scene.calls[step];
        assert!(call.name.starts_with("rename"), "{path}: {call}");
        assert!(Path::new(path).starts_with(".claude"));
    }
}
