//! What the adapter part of a backup costs: engine, all built-in adapters, `describe`
//! and `declare`, with compiled code in the cache. Process CPU time, all threads; each
//! round starts from nothing but the cache.
//!
//! Run with `cargo bench -p takeback --bench adapters`.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::expect_used, reason = "a benchmark that cannot run stops")]

use rustix::time::{ClockId, clock_gettime};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use takeback::adapters::{Registry, Runtime};
use takeback::backup::existing;
use takeback::model::{HostFacts, Os, OwnPlaces};

const ROUNDS: usize = 21;

fn facts(home: &Path) -> HostFacts {
    HostFacts {
        os: Os::current(),
        host: "bench".to_owned(),
        user: "ada".to_owned(),
        home: home.to_owned(),
        config: home.join(".config"),
        data: home.join(".local/share"),
        state: home.join(".local/state"),
        project: Some(home.join("src/app")),
        environment: BTreeMap::new(),
        own: OwnPlaces::default(),
    }
}

/// One run's adapter part; gives the number of rules declared.
fn round(cache: &Path, facts: &HostFacts) -> usize {
    let runtime = Runtime::new(Some(cache)).expect("an engine");
    let loaded = Registry::built_in().load(&runtime, |_| true);
    let rules = loaded.into_iter().map(|(_, _, result)| {
        let adapter = result.expect("a built-in adapter loads");
        let existing = existing(adapter.identity(), facts);
        adapter
            .declare(facts, &existing)
            .expect("a built-in adapter declares")
            .rules
            .len()
    });
    rules.sum()
}

fn cpu_ms() -> f64 {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    now.tv_sec as f64 * 1e3 + now.tv_nsec as f64 / 1e6
}

fn main() {
    let temp = tempfile::tempdir().expect("a temporary directory");
    let cache = temp.path().join("cache");
    std::fs::create_dir(&cache).expect("a cache directory");
    let facts = facts(&PathBuf::from("/home/ada"));
    let start = cpu_ms();
    let rules = round(&cache, &facts);
    println!(
        "cold cache: {:.1} ms of CPU, {rules} rules",
        cpu_ms() - start
    );
    let mut times: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let start = cpu_ms();
            assert_eq!(round(&cache, &facts), rules);
            cpu_ms() - start
        })
        .collect();
    times.sort_by(f64::total_cmp);
    let (least, median, most) = (times[0], times[ROUNDS / 2], times[ROUNDS - 1]);
    println!(
        "warm cache: min {least:.1}, median {median:.1}, max {most:.1} ms of CPU ({ROUNDS} rounds)"
    );
}
