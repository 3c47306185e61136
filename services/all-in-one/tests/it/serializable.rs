//! The proof once more where the database itself looks for an order of all transactions: what it gives up is sent again,
//! and every end is the same.

use prover::Options;
use service_kit::config::Isolation;

use crate::{
    killed::{options, three_instances},
    process::Installation,
};

#[tokio::test(flavor = "multi_thread")]
async fn under_serializable_transactions_the_same_ends_are_reached() {
    let installation = Installation::furnished().await;
    if !installation.is_shared() {
        return;
    }
    let platform = three_instances(&installation.isolated(Isolation::Serializable)).await;
    let options = Options { rounds: 1, crossed: 30, ..options(&platform.door.base) };
    let report = prover::prove(&options, &|_| {}).await.unwrap();
    assert!(report.is_good(), "{}", report.table());
    assert!(report.counts.accepted > 60, "{}", report.table());
    assert!(report.counts.silences > 0, "no transaction was given up\n{}", report.table());
}
