//! Adapters in TOML that nobody trusts: each asks for what a guest asks for as a component,
//! and is refused in the same words. And honest ones, which serve like a component.

use super::{archived, home_for, line_about, misbehaving};
use crate::hostile::manners;
use crate::support::{Output, TestEnv};
use std::fs;
use std::path::PathBuf;
use takeback::model::Digest;

/// What a twin changes of an honest file, and what the line about it must say; nothing when
/// its guest's words are the ones.
struct Twin {
    name: &'static str,
    change: Change,
    says: &'static [&'static str],
}

/// The part of an honest file that is another one.
enum Change {
    /// A key of the head.
    Head(&'static str, &'static str),
    /// One more rule, called `bad`: what it says of its place.
    Rule(&'static str),
    /// Scope and rule.
    Both(&'static str),
    /// A text behind everything.
    More(&'static str),
}
use Change::{Both, Head, More, Rule};

/// The same as a guest, by the guest's name.
const TWINS: [Twin; 14] = [
    same("absolute-path", Rule("file = \"home//etc\"")),
    same("bad-id", Head("id", "\"../evil\"")),
    same("bad-version", Head("version", "\"version one\"")),
    same("drive-letter", Rule("file = \"home/C:/x\"")),
    same(
        "duplicate-rules",
        More(
            "[[rule]]\nid = \"everything\"\nfile = \"home/.duplicate-rules/x\"\nclass = \"settings\"\n",
        ),
    ),
    same("home-itself", Both("home")),
    same("newer-contract", Head("contract", "\"0.9\"")),
    same("newline-path", Rule("file = \"home/.newline-path/a\\nb\"")),
    same(
        "outside-scope",
        Rule("file = \"home/.another-tool/settings.json\""),
    ),
    same(
        "parent-path",
        Rule("file = \"home/.parent-path/../.profile\""),
    ),
    same("shell-startup", Both("home/.bashrc")),
    same("ssh-keys", Both("home/.ssh")),
    same("variable-syntax", Rule("file = \"home/$HOME/x\"")),
    same("wild-glob", Rule("file = \"home/.wild-glob/*\"")),
];

/// What a guest cannot say in the same way, or what is a matter of the file.
const MORE: [Twin; 19] = [
    says(
        "absolute-raw",
        Rule("file = \"/etc/passwd\""),
        &["`bad`", "/etc/passwd", "base"],
    ),
    says(
        "tilde-raw",
        Rule("file = \"~/.ssh/id\""),
        &["`bad`", "~/.ssh/id", "base"],
    ),
    says(
        "tilde-below",
        Rule("file = \"home/~/.ssh\""),
        &["`bad`", "`~`"],
    ),
    says("drive-raw", Rule("file = 'C:\\x'"), &["`bad`", "base"]),
    says(
        "backslash",
        Rule("file = 'home/.backslash\\..\\x'"),
        &["`bad`"],
    ),
    says(
        "nul",
        Rule("file = \"home/.nul/a\\u0000\""),
        &["`bad`", "control"],
    ),
    says("nul-raw", More("# \0\n"), &["line", "column"]),
    says(
        "bad-glob",
        Rule("tree = \"home/.bad-glob\"\ntake = [\"[\"]"),
        &["`bad`", "line"],
    ),
    says(
        "glob-out",
        Rule("tree = \"home/.glob-out\"\ntake = [\"../.ssh/*\"]"),
        &["`bad`"],
    ),
    says(
        "long-glob",
        Rule("tree = \"home/.long-glob\"\ntake = [\"LONG\"]"),
        &["`bad`"],
    ),
    says(
        "keys-of-aws",
        Both("home/.aws/sso"),
        &["off limits", "keys"],
    ),
    says(
        "our-config",
        Both("config/takeback/adapters"),
        &["off limits", "takeback"],
    ),
    says("whole-config", Both("config"), &["scope", "empty"]),
    says("system", Both("var/SYSTEM_DIR"), &["SYSTEM_DIR"]),
    says(
        "undeclared-variable",
        Rule("file = \"var/SSH_AUTH_SOCK/x\""),
        &["`bad`", "SSH_AUTH_SOCK", "outside its scope"],
    ),
    says(
        "probe-outside",
        Head("detect", "[\"home/.ssh/id_ed25519\"]"),
        &[".ssh/id_ed25519", "scope"],
    ),
    says(
        "unknown-key",
        Head("run", "\"rm -rf ~\""),
        &["`run`", "line 1, column 1"],
    ),
    says("many-rules", More("MANY"), &["more than 1000 rules"]),
    says("too-large", More("LARGE"), &["larger than 64 KiB"]),
];

const fn same(name: &'static str, change: Change) -> Twin {
    says(name, change, &[])
}

const fn says(name: &'static str, change: Change, says: &'static [&'static str]) -> Twin {
    Twin { name, change, says }
}

/// An honest adapter for a tool that keeps to one directory.
fn honest(id: &str) -> String {
    format!(
        "contract = \"0.1\"\nid = \"{id}\"\nname = \"{id}\"\nversion = \"0.1.0\"\n\
         description = \"A table of takeback's tests\"\nscope = [\"home/.{id}\"]\n\n\
         [[rule]]\nid = \"everything\"\ntree = \"home/.{id}\"\nclass = \"settings\"\n"
    )
}

impl Twin {
    fn text(&self) -> String {
        let honest = honest(self.name);
        let bad =
            |place: &str| format!("\n[[rule]]\nid = \"bad\"\n{place}\nclass = \"settings\"\n");
        match self.change {
            Head(key, value) => {
                let old = honest
                    .lines()
                    .position(|line| line.starts_with(&format!("{key} =")));
                let rest = honest.lines().enumerate();
                let rest = rest.filter(|(number, _)| Some(*number) != old);
                let rest: Vec<&str> = rest.map(|(_, line)| line).collect();
                format!("{key} = {value}\n{}\n", rest.join("\n"))
            }
            Rule(place) => honest + &bad(&place.replace("LONG", &"a".repeat(2000))),
            Both(place) => {
                let scope = format!("scope = [\"home/.{}\"]", self.name);
                honest
                    .replace(&scope, &format!("scope = [\"{place}\"]"))
                    .replace(
                        &format!("tree = \"home/.{}\"", self.name),
                        &format!("tree = \"{place}\""),
                    )
            }
            More("MANY") => {
                let rule =
                    |n| format!("[[rule]]\nid=\"{n}\"\nfile=\"home/.many-rules\"\nclass=\"env\"\n");
                let many: String = (0..1000).map(rule).collect();
                honest + &many
            }
            More("LARGE") => honest + "#" + &"x".repeat(64 << 10),
            More(text) => honest + text,
        }
    }

    fn check(&self) -> Result<(), String> {
        let says = match self.says {
            [] => misbehaving::words(self.name),
            says => says,
        };
        let env = home_for(self.name);
        let file = write(&env, self.name, &self.text());
        let file = file.to_str().unwrap();
        let among = run(&env, &["--adapter", file, "backup"])?;
        let line = line_about(&among, self.name)?;
        if let Some(word) = says.iter().find(|word| !line.contains(**word)) {
            return Err(format!("the line about it does not say {word:?}\n{among}"));
        }
        if among.code != 3 || archived(&env) != ["claude"] {
            return Err(format!("{:?} was archived\n{among}", archived(&env)));
        }
        let alone = run(&env, &["--adapter", file, "backup", self.name])?;
        let added = run(&env, &["--adapter", file, "adapter", "add", file])?;
        for done in [&alone, &added] {
            if done.code != 7 {
                return Err(format!("exit code {} instead of 7\n{done}", done.code));
            }
        }
        match env.snapshots().len() {
            1 => Ok(()),
            more => Err(format!("{more} snapshots")),
        }
    }
}

fn write(env: &TestEnv, name: &str, text: &str) -> PathBuf {
    let file = env.root().join(format!("{name}.toml"));
    fs::write(&file, text).unwrap();
    file
}

fn run(env: &TestEnv, args: &[&str]) -> Result<Output, String> {
    let done = env.run(args);
    let wrong = manners(&done);
    if wrong.is_empty() {
        Ok(done)
    } else {
        Err(format!("{wrong:?}"))
    }
}

#[track_caller]
fn check(twins: &[Twin]) {
    let failed = |twin: &Twin| Some(format!("{}: {}", twin.name, twin.check().err()?));
    let failures: Vec<String> = twins.iter().filter_map(failed).collect();
    assert!(
        failures.is_empty(),
        "{} failures:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

#[test]
fn what_a_component_may_not_a_table_may_not_either() {
    check(&TWINS);
}

#[test]
fn a_table_that_says_too_much_or_nonsense_is_refused() {
    check(&MORE);
}

#[test]
fn an_honest_table_serves_like_a_component() {
    let env = home_for("pen");
    let hint = "[[hint]]\nafter = [\"everything\"]\nseverity = \"action\"\n\
                summary = \"Fill the pen.\"\nsave = { name = \"pen.txt\", text = \"Ink.\" }\n";
    let file = write(&env, "pen", &(honest("pen") + hint));
    let file = file.to_str().unwrap();
    env.run(&["--adapter", file, "backup", "pen"]).exits(0);
    assert_eq!(archived(&env), ["pen"]);
    fs::remove_file(env.home().join(".pen/settings.json")).unwrap();
    env.run(&["--adapter", file, "restore", "pen", "--yes"])
        .exits(0)
        .says("Fill the pen.");
    assert!(env.home().join(".pen/settings.json").is_file());
    assert_eq!(fs::read(env.vault().join("pen.txt")).unwrap(), b"Ink.");
}

#[test]
fn a_recorded_table_is_used_until_its_bytes_change() {
    let env = home_for("pen");
    let file = write(&env, "pen", &honest("pen"));
    let path = file.to_str().unwrap();
    let digest = Digest::of(&fs::read(&file).unwrap()).to_string();
    env.run(&["adapter", "add", path, "--yes", "--sha256", &digest])
        .exits(0);
    env.run(&["backup", "pen"]).exits(0);
    assert_eq!(archived(&env), ["pen"]);
    let list = env.run(&["--json", "adapter", "list"]).exits(0).json();
    let adapters = list["adapters"].as_array().unwrap();
    let pen = adapters.iter().find(|one| one["id"] == "pen").unwrap();
    assert_eq!(
        (&pen["source"], &pen["sha256"]),
        (&"recorded".into(), &digest.into())
    );
    let store = env.home().join(".config/takeback/adapters");
    let stored = fs::read_dir(&store)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let text = fs::read_to_string(&stored).unwrap();
    fs::write(&stored, text.replace("settings", "history")).unwrap();
    env.run(&["backup", "pen"])
        .exits(7)
        .says("not the ones recorded");
    env.run(&["adapter", "remove", "pen"]).exits(0);
    env.run(&["backup", "pen"]).exits(10);
}

#[test]
fn a_table_named_for_a_run_takes_the_place_of_a_built_in_one() {
    let env = TestEnv::small();
    env.write(".codex/config.toml", "");
    env.write(".codex/own.txt", "own");
    let file = write(&env, "codex", &honest("codex"));
    let path = file.to_str().unwrap();
    let report = env.backup(0, &["codex", "--adapter", path]);
    assert_eq!(report["targets"][0]["files"], 2);
}

#[test]
fn codes_for_the_terminal_stay_text() {
    let env = home_for("pen");
    let odd = "\"\\u001b[2Jname\"";
    let text = honest("pen")
        .replace("name = \"pen\"", &format!("name = {odd}"))
        .replace("[[rule]]", &format!("notes = [{odd}]\n\n[[rule]]"));
    let file = write(&env, "pen", &text);
    let path = file.to_str().unwrap();
    for args in [
        &["--adapter", path, "adapter", "list", "--verbose"][..],
        &["--adapter", path, "--json", "adapter", "list"],
        &["--adapter", path, "backup", "pen"],
        &["--adapter", path, "restore", "pen", "--yes"],
    ] {
        let done = run(&env, args).unwrap();
        assert_eq!(done.code, 0, "{done}");
        assert!(!done.stdout.contains('\u{1b}'), "{done}");
    }
}
