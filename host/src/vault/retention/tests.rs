//! The rules against an oracle that was written another way, on histories nobody would think
//! of, and what must be true of any rules at all.

mod histories;
mod oracle;

use super::*;
use crate::model::{Digest, SnapshotId, TargetId};
use crate::vault::tests::{content, record, target};
use crate::vault::{Catalogue, SnapshotKind, SnapshotRecord, TargetRecord};
use histories::{Dice, HOUR, history, policy};

const HISTORIES: u64 = 400;

fn kept(verdicts: &[Verdict]) -> Vec<bool> {
    verdicts.iter().map(Verdict::keeps).collect()
}

/// Each history with its policy and the time of the clean-up.
fn each(mut check: impl FnMut(u64, &[Archive], &Policy, i64)) {
    for seed in 0..HISTORIES {
        let mut dice = Dice::new(seed);
        let (archives, now) = history(&mut dice);
        let policy = policy(&mut dice, &archives);
        check(seed, &archives, &policy, now);
    }
}

#[test]
fn the_oracle_agrees_on_every_history() {
    let (mut stay, mut go) = (0, 0);
    each(|seed, archives, policy, now| {
        let verdicts = kept(&judge(archives, policy, now));
        let expected = oracle::keeps(archives, policy, now);
        for (at, archive) in archives.iter().enumerate() {
            assert_eq!(
                verdicts[at], expected[at],
                "history {seed}, {at}: {archive:?} of {archives:#?} by {policy:?} at {now}"
            );
        }
        stay += verdicts.iter().filter(|keeps| **keeps).count();
        go += verdicts.iter().filter(|keeps| !**keeps).count();
    });
    // Histories of which all or nothing is kept would show little.
    assert!(stay > 2_000 && go > 2_000, "{stay} kept, {go} removed");
}

#[test]
fn a_second_clean_up_removes_nothing() {
    each(|seed, archives, policy, now| {
        let verdicts = judge(archives, policy, now);
        let both = archives.iter().zip(&verdicts);
        let left: Vec<Archive> = both
            .filter(|(_, verdict)| verdict.keeps())
            .map(|(archive, _)| archive.clone())
            .collect();
        let again = judge(&left, policy, now);
        assert!(again.iter().all(Verdict::keeps), "history {seed}");
    });
}

/// Snapshots stay as a whole, so some of what the rules would let go is still there next time.
#[test]
fn a_second_clean_up_removes_nothing_of_the_rest_where_some_stays_for_another_reason() {
    each(|seed, archives, policy, now| {
        let mut dice = Dice::new(seed + 1_000_000);
        let verdicts = judge(archives, policy, now);
        let mut left = Vec::new();
        for (archive, verdict) in archives.iter().zip(&verdicts) {
            if verdict.keeps() || dice.one_in(3) {
                left.push((archive.clone(), verdict.keeps()));
            }
        }
        let rest: Vec<Archive> = left.iter().map(|(archive, _)| archive.clone()).collect();
        let again = judge(&rest, policy, now);
        for ((archive, kept), verdict) in left.iter().zip(&again) {
            assert!(!kept || verdict.keeps(), "history {seed}: {archive:?}");
        }
    });
}

#[test]
fn a_longer_policy_never_removes_more() {
    each(|seed, archives, policy, now| {
        let policy = Policy {
            max_size: None,
            ..*policy
        };
        let mut dice = Dice::new(seed + 2_000_000);
        let before = kept(&judge(archives, &policy, now));
        let longer = histories::longer(&mut dice, policy);
        let after = kept(&judge(archives, &longer, now));
        let more = before.iter().zip(&after).any(|(old, new)| *old && !*new);
        assert!(!more, "history {seed}: {policy:?}, then {longer:?}");
    });
}

#[test]
fn more_room_never_removes_more() {
    each(|seed, archives, policy, now| {
        let with = |max_size| {
            kept(&judge(
                archives,
                &Policy {
                    max_size,
                    ..*policy
                },
                now,
            ))
        };
        let mut last = with(Some(0));
        for room in [Some(1), Some(50), Some(400), Some(5_000), None] {
            let more = with(room);
            assert!(
                last.iter().zip(&more).all(|(old, new)| !*old || *new),
                "history {seed}: {room:?}"
            );
            last = more;
        }
    });
}

/// What no policy may remove, looked at directly and not by the rules.
#[test]
fn what_is_needed_stays_under_any_policy() {
    each(|seed, archives, policy, now| {
        let nothing = Policy {
            automatic: Rules::NONE,
            manual: Rules::NONE,
            safety: Rules::NONE,
            min_keep: 0,
            max_size: Some(0),
        };
        for policy in [*policy, nothing] {
            let kept = kept(&judge(archives, &policy, now));
            let good = |at: &usize| {
                let one = &archives[*at];
                one.good && one.kind.is_backup() && one.held.is_none()
            };
            let newest = (0..archives.len()).filter(good);
            if let Some(at) = newest.max_by_key(|at| archives[*at].sequence) {
                assert!(kept[at], "history {seed}: the newest good one");
            }
            for (at, one) in archives.iter().enumerate() {
                let needed = one.pinned || one.held.is_some() || one.at.is_none();
                assert!(kept[at] || !needed, "history {seed}: {one:?}");
            }
        }
    });
}

