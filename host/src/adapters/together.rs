//! Work that is done at the same time, or that somebody is told about when it takes long.

use crate::model::limits::ADAPTER_LOADERS;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Does something with every item, a few at a time; the results are in the items' order.
pub(super) fn at_once<T: Sync, R: Send>(items: &[T], run: impl Fn(&T) -> R + Sync) -> Vec<R> {
    if items.len() < 2 {
        return items.iter().map(run).collect();
    }
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(items.len()));
    let work = || {
        while let Some((index, item)) = {
            let index = next.fetch_add(1, Ordering::Relaxed);
            items.get(index).map(|item| (index, item))
        } {
            let result = run(item);
            let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
            done.push((index, result));
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..ADAPTER_LOADERS.min(items.len()) {
            scope.spawn(work);
        }
        work();
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

/// Does something; when it takes longer than `silence`, `tell` is called meanwhile, once.
pub(super) fn telling<R>(
    silence: Duration,
    tell: impl FnOnce() + Send,
    run: impl FnOnce() -> R,
) -> R {
    let (done, waiting) = mpsc::channel::<()>();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            if waiting.recv_timeout(silence) == Err(RecvTimeoutError::Timeout) {
                tell();
            }
        });
        let result = run();
        drop(done);
        result
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_the_order_of_the_items() {
        for count in [0, 1, 2, 3, 50] {
            let items: Vec<usize> = (0..count).collect();
            let doubled: Vec<usize> = items.iter().map(|n| n * 2).collect();
            assert_eq!(at_once(&items, |n| n * 2), doubled);
        }
    }

    #[test]
    fn two_are_done_at_the_same_time() {
        // Each waits for the other: one after the other they would wait for ever.
        let barrier = std::sync::Barrier::new(2);
        let met = at_once(&[(), ()], |()| barrier.wait().is_leader());
        assert_eq!(met.iter().filter(|leader| **leader).count(), 1);
    }

    #[test]
    fn somebody_is_told_when_it_takes_long_and_not_otherwise() {
        let (told, hears) = mpsc::channel();
        let tell = move || told.send("slow").unwrap();
        assert_eq!(
            telling(Duration::ZERO, tell, || hears.recv().unwrap()),
            "slow"
        );
        let (told, hears) = mpsc::channel();
        let tell = move || told.send("slow").unwrap();
        assert_eq!(telling(Duration::from_secs(3600), tell, || 7), 7);
        assert!(hears.recv().is_err());
    }
}
