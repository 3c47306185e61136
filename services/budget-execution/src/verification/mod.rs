//! The verifier (账簿校验): recomputes every balance from the entries and says whether the invariants of the ledger hold.
//! It never repairs anything.

use budget_execution_contract::{Verification, VerificationRequest};
use common_types::{Money, Role};
use sea_orm::{AccessMode, DbBackend, IsolationLevel, TransactionTrait as _};
use service_kit::{Caller, Database, Problem};
use uuid::Uuid;

use crate::ledger::PostError;

pub mod http;
mod model;
mod store;
mod vouchers;

const VERIFIERS: &[Role] = &[Role::M3, Role::M5, Role::X2, Role::S1, Role::M7];

/// Verifies the books within reach of the caller, all read at one instant.
pub async fn verify(
    database: &Database,
    caller: &Caller,
    request: &VerificationRequest,
) -> Result<Verification, Problem> {
    caller.require(VERIFIERS)?;
    if let Some(division) = &request.mof_div_code {
        caller.require_readable(division, None, "账簿", "the books")?;
    }
    let snapshot = match database.backend() {
        DbBackend::Postgres => {
            let level = Some(IsolationLevel::RepeatableRead);
            database.read().begin_with_config(level, Some(AccessMode::ReadOnly)).await?
        }
        _ => database.read().begin().await?,
    };
    let figures = store::figures(&snapshot, caller, request).await?;
    let signed = vouchers::signed(&snapshot, caller, request).await?;
    let spent = vouchers::spent(&snapshot, caller, request, &figures).await?;
    snapshot.rollback().await?;
    let mut invariants = model::checks(&figures);
    invariants.push(signed);
    invariants.push(spent);
    let sum = |side: fn(&model::Recomputed) -> Money| Money::try_sum(figures.recomputed.iter().map(side));
    Ok(Verification {
        verification_id: Uuid::now_v7(),
        verify_time: database.clock().now(),
        ok: invariants.iter().all(|check| check.ok),
        entries: figures.vouchers,
        balances: i64::try_from(figures.stored.len()).unwrap_or(i64::MAX),
        dr_amt: sum(|row| row.dr_amt).ok_or(PostError::Overflow)?,
        cr_amt: sum(|row| row.cr_amt).ok_or(PostError::Overflow)?,
        invariants,
    })
}
