//! Answers as an adapter could give them, and machines they could be given for.

use super::super::dice::Dice;
use std::collections::BTreeMap;
use std::path::PathBuf;
use takeback::adapters::fuzz_hooks::wire;
use takeback::model::{Base, HostFacts, Location, Os, OwnPlaces, RelPath};

pub(super) const VARIABLES: [&str; 4] = ["X", "CLAUDE_CONFIG_DIR", "HOME", "NOT_SET"];
const WORDS: [&str; 16] = [
    ".claude",
    "skills",
    "settings.json",
    ".config",
    "tool",
    ".ssh",
    ".SSH",
    ".\u{17f}\u{17f}h",
    ".bashrc",
    "autostart",
    "fish",
    ".local",
    "share",
    "keyrings",
    "takeback",
    "Library",
];
const IDS: [&str; 6] = ["a", "b", "all", "settings", "x-1", "A"];
const GLOBS: [&str; 10] = [
    "*",
    "**",
    "**/*.md",
    "a/*/b.txt",
    "*.json",
    "{a,b}/**",
    "[a-z]?",
    "../x",
    "/x",
    "a//b",
];

/// A machine: some plain, some where variables moved things to odd places.
pub(super) fn facts(dice: &mut Dice<'_>) -> HostFacts {
    let home = PathBuf::from(dice.pick(&["/home/ada", "/Users/ada", "/root", "/data/h/ada"]));
    let config = dice.pick(&[".config", "cfg", ".claude"]);
    let places = [
        home.join(".claude"),
        home.join(".ssh/x"),
        home.join(".config"),
        home.join(".\u{17f}sh"),
        PathBuf::from("/srv/app"),
        PathBuf::from("/etc/tool"),
        PathBuf::from("relative"),
        home.join("../bob"),
        home.join("src/./app/"),
        home.clone(),
    ];
    let mut environment = BTreeMap::new();
    for name in &VARIABLES[..3] {
        let value = dice.pick(&places).to_string_lossy().into_owned();
        environment.insert((*name).to_owned(), value);
    }
    // What the command line finds is a real path, and neither home nor above it.
    let project = dice.chance(128).then(|| {
        let at = dice.pick(&["src/app", ".ssh", ".claude/skills", "takeback"]);
        home.join(at)
    });
    HostFacts {
        os: dice.pick(&[Os::Linux, Os::Macos, Os::Windows]),
        host: "h".to_owned(),
        user: "ada".to_owned(),
        config: home.join(config),
        data: home.join(".local/share"),
        state: home.join(".local/state"),
        own: OwnPlaces(vec![
            home.join(".local/state/takeback"),
            home.join("takeback"),
        ]),
        home,
        project,
        environment,
    }
}

/// A place that somebody granted: always a plain one.
pub(super) fn granted(dice: &mut Dice<'_>) -> Location {
    let base = match dice.up_to(5) {
        0 | 1 => Base::Home,
        2 => Base::Config,
        3 => Base::Data,
        4 => Base::Project,
        _ => Base::variable(dice.pick(&VARIABLES)).unwrap_or(Base::State),
    };
    let whole = base.may_be_whole() && dice.chance(128);
    let text = if whole {
        String::new()
    } else {
        dice.plain(&WORDS, 2)
    };
    let path = RelPath::root().append_text(&text).unwrap_or_default();
    Location { base, path }
}

fn base(dice: &mut Dice<'_>) -> wire::Base {
    match dice.up_to(6) {
        0 | 1 => wire::Base::Home,
        2 => wire::Base::Config,
        3 => wire::Base::Data,
        4 => wire::Base::State,
        5 => wire::Base::Project,
        _ => wire::Base::Variable(dice.word(&VARIABLES)),
    }
}

fn location(dice: &mut Dice<'_>) -> wire::Location {
    wire::Location {
        base: base(dice),
        path: dice.path(&WORDS, 4),
    }
}

pub(super) fn declaration(dice: &mut Dice<'_>) -> wire::Declaration {
    wire::Declaration {
        rules: dice.list(4, rule),
        tallies: dice.list(2, tally),
        running: dice.list(2, running),
        notes: dice.list(1, |dice| dice.word(&IDS)),
    }
}

