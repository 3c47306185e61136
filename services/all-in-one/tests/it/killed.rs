//! S9i and S12: processes are killed with SIGKILL in the middle of S1 and of random commands, and started again. Every
//! call that got no answer resolves by repeating its key; nothing is overspent, lost or done twice.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use prover::{Crowd, Options};
use url::Url;

use crate::process::{Installation, Process, free};

const REST: [&str; 6] = ["base-info", "project-library", "budget-compilation", "final-accounts", "monitoring", "bank"];
const REST_PEERS: [&str; 6] =
    ["base_info", "project_library", "budget_compilation", "final_accounts", "monitoring", "bank"];
/// Answers when the services behind the door do.
const SIGNED_IN: &str = "/api/base-info/v1/jwks";
const VERIFIER: &str = "360121.m3a";

/// What is played while something fails: silence is allowed, a wrong end is not.
pub fn options(base: &Url) -> Options {
    Options {
        base: base.clone(),
        user: VERIFIER.to_owned(),
        password: story::PASSWORD.to_owned(),
        staff_password: story::PASSWORD.to_owned(),
        seed: 20_260_310,
        clients: 6,
        commands: 40,
        limit: Duration::from_secs(60),
        rounds: 0,
        crossed: 0,
        is_turbulent: true,
    }
}

/// Budget execution in three processes, the door in one, the rest in one.
pub struct Platform {
    pub door: Process,
    pub instances: [Process; 3],
    rest: Process,
}

impl Platform {
    pub fn processes(&mut self) -> impl Iterator<Item = &mut Process> {
        self.instances.iter_mut().chain([&mut self.door, &mut self.rest])
    }
}

/// Starts them and waits until they are ready.
pub async fn three_instances(installation: &Installation) -> Platform {
    let (at_rest, at_door, at) = ([free()], free(), [free(), free(), free()]);
    let mut peers: Vec<(&str, &[Url])> = REST_PEERS.iter().map(|name| (*name, at_rest.as_slice())).collect();
    peers.push(("budget_execution", &at));
    let mut platform = Platform {
        rest: installation.start(&REST, &at_rest[0], &peers),
        door: installation.start(&["gateway"], &at_door, &peers),
        instances: at.each_ref().map(|base| installation.start(&["budget-execution"], base, &peers)),
    };
    for process in platform.processes() {
        process.ready("/readyz").await;
    }
    platform
}

/// Kills one process after another, each some time after the one before has come back, until it is dropped.
async fn kill_in_turn(victims: &mut [Process], ready: &str, kills: &AtomicUsize) {
    for pause_ms in [350, 120, 610, 230, 480].into_iter().cycle() {
        for victim in victims.iter_mut() {
            tokio::time::sleep(Duration::from_millis(pause_ms)).await;
            victim.kill();
            kills.fetch_add(1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(pause_ms / 2)).await;
            victim.restart();
            victim.ready(ready).await;
        }
    }
}

/// Plays S1 and random commands while the victims are killed, and asserts that nothing was found.
async fn prove_while_killing(base: &Url, victims: &mut [Process], ready: &str) {
    let kills = AtomicUsize::new(0);
    let proving = async {
        let crowded = prover::crowd(&Options { rounds: 3, ..options(base) }, Crowd::FIFTY).await.unwrap();
        assert!(crowded.is_empty(), "{crowded:#?}");
        prover::prove(&options(base), &|_| {}).await.unwrap()
    };
    let report = tokio::select! {
        report = proving => report,
        () = kill_in_turn(victims, ready, &kills) => unreachable!("killing never ends"),
    };
    assert!(report.is_good(), "{}", report.table());
    assert!(kills.load(Ordering::SeqCst) >= 3, "only {kills:?} kills happened");
    assert!(report.counts.accepted > 60, "{}", report.table());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_three_instances_is_killed_again_and_again_and_nothing_is_lost_or_done_twice() {
    let installation = Installation::furnished().await;
    if !installation.is_shared() {
        return;
    }
    let mut platform = three_instances(&installation).await;
    prove_while_killing(&platform.door.base, &mut platform.instances, "/readyz").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_only_process_is_killed_again_and_again_and_nothing_is_lost_or_done_twice() {
    let installation = Installation::furnished().await;
    if installation.is_shared() {
        return;
    }
    let base = free();
    let mut everything = [installation.start(&[], &base, &[])];
    everything[0].ready(SIGNED_IN).await;
    prove_while_killing(&base, &mut everything, SIGNED_IN).await;
}
