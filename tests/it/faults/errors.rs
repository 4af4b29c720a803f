//! Calls that fail, at every point and in every way they may, once or from then on: it is
//! as before or as wanted, and where it is not as wanted somebody was told why.

use super::judge::{Ending, Sides, check, settle, spoke, tidy};
use super::scene::Scene;
use super::sweep::{Sweep, in_parts};
use crate::support::tracer::{Act, Call};
use crate::support::{Output, TreeSnapshot};
use nix::errno::Errno;
use std::fmt;

in_parts! {
    restore
    restore_with_state_elsewhere
    undo
    recover
    lasting
}

/// What happens to a call.
#[derive(Clone, Copy)]
pub(super) enum Fault {
    Fails(Errno),
    Short(u64),
}

impl Fault {
    fn act(self) -> Act<'static> {
        match self {
            Self::Fails(errno) => Act::Fail(errno),
            Self::Short(bytes) => Act::Short(bytes),
        }
    }

    /// Happens to the call of this number, and to no other.
    pub(super) fn at(self, index: usize) -> impl FnMut(&Call) -> Act<'static> {
        move |call| {
            if call.index == index {
                self.act()
            } else {
                Act::Go
            }
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fails(errno) => write!(f, "{errno} at"),
            Self::Short(bytes) => write!(f, "only {bytes} bytes at"),
        }
    }
}

/// What can happen to a call.
fn faults(call: &Call) -> Vec<Fault> {
    let mut faults: Vec<Fault> = errors(call.name)
        .iter()
        .copied()
        .map(Fault::Fails)
        .collect();
    let bytes = call.bytes.unwrap_or_default();
    faults.extend((bytes > 1).then_some(Fault::Short(1)));
    faults.extend((bytes > 3).then_some(Fault::Short(bytes / 2)));
    faults
}

fn errors(name: &str) -> &'static [Errno] {
    match name {
        "openat" | "openat2" | "open" | "creat" | "mkdirat" | "mkdir" | "mknodat" | "symlinkat"
        | "symlink" | "linkat" | "link" => &[Errno::ENOSPC, Errno::EACCES, Errno::EROFS],
        "renameat" | "renameat2" | "rename" => &[
            Errno::EIO,
            Errno::EACCES,
            Errno::EROFS,
            Errno::EXDEV,
            Errno::ENOSPC,
        ],
        "fchmod" | "fchmodat" | "chmod" | "utimensat" | "utimes" => {
            &[Errno::EACCES, Errno::EIO, Errno::EROFS]
        }
        "fchown" | "fchownat" | "chown" | "lchown" => &[Errno::EPERM, Errno::EIO, Errno::EROFS],
        "unlinkat" | "unlink" | "rmdir" => &[Errno::EIO, Errno::EACCES],
        _ => &[Errno::ENOSPC, Errno::EIO],
    }
}

/// Every call with everything that can happen to it.
pub(super) fn all(calls: &[Call]) -> Vec<(usize, Fault)> {
    let mut all = Vec::new();
    for call in calls {
        all.extend(faults(call).into_iter().map(|fault| (call.index, fault)));
    }
    all
}

/// Every call with one thing that can happen to it, another for each.
fn one_each(calls: &[Call]) -> Vec<(usize, Fault)> {
    let one = |call: &Call| {
        let faults = faults(call);
        (call.index, faults[call.index % faults.len()])
    };
    calls.iter().map(one).collect()
}

/// What a run with a fault may have done.
fn judged(scene: &Scene, sides: &Sides, run: &Output) -> Result<Ending, String> {
    spoke(run)?;
    let before = sides.which(&scene.tree());
    // What could not be cleared up is named, and is gone after the next command.
    let leaves_a_rest = run.stderr.contains("not everything is cleared up");
    check(
        run.code != 0 || leaves_a_rest || before == Ok(Ending::New),
        || format!("it is not as wanted: {before:?}\n{run}"),
    )?;
    let ended = settle(scene, sides).map_err(|why| format!("{why}\n{run}"))?;
    check(run.code != 0 || ended == Ending::New, || {
        format!("it was well and is taken back\n{run}")
    })?;
    Ok(ended)
}

/// The same after a single fault. Who could still write that it was given up does not
/// finish it later, after saying that everything is as before.
fn judged_once(scene: &Scene, sides: &Sides, run: &Output) -> Result<Ending, String> {
    let before = sides.which(&scene.tree());
    let ended = judged(scene, sides, run)?;
    check(before.is_err() || before == Ok(ended), || {
        format!("it was {before:?} and became {ended:?}\n{run}")
    })?;
    Ok(ended)
}