fn rule(dice: &mut Dice<'_>) -> wire::Rule {
    use wire::Class::{Cache, Credentials, Env, History, Settings, Skills};
    wire::Rule {
        id: dice.word(&IDS),
        at: location(dice),
        shape: dice.pick(&[wire::Shape::File, wire::Shape::Directory]),
        take: dice.list(2, |dice| dice.word(&GLOBS)),
        leave: dice.list(1, |dice| dice.word(&GLOBS)),
        class: dice.pick(&[Settings, Skills, History, Credentials, Env, Cache]),
        options: dice.list(3, option),
    }
}

fn option(dice: &mut Dice<'_>) -> wire::RuleOption {
    let pointer = |dice: &mut Dice<'_>| dice.word(&["/a", "/a/*/b", "a", "/"]);
    match dice.up_to(8) {
        0 => wire::RuleOption::Links(wire::LinkPolicy::Follow),
        1 => wire::RuleOption::ReadBack,
        2 => wire::RuleOption::Secret(pointer(dice)),
        3 => wire::RuleOption::MachinePath(pointer(dice)),
        4 => wire::RuleOption::Kind(wire::Kind::Json(dice.list(2, |dice| dice.word(&IDS)))),
        5 => wire::RuleOption::Kind(wire::Kind::Sqlite),
        6 => wire::RuleOption::Kind(wire::Kind::Jsonl),
        7 => wire::RuleOption::Placement(wire::Placement::SameHome),
        _ => wire::RuleOption::Placement(wire::Placement::HintsOnly),
    }
}

fn tally(dice: &mut Dice<'_>) -> wire::Tally {
    let of = if dice.chance(128) {
        wire::TallyOf::Files(dice.word(&GLOBS))
    } else {
        wire::TallyOf::Folders(wire::FolderTally {
            marker: dice.word(&["SKILL.md", "a/b"]),
            depth: dice.number(),
            unless: dice.list(1, |dice| dice.path(&WORDS, 2)),
        })
    };
    wire::Tally {
        noun: dice.word(&["skill"]),
        plural: dice.word(&["skills"]),
        at: location(dice),
        of,
    }
}

fn running(dice: &mut Dice<'_>) -> wire::RunningCheck {
    if dice.chance(128) {
        return wire::RunningCheck::Process(dice.word(&["claude"]));
    }
    let mut place = location(dice);
    if dice.chance(128) {
        place.path.push_str(dice.pick(&["/*.lock", "*", "*/x"]));
    }
    wire::RunningCheck::LockFile(place)
}

pub(super) fn identity(dice: &mut Dice<'_>) -> wire::Identity {
    wire::Identity {
        id: dice.word(&["claude", "x-1", "nul"]),
        name: dice.word(&["Claude Code"]),
        version: dice.word(&["1.0.0", "1", "0.1.0-a+b"]),
        description: dice.word(&["words"]),
        homepage: dice.word(&["words"]),
        licence: dice.word(&["MIT"]),
        variables: dice.list(18, |dice| dice.word(&VARIABLES)),
        scope: dice.list(3, location),
        probes: dice.list(3, location),
    }
}

pub(super) fn hints(dice: &mut Dice<'_>) -> Vec<wire::Hint> {
    use wire::Severity::{Action, Info, Warning};
    dice.list(3, |dice| wire::Hint {
        severity: dice.pick(&[Info, Action, Warning]),
        summary: dice.word(&["words"]),
        steps: dice.list(2, |dice| dice.word(&["step"])),
        commands: dice.list(2, |dice| wire::CommandBlock {
            shell: dice.pick(&[wire::Shell::Terminal, wire::Shell::Tool]),
            heading: dice.word(&["words"]),
            lines: dice.list(2, |dice| dice.word(&["ls -l", "echo $(x)"])),
        }),
        save: dice.chance(128).then(|| wire::SavedFile {
            name: dice.word(&["a.txt", "b.md", "a..txt", "../x.txt", "lock", "README.txt"]),
            text: dice.word(&["line\nline\n", "x\u{1b}"]),
        }),
    })
}
