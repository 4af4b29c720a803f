//! Identity and declaration: wire to host.

use super::text::{Why, bounded, list, name, text};
use super::wire;
use crate::model::limits::{ADAPTER_VARIABLES, DECLARED_RULES};
use crate::model::{
    AdapterIdentity, ArchivePath, Base, Class, Declaration, Digest, FolderTally, GlobList, Kind,
    LinkPolicy, Location, Placement, RelPath, Rule, RuleId, RunningCheck, Shape, Shown, Tally,
    TallyOf, TargetId,
};

pub(in crate::adapters) fn identity(
    said: wire::Identity,
    digest: Digest,
) -> Result<AdapterIdentity, Why> {
    let id = TargetId::new(&said.id).map_err(|e| format!("its id {}: {e}", Shown(&said.id)))?;
    let version = semver::Version::parse(&said.version)
        .map_err(|e| format!("its version {} is none: {e}", Shown(&said.version)))?;
    let variables = bounded(said.variables, "variables", ADAPTER_VARIABLES)?;
    if let Some(bad) = variables.iter().find(|name| Base::variable(name).is_none()) {
        return Err(format!("{} is not the name of a variable", Shown(bad)));
    }
    let scope = list(said.scope, "places in its scope", |place| {
        location(place, "its scope")
    })?;
    let probes = list(said.probes, "probes", |place| location(place, "a probe"))?;
    if let Some(stray) = probes.iter().find(|p| !scope.iter().any(|s| s.contains(p))) {
        return Err(format!(
            "the probe {} is outside its scope",
            Shown(&stray.to_string())
        ));
    }
    Ok(AdapterIdentity {
        id,
        name: text(said.name, "its name")?,
        version,
        description: text(said.description, "its description")?,
        homepage: text(said.homepage, "its homepage")?,
        licence: text(said.licence, "its licence")?,
        variables,
        scope,
        probes,
        digest,
    })
}

pub(in crate::adapters) fn refusal(said: wire::Refusal) -> String {
    match said {
        wire::Refusal::UnsupportedSystem => "not on this operating system".to_owned(),
        wire::Refusal::Other(why) => why,
    }
}

pub(in crate::adapters) fn declaration(said: wire::Declaration) -> Result<Declaration, Why> {
    Ok(Declaration {
        rules: bounded(said.rules, "rules", DECLARED_RULES)?
            .into_iter()
            .map(rule)
            .collect::<Result<_, Why>>()?,
        tallies: list(said.tallies, "tallies", tally)?,
        running: list(said.running, "running checks", running)?,
        notes: list(said.notes, "notes", |note| text(note, "a note"))?,
    })
}

fn base(said: wire::Base) -> Result<Base, Why> {
    Ok(match said {
        wire::Base::Home => Base::Home,
        wire::Base::Config => Base::Config,
        wire::Base::Data => Base::Data,
        wire::Base::State => Base::State,
        wire::Base::Project => Base::Project,
        wire::Base::Variable(name) => Base::variable(&name)
            .ok_or_else(|| format!("{} is not the name of a variable", Shown(&name)))?,
    })
}

pub(in crate::adapters) fn location(said: wire::Location, what: &str) -> Result<Location, Why> {
    let base = base(said.base)?;
    if said.path.is_empty() && base.may_be_whole() {
        return Ok(Location {
            base,
            path: RelPath::root(),
        });
    }
    let refused = |why: &str| format!("{what} has the path {}: {why}", Shown(&said.path));
    if said.path.starts_with('~') {
        return Err(refused("paths start at a base, not at `~`"));
    }
    if said.path.contains(['$', '%', '*', '?', '[', '{', '`']) {
        return Err(refused("variables and globs have no meaning in it"));
    }
    let path = RelPath::new(&said.path).map_err(|e| refused(&e.to_string()))?;
    let whole = ArchivePath::new(base.clone(), path.clone());
    whole.check_whole().map_err(|e| refused(&e.to_string()))?;
    Ok(Location { base, path })
}

fn rule(said: wire::Rule) -> Result<Rule, Why> {
    let id = RuleId::new(&said.id).map_err(|e| format!("rule {}: {e}", Shown(&said.id)))?;
    let what = format!("rule `{id}`");
    let shape = match said.shape {
        wire::Shape::File => Shape::File,
        wire::Shape::Directory => Shape::Directory,
    };
    if shape == Shape::File && !(said.take.is_empty() && said.leave.is_empty()) {
        return Err(format!("{what} is for a file and has globs"));
    }
    let globs = |globs: Vec<String>| {
        let globs = list(globs, "globs", |glob| text(glob, &what))?;
        GlobList::new(&globs).map_err(|e| format!("{what}: {}", Shown::sentence(&e.to_string())))
    };
    let at = location(said.at, &what)?;
    if at.path.is_root() && said.take.is_empty() && at.base == Base::Project {
        return Err(format!(
            "{what} takes the whole project; it must say what of it"
        ));
    }
    let mut rule = Rule {
        id,
        at,
        shape,
        take: globs(said.take)?,
        leave: globs(said.leave)?,
        class: class(said.class),
        links: LinkPolicy::Keep,
        kind: Kind::Plain,
        placement: Placement::Always,
        read_back: false,
        secrets: Vec::new(),
        machine_paths: Vec::new(),
    };
    for option in bounded(said.options, "options", 256)? {
        apply(&mut rule, option)?;
    }
    Ok(rule)
}

