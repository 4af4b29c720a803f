//! Which snapshots are kept: the configuration's tables and the flags, as the engine's policies.

use super::args::KeepArgs;
use super::error::CommandError;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::str::FromStr;
use takeback::model::{Shown, ShownPath, TargetId};
use takeback::vault::retention::{DAY, Policies, Policy, Rules};

/// `[keep]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Keep {
    min_keep: Option<Count>,
    max_size: Option<Size>,
    #[serde(default)]
    automatic: Named,
    #[serde(default)]
    manual: Named,
    #[serde(default)]
    safety: Named,
    #[serde(default)]
    target: BTreeMap<String, OfTarget>,
}

/// `[keep.target.NAME]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct OfTarget {
    min_keep: Option<Count>,
    max_size: Option<Size>,
    #[serde(default)]
    automatic: Named,
    #[serde(default)]
    manual: Named,
    #[serde(default)]
    safety: Named,
}

/// The rules that are named; the others stay as they are.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    last: Option<Count>,
    hourly: Option<Count>,
    daily: Option<Count>,
    weekly: Option<Count>,
    monthly: Option<Count>,
    yearly: Option<Count>,
    within: Option<Length>,
}

impl Named {
    fn over(self, rules: Rules) -> Rules {
        let count = |named: Option<Count>, old| named.map_or(old, |count| count.0);
        Rules {
            last: count(self.last, rules.last),
            hourly: count(self.hourly, rules.hourly),
            daily: count(self.daily, rules.daily),
            weekly: count(self.weekly, rules.weekly),
            monthly: count(self.monthly, rules.monthly),
            yearly: count(self.yearly, rules.yearly),
            within: self.within.map_or(rules.within, |length| length.0),
        }
    }
}

impl Keep {
    /// The policies it describes.
    pub(super) fn policies(self, path: &Path) -> Result<Policies, CommandError> {
        let mut general = Policy {
            automatic: self.automatic.over(Policy::default().automatic),
            manual: self.manual.over(Policy::default().manual),
            safety: self.safety.over(Policy::default().safety),
            ..Policy::default()
        };
        sizes(&mut general, self.min_keep, self.max_size);
        let mut policies = Policies {
            general,
            targets: BTreeMap::new(),
        };
        for (name, of) in self.target {
            let target = TargetId::new(&name).map_err(|_| {
                let (path, name) = (ShownPath(path), Shown(&name));
                CommandError::usage(format!("{path}: keep.target.{name} is no target's name"))
            })?;
            let mut policy = Policy {
                automatic: of.automatic.over(general.automatic),
                manual: of.manual.over(general.manual),
                safety: of.safety.over(general.safety),
                ..general
            };
            sizes(&mut policy, of.min_keep, of.max_size);
            policies.targets.insert(target, policy);
        }
        check(&policies, &ShownPath(path).to_string())?;
        Ok(policies)
    }
}

fn sizes(policy: &mut Policy, min_keep: Option<Count>, max_size: Option<Size>) {
    policy.min_keep = min_keep.map_or(policy.min_keep, |count| count.0);
    policy.max_size = max_size.map_or(policy.max_size, |size| Some(size.0));
}

/// The configured policies with what was typed for this run.
pub(super) fn with_flags(
    configured: &Policies,
    flags: &KeepArgs,
) -> Result<Policies, CommandError> {
    let named = Named {
        last: flags.keep_last,
        hourly: flags.keep_hourly,
        daily: flags.keep_daily,
        weekly: flags.keep_weekly,
        monthly: flags.keep_monthly,
        yearly: flags.keep_yearly,
        within: flags.keep_within,
    };
    let counts = [
        named.last,
        named.hourly,
        named.daily,
        named.weekly,
        named.monthly,
        named.yearly,
    ];
    let any = counts.iter().any(Option::is_some) || named.within.is_some();
    let mut policies = configured.clone();
    let all = std::iter::once(&mut policies.general).chain(policies.targets.values_mut());
    for policy in all {
        if any {
            policy.manual = named.over(Rules::NONE);
            policy.automatic = policy.manual;
        }
        sizes(policy, flags.min_keep, flags.max_size);
    }
    check(&policies, "the command line")?;
    Ok(policies)
}

/// Somebody who switches off every rule more likely wants to keep all than nothing.
fn check(policies: &Policies, origin: &str) -> Result<(), CommandError> {
    let all = std::iter::once(&policies.general).chain(policies.targets.values());
    for policy in all {
        let kinds = [
            ("automatic", policy.automatic),
            ("manual", policy.manual),
            ("safety", policy.safety),
        ];
        if let Some((kind, _)) = kinds.iter().find(|(_, rules)| *rules == Rules::NONE) {
            let message = format!("{origin}: no rule keeps any {kind} snapshot");
            return Err(
                CommandError::usage(message).hint("to keep all of them, say \"all\" for the last")
            );
        }
    }
    Ok(())
}

/// A number of snapshots, or all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written")]
pub(super) struct Count(u32);

/// A length of time in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Length(u64);

impl Length {
    pub(super) fn seconds(self) -> u64 {
        self.0
    }
}

/// A size in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written")]
pub(super) struct Size(u64);

/// A value as a number or as text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Number(u64),
    Text(String),
}

impl Written {
    fn text(self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text,
        }
    }
}

impl TryFrom<Written> for Count {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        written.text().parse()
    }
}

impl TryFrom<Written> for Size {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        written.text().parse()
    }
}

