//! The ledger as people read it.

use std::collections::BTreeMap;

use budget_execution_contract::{DrCr, LedgerBalance, LedgerEntry, LedgerFilter, TrialBalance, TrialBalanceLine};
use common_types::ledger::{Account, Template};
use common_types::{DivisionCode, Money};
use sea_orm::{ConnectionTrait, DbErr};
use service_kit::{Page, PageQuery, Problem};
use uuid::Uuid;

use super::{Movement, entity, query};

/// A page of entries, oldest first.
pub async fn entries<C: ConnectionTrait>(
    db: &C,
    filter: &LedgerFilter,
    page: &PageQuery,
) -> Result<Page<LedgerEntry>, Problem> {
    let paged = page.paged()?;
    let after = paged.after.as_deref().map(position).transpose()?;
    let rows = query::entries(db, filter, after, paged.limit()).await?;
    let rows = rows.into_iter().map(entry_of).collect();
    Ok(Page::of(rows, &paged, |row: &LedgerEntry| format!("{}/{}", row.vou_id, row.seq)))
}

fn position(token: &str) -> Result<(Uuid, i32), Problem> {
    let parts = token.split_once('/').and_then(|(vou_id, seq)| Some((vou_id.parse().ok()?, seq.parse().ok()?)));
    parts.ok_or_else(|| Problem::malformed("page_token is not one that this service gave"))
}

fn entry_of((row, head): (entity::detail::Model, Option<entity::head::Model>)) -> LedgerEntry {
    LedgerEntry {
        vou_id: row.vou_id,
        seq: row.seq,
        mof_div_code: row.mof_div_code,
        fiscal_year: row.fiscal_year,
        template: row.template.code().to_owned(),
        event_id: head.as_ref().map_or(Uuid::nil(), |head| head.event_id),
        source_doc: head.map(|head| head.source_doc).unwrap_or_default(),
        acct_cls_code: row.acct_cls_code.code().to_owned(),
        acct_cls_name: row.acct_cls_code.name().to_owned(),
        key_id: row.key_id,
        dr_cr: if row.dr_cr > 0 { DrCr::Debit } else { DrCr::Credit },
        amt: row.amt,
        vou_date: row.vou_date,
        post_time: row.post_time,
    }
}

/// Balances per account and key, from the entries.
pub async fn balances_as_of<C: ConnectionTrait>(db: &C, filter: &LedgerFilter) -> Result<Vec<LedgerBalance>, Problem> {
    let sums = query::sums(db, filter).await?;
    sums.into_iter()
        .map(|sum| {
            let (dr_amt, cr_amt) = (Money::from_fen(sum.dr_amt), Money::from_fen(sum.cr_amt));
            Ok(LedgerBalance {
                mof_div_code: sum.mof_div_code,
                fiscal_year: sum.fiscal_year,
                acct_cls_code: sum.acct_cls_code.code().to_owned(),
                acct_cls_name: sum.acct_cls_code.name().to_owned(),
                key_id: sum.key_id,
                bal_amt: normal(sum.acct_cls_code, dr_amt, cr_amt)?,
                dr_amt,
                cr_amt,
            })
        })
        .collect()
}

fn normal(account: Account, dr_amt: Money, cr_amt: Money) -> Result<Money, Problem> {
    Movement { dr_amt, cr_amt }.change(account).ok_or_else(overflow)
}

fn overflow() -> Problem {
    super::PostError::Overflow.into()
}

/// Debits and credits per account; they must be equal in all.
pub async fn trial_balance<C: ConnectionTrait>(db: &C, filter: &LedgerFilter) -> Result<TrialBalance, Problem> {
    let sums = query::account_sums(db, filter).await?;
    let lines = sums
        .into_iter()
        .map(|sum| {
            let (dr_amt, cr_amt) = (Money::from_fen(sum.dr_amt), Money::from_fen(sum.cr_amt));
            Ok(TrialBalanceLine {
                acct_cls_code: sum.acct_cls_code.code().to_owned(),
                acct_cls_name: sum.acct_cls_code.name().to_owned(),
                dr_amt,
                cr_amt,
                bal_amt: normal(sum.acct_cls_code, dr_amt, cr_amt)?,
            })
        })
        .collect::<Result<Vec<_>, Problem>>()?;
    let dr_amt = Money::try_sum(lines.iter().map(|line| line.dr_amt)).ok_or_else(overflow)?;
    let cr_amt = Money::try_sum(lines.iter().map(|line| line.cr_amt)).ok_or_else(overflow)?;
    Ok(TrialBalance {
        mof_div_code: filter.mof_div_code.clone(),
        fiscal_year: filter.fiscal_year,
        lines,
        dr_amt,
        cr_amt,
        difference: dr_amt.checked_sub(cr_amt).ok_or_else(overflow)?,
    })
}

/// Debits and credits of all keys of one indicator, by account and template.
pub async fn turnovers<C: ConnectionTrait>(
    db: &C,
    mof_div_code: &DivisionCode,
    bgt_id: Uuid,
) -> Result<Vec<(Account, Template, Money, Money)>, DbErr> {
    query::turnovers(db, mof_div_code, bgt_id).await
}

/// The balances of these indicators, each over all its keys: its own and those of its commitments.
pub async fn balances_of_indicators<C: ConnectionTrait>(
    db: &C,
    bgt_ids: Vec<Uuid>,
) -> Result<BTreeMap<Uuid, BTreeMap<Account, Money>>, DbErr> {
    let keys = query::keys_of_indicators(db, bgt_ids).await?;
    let mut sums = BTreeMap::<Uuid, BTreeMap<Account, Money>>::new();
    for (key_id, balances) in query::balances_of_keys(db, keys.keys().copied().collect()).await? {
        let Some(bgt_id) = keys.get(&key_id) else { continue };
        let own = sums.entry(*bgt_id).or_default();
        for (account, amount) in balances {
            let sum = own.entry(account).or_default();
            *sum = sum.checked_add(amount).unwrap_or(*sum);
        }
    }
    Ok(sums)
}

/// The balances that turnovers add up to.
pub fn balances_from_turnovers(turnovers: &[(Account, Template, Money, Money)]) -> BTreeMap<Account, Money> {
    let mut balances = BTreeMap::<Account, Money>::new();
    for (account, _, dr_amt, cr_amt) in turnovers {
        let change = Movement { dr_amt: *dr_amt, cr_amt: *cr_amt }.change(*account).unwrap_or_default();
        let sum = balances.entry(*account).or_default();
        *sum = sum.checked_add(change).unwrap_or(*sum);
    }
    balances
}

/// All balances of these keys.
pub async fn balances_of_keys<C: ConnectionTrait>(
    db: &C,
    key_ids: Vec<Uuid>,
) -> Result<BTreeMap<Uuid, BTreeMap<Account, Money>>, DbErr> {
    query::balances_of_keys(db, key_ids).await
}
