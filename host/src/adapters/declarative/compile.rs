//! From what a file says to what it can answer, each part held against the checks that
//! meet a component's answers, and named with its place in the file.

use super::super::{convert, wire};
use super::format::{self, Format};
use super::places::{Places, Written, plain};
use super::{Table, TableRule, hints};
use crate::model::{Location, Shown};
use std::collections::BTreeSet;
use std::ops::Range;
use toml::Spanned;

/// What is wrong, and at which byte; foreign parts of `why` are already escaped.
pub(super) struct Wrong {
    pub(super) at: usize,
    pub(super) why: String,
}

impl Wrong {
    pub(super) fn new(span: Range<usize>, why: impl Into<String>) -> Self {
        let (at, why) = (span.start, why.into());
        Self { at, why }
    }
}

/// Says where something is wrong.
fn at<T>(span: Range<usize>, result: Result<T, String>) -> Result<T, Wrong> {
    result.map_err(|why| Wrong::new(span, why))
}

/// The name of a rule's copy for the second and later locations of its place.
pub(super) fn numbered(id: &str, number: usize) -> String {
    match number {
        0 => id.to_owned(),
        number => format!("{id}-{}", number + 1),
    }
}

/// Checks the file's meaning.
pub(super) fn compile(format: Format) -> Result<(wire::Identity, Table), Wrong> {
    let named = format.places.iter().map(|(name, at)| (name, at.get_ref()));
    let places = Places::read(named).map_err(|(name, why)| {
        let span = format.places.get(name).map(Spanned::span);
        Wrong::new(span.unwrap_or_default(), why)
    })?;
    let (scope, granted) = scope(&format.scope)?;
    let checker = Checker {
        places: &places,
        granted: &granted,
    };
    let rules = rules(&checker, format.rules)?;
    let tallies = format.tallies.into_iter().map(|one| tally(&checker, one));
    let tallies = tallies.collect::<Result<Vec<_>, _>>()?;
    let lock_files = format.running.lock_files.iter();
    let lock_files = lock_files.map(|text| lock_file(&checker, text));
    let lock_files = lock_files.collect::<Result<Vec<_>, _>>()?;
    let all = |texts: &[Spanned<String>], what: &str| {
        let places = texts.iter().map(|text| checker.place(text, what));
        places.collect::<Result<Vec<_>, _>>()
    };
    let signs = all(&format.detect, "`detect`")?;
    let shared = all(&format.shared, "`shared`")?;
    let mut processes = Vec::new();
    for process in format.running.processes {
        let check = wire::RunningCheck::Process(process.get_ref().clone());
        at(process.span(), converted(|all| all.running.push(check)))?;
        processes.push(process.into_inner());
    }
    let mut notes = Vec::new();
    for note in format.notes {
        let text = note.get_ref().clone();
        at(note.span(), converted(|all| all.notes.push(text)))?;
        notes.push(note.into_inner());
    }
    let hints = hints(format.hints, &rules)?;
    let identity = wire::Identity {
        id: format.id.into_inner(),
        name: format.name,
        version: format.version.into_inner(),
        description: format.description,
        homepage: format.homepage,
        licence: format.licence,
        variables: format.variables,
        scope,
        probes: Vec::new(),
    };
    let table = Table {
        places,
        signs,
        shared,
        rules,
        tallies,
        processes,
        lock_files,
        notes,
        hints,
    };
    Ok((identity, table))
}

fn scope(texts: &[Spanned<String>]) -> Result<(Vec<wire::Location>, Vec<Location>), Wrong> {
    let (mut said, mut granted) = (Vec::new(), Vec::new());
    for text in texts {
        let place = at(text.span(), plain(text.get_ref()))?;
        let checked = convert::location(place.clone(), "its scope");
        granted.push(at(text.span(), checked)?);
        said.push(place);
    }
    Ok((said, granted))
}

/// What locations are held against.
struct Checker<'a> {
    places: &'a Places,
    granted: &'a [Location],
}

