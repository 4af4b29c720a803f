//! What the short names of reasons mean, in sentences for people. ASCII only: all of
//! it may end up in a note line.

use crate::{
    model::{Install, Manual, Parse, Recovery, Refused, Scope, Skipped, Warning},
    names::shown_path,
    source::ByHand,
};
use alloc::{format, string::String, vec::Vec};

/// How to add a marketplace that only settings can express.
const SETTINGS_ENTRY: &str = "add it under extraKnownMarketplaces in settings.json";

/// What to do about a marketplace that no command adds.
pub fn by_hand(manual: &Manual) -> String {
    let advice = match manual.reason {
        ByHand::AmbiguousUrl => {
            format!("its address does not tell a repository from a list; {SETTINGS_ENTRY}")
        }
        ByHand::BadSource => "its record names no source; find out where it comes from".into(),
        ByHand::CredentialsInUrl => {
            "its address holds a login, which is not repeated here; add it with one of your own"
                .into()
        }
        ByHand::CustomPath => format!("its list is not in the usual place; {SETTINGS_ENTRY}"),
        ByHand::InsecureUrl => "its address is not encrypted; ask its owner for another".into(),
        ByHand::InvalidRef => {
            "its branch or tag cannot stand in a command; look it up and add it yourself".into()
        }
        ByHand::InvalidRepo | ByHand::InvalidUrl => {
            "its address cannot stand in a command; look it up and add it yourself".into()
        }
        ByHand::LocalPath => local_path(manual.path.as_deref()),
        ByHand::ReservedName => {
            "only Anthropic may use this name and its source is another; add the real one".into()
        }
        ByHand::SecretHeaders => format!("it needs secret headers; {SETTINGS_ENTRY}"),
        ByHand::UnknownMarketplace => {
            "no file says where it comes from; find out and add it".into()
        }
        ByHand::UnsupportedSource => {
            format!(
                "no command adds this kind of source; unless it is there already, {SETTINGS_ENTRY}"
            )
        }
    };
    format!(
        "Marketplace {}: {advice} ({}).",
        manual.marketplace,
        manual.reason.as_str()
    )
}

fn local_path(path: Option<&str>) -> String {
    let place = path
        .map(|path| format!(" {}", shown_path(path)))
        .unwrap_or_default();
    format!("it was the folder or file{place}; bring that back, then add its new path")
}

/// Which entry was refused, and why.
pub fn refused(skipped: &Skipped) -> String {
    let why = match skipped.reason {
        Refused::BadProjectPath => {
            "its project is no folder of this system; install it there by hand"
        }
        Refused::BadScope => "its scope is not known",
        Refused::Dependency => "it comes back with the plugin that needs it",
        Refused::InvalidId => "this is not the name of a plugin",
        Refused::InvalidName => "this is not the name of a marketplace",
        Refused::ManagedScope => "your administrator installs it",
        Refused::NoRecords => "it was not installed anywhere",
        Refused::NotAnObject => "its record is damaged",
        Refused::PseudoMarketplace => "it comes from a folder, your account or the command line",
    };
    format!(
        "{} in {}: {why} ({}).",
        skipped.shown,
        skipped.place,
        skipped.reason.as_str()
    )
}

/// What a warning means.
pub fn warning(warning: Warning) -> String {
    let sentence = match warning {
        Warning::BadEnabledValue => {
            "settings.json has plugins that are neither on nor off; they are left as they are"
        }
        Warning::UnknownVersion => {
            "installed_plugins.json has an unknown version; check that no plugin is missing"
        }
    };
    format!("{sentence} ({}).", warning.as_str())
}

/// What is wrong with a file that could not be read.
pub fn damage(parse: Parse) -> &'static str {
    match parse {
        Parse::Ok | Parse::Missing => "is as expected",
        Parse::Empty => "is empty",
        Parse::Malformed => "is not valid JSON",
        Parse::BadShape => "does not have the expected contents",
        Parse::NotUtf8 => "is not UTF-8 text",
        Parse::TooLarge => "is too large to be a manifest",
    }
}

/// Where an install must run, if that matters.
pub fn inside(install: &Install) -> Option<String> {
    let path = install
        .cwd
        .as_deref()
        .filter(|_| install.scope != Scope::User)?;
    Some(format!(
        "in the project {} ({} scope)",
        shown_path(path),
        install.scope.as_str()
    ))
}

/// What is to be done, in one sentence with numbers.
pub fn summary(recovery: &Recovery) -> String {
    let mut ids: Vec<&str> = recovery.installs.iter().map(|i| i.id.as_str()).collect();
    ids.dedup();
    let parts = [
        count(recovery.marketplaces.len(), "marketplace", "to add"),
        count(recovery.manual.len(), "marketplace", "to add by hand"),
        count(ids.len(), "plugin", "to install"),
    ];
    let parts = joined(parts.iter().flatten(), ", ");
    format!("Claude Code must fetch its plugins again: {parts}.")
}

fn count(number: usize, noun: &str, what: &str) -> Option<String> {
    let plural = if number == 1 { "" } else { "s" };
    (number > 0).then(|| format!("{number} {noun}{plural} {what}"))
}

/// The texts with something between them.
pub fn joined<'a>(texts: impl Iterator<Item = &'a String>, between: &str) -> String {
    let mut whole = String::new();
    for text in texts {
        if !whole.is_empty() {
            whole.push_str(between);
        }
        whole.push_str(text);
    }
    whole
}
