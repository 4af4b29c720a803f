//! What is in a backup and what is not, for every fake home and every choice of flags:
//! each file at its place, byte for byte, and each invented token in or out.

mod homes;

use crate::support::env::target;
use crate::support::fixture::Entry;
use crate::support::{Fixture, TestEnv, materialize, tools};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The flags that choose classes, alone and together.
const CHOICES: [&[&str]; 8] = [
    &[],
    &["--no-history"],
    &["--full"],
    &["--include-credentials"],
    &["--include-env"],
    &["--no-history", "--include-credentials"],
    &["--include-credentials", "--include-env"],
    &["--full", "--include-credentials", "--include-env"],
];

/// How invented tokens begin.
const TOKENS: [&str; 4] = ["KEEP_ME_", "DROP_ME_", "FAKE_SECRET_", "MACHINE_ID_"];

/// Where code of plugins and extensions is, and clones, which can be fetched again.
const CODE: [&str; 9] = [
    "/plugins/cache/",
    "/plugins/marketplaces/",
    "/plugins/repos/",
    "/extensions/rust-lang.rust-analyzer-",
    ".cursor/plugins/cache/",
    ".copilot/installed-plugins/",
    ".gemini/extensions/",
    "/zed/extensions/installed/",
    "/Claude Extensions/",
];
/// Where keys of other programs are too: no adapter gets there, whatever a fixture wants.
const OFF_LIMITS: &str = ".aws/";

/// Whether a backup with these flags holds an entry, as the fixtures' README says.
fn is_kept(entry: Entry<'_>, flags: &[&str]) -> bool {
    let asked = |flag: &str| flags.contains(&flag);
    let path = entry.path();
    match entry.text("default") {
        _ if path.starts_with(OFF_LIMITS) => false,
        "include" | "redact" | "reference" => true,
        "optin-history" => !asked("--no-history"),
        "optin-secret" if path.rsplit('/').next().unwrap().starts_with(".env") => {
            asked("--include-env")
        }
        "optin-secret" => asked("--include-credentials"),
        "exclude-cache" => asked("--full") && CODE.iter().any(|code| path.contains(code)),
        "exclude-machine" | "exclude-managed" => false,
        other => panic!("{path}: what does {other} mean?"),
    }
}

/// The tokens in some bytes.
fn tokens(bytes: &[u8]) -> BTreeSet<String> {
    let text = String::from_utf8_lossy(bytes);
    let found = TOKENS.iter().flat_map(|kind| {
        let text = &text;
        text.match_indices(kind).map(move |(at, _)| {
            // In a database the next letter may belong to something else.
            let digits = text[at + kind.len()..].chars().take(8);
            format!(
                "{kind}{}",
                digits
                    .take_while(char::is_ascii_hexdigit)
                    .collect::<String>()
            )
        })
    });
    found.collect()
}

/// The tokens of one entry: those it names, and those in its file.
fn tokens_of(entry: Entry<'_>, home: &Path) -> BTreeSet<String> {
    let mut all = tokens(entry.value().to_string().as_bytes());
    if entry.text("kind") == "file" {
        all.extend(tokens(&fs::read(home.join(entry.path())).unwrap()));
    }
    all
}

/// Every file of every extracted archive, by its path in the archive.
type Kept = BTreeMap<String, Vec<u8>>;

fn read_all(dir: &Path, base: &Path, kept: &mut Kept) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_symlink() {
            continue;
        } else if path.is_dir() {
            read_all(&path, base, kept);
        } else {
            let rel = path
                .strip_prefix(base)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned();
            kept.insert(rel, fs::read(&path).unwrap());
        }
    }
}

