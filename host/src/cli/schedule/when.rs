//! When a schedule runs, in the words of each system.

use crate::cli::args::{Clock, Every, Weekday};
use crate::cli::error::CommandError;
use clap::ValueEnum;
use jiff::Zoned;
use jiff::civil;

/// When a schedule runs, by the machine's own clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct When {
    every: Every,
    /// Only for weeks.
    on: Weekday,
    /// Not for hours.
    hour: u8,
    minute: u8,
}

impl When {
    /// Puts together what was typed; without a time it is an hour at which machines are awake.
    pub(super) fn new(
        every: Every,
        at: Option<Clock>,
        on: Option<Weekday>,
    ) -> Result<Self, CommandError> {
        if on.is_some() && every != Every::Week {
            return Err(CommandError::usage("--on goes with --every week only"));
        }
        let (hour, minute) = match (every, at) {
            (Every::Hour, None) => (0, 0),
            (Every::Hour, Some(Clock { hour: None, minute })) => (0, minute),
            (Every::Hour, Some(_)) => {
                let message = "with --every hour, --at names a minute of the hour, such as :30";
                return Err(CommandError::usage(message));
            }
            (_, None) => (13, 0),
            (
                _,
                Some(Clock {
                    hour: Some(hour),
                    minute,
                }),
            ) => (hour, minute),
            (_, Some(_)) => {
                let message = "--at names hour and minute, such as 13:00";
                return Err(CommandError::usage(message));
            }
        };
        let on = on.unwrap_or(Weekday::Monday);
        Ok(Self {
            every,
            on,
            hour,
            minute,
        })
    }

