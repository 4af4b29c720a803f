//! A guard that is killed, or whose calls fail, at every call that changes a file of its state
//! or of the home: what the command did is then written down as a whole or not at all, and
//! what is written down can be taken back exactly.

use super::errors::{Fault, all as all_faults};
use super::judge::{Ending, check};
use super::kills::{KILLED, Kill};
use super::sweep::{Sweep, in_parts};
use crate::support::copy::copy_tree;
use crate::support::tracer::{Act, Call, STOPPED, Traced, trace};
use crate::support::{TestEnv, TreeSnapshot};
use std::fs;
use std::path::Path;

in_parts! {
    kill
    fail
}

/// What the command does; its exit code is its own.
const SCRIPT: &str = "rm -r .claude/skills/one; mkdir .claude/skills/new; \
    echo n > .claude/skills/new/f; ln -sfn new .claude/skills/link; echo more >> .claude/CLAUDE.md; exit 7";
const GUARD: [&str; 5] = ["guard", "--", "sh", "-c", SCRIPT];

/// A home, and a guarded command to be run again and again from the same beginning.
struct Scene {
    env: TestEnv,
    old: TreeSnapshot,
    new: TreeSnapshot,
    calls: Vec<Call>,
}

impl Scene {
    fn new() -> Self {
        let env = TestEnv::small();
        env.skill("two");
        std::os::unix::fs::symlink("two", env.home().join(".claude/skills/link")).unwrap();
        env.run(&["guard", "--", "true"]).exits(0);
        env.run(&["restore", "claude", "--dry-run"]).exits(0);
        copy_tree(&env.home(), &env.root().join("home.before"));
        copy_tree(&env.vault(), &env.root().join("vault.before"));
        let mut scene = Self {
            old: tools(&env),
            new: TreeSnapshot::default(),
            env,
            calls: Vec::new(),
        };
        scene.reset();
        let whole = scene.trace(|_| Act::Go);
        whole.output.exits(7);
        scene.calls = whole.calls;
        scene.new = tools(&scene.env);
        assert_eq!(scene.settle().unwrap(), Ending::New);
        scene
    }

    fn reset(&self) {
        for (place, name) in [(self.env.home(), "home"), (self.env.vault(), "vault")] {
            fs::remove_dir_all(&place).unwrap();
            copy_tree(&self.env.root().join(format!("{name}.before")), &place);
        }
    }

    fn trace<'a>(&self, decide: impl FnMut(&Call) -> Act<'a>) -> Traced {
        let compiled = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache/takeback/adapters");
        trace(self.env.on_vault(&STOPPED, &GUARD), &compiled, decide)
    }

    /// Whether the operation is there; if so, it is taken back exactly.
    fn settle(&self) -> Result<Ending, String> {
        let list = self.env.run(&["--json", "undo", "--list"]);
        check(list.code == 0, || format!("{list}"))?;
        let operations = list.json()["operations"].as_array().map_or(0, Vec::len);
        check(operations <= 1, || format!("{list}"))?;
        let dir = self.env.home().join(".local/state/takeback/operations");
        let drafts = fs::read_dir(dir).unwrap().flatten();
        let drafts = drafts.filter(|one| one.file_name().to_string_lossy().starts_with('.'));
        check(drafts.count() == 0, || "a draft is left".to_owned())?;
        if operations == 0 {
            return Ok(Ending::Old);
        }
        let undo = self.env.run(&["undo", "--yes"]);
        check(undo.code == 0, || format!("{undo}"))?;
        let left = tools(&self.env).diff(&self.old);
        check(left.is_empty(), || left.join("\n"))?;
        Ok(Ending::New)
    }

    /// The calls that are not a backup's, which is looked at elsewhere.
    fn is_ours(&self, call: &Call) -> bool {
        let home = self.env.home();
        call.touches(&home.join(".local/state")) || call.touches(&home.join(".claude"))
    }
}

/// The tool's files, by kind, content, mode and time of files: copying gives directories
/// other times.
fn tools(env: &TestEnv) -> TreeSnapshot {
    TreeSnapshot::of(&env.home().join(".claude"))
}

fn kill(shard: usize) {
    let scene = Scene::new();
    let mut sweep = Sweep::new("kill points guard", shard);
    let ours = |at: &Kill| {
        let call = scene.calls.iter().find(|call| call.index == at.index());
        call.is_some_and(|call| scene.is_ours(call))
    };
    let all = Kill::all(&scene.calls).into_iter().filter(ours);
    for at in sweep.mine(all) {
        scene.reset();
        let traced = scene.trace(|call| at.act(call));
        let call = traced.calls.last().map(ToString::to_string);
        let killed = check(traced.output.code == KILLED, || {
            format!("it was not killed\n{}", traced.output)
        });
        let ended = killed.and_then(|()| scene.settle());
        sweep.point(format!("{at}{}", call.unwrap_or_default()), ended);
    }
    sweep.end();
}

fn fail(shard: usize) {
    let scene = Scene::new();
    let mut sweep = Sweep::new("faults guard", shard);
    let state = scene.env.home().join(".local/state");
    let in_state = |index: usize| {
        let call = scene.calls.iter().find(|call| call.index == index);
        call.is_some_and(|call| call.touches(&state))
    };
    let points: Vec<(usize, Fault)> = all_faults(&scene.calls);
    let points = points.into_iter().filter(|(index, _)| in_state(*index));
    for (index, fault) in sweep.mine(points) {
        scene.reset();
        let traced = scene.trace(fault.at(index));
        let call = traced.calls.get(index).map(ToString::to_string);
        let what = format!("{fault} {}", call.unwrap_or_default());
        sweep.point(what, judged(&scene, &traced));
    }
    sweep.end();
}

/// The command's code is what counts, whatever happens to the report; when it was not run,
/// that is said.
fn judged(scene: &Scene, traced: &Traced) -> Result<Ending, String> {
    let run = &traced.output;
    let code = matches!(run.code, 7 | 125);
    check(code && !run.stderr.contains("panicked"), || {
        format!("{run}")
    })?;
    let paths = tools(&scene.env).paths();
    let wanted = if run.code == 7 {
        &scene.new
    } else {
        &scene.old
    };
    check(paths == wanted.paths(), || format!("{paths:?}\n{run}"))?;
    scene.settle().map_err(|why| format!("{why}\n{run}"))
}
