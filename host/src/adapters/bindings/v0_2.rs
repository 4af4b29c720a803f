//! A contract 0.2 that adds to 0.1 what the tests need: what serving one more version takes.

use super::wire;

wasmtime::component::bindgen!({
    path: "../tests/contract/0.2",
    world: "adapter",
});

use self::takeback::adapter::types as said;

/// Every case has one of the same name on the other side.
macro_rules! cases {
    ($from:ident => $to:ident, $name:ident: $($case:ident $(($value:ident))?),*) => {
        impl From<$from::$name> for $to::$name {
            fn from(from: $from::$name) -> Self {
                match from {
                    $($from::$name::$case $(($value))? => Self::$case $(($value.into()))?,)*
                }
            }
        }
    };
}

/// Every field has one of the same name on the other side; `each` marks lists, `new` what
/// the other side knows nothing of.
macro_rules! fields {
    ($from:ident => $to:ident, $name:ident: $($field:ident),*; each $($list:ident),*;
        new $($new:ident = $value:expr),*) => {
        impl From<$from::$name> for $to::$name {
            fn from(from: $from::$name) -> Self {
                Self {
                    $($field: from.$field.into(),)*
                    $($list: from.$list.into_iter().map(Into::into).collect(),)*
                    $($new: $value,)*
                }
            }
        }
    };
}

// What an adapter is told: from the published words into those of 0.2.
cases!(wire => said, OperatingSystem: Linux, Macos, Windows);
cases!(wire => said, Base: Home, Config, Data, State, Project, Variable(name));
cases!(wire => said, Disposition: Created, Replaced, Same, Withheld, Skipped);
fields!(wire => said, Location: base, path; each; new);
fields!(wire => said, Variable: name, value; each; new);
fields!(wire => said, Facts: os, home, project; each variables, existing;
    new language = None);
fields!(wire => said, RuleOutcome:
    rule, created, replaced, same, withheld, skipped; each; new);
fields!(wire => said, ReadBackFile: rule, path, disposition, content; each; new);
fields!(wire => said, Outcome: home_changed, machine_changed; each rules, files; new);

// What it says: from the words of 0.2 into the published ones.
cases!(said => wire, Base: Home, Config, Data, State, Project, Variable(name));
cases!(said => wire, Class: Settings, Instructions, Skills, Agents, Memory, History,
    Plugins, CodeCache, Credentials, Env, Cache, Machine, Managed);
cases!(said => wire, Shape: File, Directory);
cases!(said => wire, LinkPolicy: Keep, Follow);
cases!(said => wire, Kind: Plain, Json(keys), Jsonl, Sqlite);
cases!(said => wire, Placement: Always, SameHome, HintsOnly);
cases!(said => wire, TallyOf: Files(glob), Folders(folders));
cases!(said => wire, RunningCheck: Process(name), LockFile(place));
cases!(said => wire, Refusal: UnsupportedSystem, Other(why));
cases!(said => wire, Severity: Info, Action, Warning);
cases!(said => wire, Shell: Terminal, Tool);
fields!(said => wire, Location: base, path; each; new);
fields!(said => wire, Identity:
    id, name, version, description, homepage, licence, variables; each scope, probes; new);
fields!(said => wire, FolderTally: marker, depth, unless; each; new);
fields!(said => wire, Tally: noun, plural, at, of; each; new);
fields!(said => wire, Declaration: notes; each rules, tallies, running; new);
fields!(said => wire, CommandBlock: shell, heading, lines; each; new);
fields!(said => wire, SavedFile: name, text; each; new);

impl From<said::Rule> for wire::Rule {
    fn from(from: said::Rule) -> Self {
        let options = from.options.into_iter().flat_map(options).collect();
        Self {
            id: from.id,
            at: from.at.into(),
            shape: from.shape.into(),
            take: from.take,
            leave: from.leave,
            class: from.class.into(),
            options,
        }
    }
}

/// What is new in 0.2 is said in the words there were before.
fn options(from: said::RuleOption) -> Vec<wire::RuleOption> {
    use wire::RuleOption::{Kind, Links, MachinePath, Placement, ReadBack, Secret};
    vec![match from {
        said::RuleOption::Links(policy) => Links(policy.into()),
        said::RuleOption::Kind(kind) => Kind(kind.into()),
        said::RuleOption::Placement(placement) => Placement(placement.into()),
        said::RuleOption::ReadBack => ReadBack,
        said::RuleOption::Secret(pointer) => Secret(pointer),
        said::RuleOption::MachinePath(pointer) => MachinePath(pointer),
        said::RuleOption::OnlyRead => {
            return vec![Placement(wire::Placement::HintsOnly), ReadBack];
        }
    }]
}

impl From<said::Hint> for wire::Hint {
    fn from(from: said::Hint) -> Self {
        Self {
            severity: from.severity.into(),
            summary: from.summary,
            steps: from.steps,
            commands: from.commands.into_iter().map(Into::into).collect(),
            save: from.save.map(Into::into),
        }
    }
}
