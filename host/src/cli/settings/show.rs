//! `takeback config show` and `config path`.

use super::file::{self, Said};
use super::{KEYS, Place, keys};
use crate::cli::config;
use crate::cli::context;
use crate::cli::error::{CommandError, ExitStatus};
use crate::cli::render::json;
use serde::Serialize;
use serde_json::Value;
use std::ffi::OsStr;
use std::path::Path;
use takeback::model::{Shown, ShownPath};

#[derive(Serialize)]
struct Document {
    schema_version: u32,
    message_type: &'static str,
    config: String,
    /// Whether the file is there.
    exists: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    settings: Option<Vec<Setting>>,
}

/// One setting as it is now.
#[derive(Serialize)]
struct Setting {
    key: String,
    value: Value,
    /// `flag`, `environment`, `file` or `default`.
    origin: &'static str,
    /// The flag, the variable, or the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    named_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    default: Value,
}

pub(super) fn path(place: &Place<'_>) -> Result<ExitStatus, CommandError> {
    let exists = config::exists(&place.path)?;
    if place.voice.json {
        json::print(&document(place, exists, None));
    } else {
        place.voice.line(ShownPath(&place.path));
        if !exists {
            place
                .voice
                .say("It is not there; every setting is what it is by default");
        }
    }
    Ok(ExitStatus::Done)
}

pub(super) fn show(place: &Place<'_>) -> Result<ExitStatus, CommandError> {
    let text = config::read_text(&place.path)?;
    if text.is_none() && place.global.config.is_some() {
        config::read(&place.path, true)?;
    }
    let exists = text.is_some();
    let text = text.unwrap_or_default();
    file::check(place, &text)?;
    let said = file::said(&text).unwrap_or_default();
    let settings = settings(place, &said)?;
    if place.voice.json {
        json::print(&document(place, exists, Some(settings)));
    } else {
        print(place, &settings);
    }
    Ok(ExitStatus::Done)
}

fn document(place: &Place<'_>, exists: bool, settings: Option<Vec<Setting>>) -> Document {
    Document {
        schema_version: json::SCHEMA,
        message_type: "config",
        config: place.path.display().to_string(),
        exists,
        settings,
    }
}

/// The settings of this run, those of the file, and the rest as they are by default.
fn settings(place: &Place<'_>, said: &[Said]) -> Result<Vec<Setting>, CommandError> {
    let mut all = vec![vault(place, said)?];
    let names = KEYS
        .iter()
        .map(|key| key.name)
        .filter(|name| *name != "vault");
    let of_file = |name: &str| said.iter().find(|said| said.name == name);
    all.extend(names.map(|name| from_file(place, name, of_file(name))));
    let single = said
        .iter()
        .filter(|said| said.name.starts_with("keep.target."));
    all.extend(single.map(|said| from_file(place, &said.name, Some(said))));
    all.push(config_file(place));
    all.push(no_input(place));
    Ok(all)
}

fn from_file(place: &Place<'_>, name: &str, said: Option<&Said>) -> Setting {
    let default = keys::default(name);
    Setting {
        key: name.to_owned(),
        value: said.map_or_else(|| default.clone(), |said| said.value.clone()),
        origin: if said.is_some() { "file" } else { "default" },
        named_by: said.map(|_| place.path.display().to_string()),
        line: said.map(|said| said.line),
        default,
    }
}

/// Whether a value was given by a flag or by a variable. Where both say the same, either is
/// true.
fn origin(value: &OsStr, flag: &str, variable: &str) -> (&'static str, String) {
    if std::env::var_os(variable).as_deref() == Some(value) {
        ("environment", variable.to_owned())
    } else {
        ("flag", flag.to_owned())
    }
}

fn vault(place: &Place<'_>, said: &[Said]) -> Result<Setting, CommandError> {
    let said = said.iter().find(|said| said.name == "vault");
    let configured = said.and_then(|said| said.value.as_str()).map(Into::into);
    let typed = place.global.vault.clone();
    let (home, own) = (&place.facts.home, &place.own);
    let path = context::vault_path(typed.clone(), configured, home, own)?;
    let text = |path: &Path| Value::from(path.display().to_string());
    let setting = Setting {
        default: text(&own.data),
        ..from_file(place, "vault", said)
    };
    Ok(match typed {
        Some(typed) => {
            let (origin, named_by) = origin(typed.as_os_str(), "--vault", "TAKEBACK_VAULT");
            Setting {
                value: text(&path),
                origin,
                named_by: Some(named_by),
                line: None,
                ..setting
            }
        }
        None => Setting {
            value: text(&path),
            ..setting
        },
    })
}

fn config_file(place: &Place<'_>) -> Setting {
    let default = place.own.config.join("config.toml").display().to_string();
    let named = place
        .global
        .config
        .as_ref()
        .map(|path| origin(path.as_os_str(), "--config", "TAKEBACK_CONFIG"));
    Setting {
        key: "config".to_owned(),
        value: place.path.display().to_string().into(),
        origin: named.as_ref().map_or("default", |(origin, _)| origin),
        named_by: named.map(|(_, by)| by),
        line: None,
        default: default.into(),
    }
}

fn no_input(place: &Place<'_>) -> Setting {
    let typed = std::env::args_os().any(|word| word == "--no-input");
    let (origin, named_by) = match (place.global.no_input, typed) {
        (false, _) => ("default", None),
        (true, true) => ("flag", Some("--no-input".to_owned())),
        (true, false) => ("environment", Some("TAKEBACK_NO_INPUT".to_owned())),
    };
    Setting {
        key: "no_input".to_owned(),
        value: place.global.no_input.into(),
        origin,
        named_by,
        line: None,
        default: false.into(),
    }
}

/// A value as people write it.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::Null => "no limit".to_owned(),
        Value::String(text) => Shown::again(text),
        other => Shown::again(&other.to_string()),
    }
}

fn print(place: &Place<'_>, settings: &[Setting]) {
    let home = &place.facts.home;
    let value = |setting: &Setting| match &setting.value {
        Value::String(text) if matches!(setting.key.as_str(), "vault" | "config") => {
            ShownPath::from_home(Path::new(text), home)
        }
        value => plain(value),
    };
    let width = |widths: &mut dyn Iterator<Item = usize>| widths.max().unwrap_or_default();
    let keys = width(&mut settings.iter().map(|setting| setting.key.chars().count()));
    let values = width(
        &mut settings
            .iter()
            .map(|setting| value(setting).chars().count()),
    );
    let values = values.min(40);
    for setting in settings {
        let from = match (setting.origin, &setting.named_by, setting.line) {
            ("file", _, Some(line)) => format!("{}:{line}", place.shown()),
            ("flag", Some(by), _) => format!("flag {by}"),
            ("environment", Some(by), _) => format!("variable {by}"),
            (origin, ..) => origin.to_owned(),
        };
        let key = Shown::again(&setting.key);
        let value = value(setting);
        place
            .voice
            .line(format!("{key:<keys$}  {value:<values$}  {from}"));
    }
}
