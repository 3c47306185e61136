//! Clients that pay at the same time, each one after the other.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use crate::table::Figures;

const CLIENTS: [usize; 4] = [1, 8, 32, 128];
/// How long a measurement takes, unless its work is done before.
pub const MEASURED: Duration = Duration::from_secs(4);

/// The clients of the measurements: those that the command line names, or all.
pub fn counts() -> Vec<usize> {
    let named: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    if named.is_empty() { CLIENTS.to_vec() } else { named }
}

/// Lets the clients take the jobs one by one until all are done or the time is over.
pub async fn run<J, F, W>(clients: usize, jobs: Vec<J>, work: W) -> Figures
where
    J: Clone + Send + Sync + 'static,
    F: Future<Output = ()> + Send,
    W: Fn(J) -> F + Clone + Send + 'static,
{
    let (jobs, next) = (Arc::new(jobs), Arc::new(AtomicUsize::new(0)));
    let started = Instant::now();
    let running: Vec<_> = (0..clients)
        .map(|_| {
            let (jobs, next, work) = (jobs.clone(), next.clone(), work.clone());
            tokio::spawn(async move {
                let mut times = Vec::new();
                while started.elapsed() < MEASURED {
                    let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)).cloned() else { break };
                    let began = Instant::now();
                    work(job).await;
                    times.push(began.elapsed());
                }
                times
            })
        })
        .collect();
    let times: Vec<Vec<Duration>> =
        futures::future::join_all(running).await.into_iter().map(|one| one.unwrap()).collect();
    Figures::of(started.elapsed(), times.concat())
}