impl TryFrom<String> for Length {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl FromStr for Count {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "all" {
            return Ok(Self(Rules::ALL));
        }
        let count = text.parse().map_err(|_| "it is a number, or all")?;
        Ok(Self(count))
    }
}

impl FromStr for Length {
    type Err = &'static str;

    /// `36h`, `30d`, `8w`, `6m`, `1y`, or several together. A month has 31 days and a year
    /// 366, so that nothing goes a day too early.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRONG: &str = "it is a length of time such as 36h, 30d, 8w, 6m, 1y or 1y6m";
        let (mut rest, mut sum) = (text, 0_u64);
        while !rest.is_empty() {
            let (number, unit, after) = number_and_letter(rest).ok_or(WRONG)?;
            let seconds = match unit {
                'h' => 3600,
                'd' => DAY,
                'w' => 7 * DAY,
                'm' => 31 * DAY,
                'y' => 366 * DAY,
                _ => return Err(WRONG),
            };
            let part = number.checked_mul(seconds).ok_or(WRONG)?;
            sum = sum.checked_add(part).ok_or(WRONG)?;
            rest = after;
        }
        if text.is_empty() {
            Err(WRONG)
        } else {
            Ok(Self(sum))
        }
    }
}

fn number_and_letter(text: &str) -> Option<(u64, char, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit())?;
    let unit = text[end..].chars().next()?;
    let number = text[..end].parse().ok()?;
    Some((number, unit, &text[end + unit.len_utf8()..]))
}

impl FromStr for Size {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WRONG: &str = "it is a size such as 500MB, 2GB or 3GiB";
        let end = text.find(|c: char| !c.is_ascii_digit());
        let (number, unit) = text.split_at(end.unwrap_or(text.len()));
        let bytes: u64 = match unit.trim_start() {
            "" | "B" => 1,
            "kB" | "KB" | "K" | "k" => 1_000,
            "MB" | "M" => 1_000_000,
            "GB" | "G" => 1_000_000_000,
            "TB" | "T" => 1_000_000_000_000,
            "KiB" => 1 << 10,
            "MiB" => 1 << 20,
            "GiB" => 1 << 30,
            "TiB" => 1 << 40,
            _ => return Err(WRONG),
        };
        let number: u64 = number.parse().map_err(|_| WRONG)?;
        number.checked_mul(bytes).map(Self).ok_or(WRONG)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policies(text: &str) -> Result<Policies, String> {
        let keep: Keep = toml::from_str(text).map_err(|e| e.message().to_owned())?;
        let made = keep.policies(Path::new("config.toml"));
        made.map_err(|e| e.source.to_string())
    }

    #[test]
    fn what_is_not_named_is_as_it_is() {
        assert_eq!(policies(""), Ok(Policies::default()));
        let text = "min_keep = 5\n[automatic]\ndaily = 30\nlast = \"all\"\n\
            [target.claude]\nmax_size = \"2GB\"\n[target.claude.automatic]\nweekly = 0\n";
        let made = policies(text).unwrap();
        let claude = *made.of(&TargetId::new("claude").unwrap());
        let cursor = *made.of(&TargetId::new("cursor").unwrap());
        assert_eq!((cursor.min_keep, cursor.max_size), (5, None));
        assert_eq!((claude.min_keep, claude.max_size), (5, Some(2_000_000_000)));
        let automatic = Rules {
            last: Rules::ALL,
            daily: 30,
            ..Policy::default().automatic
        };
        assert_eq!(cursor.automatic, automatic);
        let weekly = 0;
        assert_eq!(
            claude.automatic,
            Rules {
                weekly,
                ..automatic
            }
        );
        assert_eq!(claude.manual, Policy::default().manual);
    }

    #[test]
    fn what_would_keep_nothing_or_is_misspelt_is_refused() {
        for (text, says) in [
            ("[manual]\nwithin = \"0d\"", "no rule keeps any manual"),
            (
                "[target.a.manual]\nwithin = \"0d\"",
                "no rule keeps any manual",
            ),
            ("[automatic]\ndayly = 3", "dayly"),
            ("[target.\"A B\"]\nmin_keep = 1", "no target's name"),
            ("max_size = \"much\"", "it is a size"),
            ("[manual]\nlast = -1", "last"),
            ("[manual]\nwithin = \"1x\"", "length of time"),
        ] {
            let refused = policies(text).unwrap_err();
            assert!(
                refused.contains(says) || says == "last",
                "{text}: {refused}"
            );
        }
    }

    #[test]
    fn lengths_and_sizes_are_what_people_write() {
        let length = |text: &str| text.parse::<Length>().map(|length| length.0).ok();
        assert_eq!(length("36h"), Some(36 * 3600));
        assert_eq!(length("1y6m"), Some((366 + 6 * 31) * DAY));
        assert_eq!(length("2w3d"), Some(17 * DAY));
        for wrong in [
            "",
            "d",
            "3",
            "3 d",
            "1d2",
            "-1d",
            "9999999999999999999d",
            "1\u{e9}",
        ] {
            assert_eq!(length(wrong), None, "{wrong}");
        }
        let size = |text: &str| text.parse::<Size>().map(|size| size.0).ok();
        assert_eq!(size("12"), Some(12));
        assert_eq!(size("500 MB"), Some(500_000_000));
        assert_eq!(size("3GiB"), Some(3 << 30));
        for wrong in ["", "MB", "1.5GB", "-1", "99999999999TB", "1PB"] {
            assert_eq!(size(wrong), None, "{wrong}");
        }
    }
}
