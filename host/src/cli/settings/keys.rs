//! Every setting there is, by its dotted name.

use super::file::Said;
use crate::cli::context::{PLAIN, TRASH_DAYS, UNDO_DAYS};
use crate::cli::error::CommandError;
use crate::cli::near::near;
use serde_json::Value;
use takeback::model::limits::UPKEEP_TIME;
use takeback::model::{Shown, TargetId};
use takeback::vault::retention::{DAY, Policy, Rules};

/// One setting.
pub(in crate::cli) struct Key {
    pub(in crate::cli) name: &'static str,
    pub(in crate::cli) about: &'static str,
}

const fn key(name: &'static str, about: &'static str) -> Key {
    Key { name, about }
}

/// All of them. `keep.target.NAME.` may stand in the place of `keep.`.
pub(in crate::cli) const KEYS: &[Key] = &[
    key("vault", "the directory that holds the backups"),
    key("undo_days", "days for which a restore can be taken back"),
    key("plain", "newest archives of a target that stay plain files"),
    key(
        "trash_days",
        "days for which what was removed can be had back",
    ),
    key(
        "upkeep_seconds",
        "seconds a backup may spend on older archives",
    ),
    key(
        "keep.min_keep",
        "newest complete ones that stay in any case",
    ),
    key("keep.max_size", "most bytes of each series"),
    key("keep.automatic.last", "automatic: so many of the newest"),
    key(
        "keep.automatic.hourly",
        "automatic: one of each of so many hours",
    ),
    key(
        "keep.automatic.daily",
        "automatic: one of each of so many days",
    ),
    key(
        "keep.automatic.weekly",
        "automatic: one of each of so many weeks",
    ),
    key(
        "keep.automatic.monthly",
        "automatic: one of each of so many months",
    ),
    key(
        "keep.automatic.yearly",
        "automatic: one of each of so many years",
    ),
    key("keep.automatic.within", "automatic: all of this time"),
    key("keep.manual.last", "by hand: so many of the newest"),
    key(
        "keep.manual.hourly",
        "by hand: one of each of so many hours",
    ),
    key("keep.manual.daily", "by hand: one of each of so many days"),
    key(
        "keep.manual.weekly",
        "by hand: one of each of so many weeks",
    ),
    key(
        "keep.manual.monthly",
        "by hand: one of each of so many months",
    ),
    key(
        "keep.manual.yearly",
        "by hand: one of each of so many years",
    ),
    key("keep.manual.within", "by hand: all of this time"),
    key("keep.safety.last", "safety: so many of the newest"),
    key("keep.safety.hourly", "safety: one of each of so many hours"),
    key("keep.safety.daily", "safety: one of each of so many days"),
    key("keep.safety.weekly", "safety: one of each of so many weeks"),
    key(
        "keep.safety.monthly",
        "safety: one of each of so many months",
    ),
    key("keep.safety.yearly", "safety: one of each of so many years"),
    key("keep.safety.within", "safety: all of this time"),
];

/// The setting of this name, or an error with the nearest names.
pub(super) fn find(name: &str) -> Result<&'static Key, CommandError> {
    let general = of_all_targets(name);
    let wanted = general.as_deref().unwrap_or(name);
    if let Some(key) = KEYS.iter().find(|key| key.name == wanted) {
        return Ok(key);
    }
    let error = CommandError::usage(format!("there is no setting {}", Shown(name)));
    Err(match nearest(name) {
        Some(nearest) => error.hint(format!("did you mean {nearest}?")),
        None => error.hint("`takeback config show` lists all of them"),
    })
}

/// The name that counts for every target, of one that is for a single one.
fn of_all_targets(name: &str) -> Option<String> {
    let (target, rest) = name.strip_prefix("keep.target.")?.split_once('.')?;
    TargetId::new(target).ok()?;
    Some(format!("keep.{rest}"))
}

/// The known name that was most likely meant: of the whole, or of its last part.
fn nearest(name: &str) -> Option<String> {
    if let Some(general) = of_all_targets(name) {
        let found = nearest(&general)?;
        let target = name.split('.').nth(2)?;
        return Some(found.replacen("keep.", &format!("keep.target.{target}."), 1));
    }
    let names = || KEYS.iter().map(|key| key.name);
    let of_whole = near(name, names()).first().map(|found| (*found).to_owned());
    of_whole.or_else(|| {
        let last = name.rsplit('.').next()?;
        let ends = names().filter(|known| known.rsplit('.').next() == Some(last));
        ends.map(str::to_owned).next()
    })
}

