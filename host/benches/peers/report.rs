//! The tables, in the form of Markdown.

use crate::measure::Cost;
use crate::rounds::{Figures, SNAPSHOTS};
use crate::subjects::Job;

const JOBS: [(Job, &str); 9] = [
    (Job::First, "first backup"),
    (Job::Unchanged, "nothing changed"),
    (Job::Changed, "1 % changed"),
    (Job::Later, "1 % changed, 2nd to 10th"),
    (Job::Restore, "restore of everything"),
    (Job::One, "restore of one small file"),
    (Job::List, "list of snapshots"),
    (Job::Verify, "verify"),
    (Job::Keep, "what would go by the rules"),
];

/// What is wanted: the most of the wall time of the fastest of these three.
const RIVALS: [&str; 3] = ["restic", "rustic", "borg"];
const GOALS: [(Job, f64); 7] = [
    (Job::First, 0.6),
    (Job::Unchanged, 0.15),
    (Job::Changed, 0.3),
    (Job::Restore, 0.6),
    (Job::One, 0.1),
    (Job::List, 0.1),
    (Job::Verify, 0.25),
];
/// The most of restic's bytes after the first backup, of the smallest after ten, and MiB.
const GOAL_FIRST_BYTES: f64 = 1.05;
const GOAL_TEN_BYTES: f64 = 1.03;
const GOAL_MEMORY: f64 = 64.0;

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => f64::NAN,
        count if count % 2 == 1 => values[middle],
        _ => f64::midpoint(values[middle - 1], values[middle]),
    }
}

fn middle(costs: &[Cost], part: fn(&Cost) -> f64) -> f64 {
    median(costs.iter().map(part).collect())
}

/// How long takeback takes if the other takes 1: the median over the rounds.
fn ratio(figures: &Figures, job: Job, other: &str) -> f64 {
    let (ours, theirs) = (figures.costs("takeback", job), figures.costs(other, job));
    median(
        ours.iter()
            .zip(&theirs)
            .map(|(one, two)| one.wall / two.wall)
            .collect(),
    )
}

fn number(value: f64) -> String {
    match value {
        value if value.is_nan() => "-".to_owned(),
        value if value < 0.1 => format!("{value:.3}"),
        value if value < 10.0 => format!("{value:.2}"),
        value => format!("{value:.1}"),
    }
}

fn megabytes(bytes: Option<u64>) -> String {
    number(bytes.map_or(f64::NAN, |bytes| bytes as f64 / 1e6))
}

/// Every job that was measured, by every subject.
pub(crate) fn jobs(figures: &Figures, subjects: &[&str]) {
    println!("| job | by | wall s | CPU s | peak MiB | runs | takeback takes |");
    println!("| --- | --- | ---: | ---: | ---: | ---: | ---: |");
    for (job, title) in JOBS {
        for name in subjects {
            let costs = figures.costs(name, job);
            if costs.is_empty() {
                continue;
            }
            println!(
                "| {title} | {name} | {} | {} | {} | {} | {} |",
                number(middle(&costs, |cost| cost.wall)),
                number(middle(&costs, |cost| cost.cpu)),
                number(middle(&costs, |cost| cost.peak)),
                costs.len(),
                if *name == "takeback" {
                    String::new()
                } else {
                    number(ratio(figures, job, name)) + "x"
                }
            );
        }
    }
}

/// Every job and subject, then what is stored.
pub(crate) fn table(figures: &Figures, subjects: &[&str]) {
    jobs(figures, subjects);
    println!("\n| stored by | after the first backup MB | after {SNAPSHOTS} MB |");
    println!("| --- | ---: | ---: |");
    for name in subjects {
        println!(
            "| {name} | {} | {} |",
            megabytes(figures.stored(name, 1)),
            megabytes(figures.stored(name, SNAPSHOTS))
        );
    }
}

/// What was wanted and what it is; nothing where there is nobody to compare with.
pub(crate) fn goals(figures: &Figures) {
    println!("\n| goal | against | at most | is | |");
    println!("| --- | --- | ---: | ---: | --- |");
    let line = |title: &str, against: &str, goal: f64, is: f64| {
        let verdict = if is <= goal { "met" } else { "missed" };
        println!(
            "| {title} | {against} | {goal} | {} | {verdict} |",
            number(is)
        );
    };
    for (job, goal) in GOALS {
        let ratios = RIVALS.map(|name| (name, ratio(figures, job, name)));
        let fastest = ratios.iter().filter(|(_, ratio)| !ratio.is_nan());
        if let Some((name, ratio)) = fastest.max_by(|one, two| one.1.total_cmp(&two.1)) {
            let title = JOBS
                .iter()
                .find(|(other, _)| *other == job)
                .map_or("", |(_, t)| t);
            line(title, name, goal, *ratio);
        }
    }
    let share = |count, other: Option<u64>| {
        let ours = figures.stored("takeback", count)?;
        Some(ours as f64 / other? as f64)
    };
    if let Some(share) = share(1, figures.stored("restic", 1)) {
        line(
            "bytes of the first backup",
            "restic",
            GOAL_FIRST_BYTES,
            share,
        );
    }
    let least = RIVALS
        .iter()
        .filter_map(|name| figures.stored(name, SNAPSHOTS))
        .min();
    if let Some(share) = share(SNAPSHOTS, least) {
        line(
            "bytes of ten backups",
            "the smallest",
            GOAL_TEN_BYTES,
            share,
        );
    }
    let peak = |(job, _)| {
        figures
            .costs("takeback", job)
            .into_iter()
            .map(|cost| cost.peak)
    };
    let peak = JOBS.into_iter().flat_map(peak).fold(f64::NAN, f64::max);
    line("peak memory, MiB, of any job", "itself", GOAL_MEMORY, peak);
}

/// The head of the table of growth.
pub(crate) fn growth_head() {
    println!(
        "| files | MB | by | first s | nothing s | 1 % s | restore s | one s | verify s | stored MB | peak MiB: first | nothing | restore | verify |"
    );
    println!("| ---: | ---: | --- |{}", " ---: |".repeat(11));
}

/// A line of it for each subject.
pub(crate) fn growth(figures: &Figures, subjects: &[&str]) {
    for name in subjects {
        let cell = |job, part| number(middle(&figures.costs(name, job), part));
        let wall = |job| cell(job, |cost| cost.wall);
        let peak = |job| cell(job, |cost| cost.peak);
        let jobs = [
            Job::First,
            Job::Unchanged,
            Job::Changed,
            Job::Restore,
            Job::One,
            Job::Verify,
        ];
        let memory = [Job::First, Job::Unchanged, Job::Restore, Job::Verify];
        println!(
            "| {} | {} | {name} | {} | {} | {} |",
            figures.tree.0,
            megabytes(Some(figures.tree.1)),
            jobs.map(wall).join(" | "),
            megabytes(figures.stored(name, 1)),
            memory.map(peak).join(" | ")
        );
    }
}
