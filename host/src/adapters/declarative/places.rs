//! Where a file's locations lie: bases, variables, and the names the file gives to places.

use super::super::wire;
use super::format::{OneOrMore, Place, System};
use crate::model::{Base, Shown};
use std::collections::BTreeMap;

/// What the words at the beginning of a location may be.
pub(super) const BASES: &str = "home, config, data, state, project or var/NAME";

/// A location as the file writes it: what it begins with, and the path below that.
#[derive(Clone)]
pub(super) struct Written {
    pub(super) head: Head,
    pub(super) path: String,
}

/// What a location begins with.
#[derive(Clone)]
pub(super) enum Head {
    Base(wire::Base),
    Place(String),
}

/// A base and a path, without a place's name.
pub(super) fn plain(text: &str) -> Result<wire::Location, String> {
    let (head, rest) = text.split_once('/').unwrap_or((text, ""));
    let base = match head {
        "home" => wire::Base::Home,
        "config" => wire::Base::Config,
        "data" => wire::Base::Data,
        "state" => wire::Base::State,
        "project" => wire::Base::Project,
        Base::VARIABLE_TREE => {
            let (name, rest) = rest.split_once('/').unwrap_or((rest, ""));
            return Ok(wire::Location {
                base: wire::Base::Variable(name.to_owned()),
                path: rest.to_owned(),
            });
        }
        _ => {
            let shown = Shown(text);
            return Err(format!(
                "{shown} does not begin with a base: write {BASES}, then `/` and a path"
            ));
        }
    };
    let path = rest.to_owned();
    Ok(wire::Location { base, path })
}

/// The places of a file, by name.
pub(super) struct Places(BTreeMap<String, Known>);

struct Known {
    /// The variable that moves it, as a location of its own.
    variable: Option<(String, wire::Location)>,
    linux: Vec<wire::Location>,
    macos: Vec<wire::Location>,
    windows: Vec<wire::Location>,
}

impl Known {
    fn on(&self, os: wire::OperatingSystem) -> &[wire::Location] {
        match os {
            wire::OperatingSystem::Linux => &self.linux,
            wire::OperatingSystem::Macos => &self.macos,
            wire::OperatingSystem::Windows => &self.windows,
        }
    }
}

impl Places {
    /// Reads the table of places; an error comes with the name of its place.
    pub(super) fn read<'a>(
        table: impl Iterator<Item = (&'a String, &'a Place)>,
    ) -> Result<Self, (&'a String, String)> {
        let mut places = BTreeMap::new();
        for (name, place) in table {
            let known = Known::read(name, place).map_err(|why| (name, why))?;
            places.insert(name.clone(), known);
        }
        Ok(Self(places))
    }

    /// Understands a location of the file.
    pub(super) fn understand(&self, text: &str) -> Result<Written, String> {
        let (head, path) = text.split_once('/').unwrap_or((text, ""));
        if self.0.contains_key(head) {
            return Ok(Written {
                head: Head::Place(head.to_owned()),
                path: path.to_owned(),
            });
        }
        let location = plain(text).map_err(|why| match self.0.len() {
            0 => why,
            _ => {
                let names: Vec<&str> = self.0.keys().map(String::as_str).collect();
                let shown = Shown(text);
                let names = names.join(", ");
                format!(
                    "{shown} begins neither with a base ({BASES}) nor with a place of this file \
                     ({names})"
                )
            }
        })?;
        Ok(Written {
            head: Head::Base(location.base),
            path: location.path,
        })
    }

    /// Where a location lies for these facts: nowhere, when its place is not on this system.
    pub(super) fn resolve(&self, written: &Written, facts: &wire::Facts) -> Vec<wire::Location> {
        match &written.head {
            Head::Base(base) => vec![below(
                &wire::Location {
                    base: base.clone(),
                    path: String::new(),
                },
                &written.path,
            )],
            Head::Place(name) => {
                let Some(known) = self.0.get(name) else {
                    return Vec::new();
                };
                let is_set = |name: &str| facts.variables.iter().any(|known| known.name == name);
                match &known.variable {
                    Some((name, moved)) if is_set(name) => vec![below(moved, &written.path)],
                    _ => known
                        .on(facts.os)
                        .iter()
                        .map(|at| below(at, &written.path))
                        .collect(),
                }
            }
        }
    }

    /// Everywhere a location may ever lie.
    pub(super) fn everywhere(&self, written: &Written) -> Vec<wire::Location> {
        match &written.head {
            Head::Base(base) => vec![wire::Location {
                base: base.clone(),
                path: written.path.clone(),
            }],
            Head::Place(name) => {
                let known = self.0.get(name);
                let all = known.into_iter().flat_map(|known| {
                    let moved = known.variable.iter().map(|(_, moved)| moved);
                    moved
                        .chain(&known.linux)
                        .chain(&known.macos)
                        .chain(&known.windows)
                });
                all.map(|at| below(at, &written.path)).collect()
            }
        }
    }
}

impl Known {
    fn read(name: &str, place: &Place) -> Result<Self, String> {
        let legal = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let fine = (1..=32).contains(&name.len()) && name.bytes().all(legal);
        if !fine {
            let shown = Shown(name);
            return Err(format!(
                "the place {shown} is not 1 to 32 of a-z, 0-9 and -"
            ));
        }
        if Base::plain(name).is_some() || name == Base::VARIABLE_TREE {
            return Err(format!("`{name}` is a base; call the place something else"));
        }
        let variable = match &place.variable {
            Some(variable) => Some((
                variable.clone(),
                wire::Location {
                    base: wire::Base::Variable(variable.clone()),
                    path: place.below.clone(),
                },
            )),
            None if place.below.is_empty() => None,
            None => return Err(format!("the place `{name}` has `below` and no `variable`")),
        };
        let on = |own: &Option<OneOrMore>| locations(own.as_ref().or(place.otherwise.as_ref()));
        let known = Self {
            variable,
            linux: on(&place.linux)?,
            macos: on(&place.macos)?,
            windows: on(&place.windows)?,
        };
        let nowhere = known.variable.is_none()
            && [&known.linux, &known.macos, &known.windows]
                .iter()
                .all(|list| list.is_empty());
        if nowhere {
            return Err(format!(
                "the place `{name}` is nowhere: say `else`, `linux`, `macos`, `windows` or `variable`"
            ));
        }
        Ok(known)
    }
}

fn locations(texts: Option<&OneOrMore>) -> Result<Vec<wire::Location>, String> {
    let Some(OneOrMore(texts)) = texts else {
        return Ok(Vec::new());
    };
    let most = crate::model::limits::PLACE_LOCATIONS;
    if texts.len() > most {
        return Err(format!("a place has at most {most} locations"));
    }
    texts.iter().map(|text| plain(text)).collect()
}

fn below(at: &wire::Location, path: &str) -> wire::Location {
    let path = match (at.path.as_str(), path) {
        (above, "") => above.to_owned(),
        ("", path) => path.to_owned(),
        (above, path) => format!("{above}/{path}"),
    };
    wire::Location {
        base: at.base.clone(),
        path,
    }
}

/// Whether a list of systems has this one; an empty list has all.
pub(super) fn includes(systems: &[System], os: wire::OperatingSystem) -> bool {
    let same = |system: &System| {
        matches!(
            (system, os),
            (System::Linux, wire::OperatingSystem::Linux)
                | (System::Macos, wire::OperatingSystem::Macos)
                | (System::Windows, wire::OperatingSystem::Windows)
        )
    };
    systems.is_empty() || systems.iter().any(same)
}
