//! S12: the database fails over, again and again, while three instances pay. No process ends for it, every call that got
//! no answer resolves by repeating its key, and nothing that was answered is lost.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use prover::{Crowd, Options};

use crate::{
    cluster::Cluster,
    killed::{Platform, options, three_instances},
    process::Installation,
};

/// How long a new leader is left in peace.
const PEACE: Duration = Duration::from_millis(1_500);

/// Fails over until it is dropped; no process ends for it.
async fn fail_over_in_turn(cluster: &mut Cluster, platform: &mut Platform, times: &AtomicUsize) {
    loop {
        tokio::time::sleep(PEACE).await;
        cluster.fail_over().await;
        times.fetch_add(1, Ordering::SeqCst);
        for process in platform.processes() {
            assert!(process.is_running(), "{} ended for want of a database", process.base);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_fails_over_again_and_again_and_nothing_is_lost_or_done_twice() {
    let Some(mut cluster) = Cluster::start().await else { return };
    let installation = Installation::furnished_in(cluster.settings()).await;
    let mut platform = three_instances(&installation).await;
    let (door, times) = (platform.door.base.clone(), AtomicUsize::new(0));
    let proving = async {
        let crowded = prover::crowd(&Options { rounds: 3, ..options(&door) }, Crowd::FIFTY).await.unwrap();
        assert!(crowded.is_empty(), "{crowded:#?}");
        prover::prove(&options(&door), &|_| {}).await.unwrap()
    };
    let report = tokio::select! {
        report = proving => report,
        () = fail_over_in_turn(&mut cluster, &mut platform, &times) => unreachable!("failing over never ends"),
    };
    assert!(report.is_good(), "{}", report.table());
    assert!(times.load(Ordering::SeqCst) >= 2, "the database failed over {times:?} times");
    assert!(report.counts.accepted > 60, "{}", report.table());
}
