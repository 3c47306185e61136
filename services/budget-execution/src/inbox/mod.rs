//! Events of other services: each is handled once, in the transaction of its effect. Unknown types are ignored.

use budget_compilation_contract::APPROVAL_GRANTED;
use chrono::{DateTime, Utc};
use monitoring_contract::WARNING_AFFIRMED;
use sea_orm::DatabaseTransaction;
use service_kit::{
    Problem,
    store::{
        inbox::{self, EventBatch, Taken},
        outbox::CloudEvent,
    },
};

use crate::{Execution, generation, payment};

pub mod http;

/// Takes an event, once.
pub async fn take(execution: &Execution, event: &CloudEvent) -> Result<(), Problem> {
    let now = execution.database.clock().now();
    inbox::take(&execution.database, event, async |tx, events| effect(tx, now, events).await).await?;
    execution.wake.notify_one();
    Ok(())
}

/// Takes many events, each once.
pub async fn take_batch(execution: &Execution, batch: &EventBatch) -> Result<Taken, Problem> {
    let now = execution.database.clock().now();
    let taken = inbox::take_batch(&execution.database, batch, async |tx, events| effect(tx, now, events).await).await?;
    execution.wake.notify_one();
    Ok(taken)
}

async fn effect(tx: &DatabaseTransaction, now: DateTime<Utc>, events: &[&CloudEvent]) -> Result<(), Problem> {
    for event in events {
        if event.r#type == APPROVAL_GRANTED {
            generation::receive(tx, now, &event.data).await?;
        }
        if event.r#type == WARNING_AFFIRMED {
            payment::release::affirmed(tx, now, &payment::view::read(event.data.clone())?).await?;
        }
    }
    Ok(())
}
