//! A vault whose old archives become thin, and from which snapshots are removed: killed at
//! every call that changes it, and with no room left at every call that needs some. Every
//! snapshot that is listed can be read, to the bit, at any time.

use super::judge::{Ending, check};
use super::kills::Kill;
use super::sweep::{Sweep, in_parts};
use crate::support::copy::copy_tree;
use crate::support::tracer::{Act, Call, STOPPED, Traced, trace};
use crate::support::{Output, TestEnv};
use crate::thin::{configure, export, hex, history, large_home};
use nix::errno::Errno;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use takeback::model::limits::THIN_STEPS;

in_parts! {
    thinning
    removing
    cleaning
    shortening
    no_room_for_thinning
    no_room_for_removing
}

/// A vault, and the digest that each of its snapshots must have.
struct Kept {
    env: TestEnv,
    digests: BTreeMap<String, String>,
    ids: Vec<String>,
    wanted: Wanted,
}

/// How the old snapshots are when all is done.
enum Wanted {
    /// So many of them are thin.
    Thin(usize),
    /// Not all of them are there any more.
    Gone,
    /// All of them are there again.
    Back,
}

impl Kept {
    /// A vault with four plain archives, of which the next backup makes three thin.
    fn plain() -> Self {
        Self::with("plain = \"all\"\n", 4, Wanted::Thin(3))
    }

    /// A vault with four archives, of which each but the last leans on the next.
    fn thin() -> Self {
        Self::with("plain = 1\n", 4, Wanted::Gone)
    }

    /// A vault with a chain as long as one may be. When its last archive becomes thin, the link in
    /// its middle is let lean on that directly.
    fn longest() -> Self {
        let count = THIN_STEPS + 1;
        let kept = Self::with("plain = 1\n", count, Wanted::Thin(count));
        configure(&kept.env, "plain = 1\n");
        kept
    }

    fn with(config: &str, count: usize, wanted: Wanted) -> Self {
        let env = large_home();
        configure(&env, config);
        let made = history(&env, count);
        configure(&env, "plain = 2\n");
        // Not only the program's first start is looked at.
        env.run(&["list"]).exits(0);
        let ids = made.iter().map(|one| one.id.clone()).collect();
        let digests = made.into_iter().map(|one| (one.id, one.digest)).collect();
        let kept = Self {
            env,
            digests,
            ids,
            wanted,
        };
        copy_tree(&kept.env.vault(), &kept.before());
        kept.change();
        kept
    }

    fn before(&self) -> PathBuf {
        self.env.root().join("vault.before")
    }

    /// Does something once, before everything else.
    fn first(&self, args: &[&str]) {
        self.env.run(args).exits(0);
        fs::remove_dir_all(self.before()).unwrap();
        copy_tree(&self.env.vault(), &self.before());
    }

    /// Without a change the next snapshot would have the same archive as the last.
    fn change(&self) {
        let path = self.env.home().join(".claude/skills/s3/SKILL.md");
        let text = fs::read_to_string(&path).unwrap();
        fs::write(path, text + "again\n").unwrap();
    }

    fn reset(&self) {
        fs::remove_dir_all(self.env.vault()).unwrap();
        copy_tree(&self.before(), &self.env.vault());
    }