impl Checker<'_> {
    /// A location of which every possible meaning is a place inside the scope.
    fn place(&self, text: &Spanned<String>, what: &str) -> Result<Written, Wrong> {
        let checked = self.everywhere_in_scope(text.get_ref(), what);
        at(text.span(), checked)
    }

    fn everywhere_in_scope(&self, text: &str, what: &str) -> Result<Written, String> {
        let written = self.places.understand(text);
        let written = written.map_err(|why| format!("{what}: {why}"))?;
        for place in self.places.everywhere(&written) {
            self.inside(&convert::location(place, what)?, what)?;
        }
        Ok(written)
    }

    fn inside(&self, place: &Location, what: &str) -> Result<(), String> {
        if self.granted.iter().any(|granted| granted.contains(place)) {
            return Ok(());
        }
        let scope: Vec<String> = self.granted.iter().map(ToString::to_string).collect();
        let refused = crate::model::Refused::OutsideScope {
            what: what.to_owned(),
            place: place.to_string(),
            scope: scope.join(", "),
        };
        Err(refused.to_string())
    }
}

/// Puts one thing into a declaration and lets that be converted.
fn converted(put: impl FnOnce(&mut wire::Declaration)) -> Result<(), String> {
    let mut declaration = wire::Declaration {
        rules: Vec::new(),
        tallies: Vec::new(),
        running: Vec::new(),
        notes: Vec::new(),
    };
    put(&mut declaration);
    convert::declaration(declaration).map(|_| ())
}

fn rules(
    checker: &Checker<'_>,
    written: Vec<Spanned<format::Rule>>,
) -> Result<Vec<TableRule>, Wrong> {
    let most = crate::model::limits::DECLARED_RULES;
    if let Some(first_too_many) = written.get(most) {
        let why = format!("it has more than {most} rules");
        return Err(Wrong::new(first_too_many.span(), why));
    }
    let (mut rules, mut ids) = (Vec::new(), BTreeSet::new());
    for one in written {
        let (whole, span) = (one.span(), one.get_ref().id.span());
        let rule = rule(checker, one.into_inner(), whole)?;
        if !ids.insert(rule.rule.id.clone()) {
            let why = format!("two rules are called `{}`", Shown(&rule.rule.id));
            return Err(Wrong::new(span, why));
        }
        rules.push(rule);
    }
    Ok(rules)
}

fn rule(
    checker: &Checker<'_>,
    written: format::Rule,
    whole: Range<usize>,
) -> Result<TableRule, Wrong> {
    let what = format!("rule `{}`", Shown(written.id.get_ref()));
    let wrong = |why: &str| Err(Wrong::new(whole.clone(), format!("{what} {why}")));
    let (shape, text) = match (&written.file, &written.tree) {
        (Some(file), None) => (wire::Shape::File, file),
        (None, Some(tree)) => (wire::Shape::Directory, tree),
        (None, None) => return wrong("says neither `file` nor `tree`; it must say one"),
        (Some(_), Some(_)) => return wrong("says both `file` and `tree`; it must say one"),
    };
    if !written.keys.is_empty() && written.kind != Some(format::Kind::Json) {
        return wrong("has `keys`, which go with kind = \"json\"");
    }
    let lies = checker.place(text, &what)?;
    let mut rule = wire::Rule {
        id: written.id.get_ref().clone(),
        at: at(text.span(), plain("project"))?,
        shape,
        take: written.take.clone(),
        leave: written.leave.clone(),
        class: class(written.class),
        options: options(&written),
    };
    if let Some(place) = checker.places.everywhere(&lies).into_iter().next() {
        rule.at = place;
    }
    let sample = rule.clone();
    at(whole, converted(|all| all.rules.push(sample)))?;
    Ok(TableRule {
        os: written.os,
        at: lies,
        rule,
    })
}

