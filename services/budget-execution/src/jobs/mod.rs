//! Nightly work (夜间任务): the books of every division are verified once per business day, from the configured hour on,
//! by whichever instance comes first. What an instance that died had begun, another one begins anew.

use std::time::Duration;

use chrono::{NaiveDate, TimeDelta};
use common_types::DivisionCode;
use service_kit::{Database, Peer, Problem};

use crate::verification;

mod entity;
mod model;
mod store;

/// The verification of one division's books.
const VERIFICATION: &str = "verification";
/// A run that is not done by then is taken over.
const LEASE: TimeDelta = TimeDelta::hours(2);

/// When nightly work is due, and how often that is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Nightly {
    /// Hour of the day in China.
    pub hour: u32,
    pub look_every: Duration,
}

/// Does what is due until the process ends. What fails is tried again at the next look.
pub async fn run(database: Database, base_info: Peer, nightly: Nightly) -> Result<(), Problem> {
    loop {
        tokio::time::sleep(nightly.look_every).await;
        let Some(day) = model::due(database.clock().now(), nightly.hour) else { continue };
        if let Err(error) = verify_all(&database, &base_info, day).await {
            tracing::warn!(%day, %error, "nightly verification is not complete");
        }
    }
}

/// Verifies the books of every division that waits for it on this day; how many this call verified.
pub async fn verify_all(database: &Database, base_info: &Peer, day: NaiveDate) -> Result<usize, Problem> {
    let mut verified = 0_usize;
    for division in store::waiting(database.read(), VERIFICATION, day).await? {
        if claim(database, &division, day).await? {
            verify(database, base_info, &division, day).await?;
            verified = verified.saturating_add(1);
        }
    }
    Ok(verified)
}

async fn claim(database: &Database, division: &DivisionCode, day: NaiveDate) -> Result<bool, Problem> {
    let now = database.clock().now();
    let tx = database.begin_write().await?;
    let claimed = store::claim(&tx, (division, VERIFICATION, day), now, now + LEASE).await?;
    tx.commit().await?;
    Ok(claimed)
}

async fn verify(database: &Database, base_info: &Peer, division: &DivisionCode, day: NaiveDate) -> Result<(), Problem> {
    let report = verification::of_division(database, base_info, division).await?;
    if !report.ok {
        tracing::error!(mof_div_code = %division, %day, "the books do not hold what they promise");
    }
    let now = database.clock().now();
    let tx = database.begin_write().await?;
    if store::complete(&tx, (division, VERIFICATION, day), now, report.verification_id).await? {
        verification::report::keep(&tx, division, day, &report).await?;
    }
    Ok(tx.commit().await?)
}