    fn trace<'a>(&self, args: &[&str], decide: impl FnMut(&Call) -> Act<'a>) -> Traced {
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache");
        trace(self.env.on_vault(&STOPPED, args), &cache, decide)
    }

    /// The places that are changed for old snapshots.
    fn old(&self) -> Vec<PathBuf> {
        let backups = self.ids.iter().map(|id| self.env.snapshot(id));
        backups.chain([self.env.vault().join("trash")]).collect()
    }

    /// The calls of words that change something of an old snapshot.
    fn calls(&self, args: &[&str]) -> Vec<Call> {
        let calls = self.calls_at(&self.old(), args);
        assert!(calls.len() > 10, "only {} calls", calls.len());
        calls
    }

    /// The calls of words that change something at these places.
    fn calls_at(&self, places: &[PathBuf], args: &[&str]) -> Vec<Call> {
        self.reset();
        let whole = self.trace(args, |_| Act::Go);
        whole.output.exits(0);
        let touching = |call: &Call| places.iter().any(|place| call.touches(place));
        whole.calls.into_iter().filter(touching).collect()
    }

    /// Everything that is listed can be read, and says what it said when it was made; after
    /// the next backup nothing is left lying about. Whether all was done, then.
    fn settle(&self) -> Result<Ending, String> {
        let list = self.env.run(&["--json", "list"]);
        check(list.code == 0, || format!("it cannot be listed\n{list}"))?;
        let list = list.json();
        let mut forms = Vec::new();
        for snapshot in list["snapshots"].as_array().unwrap() {
            let (id, target) = (snapshot["id"].as_str().unwrap(), &snapshot["targets"][0]);
            forms.push((id.to_owned(), target["form"] == "thin"));
            if let Some(digest) = self.digests.get(id) {
                check(target["sha256"] == digest.as_str(), || {
                    format!("{id} has another digest: {target}")
                })?;
            }
        }
        let verify = self.env.run(&["verify"]);
        check(verify.code == 0, || {
            format!("not all can be read\n{verify}")
        })?;
        if let Some(id) = forms.last().map(|(id, _)| id) {
            let bytes = export(&self.env, id);
            let same = hex(&bytes) == self.digests[id];
            check(same, || format!("{id} is exported as another"))?;
        }
        self.tidy()?;
        let old = forms.iter().filter(|(id, _)| self.digests.contains_key(id));
        let (listed, count) = (old.count(), self.digests.len());
        let thin = forms.iter().filter(|(_, thin)| *thin).count();
        let done = match self.wanted {
            Wanted::Thin(wanted) => thin == wanted,
            Wanted::Gone => listed < count,
            Wanted::Back => listed == count,
        };
        Ok(if done { Ending::New } else { Ending::Old })
    }

    /// After another upkeep there is nothing but what the records name.
    fn tidy(&self) -> Result<(), String> {
        self.change();
        let backup = self.env.run(&["backup", "claude"]);
        check(backup.code == 0, || format!("no backup any more\n{backup}"))?;
        let quiet = !backup.stderr.contains("warning");
        check(quiet, || format!("it warns of something\n{backup}"))?;
        let list = self.env.run(&["--json", "list"]).json();
        for snapshot in list["snapshots"].as_array().unwrap() {
            let (id, target) = (snapshot["id"].as_str().unwrap(), &snapshot["targets"][0]);
            let file = target["file"].as_str().unwrap();
            let mut names: Vec<String> = fs::read_dir(self.env.snapshot(id))
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .filter(|name| name != "claude.index")
                .collect();
            names.sort();
            check(names == [file, "snapshot.toml"], || {
                format!("{id} has {names:?}")
            })?;
        }
        let verify = self.env.run(&["verify"]);
        check(verify.code == 0, || {
            format!("not all can be read in the end\n{verify}")
        })
    }
}

const BACKUP: [&str; 2] = ["backup", "claude"];

fn thinning(shard: usize) {
    let kept = Kept::plain();
    kill_everywhere(&kept, "kill points thinning", shard, &BACKUP);
}

/// Removes a snapshot on which others lean: one that is thin itself, and one that is plain.
fn removing(shard: usize) {
    for (kept, gone, name) in [
        (Kept::thin(), 1, "kill points removing thin"),
        (
            Kept::with("plain = 2\n", 5, Wanted::Gone),
            3,
            "kill points removing plain",
        ),
    ] {
        let id = kept.ids[gone].clone();
        kill_everywhere(&kept, name, shard, &["remove", &id, "--yes"]);
    }
}

/// Cleans up all but the newest, and the oldest, which is pinned and leans on what goes.
fn cleaning(shard: usize) {
    let kept = Kept::thin();
    kept.first(&["pin", &kept.ids[0]]);
    let words = ["cleanup", "--keep-last", "1", "--min-keep", "0", "--yes"];
    kill_everywhere(&kept, "kill points cleaning", shard, &words);
}

/// What changes of a chain that is as long as it may be, but for its last archive.
fn shortening(shard: usize) {
    let kept = Kept::longest();
    let chain = kept.ids.iter().rev().skip(1);
    let chain: Vec<PathBuf> = chain.map(|id| kept.env.snapshot(id)).collect();
    let calls = kept.calls_at(&chain, &BACKUP);
    assert!(calls.len() > 6, "only {} calls", calls.len());
    let sweep = Sweep::new("kill points shortening", shard);
    let points = sweep.mine(Kill::all(&calls));
    kill_at(&kept, sweep, points, &BACKUP);
}