/// Extracts every archive of a backup with GNU tar.
fn kept_by(env: &TestEnv, report: &Value) -> BTreeMap<String, Kept> {
    let snapshot = env.snapshot(report["snapshot"].as_str().unwrap());
    let targets = report["targets"].as_array().unwrap();
    let extract = |target: &Value| {
        let name = target["target"].as_str().unwrap();
        let into = tempfile::tempdir().unwrap();
        tools::extract(&snapshot.join(format!("{name}.tar.gz")), into.path());
        let mut kept = Kept::new();
        read_all(into.path(), into.path(), &mut kept);
        (name.to_owned(), kept)
    };
    targets.iter().map(extract).collect()
}

/// Where each token is in the archives.
type Found = BTreeMap<String, Vec<String>>;

fn find_tokens(kept: &BTreeMap<String, Kept>) -> Found {
    let mut found = Found::new();
    for (path, bytes) in kept.values().flatten() {
        for token in tokens(bytes) {
            found.entry(token).or_default().push(path.clone());
        }
    }
    found
}

/// What is wrong with the tokens of an entry: all must be in a backup, or none.
fn wrong_tokens(entry: Entry<'_>, home: &Path, flags: &[&str], found: &Found) -> Vec<String> {
    let wanted = is_kept(entry, flags);
    let (path, default) = (entry.path(), entry.text("default"));
    let all = tokens_of(entry, home).into_iter();
    let wrong = all.filter(|token| found.contains_key(token) != wanted);
    wrong
        .map(|token| format!("{token} of {path} ({default}): {:?}", found.get(&token)))
        .collect()
}

/// A fake home, and how its paths are called in archives.
struct Case {
    name: &'static str,
    /// The targets whose archives hold its files; the first counts its skills.
    targets: &'static [&'static str],
    /// Below the home directory, and what stands for it in archives.
    places: &'static [(&'static str, &'static str)],
    /// What a backup of it ends with: 3 where a link leads nowhere or too far.
    code: i32,
    /// The number of skills, where the fixture's is one that only the tool would count:
    /// it looks into the files, or at a list of exceptions.
    skills: Option<u64>,
}

impl Case {
    fn archive_path(&self, path: &str) -> String {
        let place = self
            .places
            .iter()
            .find_map(|(at, tree)| Some(format!("{tree}/{}", path.strip_prefix(at)?)));
        place.unwrap_or_else(|| format!("home/{path}"))
    }

    fn build(&self) -> (TestEnv, Fixture) {
        let mut env = TestEnv::new();
        let fixture = materialize(self.name, &env.home());
        let variables = fixture.doc["env"].as_object().into_iter().flatten();
        for (name, value) in variables {
            let below = value.as_str().unwrap().strip_prefix("/home/ada/").unwrap();
            env.set(name, env.home().join(below));
        }
        if let Some(project) = fixture.doc["project"].as_str() {
            env.go_to(env.home().join(project));
        }
        (env, fixture)
    }

    /// Makes a backup with each choice of flags and looks at all of it.
    fn check(&self) {
        let (env, fixture) = self.build();
        for flags in CHOICES {
            let report = env.backup(self.code, flags);
            let mut kept = kept_by(&env, &report);
            for target in report["targets"].as_array().unwrap() {
                self.leave_what_others_keep(target, &mut kept);
            }
            let found = find_tokens(&kept);
            let mut wrong = Vec::new();
            for entry in fixture.entries() {
                wrong.extend(wrong_tokens(entry, &env.home(), flags, &found));
                wrong.extend(self.wrong_file(entry, &env.home(), flags, &kept));
            }
            assert!(
                wrong.is_empty(),
                "{} {flags:?}:\n  {}",
                self.name,
                wrong.join("\n  ")
            );
        }
    }

    /// What a tool keeps in the place of its own link into this one's folders goes by that
    /// tool's rules: it is no matter of these.
    fn leave_what_others_keep(&self, target: &Value, kept: &mut BTreeMap<String, Kept>) {
        let name = target["target"].as_str().unwrap();
        let links = target["followed"].as_array().unwrap();
        if self.targets.contains(&name) || links.is_empty() {
            return;
        }
        let below = |path: &str| {
            let mut links = links.iter().map(|link| link["path"].as_str().unwrap());
            links.any(|link| Path::new(path).starts_with(link))
        };
        let of_target = kept.get_mut(name).unwrap();
        of_target.retain(|path, _| !below(path));
    }