/// The error for the first name in a file that is no setting.
pub(in crate::cli) fn unknown(text: &str, path: &str) -> Option<CommandError> {
    let said = super::file::said(text)?;
    said.iter().find_map(|Said { name, line, .. }| {
        let mut error = find(name).err()?;
        error.source = anyhow::anyhow!("{path}, line {line}: {}", error.source);
        Some(error)
    })
}

/// What a setting is when nothing says otherwise. The vault's is a place of this machine.
pub(super) fn default(name: &str) -> Value {
    let general = of_all_targets(name);
    let name = general.as_deref().unwrap_or(name);
    match name {
        "undo_days" => UNDO_DAYS.into(),
        "plain" => PLAIN.into(),
        "trash_days" => TRASH_DAYS.into(),
        "upkeep_seconds" => UPKEEP_TIME.as_secs().into(),
        "keep.min_keep" => Policy::default().min_keep.into(),
        _ => of_rules(name).unwrap_or(Value::Null),
    }
}

fn of_rules(name: &str) -> Option<Value> {
    let (kind, rule) = name.strip_prefix("keep.")?.split_once('.')?;
    let policy = Policy::default();
    let rules = match kind {
        "automatic" => policy.automatic,
        "manual" => policy.manual,
        "safety" => policy.safety,
        _ => return None,
    };
    let count = |count: u32| {
        if count == Rules::ALL {
            "all".into()
        } else {
            count.into()
        }
    };
    Some(match rule {
        "last" => count(rules.last),
        "hourly" => count(rules.hourly),
        "daily" => count(rules.daily),
        "weekly" => count(rules.weekly),
        "monthly" => count(rules.monthly),
        "yearly" => count(rules.yearly),
        "within" => length(rules.within).into(),
        _ => return None,
    })
}

/// A length of time as one writes it.
fn length(seconds: u64) -> String {
    match (seconds % (366 * DAY), seconds % DAY) {
        (0, _) if seconds > 0 => format!("{}y", seconds / (366 * DAY)),
        (_, 0) => format!("{}d", seconds / DAY),
        _ => format!("{}h", seconds / 3600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::config::{self, Config};
    use std::path::Path;

    #[test]
    fn what_is_listed_is_what_the_file_may_say() {
        for key in KEYS {
            let value = match default(key.name) {
                Value::Null if key.name.ends_with("size") => "\"2GB\"".to_owned(),
                Value::Null => "\"/vault\"".to_owned(),
                value => value.to_string(),
            };
            for name in [key.name, &key.name.replace("keep.", "keep.target.claude.")] {
                let text = format!("{name} = {value}");
                config::parse::<Config>(&text, Path::new("c")).unwrap();
                find(name).unwrap();
            }
        }
        // The other way round: every name that the reader knows is listed.
        let names_of = |text: &str| {
            let refused = toml::from_str::<Config>(text).unwrap_err();
            let names = refused.message().split('`').skip(3).step_by(2);
            names.map(str::to_owned).collect::<Vec<_>>()
        };
        let mut known = 0;
        for above in [
            "",
            "keep.",
            "keep.automatic.",
            "keep.manual.",
            "keep.safety.",
        ] {
            for name in names_of(&format!("{above}nothing = 1")) {
                let full = format!("{above}{name}");
                let below = format!("{full}.");
                let listed = |key: &&Key| key.name == full || key.name.starts_with(&below);
                let is_table = full == "keep.target";
                assert!(is_table || KEYS.iter().any(|key| listed(&key)), "{full}");
                known += usize::from(KEYS.iter().any(|key| key.name == full));
            }
        }
        assert_eq!(known, KEYS.len());
    }

    #[test]
    fn a_misspelt_name_leads_to_the_right_one() {
        for (typed, meant) in [
            ("undo_day", "undo_days"),
            ("valt", "vault"),
            ("keep.automatic.dayly", "keep.automatic.daily"),
            ("keep.target.claude.max_sise", "keep.target.claude.max_size"),
            ("within", "keep.automatic.within"),
        ] {
            let error = find(typed).err().unwrap();
            assert!(
                error.hints[0].contains(&format!("did you mean {meant}?")),
                "{:?}",
                error.hints
            );
        }
        assert!(find("nonsense").err().unwrap().hints[0].contains("config show"));
        assert!(find("keep.target.A B.last").is_err());
        let error = unknown("# x\n\n[keep.automatik]\ndaily = 3\n", "c.toml").unwrap();
        assert!(
            error.source.to_string().starts_with("c.toml, line 4: "),
            "{}",
            error.source
        );
        assert!(unknown("undo_days = 3\n", "c.toml").is_none());
    }
}
