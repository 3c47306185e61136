//! What this service hears from `budget-execution`, each event once. Types that it does not know are left aside.

pub(crate) mod http;

use budget_execution_contract::{PAYMENT_CORRECTED, PAYMENT_PAID, PAYMENT_REFUNDED};
use serde::de::DeserializeOwned;
use service_kit::{
    Database, Problem,
    store::{inbox, outbox::CloudEvent},
};

use crate::voucher::automatic;

/// Takes an event with its effect in one transaction.
pub(crate) async fn take(database: &Database, event: &CloudEvent) -> Result<(), Problem> {
    let now = database.clock().now();
    let tx = database.begin_write().await?;
    if inbox::accept(&tx, event, now).await? {
        match event.r#type.as_str() {
            PAYMENT_PAID => automatic::paid(&tx, now, read(event)?).await?,
            PAYMENT_REFUNDED => automatic::refunded(&tx, now, read(event)?).await?,
            PAYMENT_CORRECTED => automatic::corrected(&tx, now, read(event)?).await?,
            _ => {}
        }
    }
    tx.commit().await?;
    Ok(())
}

fn read<T: DeserializeOwned>(event: &CloudEvent) -> Result<T, Problem> {
    serde_json::from_value(event.data.clone()).map_err(Problem::malformed)
}