#[test]
fn what_was_imported_stays_and_changes_no_other_verdict() {
    each(|seed, archives, policy, now| {
        let own = |one: &&Archive| one.kind != SnapshotKind::Imported;
        let without: Vec<Archive> = archives.iter().filter(own).cloned().collect();
        let all = judge(archives, policy, now);
        let imported = archives.iter().zip(&all).filter(|(one, _)| !own(one));
        for (one, verdict) in imported {
            assert!(verdict.keeps(), "history {seed}: {one:?}");
        }
        let with: Vec<Verdict> = archives
            .iter()
            .zip(all)
            .filter(|(one, _)| own(one))
            .map(|(_, verdict)| verdict)
            .collect();
        assert_eq!(judge(&without, policy, now), with, "history {seed}");
    });
}

#[test]
fn a_partial_one_pushes_out_no_good_one() {
    each(|seed, archives, policy, now| {
        // Sizes are apart: what is kept takes room, whatever it is.
        let policy = Policy {
            max_size: None,
            ..*policy
        };
        // From the newest archive on ages are counted, so that one stays in both.
        let newest = archives.iter().filter(|one| one.kind.is_backup());
        let newest = newest
            .max_by_key(|one| one.sequence)
            .map(|one| one.sequence);
        let stays = |one: &&Archive| one.good || Some(one.sequence) == newest;
        let without: Vec<Archive> = archives.iter().filter(stays).cloned().collect();
        let all = judge(archives, &policy, now);
        let with = archives.iter().zip(all).filter(|(one, _)| stays(one));
        let with: Vec<bool> = with.map(|(_, verdict)| verdict.keeps()).collect();
        let without = kept(&judge(&without, &policy, now));
        assert_eq!(with, without, "history {seed}");
    });
}

fn moment(year: i16, month: i8, day: i8, hour: i8, ahead: i64) -> Moment {
    let civil = jiff::civil::date(year, month, day).at(hour, 30, 0, 0);
    let shown = jiff::tz::Offset::UTC.to_timestamp(civil).unwrap();
    let utc = shown.as_second() - ahead * HOUR;
    let ahead = i32::try_from(ahead * HOUR).unwrap();
    Moment { utc, ahead }
}

#[test]
fn stretches_have_the_names_that_calendars_give_them() {
    let week = |y, m, d| Period::Week.of(moment(y, m, d, 12, 0)).unwrap();
    // A year of 53 weeks ends with days that are in its last week.
    assert_eq!(week(2026, 12, 31), "2026-W53");
    assert_eq!(week(2027, 1, 3), "2026-W53");
    assert_eq!(week(2027, 1, 4), "2027-W01");
    assert_eq!(week(2024, 12, 30), "2025-W01");
    assert_eq!(
        Period::Day.of(moment(2028, 2, 29, 3, 1)).unwrap(),
        "2028-02-29"
    );
    // The day is the one that was on the person's clock.
    let (east, west) = (moment(2026, 3, 1, 1, 13), moment(2026, 2, 28, 20, -10));
    assert_eq!(Period::Month.of(east).unwrap(), "2026-03");
    assert_eq!(Period::Month.of(west).unwrap(), "2026-02");
    // The hour that comes twice in autumn is two, and both are of one day.
    let (summer, winter) = (moment(2026, 10, 25, 2, 2), moment(2026, 10, 25, 2, 1));
    assert_eq!(winter.utc - summer.utc, HOUR);
    assert_ne!(Period::Hour.of(summer), Period::Hour.of(winter));
    assert_eq!(Period::Day.of(summer), Period::Day.of(winter));
}

#[test]
fn a_record_says_when_it_was_made_and_what_the_clock_showed() {
    let at = |id: &str, time: &str| {
        let mut record = record(1, target(&content(1)));
        record.id = SnapshotId::new(id).unwrap();
        record.time = time.to_owned();
        Moment::of(&record).map(|moment| (moment.utc, moment.ahead))
    };
    let noon = Some((1_768_910_400, 0));
    assert_eq!(at("2026-01-20_12-00-00", "2026-01-20T12:00:00Z"), noon);
    assert_eq!(
        at("2026-01-20_17-30-00-2", "2026-01-20T12:00:00Z")
            .unwrap()
            .1,
        19_800
    );
    assert_eq!(
        at("2026-01-20_04-00-00", "2026-01-20T12:00:00Z").unwrap().1,
        -28_800
    );
    // A name that is no local time of that moment says nothing.
    assert_eq!(at("2001-01-20_12-00-00", "2026-01-20T12:00:00Z"), noon);
    assert_eq!(at("2026-13-45_12-00-00", "2026-01-20T12:00:00Z"), noon);
    for odd in ["", "yesterday", "2026-01-20", "99999-01-01T00:00:00Z"] {
        assert_eq!(at("2026-01-20_12-00-00", odd), None, "{odd}");
    }
}

