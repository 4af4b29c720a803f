//! Killed at every call that changes a file, and in the middle of every write. The next
//! command, whatever it is, makes it as if it had not begun or as if it had ended.

use super::judge::{Ending, Sides, check, settle};
use super::scene::Scene;
use super::sweep::{Sweep, in_parts};
use crate::support::TreeSnapshot;
use crate::support::tracer::{Act, Call};
use std::fmt;

const UNDO: [&str; 2] = ["undo", "--yes"];
const RECOVER: [&str; 1] = ["recover"];
/// The exit code of a process that was killed, as a shell gives it.
pub(super) const KILLED: i32 = 128 + 9;

in_parts! {
    restore
    restore_with_state_elsewhere
    restore_where_names_cannot_be_swapped
    undo
    recover
    recover_with_state_elsewhere
    take_back
}

/// A moment at which everything is killed.
#[derive(Clone, Copy)]
pub(super) enum Kill {
    Before(usize),
    After(usize),
    Inside(usize, u64),
}

impl Kill {
    /// Every moment that can be told from others by what is on disk.
    pub(super) fn all(calls: &[Call]) -> Vec<Self> {
        let mut all = Vec::new();
        for call in calls {
            all.push(Self::Before(call.index));
            if let Some(bytes) = call.bytes.filter(|bytes| *bytes > 1) {
                all.push(Self::Inside(call.index, bytes / 2));
            }
        }
        all.extend(calls.last().map(|call| Self::After(call.index)));
        all
    }

    /// What becomes of a call.
    pub(super) fn act(self, call: &Call) -> Act<'static> {
        match self {
            Self::Before(index) if index == call.index => Act::KillBefore,
            Self::After(index) if index == call.index => Act::KillAfter,
            Self::Inside(index, bytes) if index == call.index => Act::Tear(bytes),
            _ => Act::Go,
        }
    }

    pub(super) fn index(self) -> usize {
        match self {
            Self::Before(index) | Self::After(index) | Self::Inside(index, _) => index,
        }
    }
}

impl fmt::Display for Kill {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Before(_) => f.write_str("killed before "),
            Self::After(_) => f.write_str("killed after "),
            Self::Inside(_, bytes) => write!(f, "killed after {bytes} bytes of "),
        }
    }
}

/// Runs words and kills them; gives what the last call was.
fn kill(scene: &Scene, args: &[&str], at: Kill) -> Result<String, String> {
    kill_amid(scene, args, at, |_| Act::Go)
}

/// The same while `other` decides about the calls before.
fn kill_amid(
    scene: &Scene,
    args: &[&str],
    at: Kill,
    other: impl Fn(&Call) -> Act<'static>,
) -> Result<String, String> {
    let traced = scene.trace(args, |call| match at.act(call) {
        Act::Go => other(call),
        kill => kill,
    });
    let output = traced.output;
    check(output.code == KILLED, || {
        format!("call {} was never made\n{output}", at.index())
    })?;
    Ok(traced
        .calls
        .last()
        .map(ToString::to_string)
        .unwrap_or_default())
}

/// Judges what is there, with the name of the call that was the last.
fn judged(scene: &Scene, sides: &Sides, last: &str) -> Result<Ending, String> {
    settle(scene, sides).map_err(|why| format!("{last}\n  {why}"))
}

/// Takes back what was restored, and compares with how it was before.
fn taken_back(scene: &Scene) -> Result<(), String> {
    let output = scene.run(&UNDO);
    check(output.code == 0, || format!("undo fails\n{output}"))?;
    let sides = Sides::exact(scene.old.clone(), TreeSnapshot::default());
    let back = sides.must_be(Ending::Old, &scene.tree());
    back.map_err(|why| format!("undo: {why}\n{output}"))
}

fn restore(shard: usize) {
    let scene = Scene::new();
    restore_in(&scene, "kill points restore", shard, |_| Act::Go, 0);
}

fn restore_with_state_elsewhere(shard: usize) {
    let scene = Scene::with_state_elsewhere();
    restore_in(
        &scene,
        "kill points restore elsewhere",
        shard,
        |_| Act::Go,
        0,
    );
}

/// Some file systems can neither swap two names nor refuse to replace one. What comes
/// before the first name is changed is no other than where they can.
fn restore_where_names_cannot_be_swapped(shard: usize) {
    let scene = Scene::new();
    let from = scene.touching(&scene.calls)[0].saturating_sub(2);
    restore_in(
        &scene,
        "kill points restore unswapped",
        shard,
        unswapped,
        from,
    );
}

fn unswapped(call: &Call) -> Act<'static> {
    if call.name == "renameat2" {
        Act::Fail(nix::errno::Errno::EINVAL)
    } else {
        Act::Go
    }
}

