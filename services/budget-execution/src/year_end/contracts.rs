//! Commitments at the year end: a signed contract goes on in the next year with what it still keeps (CL-002), on the
//! indicator that was carried for it; every other commitment ends with the year.

use std::collections::BTreeMap;

use common_types::Money;
use common_types::ledger::Account;
use sea_orm::DatabaseTransaction;
use service_kit::{Caller, Problem};
use uuid::Uuid;

use super::model::Remaining;
use super::{Indicators, Run};
use crate::commitment::{self, entity::Model};
use crate::ledger::Posting;

/// Commitments of the year with a signed contract in force, by their ledger key.
pub async fn signed(tx: &DatabaseTransaction, run: &Run) -> Result<BTreeMap<Uuid, Model>, Problem> {
    let open = commitment::store::open_of_year(tx, &run.mof_div_code, run.fiscal_year).await?;
    let signed = open.into_iter().filter(|row| row.contract_no.is_some() && row.is_in_force());
    Ok(signed.map(|row| (row.commitment_id, row)).collect())
}

/// The contracts of the next year that continue those of this one, with their E15.
pub async fn carry(
    tx: &DatabaseTransaction,
    run: &Run,
    caller: &Caller,
    (contracts, balances): (&BTreeMap<Uuid, Model>, &[Remaining]),
    next: &Indicators,
) -> Result<Vec<Posting>, Problem> {
    let mut postings = Vec::new();
    for one in balances.iter().filter(|one| one.slot.account == Account::Committed) {
        let (Some(row), Some(bgt_id)) = (contracts.get(&one.slot.key_id), one.bgt_id) else { continue };
        let Some(bearer) = next.get(&bgt_id) else { continue };
        postings.push(commitment::carry(tx, run.now, caller, (row, bearer), one.amount).await?);
    }
    Ok(postings)
}

/// Ends all commitments of the year.
pub async fn end(tx: &DatabaseTransaction, run: &Run, balances: &[Remaining]) -> Result<(), Problem> {
    let left: BTreeMap<Uuid, Money> = balances
        .iter()
        .filter(|one| one.slot.account == Account::Committed)
        .map(|one| (one.slot.key_id, one.amount.money()))
        .collect();
    for row in commitment::store::open_of_year(tx, &run.mof_div_code, run.fiscal_year).await? {
        let released = left.get(&row.commitment_id).copied().unwrap_or_default();
        commitment::store::close(tx, &row, None, released).await?;
    }
    Ok(())
}
