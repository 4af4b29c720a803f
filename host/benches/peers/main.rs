//! takeback beside other programs that make backups: GNU tar with gzip and with pigz, restic,
//! rustic and borg, on the same tree, in turn, as whole processes.
//!
//! Run with `cargo bench -p takeback --bench peers -- --help`. What is measured, how, and what
//! came of it is in `docs/performance.md`.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::print_stderr, reason = "and how far it is")]
#![expect(clippy::expect_used, reason = "a benchmark that cannot run stops")]
#![expect(
    clippy::disallowed_methods,
    reason = "it makes and removes the trees it measures on"
)]

mod measure;
mod report;
mod rounds;
mod subjects;
mod text;
mod trees;

use clap::{Parser, ValueEnum};
use rounds::Bench;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use subjects::{SUBJECTS, Subject};
use trees::Shape;

/// takeback beside other programs that make backups.
#[derive(Parser)]
struct Arguments {
    /// What to measure on.
    #[arg(long, value_enum, default_value = "typical")]
    tree: Tree,
    /// How often; medians are printed.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..))]
    rounds: u16,
    /// Only these programs, and takeback.
    #[arg(long, num_args = 1.., value_name = "NAME")]
    only: Vec<String>,
    /// How many snapshots there are with `--tree weekly`.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u16).range(1..))]
    snapshots: u16,
    /// Makes the trees smaller, to try the benchmark out.
    #[arg(long, default_value_t = 1.0, value_name = "FACTOR")]
    scale: f64,
    /// Where to work: on the disk that is to be measured, with room for some gigabytes a round.
    #[arg(long, default_value = env!("CARGO_TARGET_TMPDIR"))]
    dir: PathBuf,
    /// Cargo says so.
    #[arg(long, hide = true)]
    bench: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Tree {
    /// A coding agent's state: 5,900 files, 250 MB, the largest 55 MB.
    Typical,
    /// 100,000 files of about 1 KB.
    Many,
    /// From 1,000 to 100,000 files and from 1 MB to 2.5 GB, takeback alone unless others are
    /// named.
    Growth,
    /// A store of a thousand snapshots of 200 small files: listing them, and saying which would
    /// go by the rules.
    Weekly,
}

fn main() -> ExitCode {
    let mut words = std::env::args_os().skip(1).peekable();
    if words.next_if(|word| word == measure::FLAG).is_some() {
        return measure::measure(&words.collect::<Vec<OsString>>());
    }
    let asked = Arguments::parse();
    let subjects = choose(&asked);
    let temp = tempfile::Builder::new()
        .prefix("peers-")
        .tempdir_in(&asked.dir)
        .expect("a temporary directory");
    match asked.tree {
        Tree::Typical => compare(&asked, temp.path(), Shape::Typical(asked.scale), subjects),
        Tree::Many => {
            let shape = Shape::Many(scaled(100_000, asked.scale));
            compare(&asked, temp.path(), shape, subjects);
        }
        Tree::Growth => grow(&asked, temp.path(), &subjects),
        Tree::Weekly => weekly(&asked, temp.path(), subjects),
    }
    ExitCode::SUCCESS
}

fn scaled(count: usize, factor: f64) -> usize {
    (count as f64 * factor) as usize
}

/// Those that are wanted and there; names the ones that are wanted and missing.
fn choose(asked: &Arguments) -> Vec<&'static Subject> {
    for name in &asked.only {
        let known = SUBJECTS.iter().any(|subject| subject.name == name);
        assert!(known, "no program here is called {name}");
    }
    let all = asked.only.is_empty() && !matches!(asked.tree, Tree::Growth);
    let wanted = |subject: &&'static Subject| {
        all || subject.name == "takeback" || asked.only.iter().any(|name| name == subject.name)
    };
    let there = |subject: &&'static Subject| {
        let missing = subject.needs.iter().find(|program| !in_path(program));
        if let Some(program) = missing {
            println!(
                "NOT MEASURED: {}, for there is no `{program}` here\n",
                subject.name
            );
        }
        missing.is_none()
    };
    SUBJECTS.iter().filter(wanted).filter(there).collect()
}

fn in_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|dir| dir.join(program).is_file())
}

fn compare(asked: &Arguments, dir: &Path, shape: Shape, subjects: Vec<&'static Subject>) {
    let names: Vec<&str> = subjects.iter().map(|subject| subject.name).collect();
    let mut bench = Bench::new(dir.to_owned(), shape, subjects);
    let (files, bytes) = bench.figures.tree;
    println!(
        "{files} files, {:.1} MB, {} rounds\n",
        bytes as f64 / 1e6,
        asked.rounds
    );
    for round in 0..usize::from(asked.rounds) {
        eprintln!("round {} of {}", round + 1, asked.rounds);
        bench.round(round);
    }
    eprintln!("{} backups in a row", rounds::SNAPSHOTS);
    bench.later();
    report::table(&bench.figures, &names);
    report::goals(&bench.figures);
}

fn weekly(asked: &Arguments, dir: &Path, subjects: Vec<&'static Subject>) {
    let names: Vec<&str> = subjects.iter().map(|subject| subject.name).collect();
    let shape = Shape::Many(scaled(200, asked.scale));
    let mut bench = Bench::new(dir.to_owned(), shape, subjects);
    println!("{} snapshots, {} rounds\n", asked.snapshots, asked.rounds);
    bench.weekly(usize::from(asked.snapshots), usize::from(asked.rounds));
    report::jobs(&bench.figures, &names);
}

fn grow(asked: &Arguments, dir: &Path, subjects: &[&'static Subject]) {
    let names: Vec<&str> = subjects.iter().map(|subject| subject.name).collect();
    let many = [1_000, 3_000, 10_000, 30_000, 100_000]
        .map(|count| Shape::Many(scaled(count, asked.scale)));
    let large = [
        1_000_000,
        10_000_000,
        100_000_000,
        1_000_000_000,
        2_500_000_000,
    ]
    .map(|bytes| Shape::Large(scaled(bytes, asked.scale)));
    report::growth_head();
    for (number, shape) in many.into_iter().chain(large).enumerate() {
        let mut bench = Bench::new(dir.join(number.to_string()), shape, subjects.to_vec());
        for round in 0..usize::from(asked.rounds) {
            bench.round(round);
        }
        report::growth(&bench.figures, &names);
    }
}
