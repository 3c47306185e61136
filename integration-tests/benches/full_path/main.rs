//! The full path: client → gateway → budget-execution → commit, token verified, monitored by all rules that the
//! platform brings. The binary runs in a process of its own, so that its memory is its own; clients are as lean as can
//! be, because here they share the processors with it. Prints a table; judges nothing.
//!
//! `YITIHUA_BIN=target/release/yitihua cargo bench -p integration-tests --bench full_path`, with
//! `YITIHUA_TEST_DATABASE_URL` for PostgreSQL.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark fails by panicking and prints its figures")]

mod client;
mod platform;
mod stock;

use std::{
    cell::RefCell,
    rc::Rc,
    time::{Duration, Instant},
};

use client::Connection;
use platform::Platform;
use stock::Stock;
use uuid::Uuid;

const CLIENTS: [usize; 4] = [1, 8, 32, 128];
const INDICATORS: usize = 5_000;
/// How long each figure is measured, and how many drafts are ready for it.
const MEASURE: Duration = Duration::from_secs(5);
const DRAFTS: usize = 20_000;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let only: Vec<usize> = std::env::var("BENCH_CLIENTS")
        .map(|text| text.split(',').map(|one| one.parse().unwrap()).collect())
        .unwrap_or(CLIENTS.to_vec());
    let platform = Platform::start().await;
    let stock = Stock::open(&platform).await;
    let indicators = platform.indicators(INDICATORS).await;
    let template = platform.draft(indicators[0]).await;
    let token = platform.clerk_token().await;
    println!(
        "{:<34} {:>7} {:>9} {:>8} {:>8} {:>8}",
        platform.name(),
        "clients",
        "per s",
        "p50 ms",
        "p99 ms",
        "RSS MiB"
    );
    for (name, over) in [("spread over 5,000 indicators", &indicators[..]), ("one hot indicator", &indicators[..1])] {
        for &clients in &only {
            let drafts = stock.drafts(template, over, DRAFTS).await;
            let measured = submit(&platform, &token, drafts, clients).await;
            println!(
                "{name:<34} {clients:>7} {:>9} {:>8} {:>8} {:>8}",
                measured.per_second(),
                millis(measured.at(50)),
                millis(measured.at(99)),
                platform.peak_mebibytes(),
            );
        }
    }
}

/// Answered submissions and how long each took.
struct Measured {
    took: Duration,
    times: Vec<Duration>,
}

impl Measured {
    fn per_second(&self) -> u128 {
        u128::try_from(self.times.len()).unwrap() * 1000 / self.took.as_millis().max(1)
    }

    fn at(&self, percent: usize) -> Duration {
        self.times[(self.times.len() - 1) * percent / 100]
    }
}

fn millis(time: Duration) -> String {
    let tenths = time.as_micros() / 100;
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// Each client submits one draft after the other until the time is over; every answer must be a success.
async fn submit(platform: &Platform, token: &str, drafts: Vec<Uuid>, clients: usize) -> Measured {
    let drafts = Rc::new(RefCell::new(drafts));
    let started = Instant::now();
    let until = started + MEASURE;
    let clients = (0..clients).map(|_| {
        let drafts = drafts.clone();
        async move {
            let mut connection = Connection::open(platform.address(), token).await;
            let mut times = Vec::new();
            while Instant::now() < until {
                let Some(draft) = drafts.borrow_mut().pop() else { break };
                let began = Instant::now();
                let path = format!("/api/budget-execution/v1/payments/{draft}/actions");
                let (status, body) = connection.post(&path, r#"{"action":"submit"}"#).await;
                assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
                times.push(began.elapsed());
            }
            times
        }
    });
    let mut times = futures::future::join_all(clients).await.concat();
    let took = started.elapsed();
    times.sort();
    Measured { took, times }
}