#[test]
fn coming_back_from_the_trash() {
    let wanted = Wanted::Back;
    let kept = Kept {
        wanted,
        ..Kept::thin()
    };
    let id = kept.ids[1].clone();
    kept.first(&["remove", &id, "--yes"]);
    let words = ["trash", "restore", &id];
    let calls = kept.calls_at(&[kept.env.vault()], &words);
    assert!(calls.len() > 2, "only {} calls", calls.len());
    let sweep = Sweep::new("kill points coming back", 0);
    kill_at(&kept, sweep, Kill::all(&calls), &words);
}

fn kill_everywhere(kept: &Kept, name: &'static str, shard: usize, args: &[&str]) {
    let calls = kept.calls(args);
    let sweep = Sweep::new(name, shard);
    let points = sweep.mine(Kill::all(&calls));
    kill_at(kept, sweep, points, args);
}

fn kill_at(kept: &Kept, mut sweep: Sweep, points: Vec<Kill>, args: &[&str]) {
    for at in points {
        kept.reset();
        let traced = kept.trace(args, |call| at.act(call));
        let last = traced.calls.last().map(ToString::to_string);
        let killed = check(traced.output.code == 128 + 9, || {
            format!("call {} was never made\n{}", at.index(), traced.output)
        });
        let ended = killed.and_then(|()| kept.settle());
        let last = last.unwrap_or_default();
        sweep.point(at, ended.map_err(|why| format!("{last}\n  {why}")));
    }
    sweep.end();
}

fn no_room_for_thinning(shard: usize) {
    let kept = Kept::plain();
    full_everywhere(&kept, "no room thinning", shard, &BACKUP, |output| {
        // A backup does not fail because something old stays as it is.
        let told = output.stderr.contains("stays as it is");
        check(output.code == 0 && told, || {
            format!("it says nothing\n{output}")
        })
    });
}

fn no_room_for_removing(shard: usize) {
    let kept = Kept::thin();
    let id = kept.ids[1].clone();
    let words = ["remove", &id, "--yes"];
    full_everywhere(&kept, "no room removing", shard, &words, |output| {
        check(output.code != 0, || format!("it says nothing\n{output}"))
    });
}

/// Whether a call needs room on the disk.
fn needs_room(call: &Call) -> bool {
    let name = call.name;
    call.bytes.is_some()
        || name.starts_with("open")
        || name.starts_with("mkdir")
        || name.ends_with("sync")
}

fn full_everywhere(
    kept: &Kept,
    name: &'static str,
    shard: usize,
    args: &[&str],
    ended: impl Fn(&Output) -> Result<(), String>,
) {
    let calls = kept.calls(args);
    let points: Vec<usize> = calls
        .iter()
        .filter(|call| needs_room(call))
        .map(|call| call.index)
        .collect();
    let mut sweep = Sweep::new(name, shard);
    for from in sweep.mine(points) {
        kept.reset();
        // Full from here on, until something is removed.
        let mut freed = false;
        let traced = kept.trace(args, |call| {
            freed |= call.index > from && call.name.starts_with("unlink");
            if call.index >= from && needs_room(call) && !freed {
                Act::Fail(Errno::ENOSPC)
            } else {
                Act::Go
            }
        });
        let call = traced
            .calls
            .get(from)
            .map(ToString::to_string)
            .unwrap_or_default();
        let result = ended(&traced.output).and_then(|()| kept.settle());
        sweep.point(call, result);
    }
    sweep.end();
}

#[test]
fn without_faults_the_old_become_thin_and_what_is_removed_is_gone() {
    let kept = Kept::plain();
    kept.calls(&BACKUP);
    assert_eq!(kept.settle(), Ok(Ending::New));
    let list = kept.env.run(&["--json", "list"]).json();
    let form = |one: &Value| one["targets"][0]["form"] == "thin";
    let thin = list["snapshots"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| form(one));
    assert_eq!(thin.count(), 4);
}
