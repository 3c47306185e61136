//! How payments draw on commitments: what one may take, what its last payment closes, where money goes that comes back.

use chrono::{DateTime, Utc};
use common_types::ledger::Account;
use common_types::{Amount, Money};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr};
use service_kit::{Problem, clock::china_date};
use uuid::Uuid;

use super::entity::{Model, Occupation};
use super::model::Standing;
use super::{locked, not_found, remaining, store};
use crate::indicator::refusal;
use crate::ledger::{self, PostError, Posting, Slot};

/// A commitment as payments and their rules see it; none when there is none.
pub async fn standing<C: ConnectionTrait>(db: &C, commitment_id: Uuid) -> Result<Option<Standing>, DbErr> {
    let Some(row) = store::find(db, commitment_id).await? else { return Ok(None) };
    let balances = ledger::balances(db, &row.mof_div_code, row.fiscal_year, commitment_id).await?;
    let remaining_amt = balances.get(&Account::Committed).copied().unwrap_or_default();
    Ok(Some(Standing {
        drawn_amt: row.drawn(remaining_amt),
        remaining_amt,
        is_in_force: row.commitment_status == Occupation::InForce,
        commitment_id: row.commitment_id,
        bgt_id: row.bgt_id,
        contract_no: row.contract_no,
        payee_acct_name: row.payee_acct_name,
        payee_acct_no: row.payee_acct_no,
        contract_amt: row.contract_amt,
        prepay_percent: row.prepay_percent,
    }))
}

/// An early answer for people: whether a payment of this indicator may take this much. The guard that counts is in the
/// posting, which finds nothing left on a commitment that was closed.
pub async fn require_drawable<C: ConnectionTrait>(
    db: &C,
    commitment_id: Uuid,
    bgt_id: Uuid,
    requested: Money,
) -> Result<(), Problem> {
    // before the row: of a commitment that is closed meanwhile it is told that it is closed, not that it holds nothing
    let held = ledger::balances_of_keys(db, vec![commitment_id]).await?;
    let row = store::find(db, commitment_id).await?.filter(|row| row.bgt_id == bgt_id);
    let Some(row) = row.filter(|row| row.ori_commitment_id.is_none()) else {
        let (zh, en) = ("不是本指标的采购占用", "is not a commitment of the indicator");
        return Err(Problem::field("/commitment_id", zh, en));
    };
    row.require_in_force()?;
    let committed = held.get(&commitment_id).and_then(|balances| balances.get(&Account::Committed));
    let available = committed.copied().unwrap_or_default();
    if requested <= available {
        return Ok(());
    }
    let slot = row.committed();
    let error = PostError::Insufficient { account: slot.account, key_id: slot.key_id, available, requested };
    Err(refusal::explained(db, error, "BE-114").await)
}

/// The posting that gives back what the last payment leaves (E15 reversed); the commitment is closed by it. Call it
/// before the payment's own posting, and post both together.
pub async fn close_by(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    (commitment_id, pay_app_id): (Uuid, Uuid),
    paying: Money,
) -> Result<Option<Posting>, Problem> {
    let row = locked(tx, commitment_id).await?;
    row.require_in_force()?;
    let rest = remaining(tx, &row).await?.checked_sub(paying).ok_or(PostError::Overflow)?;
    let released = Amount::try_from(rest).ok();
    store::close(tx, &row, Some(pay_app_id), released.map_or(Money::ZERO, Amount::money)).await?;
    Ok(released.map(|amount| row.posting(china_date(now), row.releasing(amount))))
}

/// Where money of a payment goes that comes back: to its commitment while that is open, or opened again by this very
/// payment, otherwise to the indicator. `bearer` is the indicator that bears the payment now: another one than that of
/// the commitment when an advance was written off, and then the money is its.
pub async fn taking_back(
    tx: &DatabaseTransaction,
    commitment_id: Uuid,
    (pay_app_id, bearer): (Uuid, Uuid),
    returned: Amount,
) -> Result<Slot, Problem> {
    let row: Model = store::locked(tx, commitment_id).await?.ok_or_else(not_found)?;
    if row.bgt_id != bearer {
        store::note_released(tx, &row, returned.money()).await?;
        return Ok(Slot::new(Account::Executable, bearer));
    }
    if row.commitment_status == Occupation::InForce {
        return Ok(row.committed());
    }
    if row.closing_pay_app_id == Some(pay_app_id) {
        store::reopen(tx, &row).await?;
        return Ok(row.committed());
    }
    store::note_released(tx, &row, returned.money()).await?;
    Ok(row.executable())
}
