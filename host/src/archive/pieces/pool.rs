//! Work done by several threads, with results in the order in which it was given.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// Threads at the most: the one that reads and writes the archive cannot feed more.
const THREADS: usize = 8;

/// A job, and where its result goes.
type Job<J, R> = (J, SyncSender<R>);

/// Threads that work on jobs of one kind. Holds as many jobs and results as its capacity,
/// and no more: that bounds memory.
pub(in crate::archive) struct Pool<J, R> {
    jobs: Option<SyncSender<Job<J, R>>>,
    results: VecDeque<Receiver<R>>,
    capacity: usize,
    threads: Vec<JoinHandle<()>>,
}

impl<J: Send + 'static, R: Send + 'static> Pool<J, R> {
    /// Starts the threads; `worker` makes what each works with.
    pub(in crate::archive) fn new<W>(worker: impl Fn() -> W) -> Self
    where
        W: FnMut(J) -> R + Send + 'static,
    {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let threads = cores.min(THREADS);
        let capacity = 2 * threads + 2;
        let (jobs, queue) = sync_channel::<Job<J, R>>(capacity);
        let queue = Arc::new(Mutex::new(queue));
        let spawn = |_| {
            let (queue, mut work) = (Arc::clone(&queue), worker());
            std::thread::spawn(move || {
                while let Some((job, result)) = next(&queue) {
                    // Nobody waits for it any more when the archive was given up.
                    let _ = result.send(work(job));
                }
            })
        };
        Self {
            jobs: Some(jobs),
            results: VecDeque::new(),
            capacity,
            threads: (0..threads).map(spawn).collect(),
        }
    }

    /// Whether a result must be taken before another job is given.
    pub(in crate::archive) fn is_full(&self) -> bool {
        self.results.len() >= self.capacity
    }

    /// Gives a job.
    pub(in crate::archive) fn give(&mut self, job: J) {
        let (sender, receiver) = sync_channel(1);
        if let Some(jobs) = &self.jobs {
            // A thread that died leaves its receiver without a result: `take` says so.
            let _ = jobs.send((job, sender));
        }
        self.results.push_back(receiver);
    }

    /// Waits for the result of the oldest job whose result was not taken; `None` when there
    /// is none. The inner one is `None` when its thread died.
    pub(in crate::archive) fn take(&mut self) -> Option<Option<R>> {
        Some(self.results.pop_front()?.recv().ok())
    }
}

fn next<J, R>(queue: &Mutex<Receiver<Job<J, R>>>) -> Option<Job<J, R>> {
    let queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
    queue.recv().ok()
}

impl<J, R> Drop for Pool<J, R> {
    fn drop(&mut self) {
        self.jobs = None;
        self.results.clear();
        for thread in self.threads.drain(..) {
            // It died of a panic that was already reported by the missing result.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_jobs() {
        let mut pool = Pool::new(|| |n: u64| (0..n * 1000 % 7919).fold(n, u64::wrapping_add));
        let mut results = Vec::new();
        for n in 0..500 {
            while pool.is_full() {
                results.extend(pool.take().unwrap());
            }
            pool.give(n);
        }
        while let Some(result) = pool.take() {
            results.extend(result);
        }
        let expected = (0..500).map(|n: u64| (0..n * 1000 % 7919).fold(n, u64::wrapping_add));
        assert_eq!(results, expected.collect::<Vec<_>>());
    }

    #[test]
    fn a_thread_that_dies_is_noticed() {
        let mut pool = Pool::new(|| |n: u32| 100 / n);
        pool.give(0);
        assert_eq!(pool.take(), Some(None));
        assert_eq!(pool.take(), None);
    }
}
