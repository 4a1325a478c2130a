//! Work spread over the threads. It stands in one place, and behind one function that is compiled
//! once, because every use of the threads by its own takes seconds to build.

use std::sync::OnceLock;

use rayon::prelude::*;

/// Does jobs by their numbers on all threads, and gives what they return in that order.
pub(crate) fn each<T: Send + Sync>(jobs: usize, job: &(dyn Fn(usize) -> T + Sync)) -> Vec<T> {
    let results: Vec<OnceLock<T>> = (0..jobs).map(|_| OnceLock::new()).collect();
    run(jobs, &|n| {
        results[n].get_or_init(|| job(n));
    });
    results.into_iter().filter_map(OnceLock::into_inner).collect()
}

fn run(jobs: usize, job: &(dyn Fn(usize) + Sync)) {
    (0..jobs).into_par_iter().for_each(job);
}
