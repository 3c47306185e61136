//! Receipts on their way: each is delivered until the platform takes it, in the order in which it was written.

use std::{convert::Infallible, sync::Arc, time::Duration};

use budget_execution_contract::{BankReceipt, ReceiptAnswer};
use service_kit::{Peer, PeerError};
use tokio::sync::{Semaphore, mpsc};
use uuid::Uuid;

const PATH: &str = "/api/budget-execution/v1/bank-receipts";
const AT_ONCE: usize = 16;
const MAX_TRIES: u32 = 200;
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// The platform says that the receipt contradicts an earlier one, or is not ours; delivering it again changes nothing.
const FINAL: [&str; 2] = ["CLR-101", "CLR-103"];

/// The receipts of one voucher, in order.
pub struct Delivery {
    pub receipts: Vec<BankReceipt>,
    pub delay: Duration,
}

/// Delivers what is queued until the process ends.
pub async fn run(platform: Peer, mut queue: mpsc::Receiver<Delivery>) -> Result<(), Infallible> {
    let slots = Arc::new(Semaphore::new(AT_ONCE));
    while let Some(delivery) = queue.recv().await {
        let slot = slots.clone().acquire_owned().await;
        let platform = platform.clone();
        tokio::spawn(async move {
            tokio::time::sleep(delivery.delay).await;
            for receipt in &delivery.receipts {
                deliver(&platform, receipt).await;
            }
            drop(slot);
        });
    }
    std::future::pending().await
}

async fn deliver(platform: &Peer, receipt: &BankReceipt) {
    let key = Uuid::now_v7().to_string();
    let mut pause = FIRST_PAUSE;
    for _ in 0..MAX_TRIES {
        match platform.post::<_, ReceiptAnswer>(PATH, receipt, &key).await {
            Ok(_) => return,
            Err(PeerError::Refused(problem)) if FINAL.contains(&problem.code()) => return,
            Err(error) => tracing::debug!(pay_cert_no = %receipt.pay_cert_no, %error, "receipt not taken yet"),
        }
        tokio::time::sleep(pause).await;
        pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
    }
    tracing::error!(pay_cert_no = %receipt.pay_cert_no, "receipt was never taken");
}