fn sweep_over(
    scene: &Scene,
    sweep: &mut Sweep,
    args: &[&str],
    points: Vec<(usize, Fault)>,
    begin: impl Fn() -> Sides,
) {
    for (index, fault) in sweep.mine(points) {
        let sides = begin();
        let traced = scene.trace(args, fault.at(index));
        let call = traced.calls.get(index).map(ToString::to_string);
        let what = format!("{fault} {}", call.unwrap_or_default());
        sweep.point(what, judged_once(scene, &sides, &traced.output));
    }
}

fn restore(shard: usize) {
    let scene = Scene::new();
    restore_in(&scene, "faults restore", shard, all(&scene.calls));
}

fn restore_with_state_elsewhere(shard: usize) {
    let scene = Scene::with_state_elsewhere();
    restore_in(
        &scene,
        "faults restore elsewhere",
        shard,
        one_each(&scene.calls),
    );
}

fn restore_in(scene: &Scene, name: &'static str, shard: usize, points: Vec<(usize, Fault)>) {
    let sides = Sides::of_restore(scene);
    let mut sweep = Sweep::new(name, shard);
    let begin = || {
        scene.reset();
        sides.clone()
    };
    sweep_over(scene, &mut sweep, &scene.restore(), points, begin);
    sweep.end();
}

fn undo(shard: usize) {
    let scene = Scene::new();
    let mut sweep = Sweep::new("faults undo", shard);
    let begin = || {
        scene.reset();
        scene.run(&scene.restore()).exits(0);
        Sides::exact(scene.tree(), scene.old.clone())
    };
    begin();
    let args = ["undo", "--yes"];
    let whole = scene.trace(&args, |_| Act::Go);
    whole.output.exits(0);
    sweep_over(&scene, &mut sweep, &args, one_each(&whole.calls), begin);
    sweep.end();
}

/// Faults while a restore is recovered that was killed in the middle.
fn recover(shard: usize) {
    let scene = Scene::new();
    let sides = Sides::of_restore(&scene);
    let touching = scene.touching(&scene.calls);
    let middle = touching[touching.len() / 2];
    let mut sweep = Sweep::new("faults recover", shard);
    let begin = || {
        scene.reset();
        scene.trace(&scene.restore(), |call| {
            if call.index == middle {
                Act::KillBefore
            } else {
                Act::Go
            }
        });
        sides.clone()
    };
    begin();
    let whole = scene.trace(&["recover"], |_| Act::Go);
    whole.output.exits(0);
    for (index, fault) in sweep.mine(all(&whole.calls)) {
        begin();
        let traced = scene.trace(&["recover"], fault.at(index));
        let run = traced.output;
        let ended = spoke(&run).and_then(|()| settle(&scene, &sides));
        let call = traced.calls.get(index).map(ToString::to_string);
        let what = format!("{fault} {}", call.unwrap_or_default());
        sweep.point(what, ended.map_err(|why| format!("{why}\n{run}")));
    }
    sweep.end();
}

/// The disk breaks or is full, and stays so until the program has ended.
fn lasting(shard: usize) {
    let scene = Scene::new();
    let sides = Sides::of_restore(&scene);
    let mut sweep = Sweep::new("faults lasting", shard);
    // A full disk troubles only what needs room; from any other call on it is the same as
    // from the next.
    let troubles = |errno, call: &Call| errno == Errno::EIO || errors(call.name).contains(&errno);
    let of = |call: &Call| {
        let errors = [Errno::EIO, Errno::ENOSPC].into_iter();
        let errors: Vec<Errno> = errors.filter(|errno| troubles(*errno, call)).collect();
        let index = call.index;
        errors.into_iter().map(move |errno| (index, errno))
    };
    for (from, errno) in sweep.mine(scene.calls.iter().flat_map(of)) {
        scene.reset();
        let traced = scene.trace(&scene.restore(), |call| {
            if call.index >= from && troubles(errno, call) {
                Act::Fail(errno)
            } else {
                Act::Go
            }
        });
        let run = traced.output;
        let call = traced.calls.get(from).map(ToString::to_string);
        let what = format!("{errno} from {}", call.unwrap_or_default());
        sweep.point(what, judged(&scene, &sides, &run));
    }
    sweep.end();
}

#[test]
fn without_faults_nothing_is_left_behind_and_undo_brings_everything_back() {
    for scene in [Scene::new(), Scene::with_state_elsewhere()] {
        let sides = Sides::of_restore(&scene);
        scene.reset();
        sides.must_be(Ending::Old, &scene.tree()).unwrap();
        scene.run(&scene.restore()).exits(0);
        sides.must_be(Ending::New, &scene.tree()).unwrap();
        tidy(&scene).unwrap();
        scene.run(&["undo", "--yes"]).exits(0);
        let back = Sides::exact(scene.old.clone(), TreeSnapshot::default());
        back.must_be(Ending::Old, &scene.tree()).unwrap();
        tidy(&scene).unwrap();
    }
}