/// A snapshot of some day of one month, with these targets.
fn snapshot(number: u64, names: &[&str]) -> SnapshotRecord {
    let mut made = record(number, target(&content(number)));
    made.time = format!("2026-01-{number:02}T12:00:00Z");
    let one = made.targets.remove(0);
    made.targets = names
        .iter()
        .map(|name| TargetRecord {
            target: TargetId::new(name).unwrap(),
            digest: Digest::of(format!("{number} {name}").as_bytes()),
            ..one.clone()
        })
        .collect();
    made
}

fn planned(snapshots: Vec<SnapshotRecord>, last: u32, targets: &[&str]) -> (CleanupPlan, Vec<u64>) {
    let catalogue = Catalogue {
        snapshots,
        ..Catalogue::default()
    };
    let rules = Rules {
        last,
        ..Rules::NONE
    };
    let general = Policy {
        automatic: rules,
        manual: rules,
        safety: rules,
        min_keep: 0,
        max_size: None,
    };
    let policies = Policies {
        general,
        targets: BTreeMap::new(),
    };
    let targets: Vec<TargetId> = targets.iter().map(|t| TargetId::new(t).unwrap()).collect();
    let wish = CleanupWish {
        policies: &policies,
        targets: &targets,
        held: &|record| (record.sequence == 9).then_some(Hold::UnknownOperation),
        now: 1_800_000_000,
    };
    let plan = plan_cleanup(&catalogue, &wish);
    let number = |id: &SnapshotId| id.as_str()[8..10].parse().unwrap();
    let gone = plan.remove.iter().map(number).collect();
    (plan, gone)
}

#[test]
fn a_snapshot_stays_as_long_as_one_of_its_archives_does() {
    let all = || {
        vec![
            snapshot(5, &["claude"]),
            snapshot(4, &["claude"]),
            snapshot(3, &["claude", "cursor"]),
            snapshot(2, &["claude", "cursor"]),
            snapshot(1, &["claude"]),
        ]
    };
    let (plan, gone) = planned(all(), 1, &[]);
    assert_eq!(gone, [1, 2, 4], "the oldest first");
    assert_eq!(plan.stay, 2);
    assert_eq!(plan.frees, 4 * content(1).len() as u64);
    let claude = &plan.series[0];
    let beside = Verdict::Keep(vec![Reason::Beside(TargetId::new("cursor").unwrap())]);
    assert_eq!(claude.archives[2].verdict, beside);
    // Who asks about one target removes nothing of another.
    let (plan, gone) = planned(all(), 1, &["claude"]);
    assert_eq!(gone, [1, 4]);
    assert_eq!(plan.series.len(), 1);
    let not_asked = Verdict::Keep(vec![Reason::NotAsked(TargetId::new("cursor").unwrap())]);
    assert_eq!(plan.series[0].archives[3].verdict, not_asked);
}

#[test]
fn machines_homes_projects_and_kinds_are_apart() {
    let mut all: Vec<SnapshotRecord> = (1..=9).rev().map(|n| snapshot(n, &["claude"])).collect();
    all[2].host = "other".to_owned();
    all[3].home = "/home/other".to_owned();
    all[4].project = Some("/p".to_owned());
    all[5].kind = SnapshotKind::Automatic;
    all[6].kind = SnapshotKind::Safety;
    let (plan, gone) = planned(all, 1, &[]);
    // 9 is held and the newest; 7, 6 and 5 are alone in their series; 4 and 3 of their kind.
    assert_eq!(gone, [1, 2, 8]);
    assert_eq!(plan.series.len(), 4);
}

#[test]
fn a_record_that_was_changed_is_not_removed_and_counts_for_nothing() {
    let snapshots: Vec<SnapshotRecord> = (1..=4).rev().map(|n| snapshot(n, &["claude"])).collect();
    let changed = [3, 4].map(|at: usize| snapshots[4 - at].id.clone());
    let catalogue = Catalogue {
        snapshots,
        changed: changed.into(),
        ..Catalogue::default()
    };
    let mut policies = Policies::default();
    policies.general.manual = Rules {
        last: 1,
        ..Rules::NONE
    };
    policies.general.min_keep = 0;
    let wish = CleanupWish {
        policies: &policies,
        targets: &[],
        held: &|_| None,
        now: 1_800_000_000,
    };
    let plan = plan_cleanup(&catalogue, &wish);
    assert_eq!(plan.remove.len(), 1);
    assert!(plan.remove[0].as_str().starts_with("2026-01-01"));
}