    fn day(self) -> String {
        let value = self.on.to_possible_value();
        value.map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// From 1 for Monday to 7 for Sunday.
    fn day_number(self) -> i8 {
        let days = Weekday::value_variants().iter();
        let before = days.take_while(|day| **day != self.on).count();
        i8::try_from(before + 1).unwrap_or(1)
    }

    /// For people.
    pub(super) fn words(self) -> String {
        let Self { hour, minute, .. } = self;
        match self.every {
            Every::Hour => format!("every hour at :{minute:02}"),
            Every::Day => format!("every day at {hour:02}:{minute:02}"),
            Every::Week => format!("every {} at {hour:02}:{minute:02}", self.day()),
        }
    }

    /// As it stands in what is written, so that it can be told from there.
    pub(super) fn mark(self) -> String {
        let Self { hour, minute, .. } = self;
        match self.every {
            Every::Hour => format!("every=hour at=:{minute:02}"),
            Every::Day => format!("every=day at={hour:02}:{minute:02}"),
            Every::Week => format!("every=week on={} at={hour:02}:{minute:02}", self.day()),
        }
    }

    /// Understands what `mark` wrote, wherever it stands in a line.
    pub(super) fn from_mark(line: &str) -> Option<Self> {
        let value = |name: &str| {
            let mut words = line
                .split_whitespace()
                .filter_map(|word| word.split_once('='));
            words.find(|(key, _)| *key == name).map(|(_, value)| value)
        };
        let every = Every::from_str(value("every")?, false).ok()?;
        let on = value("on")
            .map(|day| Weekday::from_str(day, false))
            .transpose();
        Self::new(every, Some(value("at")?.parse().ok()?), on.ok()?).ok()
    }

    /// For `OnCalendar=` of systemd.
    pub(super) fn calendar(self) -> String {
        let Self { hour, minute, .. } = self;
        match self.every {
            Every::Hour => format!("*-*-* *:{minute:02}:00"),
            Every::Day => format!("*-*-* {hour:02}:{minute:02}:00"),
            Every::Week => {
                let mut day = self.day();
                day.truncate(3);
                format!("{day} *-*-* {hour:02}:{minute:02}:00")
            }
        }
    }

    /// The five fields of a line of cron.
    pub(super) fn cron(self) -> String {
        let Self { hour, minute, .. } = self;
        match self.every {
            Every::Hour => format!("{minute} * * * *"),
            Every::Day => format!("{minute} {hour} * * *"),
            // Sunday is 0 everywhere, and 7 not everywhere.
            Every::Week => format!("{minute} {hour} * * {}", self.day_number() % 7),
        }
    }

    /// For `StartCalendarInterval` of launchd; what is not named is any.
    pub(super) fn interval(self) -> Vec<(&'static str, i8)> {
        let number = |number: u8| i8::try_from(number).unwrap_or_default();
        let mut parts = vec![("Minute", number(self.minute))];
        if self.every != Every::Hour {
            parts.push(("Hour", number(self.hour)));
        }
        if self.every == Every::Week {
            parts.push(("Weekday", self.day_number() % 7));
        }
        parts
    }

    /// For the trigger of a Windows task: what stands before its first time, that time, and what
    /// stands behind it. The order is the format's.
    pub(super) fn trigger(self) -> [String; 3] {
        let Self { hour, minute, .. } = self;
        let start = format!("2026-01-01T{hour:02}:{minute:02}:00");
        let hourly = "<Repetition><Interval>PT1H</Interval><Duration>P1D</Duration></Repetition>";
        let repeats = if self.every == Every::Hour {
            format!("{hourly}\n      ")
        } else {
            String::new()
        };
        if self.every != Every::Week {
            let daily = "<ScheduleByDay><DaysInterval>1</DaysInterval></ScheduleByDay>";
            return [repeats, start, daily.to_owned()];
        }
        let day = self.day();
        let (first, rest) = day.split_at(1);
        let day = first.to_ascii_uppercase() + rest;
        let weekly = format!(
            "<ScheduleByWeek><WeeksInterval>1</WeeksInterval>\
             <DaysOfWeek><{day} /></DaysOfWeek></ScheduleByWeek>"
        );
        [repeats, start, weekly]
    }

    /// The first time after `now`; where a clock leaves it out, it is the time that follows.
    pub(super) fn next(self, now: &Zoned) -> Option<Zoned> {
        let minute = i8::try_from(self.minute).ok()?;
        let later = |time: civil::DateTime| {
            let time = time.to_zoned(now.time_zone().clone()).ok()?;
            (time > *now).then_some(time)
        };
        if self.every == Every::Hour {
            let this = now.with().minute(minute).second(0).subsec_nanosecond(0);
            let this = this.build().ok()?;
            let after = this.checked_add(jiff::Span::new().hours(1)).ok()?;
            return [this, after].into_iter().find(|time| time > now);
        }
        let at = civil::Time::new(i8::try_from(self.hour).ok()?, minute, 0, 0).ok()?;
        let days =
            (0..=7).filter_map(|day| now.date().checked_add(jiff::Span::new().days(day)).ok());
        let any = self.every == Every::Day;
        let day = self.day_number();
        days.filter(|date| any || date.weekday().to_monday_one_offset() == day)
            .find_map(|date| later(date.to_datetime(at)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn when(every: &str, at: &str, on: Option<Weekday>) -> Result<When, String> {
        let every = Every::from_str(every, false).unwrap();
        let at = (!at.is_empty()).then(|| at.parse()).transpose()?;
        When::new(every, at, on).map_err(|e| e.source.to_string())
    }

    #[test]
    fn every_system_is_told_the_same_time() {
        for (every, at, on, calendar, cron) in [
            ("hour", "", None, "*-*-* *:00:00", "0 * * * *"),
            ("hour", ":07", None, "*-*-* *:07:00", "7 * * * *"),
            ("day", "", None, "*-*-* 13:00:00", "0 13 * * *"),
            ("day", "9:30", None, "*-*-* 09:30:00", "30 9 * * *"),
            ("day", "00:00", None, "*-*-* 00:00:00", "0 0 * * *"),
            ("week", "", None, "mon *-*-* 13:00:00", "0 13 * * 1"),
            (
                "week",
                "23:59",
                Some(Weekday::Sunday),
                "sun *-*-* 23:59:00",
                "59 23 * * 0",
            ),
        ] {
            let when = when(every, at, on).unwrap();
            assert_eq!(when.calendar(), calendar);
            assert_eq!(when.cron(), cron);
            assert_eq!(
                When::from_mark(&format!("x {} y=z", when.mark())),
                Some(when)
            );
        }
        let sunday = when("week", "23:59", Some(Weekday::Sunday)).unwrap();
        assert_eq!(
            sunday.interval(),
            [("Minute", 59), ("Hour", 23), ("Weekday", 0)]
        );
        assert_eq!(when("hour", "", None).unwrap().interval(), [("Minute", 0)]);
    }

    #[test]
    fn times_that_make_no_sense_are_refused() {
        for (every, at) in [
            ("hour", "13:00"),
            ("day", ":30"),
            ("week", ":30"),
            ("day", "24:00"),
            ("day", "13:60"),
            ("day", "13"),
            ("day", "13:0"),
            ("day", "+1:00"),
            ("day", "013:00"),
            ("day", "13:00:00"),
            ("day", "1 :00"),
            ("day", "\u{0661}3:00"),
        ] {
            assert!(when(every, at, None).is_err(), "{every} {at}");
        }
        assert!(when("day", "", Some(Weekday::Monday)).is_err());
        for wrong in [
            "",
            "every=day",
            "every=year at=13:00",
            "every=day on=monday at=13:00",
        ] {
            assert_eq!(When::from_mark(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_next_time_is_after_now_on_a_day_that_is_meant() {
        let next = |when: When, now: &str| {
            let next = when.next(&now.parse().unwrap()).unwrap();
            next.strftime("%F %H:%M %a").to_string()
        };
        let day = when("day", "13:00", None).unwrap();
        assert_eq!(
            next(day, "2026-11-22T12:59:59[UTC]"),
            "2026-11-22 13:00 Sun"
        );
        assert_eq!(
            next(day, "2026-11-22T13:00:00[UTC]"),
            "2026-11-23 13:00 Mon"
        );
        let week = when("week", "13:00", Some(Weekday::Sunday)).unwrap();
        assert_eq!(
            next(week, "2026-11-22T12:00:00[UTC]"),
            "2026-11-22 13:00 Sun"
        );
        assert_eq!(
            next(week, "2026-11-22T14:00:00[UTC]"),
            "2026-11-29 13:00 Sun"
        );
        let hour = when("hour", ":30", None).unwrap();
        assert_eq!(
            next(hour, "2026-12-31T23:30:00[UTC]"),
            "2027-01-01 00:30 Fri"
        );
        assert_eq!(
            next(hour, "2026-12-31T23:29:59[UTC]"),
            "2026-12-31 23:30 Thu"
        );
        // An hour that the clock leaves out in spring.
        let night = when("day", "2:30", None).unwrap();
        let spring = "2026-03-29T00:00:00[Europe/Berlin]";
        assert_eq!(next(night, spring), "2026-03-29 03:30 Sun");
    }
}
