//! Rows 89 and 92 to 95: manifests that are missing, broken, newer, or ask for places
//! that are not theirs.

use super::bench::{Bench, manners};
use super::case::{Case, Verdict, nothing_else, refused};
use crate::support::tarball::{Archive, Gzip, Member, tar};
use serde_json::{Value, json};

pub(super) fn cases() -> Vec<Case> {
    [broken(), nested(), fields(), versions(), places()]
        .into_iter()
        .flatten()
        .collect()
}

/// The archive with these bytes for a manifest.
fn with_bytes(row: u8, name: &str, bytes: Vec<u8>) -> Case {
    refused(row, name, "", move |mut archive| {
        archive.members[0].body = bytes.as_slice().into();
        archive.bytes()
    })
}

/// The archive with a changed manifest.
fn edited(row: u8, name: &str, says: &str, edit: impl Fn(&mut Value) + 'static) -> Case {
    refused(row, name, says, move |archive| archive.edit(&edit).bytes())
}

fn broken() -> Vec<Case> {
    let raw = |name: &str, change: fn(Archive) -> Vec<Member>| {
        refused(89, name, "manifest", move |archive| {
            Gzip::of(&tar(&change(archive), 2)).bytes()
        })
    };
    let truncated = |archive: Archive| {
        let text = archive.members[0].body.to_vec();
        let mut cut = archive;
        cut.members[0].body = text[..text.len() / 2].into();
        cut.sealed()
    };
    vec![
        raw("missing", |archive| archive.minus("manifest.json").sealed()),
        raw("not first", |mut archive| {
            let manifest = archive.members.remove(0);
            archive.plus([manifest]).sealed()
        }),
        raw("twice", |archive| {
            let again = archive.members[0].clone();
            archive.plus([again]).sealed()
        }),
        raw("a link", |mut archive| {
            archive.members[0] = Member::link("manifest.json", "home/.claude/settings.json");
            archive.sealed()
        }),
        raw("a directory", |mut archive| {
            archive.members[0] = Member::dir("manifest.json");
            archive.sealed()
        }),
        raw("by another name", |mut archive| {
            archive.members[0].name = b"./manifest.json".to_vec();
            archive.sealed()
        }),
        raw("cut", truncated),
        with_bytes(89, "empty", Vec::new()),
        with_bytes(89, "garbage", b"\x00\x01\x02garbage".to_vec()),
        with_bytes(
            89,
            "not UTF-8",
            b"{\"format\": 1, \"program\": \"\xff\"}".to_vec(),
        ),
        refused(
            89,
            "not UTF-8 in an unknown field",
            "UTF-8",
            |mut archive| {
                let text = archive.members[0].body.to_vec();
                let text = [b"{\"new\": \"\xff\",", &text[1..]].concat();
                archive.members[0].body = text.as_slice().into();
                archive.bytes()
            },
        ),
        with_bytes(89, "9 MiB of spaces", vec![b' '; 9 << 20]),
        with_bytes(89, "a list", b"[]".to_vec()),
        with_bytes(89, "null", b"null".to_vec()),
        refused(89, "something behind the JSON", "", |mut archive| {
            let text = [archive.members[0].body.to_vec(), b"{}".to_vec()].concat();
            archive.members[0].body = text.as_slice().into();
            archive.bytes()
        }),
    ]
}

fn nested() -> Vec<Case> {
    let deep = |depth: usize| {
        let open = "[".repeat(depth) + &"]".repeat(depth);
        refused(89, &format!("{depth} brackets"), "", move |mut archive| {
            let text = String::from_utf8(archive.members[0].body.to_vec()).unwrap();
            let text = text.replacen('{', &format!("{{\"deep\": {open},"), 1);
            archive.members[0].body = text.as_bytes().into();
            archive.bytes()
        })
    };
    let open = "[".repeat(200_000).into_bytes();
    vec![
        with_bytes(89, "200,000 open brackets", open),
        deep(200_000),
        deep(127),
        deep(40),
    ]
}

/// Fields that do not hold what they should.
fn fields() -> Vec<Case> {
    let without = |field: &'static str| {
        edited(89, &format!("without {field}"), "", move |manifest| {
            manifest.as_object_mut().unwrap().remove(field);
        })
    };
    let set = |pointer: &'static str, value: Value| {
        edited(89, &format!("{pointer} is {value}"), "", move |manifest| {
            *manifest.pointer_mut(pointer).unwrap() = value.clone();
        })
    };
    let rule = "/declaration/rules/1";
    let in_rule = |field: &'static str, value: Value| {
        edited(
            89,
            &format!("a rule's {field} is {value}"),
            "",
            move |manifest| {
                manifest.pointer_mut(rule).unwrap()[field] = value.clone();
            },
        )
    };
    vec![
        without("target"),
        without("declaration"),
        without("snapshot"),
        without("adapter"),
        set("/target", json!("../evil")),
        set("/target", json!("Claude")),
        set("/snapshot", json!("../../evil")),
        set("/snapshot", json!("\u{1b}[2J")),
        set("/classes", json!(["everything"])),
        set("/adapter/sha256", json!("00")),
        set("/declaration/rules", json!({})),
        in_rule("id", json!("../evil")),
        in_rule("at", json!("home/../evil")),
        in_rule("at", json!("/etc")),
        in_rule("at", json!("elsewhere/x")),
        in_rule("shape", json!("device")),
        in_rule("class", json!("root")),
        in_rule("take", json!(["../**"])),
        in_rule("kind", json!("program")),
    ]
}