/// Kills a restore everywhere from one call on. Wherever that ended as wanted, `undo` must bring back what
/// was before.
fn restore_in(
    scene: &Scene,
    name: &'static str,
    shard: usize,
    world: impl Fn(&Call) -> Act<'static>,
    from: usize,
) {
    let sides = Sides::of_restore(scene);
    scene.reset();
    let whole = scene.trace(&scene.restore(), &world);
    whole.output.exits(0);
    sides.must_be(Ending::New, &scene.tree()).unwrap();
    let mut sweep = Sweep::new(name, shard);
    for at in sweep.mine(Kill::all(&whole.calls[from..])) {
        scene.reset();
        let ended = kill_amid(scene, &scene.restore(), at, &world).and_then(|last| {
            let ended = judged(scene, &sides, &last)?;
            if ended == Ending::New {
                taken_back(scene).map_err(|why| format!("{last}\n  {why}"))?;
            }
            Ok(ended)
        });
        sweep.point(at, ended);
    }
    sweep.end();
}

/// Kills `undo` everywhere. Wherever that changed nothing, the next `undo` must do it.
fn undo(shard: usize) {
    let scene = Scene::new();
    let calls = {
        restored(&scene);
        scene.trace(&UNDO, |_| Act::Go).calls
    };
    let mut sweep = Sweep::new("kill points undo", shard);
    for at in sweep.mine(Kill::all(&calls)) {
        let sides = restored(&scene);
        let ended = kill(&scene, &UNDO, at).and_then(|last| {
            let ended = judged(&scene, &sides, &last)?;
            if ended == Ending::Old {
                taken_back(&scene).map_err(|why| format!("{last}\n  {why}"))?;
            }
            Ok(ended)
        });
        sweep.point(at, ended);
    }
    sweep.end();
}

/// Restores from the beginning; gives what an `undo` may leave.
fn restored(scene: &Scene) -> Sides {
    scene.reset();
    scene.run(&scene.restore()).exits(0);
    Sides::exact(scene.tree(), scene.old.clone())
}

/// Kills `recover` everywhere, after a restore or an undo was killed.
fn recover(shard: usize) {
    recover_in(&Scene::new(), "kill points recover", shard, &[0, 1, 2]);
}

fn recover_with_state_elsewhere(shard: usize) {
    let scene = Scene::with_state_elsewhere();
    recover_in(&scene, "kill points recover elsewhere", shard, &[1]);
}

/// `undos` says after which of the crashes of an undo.
fn recover_in(scene: &Scene, name: &'static str, shard: usize, undos: &[usize]) {
    let mut sweep = Sweep::new(name, shard);
    let of_restore = Sides::of_restore(scene);
    for crash in crashes(scene, &scene.calls) {
        recover_after(scene, &mut sweep, || {
            scene.reset();
            kill(scene, &scene.restore(), crash).unwrap();
            of_restore.clone()
        });
    }
    restored(scene);
    let undone = scene.trace(&UNDO, |_| Act::Go);
    undone.output.exits(0);
    let crashes = crashes(scene, &undone.calls);
    for crash in undos.iter().map(|which| crashes[*which]) {
        recover_after(scene, &mut sweep, || {
            let sides = restored(scene);
            kill(scene, &UNDO, crash).unwrap();
            sides
        });
    }
    sweep.end();
}

/// Before the first change of what is restored, in the middle, and after the last.
fn crashes(scene: &Scene, calls: &[Call]) -> [Kill; 3] {
    let touching = scene.touching(calls);
    let (first, last) = (touching[0], touching[touching.len() - 1]);
    let middle = touching[touching.len() / 2];
    [Kill::Before(first), Kill::After(middle), Kill::After(last)]
}

/// Kills `recover` at each of its calls; `begin` makes it necessary.
fn recover_after(scene: &Scene, sweep: &mut Sweep, begin: impl Fn() -> Sides) {
    let sides = begin();
    let whole = scene.trace(&RECOVER, |_| Act::Go);
    whole.output.exits(0);
    sides.which(&scene.tree()).unwrap();
    for at in sweep.mine(Kill::all(&whole.calls)) {
        let sides = begin();
        let ended = kill(scene, &RECOVER, at).and_then(|last| judged(scene, &sides, &last));
        sweep.point(at, ended);
    }
}

/// Kills a restore that takes itself back because a step failed.
fn take_back(shard: usize) {
    let scene = Scene::new();
    let sides = Sides::of_restore(&scene);
    let mut sweep = Sweep::new("kill points take back", shard);
    for step in scene.touching(&scene.calls).into_iter().step_by(4) {
        let world = |call: &Call| {
            if call.index == step {
                Act::Fail(nix::errno::Errno::EIO)
            } else {
                Act::Go
            }
        };
        scene.reset();
        let whole = scene.trace(&scene.restore(), world);
        let after = Kill::all(&whole.calls);
        let after = after.into_iter().filter(|at| at.index() > step);
        for at in sweep.mine(after) {
            scene.reset();
            let killed = kill_amid(&scene, &scene.restore(), at, world);
            let ended = killed.and_then(|last| judged(&scene, &sides, &last));
            sweep.point(at, ended);
        }
    }
    sweep.end();
}
