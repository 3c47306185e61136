//! What this service hears from `budget-execution`, each event once. Types that it does not know are left aside.

pub(crate) mod http;

use budget_execution_contract::{PAYMENT_CORRECTED, PAYMENT_PAID, PAYMENT_REFUNDED};
use chrono::{DateTime, Utc};
use sea_orm::DatabaseTransaction;
use serde::de::DeserializeOwned;
use service_kit::{
    Database, Problem,
    store::{
        inbox::{self, EventBatch, Taken},
        outbox::CloudEvent,
    },
};

use crate::voucher::automatic;

/// Takes an event with its effect in one transaction.
pub(crate) async fn take(database: &Database, event: &CloudEvent) -> Result<(), Problem> {
    let now = database.clock().now();
    inbox::take(database, event, async |tx, events| effect(tx, now, events).await).await
}

/// Takes many events with their effects.
pub(crate) async fn take_batch(database: &Database, batch: &EventBatch) -> Result<Taken, Problem> {
    let now = database.clock().now();
    inbox::take_batch(database, batch, async |tx, events| effect(tx, now, events).await).await
}

async fn effect(tx: &DatabaseTransaction, now: DateTime<Utc>, events: &[&CloudEvent]) -> Result<(), Problem> {
    for event in events {
        match event.r#type.as_str() {
            PAYMENT_PAID => automatic::paid(tx, now, read(event)?).await?,
            PAYMENT_REFUNDED => automatic::refunded(tx, now, read(event)?).await?,
            PAYMENT_CORRECTED => automatic::corrected(tx, now, read(event)?).await?,
            _ => {}
        }
    }
    Ok(())
}

fn read<T: DeserializeOwned>(event: &CloudEvent) -> Result<T, Problem> {
    serde_json::from_value(event.data.clone()).map_err(Problem::malformed)
}