fn versions() -> Vec<Case> {
    let format = |value: Value, says: &str| {
        edited(92, &format!("format {value}"), says, move |manifest| {
            manifest["format"] = value.clone();
        })
    };
    let unknown = |archive: Archive| {
        let edit = |manifest: &mut Value| {
            manifest["new"] = json!({"a": [1, 2, {"b": null}]});
            manifest["adapter"]["new"] = json!("x");
            manifest["declaration"]["new"] = json!([]);
            manifest["declaration"]["rules"][0]["new"] = json!(true);
        };
        archive.edit(edit).bytes()
    };
    let verdict = Verdict::Restored(vec![nothing_else()]);
    let known = Case {
        row: 93,
        name: "unknown fields".into(),
        build: Box::new(unknown),
        verdict,
    };
    vec![
        format(json!(2), "newer"),
        format(json!(2), "format 2"),
        format(json!(2), "format 1"),
        format(json!(4_000_000_000_u64), "newer"),
        format(json!(0), ""),
        format(json!(-1), ""),
        format(json!("1"), ""),
        format(json!(null), ""),
        known,
    ]
}

/// An archive that is in order, but asks for what its adapter may not have here.
fn forbidden(name: &str, says: &str, build: impl Fn(Archive) -> Vec<u8> + 'static) -> Case {
    Case {
        verdict: Verdict::Forbidden(says.to_owned()),
        ..refused(94, name, says, build)
    }
}

/// An archive that is correct in itself, with a rule and a file of its own choosing.
fn forged(name: &str, at: &'static str, shape: &'static str, path: &'static str) -> Case {
    forbidden(name, at.split('/').nth(1).unwrap_or(at), move |archive| {
        let place = at;
        let edit = |manifest: &mut Value| {
            let rule = json!({"id": "forged", "at": place, "shape": shape, "class": "settings"});
            manifest["declaration"]["rules"]
                .as_array_mut()
                .unwrap()
                .push(rule);
            let scope = manifest["adapter"]["scope"].as_array_mut().unwrap();
            scope.extend([json!(place), json!("home/.config")]);
            manifest["adapter"]["variables"] =
                json!(["CLAUDE_CONFIG_DIR", "HOME", "TMPDIR", "PATH"]);
        };
        archive
            .edit(edit)
            .plus([Member::file(path, "evil\n")])
            .bytes()
    })
}

fn places() -> Vec<Case> {
    let file = |name: &str, at: &'static str| forged(name, at, "file", at);
    vec![
        file("keys", "home/.ssh/authorized_keys"),
        file("a shell's start-up file", "home/.bashrc"),
        file("another tool's settings", "home/.gitconfig"),
        file("an editor's start-up file", "home/.vimrc"),
        file("another tool's folder", "home/.cursor/mcp.json"),
        file("a sibling of the root", "home/.claude-evil"),
        file("autostart", "config/autostart/evil.desktop"),
        file("takeback's own state", "state/takeback/evil"),
        file("a project's file", "project/CLAUDE.md"),
        forged(
            "a folder of start-up files",
            "home/.config/fish",
            "directory",
            "home/.config/fish/config.fish",
        ),
        forged(
            "home by a variable",
            "var/HOME",
            "directory",
            "var/HOME/.profile",
        ),
        forged(
            "a variable it may not see",
            "var/TMPDIR/x",
            "file",
            "var/TMPDIR/x",
        ),
        forged(
            "the whole home directory",
            "home",
            "directory",
            "home/.profile",
        ),
        forbidden("an archive of another target", "cursor", |archive| {
            archive
                .edit(|manifest| manifest["target"] = json!("cursor"))
                .bytes()
        }),
        forbidden(
            "an archive of an unknown target",
            "no-such-tool",
            |archive| {
                archive
                    .edit(|manifest| manifest["target"] = json!("no-such-tool"))
                    .bytes()
            },
        ),
    ]
}

/// Row 95: without its adapter nobody vouches for the places that an archive from
/// outside names, so it is left, and named.
pub(super) fn check_unknown_target(bench: &mut Bench) {
    let forged = bench.archive().edit(|manifest| {
        manifest["target"] = json!("no-such-tool");
        manifest["adapter"]["scope"] = json!(["home/.no-such-tool"]);
        let at = "home/.no-such-tool";
        let rule = json!({"id": "all", "at": at, "shape": "directory", "class": "settings"});
        manifest["declaration"] = json!({"rules": [rule]});
    });
    let forged = Archive {
        members: vec![forged.members[0].clone()],
    }
    .plus([Member::file("home/.no-such-tool/settings.json", "evil")]);
    let archive = bench.put("unknown", &forged.bytes());
    let archive = archive.to_str().unwrap();
    let done = bench
        .env
        .run(&["restore", "no-such-tool", "--yes", "--from", archive]);
    let wrong = manners(&done);
    assert!(wrong.is_empty(), "{wrong:?}");
    assert!(
        !bench.env.home().join(".no-such-tool").exists(),
        "it was restored\n{done}"
    );
    let done = done.says("no-such-tool");
    assert!(
        ![0, 1].contains(&done.code),
        "the exit code hides that nothing was restored\n{done}"
    );
    bench.finish();
}
