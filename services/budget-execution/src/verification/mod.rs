//! The verifier (账簿校验): recomputes every balance from the entries and says whether the invariants of the ledger hold.
//! It never repairs anything.

use budget_execution_contract::{Verification, VerificationRequest};
use common_types::{DivisionCode, Money, Role};
use sea_orm::{AccessMode, DatabaseTransaction, DbBackend, IsolationLevel, TransactionTrait as _};
use service_kit::{Caller, Database, Peer, Problem};
use uuid::Uuid;

use crate::{Execution, ledger::PostError};

mod documents;
mod elements;
pub mod http;
mod model;
mod records;
pub mod report;
mod store;
mod vouchers;

const NIGHTLY: &str = "nightly";
const VERIFIERS: &[Role] = &[Role::M3, Role::M5, Role::X2, Role::S1, Role::M7];

/// Verifies the books within reach of the caller, all read at one instant.
pub async fn verify(
    execution: &Execution,
    caller: &Caller,
    request: &VerificationRequest,
) -> Result<Verification, Problem> {
    caller.require(VERIFIERS)?;
    if let Some(division) = &request.mof_div_code {
        caller.require_readable(division, None, "账簿", "the books")?;
    }
    recompute(&execution.database, &execution.peers.base_info, caller, request).await
}

/// Verifies the books of one division on behalf of the platform, for nightly work.
pub async fn of_division(
    database: &Database,
    base_info: &Peer,
    division: &DivisionCode,
) -> Result<Verification, Problem> {
    let request = VerificationRequest { mof_div_code: Some(division.clone()), fiscal_year: None };
    recompute(database, base_info, &platform(division), &request).await
}

fn platform(division: &DivisionCode) -> Caller {
    Caller {
        subject: NIGHTLY.to_owned(),
        person: NIGHTLY.to_owned(),
        name: NIGHTLY.to_owned(),
        roles: [Role::S1].into_iter().collect(),
        mof_div_code: division.clone(),
        agency_code: None,
        mof_dep_code: None,
    }
}

async fn recompute(
    database: &Database,
    base_info: &Peer,
    caller: &Caller,
    request: &VerificationRequest,
) -> Result<Verification, Problem> {
    let stopped = elements::ask(database, base_info, caller, request).await?;
    let today = database.clock().today();
    let snapshot = match database.backend() {
        DbBackend::Postgres => {
            let level = Some(IsolationLevel::RepeatableRead);
            database.read().begin_with_config(level, Some(AccessMode::ReadOnly)).await?
        }
        _ => database.read().begin().await?,
    };
    let mut report = Verification {
        verification_id: Uuid::now_v7(),
        verify_time: database.clock().now(),
        ok: true,
        entries: 0,
        balances: 0,
        dr_amt: Money::ZERO,
        cr_amt: Money::ZERO,
        invariants: model::checks(&model::Figures::default()),
    };
    for division in store::divisions(&snapshot, caller, request).await? {
        let of_division = VerificationRequest { mof_div_code: Some(division), ..request.clone() };
        add(&mut report, &snapshot, caller, &of_division).await?;
        if let Some(stopped) = &stopped {
            let in_use = elements::checks(&snapshot, caller, &of_division, (stopped, today)).await?;
            model::merge(&mut report.invariants, vec![in_use]);
        }
    }
    snapshot.rollback().await?;
    report.ok = report.invariants.iter().all(|check| check.ok);
    Ok(report)
}

/// Adds what one division's books show, so that never more than one division's balances are in memory.
async fn add(
    report: &mut Verification,
    snapshot: &DatabaseTransaction,
    caller: &Caller,
    request: &VerificationRequest,
) -> Result<(), Problem> {
    let figures = store::figures(snapshot, caller, request).await?;
    model::merge(&mut report.invariants, model::checks(&figures));
    let signed = vouchers::signed(snapshot, caller, request).await?;
    let spent = vouchers::spent(snapshot, caller, request, &figures).await?;
    model::merge(&mut report.invariants, vec![signed, spent]);
    model::merge(&mut report.invariants, documents::checks(snapshot, caller, request, &figures.closed).await?);
    model::merge(&mut report.invariants, records::checks(snapshot, caller, request).await?);
    let sum = |before: Money, side: fn(&model::Recomputed) -> Money| {
        Money::try_sum(std::iter::once(before).chain(figures.recomputed.iter().map(side))).ok_or(PostError::Overflow)
    };
    report.entries = report.entries.saturating_add(figures.vouchers);
    report.balances = report.balances.saturating_add(i64::try_from(figures.stored.len()).unwrap_or(i64::MAX));
    report.dr_amt = sum(report.dr_amt, |row| row.dr_amt)?;
    report.cr_amt = sum(report.cr_amt, |row| row.cr_amt)?;
    Ok(())
}
