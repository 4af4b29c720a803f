//! When a source was backed up: what it says of itself, if that can be true.

use super::note::Note;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, Zoned};

/// No backup of these tools is older: the first second of 2000.
const EARLIEST: i64 = 946_684_800;
/// The newest time that is believed, in seconds from now.
const FUTURE: i64 = 24 * 3600;

/// The time now, and the zone that times without one are of.
#[derive(Clone, Debug)]
pub struct Clock(pub Zoned);

/// A time, and what says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct When {
    /// The time, with the difference to UTC where it was taken.
    pub at: Zoned,
    /// What says so, fitting "from ...".
    pub by: &'static str,
    /// A time that was said and cannot be right, and what said it.
    pub doubt: Option<(String, &'static str)>,
}

impl Clock {
    /// Whether a backup can have been made at this time.
    pub(super) fn believes(&self, seconds: i64) -> bool {
        let now = self.0.timestamp().as_second();
        (EARLIEST..=now.saturating_add(FUTURE)).contains(&seconds)
    }

    /// The first time that can be right; `newest` is the time of the newest file, in seconds.
    pub(super) fn settle(
        &self,
        said: impl IntoIterator<Item = (Zoned, &'static str)>,
        newest: Option<i64>,
    ) -> When {
        let mut doubt = None;
        for (at, by) in said {
            if self.believes(at.timestamp().as_second()) {
                return When { at, by, doubt };
            }
            doubt.get_or_insert((at.strftime("%Y-%m-%d %H:%M:%S").to_string(), by));
        }
        let newest = newest.and_then(|seconds| Timestamp::from_second(seconds).ok());
        let (at, by) = match newest {
            Some(at) => (at.to_zoned(self.0.time_zone().clone()), "its newest file"),
            None => (self.0.clone(), "today, for nothing in it has a time"),
        };
        When { at, by, doubt }
    }

    /// The time a manifest says: in UTC, at the difference that its local time shows.
    pub(super) fn of_note(&self, note: &Note) -> Option<Zoned> {
        let utc: Timestamp = note.utc.as_deref()?.parse().ok()?;
        let here = || utc.to_zoned(self.0.time_zone().clone());
        let local = note.local.as_deref().and_then(|text| text.get(..19));
        let local: Option<DateTime> = local.and_then(|text| text.parse().ok());
        let Some(local) = local else {
            return Some(here());
        };
        let plain = utc.to_zoned(TimeZone::UTC).datetime();
        let ahead = local.duration_since(plain).as_secs();
        // Offsets are whole quarters of an hour; clocks were read twice, so round.
        let ahead = (ahead + 450).div_euclid(900) * 900;
        let offset = i32::try_from(ahead).ok();
        let offset = offset.and_then(|ahead| Offset::from_seconds(ahead).ok());
        let sane = offset.filter(|offset| offset.seconds().abs() <= 14 * 3600);
        Some(match sane {
            // Where this machine's zone had the same difference then, its name says more.
            Some(offset) if here().offset() == offset => here(),
            Some(offset) => utc.to_zoned(TimeZone::fixed(offset)),
            None => here(),
        })
    }

    /// The time in a name, as local time of this machine: `2026-01-20_15-30-00`, also with
    /// other signs between the numbers or none, and a day alone. A day alone is the time of the
    /// newest file where that is of this day.
    pub(super) fn of_name(&self, name: &str, newest: Option<i64>) -> Option<Zoned> {
        let numbers = (0..name.len()).filter(|at| name.is_char_boundary(*at));
        let (day, time) = numbers.filter_map(|at| stamp(&name[at..])).next()?;
        let zone = self.0.time_zone().clone();
        if let Some((hour, minute, second)) = time {
            return day.at(hour, minute, second, 0).to_zoned(zone).ok();
        }
        let newest = newest
            .and_then(|at| Timestamp::from_second(at).ok())
            .map(|at| at.to_zoned(zone.clone()));
        match newest.filter(|at| at.date() == day) {
            Some(at) => Some(at),
            None => day.to_zoned(zone).ok(),
        }
    }
}

type Time = (i8, i8, i8);

/// A day, and a time of day where one follows, at the beginning of a text.
fn stamp(text: &str) -> Option<(jiff::civil::Date, Option<Time>)> {
    let (year, rest) = number(text, 4)?;
    let (month, rest) = number(skip(rest, &['-', '.', '_']), 2)?;
    let (day, rest) = number(skip(rest, &['-', '.', '_']), 2)?;
    let date = jiff::civil::Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    let date = date.ok().filter(|date| date.year() >= 2000)?;
    Some((date, time(rest)))
}

fn time(rest: &str) -> Option<Time> {
    let between = &['-', '.', '_', ':'];
    let (hour, rest) = number(skip(rest, &['-', '.', '_', 'T', ' ']), 2)?;
    let (minute, rest) = number(skip(rest, between), 2)?;
    let second = number(skip(rest, between), 2).map_or(0, |(second, _)| second);
    let fits = hour < 24 && minute < 60 && second < 60;
    let small = |n: i16| i8::try_from(n).unwrap_or_default();
    fits.then(|| (small(hour), small(minute), small(second)))
}

/// So many digits.
fn number(text: &str, digits: usize) -> Option<(i16, &str)> {
    let head = text.get(..digits)?;
    let all = head.bytes().all(|b| b.is_ascii_digit());
    let value = head.parse().ok().filter(|_| all)?;
    Some((value, &text[digits..]))
}

/// One sign less, if it is one of these.
fn skip<'a>(text: &'a str, signs: &[char]) -> &'a str {
    text.strip_prefix(signs).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock() -> Clock {
        Clock("2026-11-22T12:00:00[UTC]".parse().unwrap())
    }

    fn named(name: &str) -> Option<String> {
        let newest = Timestamp::from_second(1_774_267_200).ok(); // 2026-03-23 12:00:00
        let at = clock().of_name(name, newest.map(Timestamp::as_second));
        at.map(|at| at.strftime("%Y-%m-%d_%H-%M-%S").to_string())
    }

    #[test]
    fn times_in_names_are_found() {
        for (name, expected) in [
            ("2026-01-20_15-30-00", "2026-01-20_15-30-00"),
            (
                "claude-code-backup-2026-01-20_15-30-00_mill.tar.gz",
                "2026-01-20_15-30-00",
            ),
            ("home-20260120T153000.tgz", "2026-01-20_15-30-00"),
            ("home-202601201530.tar", "2026-01-20_15-30-00"),
            ("dot claude 2026-01-20.tar", "2026-01-20_00-00-00"),
            ("2026-03-23", "2026-03-23_12-00-00"),
        ] {
            assert_eq!(named(name).as_deref(), Some(expected), "{name}");
        }
        for name in [
            "claude",
            "1234567",
            "2026-13-40",
            "0001-01-01_00-00-00",
            "ü",
        ] {
            assert_eq!(named(name), None, "{name}");
        }
    }

    #[test]
    fn a_time_that_cannot_be_right_is_named_and_not_taken() {
        let wrong: Zoned = "2126-01-01T00:00:00[UTC]".parse().unwrap();
        let right: Zoned = "2026-01-01T00:00:00[UTC]".parse().unwrap();
        let said = [(wrong.clone(), "its manifest"), (right.clone(), "its name")];
        let when = clock().settle(said, None);
        assert_eq!((when.at, when.by), (right, "its name"));
        let doubt = ("2126-01-01 00:00:00".to_owned(), "its manifest");
        assert_eq!(when.doubt, Some(doubt));
        let when = clock().settle([(wrong, "its name")], Some(1_700_000_000));
        assert_eq!(when.by, "its newest file");
        assert_eq!(when.at.timestamp().as_second(), 1_700_000_000);
    }

    #[test]
    fn a_manifests_difference_to_utc_is_kept() {
        let note = |utc: &str, local: &str| Note {
            utc: Some(utc.to_owned()),
            local: Some(local.to_owned()),
            ..Note::default()
        };
        let at = |utc, local| clock().of_note(&note(utc, local)).unwrap();
        let summer = at("2026-06-14T10:11:12Z", "2026-06-14 12:11:13 CEST");
        assert_eq!(summer.offset().seconds(), 2 * 3600);
        assert_eq!(summer.strftime("%H-%M-%S").to_string(), "12-11-12");
        let odd = at("2026-06-14T10:11:12Z", "2020-01-01 00:00:00 X");
        assert_eq!(odd.offset().seconds(), 0);
        assert_eq!(clock().of_note(&Note::default()), None);
    }
}