fn apply(rule: &mut Rule, option: wire::RuleOption) -> Result<(), Why> {
    match option {
        wire::RuleOption::Links(wire::LinkPolicy::Keep) => rule.links = LinkPolicy::Keep,
        wire::RuleOption::Links(wire::LinkPolicy::Follow) => rule.links = LinkPolicy::Follow,
        wire::RuleOption::Kind(kind) => rule.kind = self::kind(kind)?,
        wire::RuleOption::Placement(placement) => {
            rule.placement = match placement {
                wire::Placement::Always => Placement::Always,
                wire::Placement::SameHome => Placement::SameHome,
                wire::Placement::HintsOnly => Placement::HintsOnly,
            }
        }
        wire::RuleOption::ReadBack => rule.read_back = true,
        wire::RuleOption::Secret(pointer) => rule.secrets.push(json_pointer(pointer)?),
        wire::RuleOption::MachinePath(pointer) => {
            rule.machine_paths.push(json_pointer(pointer)?);
        }
    }
    Ok(())
}

fn json_pointer(pointer: String) -> Result<String, Why> {
    if !pointer.starts_with('/') {
        return Err(format!("{} is not a JSON pointer", Shown(&pointer)));
    }
    text(pointer, "a JSON pointer")
}

fn kind(said: wire::Kind) -> Result<Kind, Why> {
    Ok(match said {
        wire::Kind::Plain => Kind::Plain,
        wire::Kind::Json(keys) => Kind::Json(list(keys, "keys", |key| text(key, "a key"))?),
        wire::Kind::Jsonl => Kind::Jsonl,
        wire::Kind::Sqlite => Kind::Sqlite,
    })
}

fn class(said: wire::Class) -> Class {
    match said {
        wire::Class::Settings => Class::Settings,
        wire::Class::Instructions => Class::Instructions,
        wire::Class::Skills => Class::Skills,
        wire::Class::Agents => Class::Agents,
        wire::Class::Memory => Class::Memory,
        wire::Class::History => Class::History,
        wire::Class::Plugins => Class::Plugins,
        wire::Class::CodeCache => Class::CodeCache,
        wire::Class::Credentials => Class::Credentials,
        wire::Class::Env => Class::Env,
        wire::Class::Cache => Class::Cache,
        wire::Class::Machine => Class::Machine,
        wire::Class::Managed => Class::Managed,
    }
}

fn tally(said: wire::Tally) -> Result<Tally, Why> {
    let of = match said.of {
        wire::TallyOf::Files(glob) => TallyOf::Files(
            GlobList::new(&[glob])
                .map_err(|e| format!("a tally: {}", Shown::sentence(&e.to_string())))?,
        ),
        wire::TallyOf::Folders(folders) => TallyOf::Folders(FolderTally {
            marker: RelPath::root()
                .join(&folders.marker)
                .map_err(|e| format!("the marker {}: {e}", Shown(&folders.marker)))?
                .to_string(),
            depth: folders.depth,
            unless: list(folders.unless, "exceptions", |path| {
                RelPath::new(&path).map_err(|e| format!("the exception {}: {e}", Shown(&path)))
            })?,
        }),
    };
    Ok(Tally {
        noun: name(said.noun, "the noun")?,
        plural: name(said.plural, "the plural")?,
        at: location(said.at, "a tally")?,
        of,
    })
}

fn running(said: wire::RunningCheck) -> Result<RunningCheck, Why> {
    Ok(match said {
        wire::RunningCheck::Process(process) => {
            RunningCheck::Process(name(process, "the process name")?)
        }
        wire::RunningCheck::LockFile(place) => RunningCheck::LockFile(lock_file(place)?),
    })
}

/// The last component may hold `*`; the rest is an ordinary location.
fn lock_file(said: wire::Location) -> Result<Location, Why> {
    let literal = wire::Location {
        path: said.path.replace('*', "x"),
        base: said.base.clone(),
    };
    location(literal, "a lock file")?;
    if said
        .path
        .rsplit_once('/')
        .is_some_and(|(above, _)| above.contains('*'))
    {
        return Err(format!(
            "the lock file {} has `*` in a directory",
            Shown(&said.path)
        ));
    }
    let path = RelPath::new(&said.path).map_err(|e| format!("a lock file: {e}"))?;
    Ok(Location {
        base: base(said.base)?,
        path,
    })
}
