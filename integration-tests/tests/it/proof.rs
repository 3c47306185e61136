//! The prover against the whole platform: races with known ends, seeded random commands, and replies that get lost after
//! the platform has committed (S1, S2, S5, S7i, S8i, S9i, S17).

use std::time::Duration;

use prover::{Crowd, Options, Report};
use url::Url;

use crate::{lossy, platform::Running};

const VERIFIER: &str = "360121.m3a";

fn options(base: &Url) -> Options {
    Options {
        base: base.clone(),
        user: VERIFIER.to_owned(),
        password: story::PASSWORD.to_owned(),
        staff_password: story::PASSWORD.to_owned(),
        seed: 20_260_120,
        clients: 8,
        commands: 45,
        limit: Duration::from_secs(60),
        rounds: 2,
        crossed: 200,
        is_turbulent: false,
    }
}

async fn furnished() -> Running {
    let platform = Running::start().await;
    let outcome = story::furnish(platform.story(), Box::new(std::io::sink())).await.unwrap();
    assert!(outcome.is_good(), "{:#?}", outcome.failures);
    platform
}

/// How many answers of these kinds were accepted.
fn accepted(report: &Report, kinds: &[&str]) -> Vec<usize> {
    kinds.iter().map(|kind| report.accepted.get(*kind).copied().unwrap_or_default()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn races_and_random_commands_find_nothing() {
    let platform = furnished().await;
    let report = prover::prove(&options(&platform.base), &|_| {}).await.unwrap();
    assert!(report.is_good(), "{}", report.table());
    let kinds = ["POST payments submit", "POST payments approve", "POST vouchers send", "POST freezes approve"];
    let counts = accepted(&report, &kinds);
    assert!(counts.iter().all(|count| *count > 0), "{kinds:?} {counts:?}\n{}", report.table());
    assert!(report.refused.contains_key("BA-001"), "{}", report.table());
    assert!(report.counts.sightings > 20, "{}", report.table());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_committed_without_a_reply_is_answered_again_and_done_once() {
    let platform = furnished().await;
    let proxy = lossy::Proxy::start(platform.base.clone(), 4).await;
    let options = Options { clients: 4, commands: 40, rounds: 0, is_turbulent: true, ..options(&proxy.base) };
    let crowded = prover::crowd(&Options { rounds: 1, ..options.clone() }, Crowd::FIFTY).await.unwrap();
    assert!(crowded.is_empty(), "{crowded:#?}");
    let report = prover::prove(&options, &|_| {}).await.unwrap();
    assert!(report.is_good(), "{}", report.table());
    assert!(report.counts.silences > 20, "{}", report.table());
    assert!(proxy.lost() > 40, "only {} replies were lost", proxy.lost());
}