    /// What is wrong with a file: it must be at its place with its bytes, or nowhere.
    fn wrong_file(
        &self,
        entry: Entry<'_>,
        home: &Path,
        flags: &[&str],
        kept: &BTreeMap<String, Kept>,
    ) -> Option<String> {
        let (kind, path) = (entry.text("kind"), entry.path());
        // What a link leads to is kept in the link's place.
        let elsewhere = path.starts_with(".agents/") && !self.targets.contains(&"agents-skills");
        if !matches!(kind, "file" | "fill" | "sqlite") || elsewhere {
            return None;
        }
        let at = self.archive_path(path);
        let mut archives = self.targets.iter().filter_map(|target| kept.get(*target));
        let found = archives.find_map(|kept| kept.get(&at));
        match (is_kept(entry, flags), found) {
            (true, None) => Some(format!("{path} is not kept as {at}")),
            (false, Some(_)) => Some(format!("{path} is kept as {at}")),
            (true, Some(bytes)) => {
                let same = kind == "sqlite" || *bytes == fs::read(home.join(path)).unwrap();
                (!same).then(|| format!("{path} is kept with other bytes"))
            }
            (false, None) => None,
        }
    }

    /// The number of skills the fixture tells is the number reports tell.
    fn check_skills(&self) {
        let (env, fixture) = self.build();
        let Some(folders) = fixture.doc["expect"]["skills"].as_object() else {
            return;
        };
        let count = |(_, count): (&String, &Value)| count.as_u64().unwrap();
        let told: u64 = folders
            .iter()
            .filter(|(folder, _)| !folder.contains('('))
            .map(count)
            .sum();
        let expected = self.skills.unwrap_or(told);
        if expected == 0 {
            return;
        }
        let report = env.backup(self.code, &[]);
        assert_eq!(
            skills(target(&report, self.targets[0])),
            Some(expected),
            "backup of {}",
            self.name
        );
        let list = env.run(&["--json", "list"]).exits(0).json();
        let listed = target(&list["snapshots"][0], self.targets[0]);
        assert_eq!(skills(listed), Some(expected), "list of {}", self.name);
        let noun = if expected == 1 { "skill" } else { "skills" };
        env.run(&["list"])
            .exits(0)
            .says(&format!("{expected} {noun}"));
    }
}

fn skills(target: &Value) -> Option<u64> {
    let tallies = target["tallies"].as_array()?;
    tallies.iter().find(|tally| tally["noun"] == "skill")?["count"].as_u64()
}

#[test]
fn every_kind_of_entry_is_decided_by_these_tests() {
    // Should a fixture come to hold nothing of some kind, the tests above prove less.
    let mut seen = BTreeSet::new();
    for case in [
        &homes::CLAUDE_LINUX,
        &homes::CLAUDE_PROJECT,
        &homes::CURSOR_LINUX,
    ] {
        let (env, fixture) = case.build();
        for entry in fixture.entries() {
            seen.insert(entry.text("default").to_owned());
            seen.extend(
                tokens_of(entry, &env.home())
                    .iter()
                    .map(|t| t[..6].to_owned()),
            );
            let changed = CHOICES
                .iter()
                .any(|flags| is_kept(entry, flags) != is_kept(entry, &[]));
            seen.extend(changed.then(|| format!("flag for {}", entry.text("default"))));
        }
    }
    for wanted in [
        "include",
        "redact",
        "reference",
        "optin-history",
        "optin-secret",
        "exclude-cache",
        "exclude-machine",
        "exclude-managed",
        "KEEP_M",
        "DROP_M",
        "FAKE_S",
        "MACHIN",
        "flag for optin-history",
        "flag for optin-secret",
        "flag for exclude-cache",
    ] {
        assert!(seen.contains(wanted), "no fixture has {wanted}");
    }
}
