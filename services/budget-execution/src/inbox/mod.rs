//! Events of other services: each is handled once, in the transaction of its effect. Unknown types are ignored.

use budget_compilation_contract::APPROVAL_GRANTED;
use monitoring_contract::WARNING_AFFIRMED;
use service_kit::{
    Problem,
    store::{inbox, outbox::CloudEvent},
};

use crate::{Execution, generation, payment};

pub mod http;

/// Takes an event, once.
pub async fn take(execution: &Execution, event: &CloudEvent) -> Result<(), Problem> {
    let now = execution.database.clock().now();
    let tx = execution.database.begin_write().await?;
    if inbox::accept(&tx, event, now).await? {
        if event.r#type == APPROVAL_GRANTED {
            generation::receive(&tx, now, &event.data).await?;
        }
        if event.r#type == WARNING_AFFIRMED {
            payment::release::affirmed(&tx, now, &payment::view::read(event.data.clone())?).await?;
        }
        tx.commit().await?;
    } else {
        tx.rollback().await?;
    }
    execution.wake.notify_one();
    Ok(())
}
