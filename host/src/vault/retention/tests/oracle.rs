//! The rules once more, asked of each archive by itself: what came after it, and how much of
//! that counts. The calendar is made of days since 1970 by hand; nothing is shared with the
//! rules but the question.

use super::super::{Archive, Hold, Policy, Rules};
use crate::vault::SnapshotKind;

/// Year and month of a day counted from 1970-01-01, and the days of the year before it, by
/// walking through the years.
fn date(mut days: i64) -> (i64, i64, i64) {
    let leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let mut year = 1970;
    while days < 0 {
        year -= 1;
        days += if leap(year) { 366 } else { 365 };
    }
    while days >= if leap(year) { 366 } else { 365 } {
        days -= if leap(year) { 366 } else { 365 };
        year += 1;
    }
    let before = days;
    let february = if leap(year) { 29 } else { 28 };
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    (year, month, before)
}

/// The year and number of an ISO week: those of its Thursday, of which the first is among the
/// first seven days.
fn week(day: i64) -> (i64, i64) {
    // 1970-01-01 was a Thursday.
    let weekday = (day + 3).rem_euclid(7);
    let thursday = day - weekday + 3;
    let (year, _, before) = date(thursday);
    (year, before / 7 + 1)
}

/// The stretches an archive lies in: hour, day, week, month, year.
type Stretches = Option<[(i64, i64); 5]>;

fn stretches(archive: &Archive) -> Stretches {
    let at = archive.at?;
    let local = at.utc + i64::from(at.ahead);
    let day = local.div_euclid(86_400);
    let (year, month, _) = date(day);
    let (week_year, week) = week(day);
    Some([
        (local.div_euclid(3_600), i64::from(at.ahead)),
        (day, 0),
        (week_year, week),
        (year, month),
        (year, 0),
    ])
}

fn is_regular(archive: &Archive) -> bool {
    matches!(archive.kind, SnapshotKind::Manual | SnapshotKind::Automatic)
}

fn is_doubtful(archive: &Archive) -> bool {
    matches!(archive.held, Some(Hold::ChangedRecord))
}

/// Whether each archive stays.
pub(super) fn keeps(archives: &[Archive], policy: &Policy, now: i64) -> Vec<bool> {
    let fast: Vec<bool> = archives
        .iter()
        .map(|one| stays_anyway(archives, one, policy))
        .collect();
    let mut keeps: Vec<bool> = archives
        .iter()
        .zip(&fast)
        .map(|(one, fast)| *fast || by_rules(archives, one, policy, now))
        .collect();
    let Some(most) = policy.max_size else {
        return keeps;
    };
    // The oldest that may go is taken away until the rest fits.
    while size(archives, &keeps) > most {
        let may_go =
            (0..archives.len()).filter(|at| keeps[*at] && !fast[*at] && is_regular(&archives[*at]));
        match may_go.min_by_key(|at| archives[*at].sequence) {
            Some(at) => keeps[at] = false,
            None => break,
        }
    }
    keeps
}

fn size(archives: &[Archive], keeps: &[bool]) -> u64 {
    let mut files = Vec::new();
    let mut sum = 0;
    for (one, keeps) in archives.iter().zip(keeps) {
        if *keeps && is_regular(one) && !files.contains(&one.file) {
            files.push(one.file);
            sum += one.size;
        }
    }
    sum
}

fn newer<'a>(archives: &'a [Archive], than: &Archive) -> Vec<&'a Archive> {
    let than = than.sequence;
    archives.iter().filter(|one| one.sequence > than).collect()
}

fn relied_on(one: &Archive) -> bool {
    is_regular(one) && one.good && !is_doubtful(one)
}

/// Whether a complete one came after it.
fn is_superseded(archives: &[Archive], one: &Archive) -> bool {
    newer(archives, one).iter().any(|later| relied_on(later))
}

fn stays_anyway(archives: &[Archive], one: &Archive, policy: &Policy) -> bool {
    if one.pinned || one.held.is_some() || one.at.is_none() {
        return true;
    }
    if one.kind == SnapshotKind::Imported {
        return true;
    }
    if !is_regular(one) {
        return false;
    }
    let later = newer(archives, one);
    if later.iter().all(|later| !is_regular(later)) {
        return true;
    }
    let floor = policy.min_keep as usize;
    if relied_on(one) {
        let before = later.iter().filter(|later| relied_on(later)).count();
        before < floor.max(1)
    } else {
        let partial = |later: &&&Archive| is_regular(later) && !later.good;
        !is_superseded(archives, one) && later.iter().filter(partial).count() < floor
    }
}

fn by_rules(archives: &[Archive], one: &Archive, policy: &Policy, now: i64) -> bool {
    let rules: &Rules = match one.kind {
        SnapshotKind::Manual => &policy.manual,
        SnapshotKind::Automatic => &policy.automatic,
        SnapshotKind::Safety => &policy.safety,
        SnapshotKind::Imported => return true,
    };
    let Some(own) = stretches(one) else {
        return true;
    };
    let at = one.at.map(|at| at.utc).unwrap_or_default();
    let newest = archives.iter().filter(|one| is_regular(one));
    let newest = newest.max_by_key(|one| one.sequence);
    let reference = newest.and_then(|newest| newest.at).map(|at| at.utc);
    let reference = reference.map_or(now, |at| at.min(now));
    let age = i128::from(reference) - i128::from(at);
    if rules.within > 0 && age <= i128::from(rules.within) {
        return true;
    }
    if !one.good && is_superseded(archives, one) {
        return false;
    }
    let rivals: Vec<&Archive> = newer(archives, one)
        .into_iter()
        .filter(|later| later.kind == one.kind && later.good == one.good)
        .filter(|later| !later.pinned && !is_doubtful(later) && later.at.is_some())
        .collect();
    if rivals.len() < rules.last as usize {
        return true;
    }
    let most = [
        rules.hourly,
        rules.daily,
        rules.weekly,
        rules.monthly,
        rules.yearly,
    ];
    (0..5).any(|period| {
        let mut taken: Vec<_> = rivals
            .iter()
            .filter_map(|rival| stretches(rival))
            .map(|all| all[period])
            .collect();
        taken.sort_unstable();
        taken.dedup();
        !taken.contains(&own[period]) && taken.len() < most[period] as usize
    })
}
