//! What a restored manifest asks for: the bytes of up to three files become lists of
//! marketplaces to add, plugins to install and switch off, and of what is left to a
//! person. Pure, and total: no input is wrong enough to stop it.

use crate::{
    model::{
        Files, Install, Manual, Marketplace, Parse, ParseStates, Recovery, Refused, Scope, Skipped,
        Warning,
    },
    names::{is_name, is_project_path, is_pseudo, is_version, shown, split_id},
    source::{ByHand, argument, local_path},
};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::{format, string::String, vec::Vec};
use serde_json::{Map, Value};
use takeback_adapter::OperatingSystem;

/// Largest manifest that is read; an honest one of two hundred plugins has 27 kB.
const MAX_FILE: usize = 1 << 20;

type Object = Map<String, Value>;

/// Works out what to do from the restored files.
pub fn recover(os: OperatingSystem, files: &Files<'_>) -> Recovery {
    let installed = read(files.installed);
    let known = read(files.known);
    let settings = read(files.settings);
    let mut parse = ParseStates {
        installed: state(&installed),
        known: state(&known),
        settings: state(&settings),
    };

    let mut work = Work {
        os,
        installs: Vec::new(),
        skipped: Vec::new(),
    };
    let mut warnings = Vec::new();
    let mut plugins = None;
    if let Ok(root) = &installed {
        plugins = object(root, "plugins");
        if plugins.is_none() {
            parse.installed = Parse::BadShape;
        }
        if !is_known_version(root) {
            warnings.push(Warning::UnknownVersion);
        }
    }
    work.installed(plugins);

    let enabled = settings
        .as_ref()
        .ok()
        .and_then(|root| object(root, "enabledPlugins"));
    work.enabled(enabled, plugins);
    if enabled.is_some_and(|enabled| !enabled.values().all(is_switch)) {
        warnings.insert(0, Warning::BadEnabledValue);
    }

    let known = ("known_marketplaces", known.as_ref().ok());
    let extra = settings.as_ref().map_or(("", None), extra_marketplaces);
    work.finish(parse, warnings, enabled, [known, extra])
}

fn read(bytes: Option<&[u8]>) -> Result<Object, Parse> {
    let bytes = bytes.ok_or(Parse::Missing)?;
    if bytes.len() > MAX_FILE {
        return Err(Parse::TooLarge);
    }
    let text = core::str::from_utf8(bytes).map_err(|_| Parse::NotUtf8)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() {
        return Err(Parse::Empty);
    }
    match serde_json::from_str(text) {
        Ok(Value::Object(root)) => Ok(root),
        Ok(_) => Err(Parse::BadShape),
        Err(_) => Err(Parse::Malformed),
    }
}

fn state(file: &Result<Object, Parse>) -> Parse {
    file.as_ref().err().copied().unwrap_or(Parse::Ok)
}

fn object<'a>(root: &'a Object, key: &str) -> Option<&'a Object> {
    root.get(key).and_then(Value::as_object)
}

/// Both versions are read alike, and an unknown one as far as it looks familiar.
fn is_known_version(root: &Object) -> bool {
    let version = root.get("version").and_then(Value::as_f64);
    version == Some(1.0) || version == Some(2.0)
}

/// Whether a value under `enabledPlugins` says on or off. A list switches parts on.
fn is_switch(value: &Value) -> bool {
    matches!(value, Value::Bool(_) | Value::Array(_))
}

/// A list of marketplaces and the place it stood in.
type Markets<'a> = (&'static str, Option<&'a Object>);

/// The marketplaces that settings name. Claude Code reads the second spelling only
/// where the first is missing.
fn extra_marketplaces(settings: &Object) -> Markets<'_> {
    let spelling = if settings.contains_key("extraKnownMarketplaces") {
        "extraKnownMarketplaces"
    } else {
        "additionalMarketplaces"
    };
    (spelling, object(settings, spelling))
}

/// Collects what the files ask for, in the order of the files.
struct Work {
    os: OperatingSystem,
    installs: Vec<Install>,
    skipped: Vec<Skipped>,
}

impl Work {
    fn skip(&mut self, place: &'static str, name: &str, reason: Refused) {
        self.skipped.push(Skipped {
            place,
            shown: shown(name),
            reason,
        });
    }

    fn install(&mut self, id: &str, scope: Scope, cwd: Option<String>, was: Option<String>) {
        self.installs.push(Install {
            id: id.into(),
            scope,
            cwd,
            was,
            after_manual: false,
        });
    }

    fn installed(&mut self, plugins: Option<&Object>) {
        let place = "installed_plugins";
        for (id, records) in plugins.into_iter().flatten() {
            if !self.installable(place, id) {
                continue;
            }
            match records {
                Value::Null => self.skip(place, id, Refused::NoRecords),
                Value::Array(records) if records.is_empty() => {
                    self.skip(place, id, Refused::NoRecords);
                }
                Value::Array(records) => records.iter().for_each(|record| self.record(id, record)),
                record => self.record(id, record),
            }
        }
    }

    /// Whether a command can install this id; says why not.
    fn installable(&mut self, place: &'static str, id: &str) -> bool {
        let reason = match split_id(id) {
            None => Refused::InvalidId,
            Some((_, market)) if is_pseudo(market) => Refused::PseudoMarketplace,
            Some(_) => return true,
        };
        self.skip(place, id, reason);
        false
    }