fn options(written: &format::Rule) -> Vec<wire::RuleOption> {
    let mut options = Vec::new();
    if written.links == format::Links::Follow {
        options.push(wire::RuleOption::Links(wire::LinkPolicy::Follow));
    }
    options.extend(written.kind.map(|kind| {
        wire::RuleOption::Kind(match kind {
            format::Kind::Plain => wire::Kind::Plain,
            format::Kind::Json => wire::Kind::Json(written.keys.clone()),
            format::Kind::Jsonl => wire::Kind::Jsonl,
            format::Kind::Sqlite => wire::Kind::Sqlite,
        })
    }));
    options.extend(written.placement.map(|placement| {
        wire::RuleOption::Placement(match placement {
            format::Placement::Always => wire::Placement::Always,
            format::Placement::SameHome => wire::Placement::SameHome,
            format::Placement::HintsOnly => wire::Placement::HintsOnly,
        })
    }));
    if written.read_back {
        options.push(wire::RuleOption::ReadBack);
    }
    let secrets = written.secrets.iter().cloned();
    options.extend(secrets.map(wire::RuleOption::Secret));
    let paths = written.machine_paths.iter().cloned();
    options.extend(paths.map(wire::RuleOption::MachinePath));
    options
}

fn class(written: format::Class) -> wire::Class {
    match written {
        format::Class::Settings => wire::Class::Settings,
        format::Class::Instructions => wire::Class::Instructions,
        format::Class::Skills => wire::Class::Skills,
        format::Class::Agents => wire::Class::Agents,
        format::Class::Memory => wire::Class::Memory,
        format::Class::History => wire::Class::History,
        format::Class::Plugins => wire::Class::Plugins,
        format::Class::CodeCache => wire::Class::CodeCache,
        format::Class::Credentials => wire::Class::Credentials,
        format::Class::Env => wire::Class::Env,
        format::Class::Cache => wire::Class::Cache,
        format::Class::Machine => wire::Class::Machine,
        format::Class::Managed => wire::Class::Managed,
    }
}

fn tally(
    checker: &Checker<'_>,
    written: Spanned<format::Tally>,
) -> Result<(Written, wire::Tally), Wrong> {
    let span = written.span();
    at(span, counted(checker, written.into_inner()))
}

fn counted(
    checker: &Checker<'_>,
    written: format::Tally,
) -> Result<(Written, wire::Tally), String> {
    let of = match (written.files, written.folders_with, written.depth) {
        (Some(glob), None, None) if written.unless.is_empty() => wire::TallyOf::Files(glob),
        (None, Some(marker), Some(depth)) => wire::TallyOf::Folders(wire::FolderTally {
            marker,
            depth,
            unless: written.unless,
        }),
        _ => {
            let right = "a tally says `files`, or `folders-with` and `depth` (and `unless`)";
            return Err(right.to_owned());
        }
    };
    let what = "a tally";
    let at = checker.everywhere_in_scope(&written.at, what)?;
    let place = checker.places.everywhere(&at).into_iter().next();
    let tally = wire::Tally {
        noun: written.noun,
        plural: written.plural,
        at: place.ok_or_else(|| format!("{what} is nowhere"))?,
        of,
    };
    let sample = tally.clone();
    converted(|all| all.tallies.push(sample))?;
    Ok((at, tally))
}

fn lock_file(checker: &Checker<'_>, text: &Spanned<String>) -> Result<Written, Wrong> {
    let read = || {
        let written = checker.places.understand(text.get_ref());
        let written = written.map_err(|why| format!("a lock file: {why}"))?;
        for mut place in checker.places.everywhere(&written) {
            let check = wire::RunningCheck::LockFile(place.clone());
            converted(|all| all.running.push(check))?;
            // `*` may stand in its name, which is nothing to the scope.
            place.path = place.path.replace('*', "x");
            checker.inside(&convert::location(place, "a lock file")?, "a lock file")?;
        }
        Ok(written)
    };
    at(text.span(), read())
}

fn hints(
    written: Vec<Spanned<format::Hint>>,
    rules: &[TableRule],
) -> Result<Vec<format::Hint>, Wrong> {
    let mut all = Vec::new();
    for hint in written {
        let span = hint.span();
        let hint = hint.into_inner();
        at(span, hints::check(&hint, rules))?;
        all.push(hint);
    }
    Ok(all)
}
