//! The audit row of a change that is no command (PUT).

use sea_orm::DatabaseTransaction;
use serde::Serialize;
use service_kit::{Caller, Clock, Problem, store::audit};
use sha2::{Digest as _, Sha256};

/// Notes who changed what, in the transaction of the change.
pub async fn note(
    tx: &DatabaseTransaction,
    clock: &Clock,
    caller: &Caller,
    operation: &str,
    request: &impl Serialize,
    response: &impl Serialize,
) -> Result<(), Problem> {
    let request = text(request)?;
    let request_hash: String = Sha256::digest(request).iter().map(|byte| format!("{byte:02x}")).collect();
    audit::append(tx, clock, caller, operation, &request_hash, &text(response)?).await?;
    Ok(())
}

fn text(value: &impl Serialize) -> Result<String, Problem> {
    serde_json::to_string(value).map_err(|error| Problem::internal(&error))
}