    fn record(&mut self, id: &str, record: &Value) {
        let place = "installed_plugins";
        let Value::Object(record) = record else {
            return self.skip(place, id, Refused::NotAnObject);
        };
        match self.target(record) {
            Ok((scope, cwd)) => {
                let was = record.get("version").and_then(Value::as_str);
                let was = was.filter(|version| is_version(version)).map(String::from);
                self.install(id, scope, cwd, was);
            }
            Err(reason) => self.skip(place, id, reason),
        }
    }

    /// For whom a record installs, and in which project.
    fn target(&self, record: &Object) -> Result<(Scope, Option<String>), Refused> {
        let scope = match record.get("scope").map(Value::as_str) {
            // Version 1 knew no scopes: everything was the person's.
            None | Some(Some("user")) => Scope::User,
            Some(Some("project")) => Scope::Project,
            Some(Some("local")) => Scope::Local,
            Some(Some("managed")) => return Err(Refused::ManagedScope),
            Some(_) => return Err(Refused::BadScope),
        };
        if record.get("auto") == Some(&Value::Bool(true)) {
            return Err(Refused::Dependency);
        }
        if scope == Scope::User {
            return Ok((scope, None));
        }
        let path = record.get("projectPath").and_then(Value::as_str);
        let path = path.filter(|path| is_project_path(self.os, path));
        path.map(|path| (scope, Some(path.into())))
            .ok_or(Refused::BadProjectPath)
    }

    /// Takes from settings what is switched on without being in the manifest: where
    /// only settings are synced, that is all there is.
    fn enabled(&mut self, enabled: Option<&Object>, plugins: Option<&Object>) {
        for (id, value) in enabled.into_iter().flatten() {
            let on = matches!(value, Value::Bool(true) | Value::Array(_));
            let listed = plugins.is_some_and(|plugins| plugins.contains_key(id));
            if on && !listed && self.installable("enabledPlugins", id) {
                self.install(id, Scope::User, None, None);
            }
        }
    }

    /// Adds the marketplaces, sorts everything and drops what is said twice.
    fn finish(
        mut self,
        parse: ParseStates,
        warnings: Vec<Warning>,
        enabled: Option<&Object>,
        lists: [Markets<'_>; 2],
    ) -> Recovery {
        // No id, scope or path holds a NUL, so the joined key sorts like its parts.
        self.installs = sorted(self.installs, |install| {
            let cwd = install.cwd.as_deref().unwrap_or_default();
            format!("{}\0{}\0{cwd}", install.id, install.scope.as_str())
        });

        let (marketplaces, manual) = self.marketplaces(lists);
        for install in &mut self.installs {
            let by_hand = |manual: &Manual| manual.marketplace.as_str().cmp(market(&install.id));
            install.after_manual = manual.binary_search_by(by_hand).is_ok();
        }
        let off = |id: &String| enabled.and_then(|list| list.get(id)) == Some(&Value::Bool(false));
        let ids = self.installs.iter().map(|install| install.id.clone());
        let mut disables: Vec<String> = ids.filter(off).collect();
        disables.dedup();

        let Self {
            installs, skipped, ..
        } = self;
        let skipped = sorted(skipped, |entry| {
            format!(
                "{}\0{}\0{}",
                entry.place,
                entry.shown,
                entry.reason.as_str()
            )
        });
        Recovery {
            parse,
            marketplaces,
            installs,
            disables,
            manual,
            skipped,
            warnings,
        }
    }

    /// Every marketplace that a list or an install names, by its first usable record.
    /// The manifest comes first, because it knows what was really used.
    fn marketplaces(&mut self, lists: [Markets<'_>; 2]) -> (Vec<Marketplace>, Vec<Manual>) {
        let mut names = BTreeSet::new();
        for (place, list) in lists {
            for (name, record) in list.into_iter().flatten() {
                if !is_name(name) {
                    self.skip(place, name, Refused::InvalidName);
                } else if !record.is_object() {
                    self.skip(place, name, Refused::NotAnObject);
                } else {
                    names.insert(name.clone());
                }
            }
        }
        for install in &self.installs {
            names.insert(market(&install.id).into());
        }
        let mut marketplaces = Vec::new();
        let mut manual = Vec::new();
        for name in names {
            let record = lists.iter().find_map(|(_, list)| object((*list)?, &name));
            match record.map_or(Err(ByHand::UnknownMarketplace), |record| {
                argument(&name, record)
            }) {
                Ok(arg) => marketplaces.push(Marketplace { name, arg }),
                Err(reason) => {
                    let path = record
                        .filter(|_| reason == ByHand::LocalPath)
                        .and_then(local_path);
                    manual.push(Manual {
                        marketplace: name,
                        reason,
                        path: path.map(String::from),
                    });
                }
            }
        }
        (marketplaces, manual)
    }
}

/// The marketplace that an id names.
fn market(id: &str) -> &str {
    split_id(id).map_or("", |(_, market)| market)
}

/// The items in the order of their keys, of equal ones the first.
fn sorted<T>(items: Vec<T>, key: impl Fn(&T) -> String) -> Vec<T> {
    let mut order = BTreeMap::new();
    for item in items {
        order.entry(key(&item)).or_insert(item);
    }
    order.into_values().collect()
}
