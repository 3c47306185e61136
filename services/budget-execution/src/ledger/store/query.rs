//! All SQL that reads the ledger for people: entries, balances and turnovers, by valid day and by recorded time.

use std::collections::{BTreeMap, BTreeSet};

use budget_execution_contract::LedgerFilter;
use common_types::ledger::{Account, Template};
use common_types::{DivisionCode, FiscalYear, Money};
use sea_orm::{
    ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    QueryTrait as _, Select,
    entity::prelude::*,
    sea_query::{Alias, CaseStatement, Expr, ExprTrait as _, Func, SimpleExpr},
};

use service_kit::store::rows;

use super::super::entity::{balance, detail, head, key};

/// Debits and credits of one account and key.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Sum {
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub acct_cls_code: Account,
    pub key_id: Uuid,
    pub dr_amt: i64,
    pub cr_amt: i64,
}

/// One line of a per-account sum.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct AccountSum {
    pub acct_cls_code: Account,
    pub dr_amt: i64,
    pub cr_amt: i64,
}

#[derive(Debug, FromQueryResult)]
struct TemplateSum {
    acct_cls_code: Account,
    template: Template,
    dr_amt: i64,
    cr_amt: i64,
}

/// Sums one side; PostgreSQL adds up to NUMERIC, hence the cast.
pub fn side(dr_cr: i32) -> SimpleExpr {
    let amount: SimpleExpr =
        CaseStatement::new().case(detail::Column::DrCr.eq(dr_cr), Expr::col(detail::Column::Amt)).finally(0_i64).into();
    Func::cast_as(Func::sum(amount), Alias::new("BIGINT")).into()
}

fn filtered(filter: &LedgerFilter) -> Select<detail::Entity> {
    detail::Entity::find()
        .filter(detail::Column::MofDivCode.eq(filter.mof_div_code.clone()))
        .filter(detail::Column::FiscalYear.eq(filter.fiscal_year))
        .apply_if(filter.key_id, |query, key_id| query.filter(detail::Column::KeyId.eq(key_id)))
        .apply_if(filter.acct_cls_code.clone(), |query, code| query.filter(detail::Column::AcctClsCode.eq(code)))
        .apply_if(filter.as_of, |query, day| query.filter(detail::Column::VouDate.lte(day)))
        .apply_if(filter.known_at, |query, instant| query.filter(detail::Column::PostTime.lte(instant)))
}

/// Entries after the given position, in the order of their ids.
pub async fn entries<C: ConnectionTrait>(
    db: &C,
    filter: &LedgerFilter,
    after: Option<(Uuid, i32)>,
    limit: u64,
) -> Result<Vec<(detail::Model, Option<head::Model>)>, DbErr> {
    let rows = filtered(filter)
        .apply_if(after, |query, (vou_id, seq)| {
            let same = detail::Column::VouId.eq(vou_id).and(detail::Column::Seq.gt(seq));
            query.filter(detail::Column::VouId.gt(vou_id).or(same))
        })
        .order_by_asc(detail::Column::VouId)
        .order_by_asc(detail::Column::Seq)
        .limit(limit)
        .all(db)
        .await?;
    let mut vouchers: Vec<Uuid> = rows.iter().map(|row| row.vou_id).collect();
    vouchers.dedup();
    let heads: BTreeMap<Uuid, head::Model> = head::Entity::find()
        .filter(head::Column::MofDivCode.eq(filter.mof_div_code.clone()))
        .filter(head::Column::VouId.is_in(vouchers))
        .all(db)
        .await?
        .into_iter()
        .map(|row| (row.vou_id, row))
        .collect();
    Ok(rows.into_iter().map(|row| (row.clone(), heads.get(&row.vou_id).cloned())).collect())
}

fn summed(query: Select<detail::Entity>) -> Select<detail::Entity> {
    query
        .select_only()
        .columns([
            detail::Column::MofDivCode,
            detail::Column::FiscalYear,
            detail::Column::AcctClsCode,
            detail::Column::KeyId,
        ])
        .column_as(side(1), "dr_amt")
        .column_as(side(-1), "cr_amt")
        .group_by(detail::Column::MofDivCode)
        .group_by(detail::Column::FiscalYear)
        .group_by(detail::Column::AcctClsCode)
        .group_by(detail::Column::KeyId)
        .order_by_asc(detail::Column::MofDivCode)
        .order_by_asc(detail::Column::FiscalYear)
        .order_by_asc(detail::Column::AcctClsCode)
        .order_by_asc(detail::Column::KeyId)
}

/// Sums per account and key, from the entries.
pub async fn sums<C: ConnectionTrait>(db: &C, filter: &LedgerFilter) -> Result<Vec<Sum>, DbErr> {
    summed(filtered(filter)).into_model().all(db).await
}

/// Sums per account and key of many books at once, from the entries.
pub async fn sums_within<C: ConnectionTrait>(db: &C, condition: sea_orm::Condition) -> Result<Vec<Sum>, DbErr> {
    summed(detail::Entity::find().filter(condition)).into_model().all(db).await
}

/// Sums per account, from the entries.
pub async fn account_sums<C: ConnectionTrait>(db: &C, filter: &LedgerFilter) -> Result<Vec<AccountSum>, DbErr> {
    filtered(filter)
        .select_only()
        .column(detail::Column::AcctClsCode)
        .column_as(side(1), "dr_amt")
        .column_as(side(-1), "cr_amt")
        .group_by(detail::Column::AcctClsCode)
        .order_by_asc(detail::Column::AcctClsCode)
        .into_model()
        .all(db)
        .await
}

/// Every key of these indicators, with its indicator: their own and those of their commitments.
pub async fn keys_of_indicators<C: ConnectionTrait>(db: &C, bgt_ids: Vec<Uuid>) -> Result<BTreeMap<Uuid, Uuid>, DbErr> {
    let keys: Vec<(Uuid, Option<Uuid>)> = key::Entity::find()
        .select_only()
        .columns([key::Column::KeyId, key::Column::BgtId])
        .filter(key::Column::BgtId.is_in(bgt_ids))
        .into_tuple()
        .all(db)
        .await?;
    Ok(keys.into_iter().filter_map(|(key_id, bgt_id)| Some((key_id, bgt_id?))).collect())
}

/// Debits and credits of all keys of one indicator, by account and template.
pub async fn turnovers<C: ConnectionTrait>(
    db: &C,
    mof_div_code: &DivisionCode,
    bgt_id: Uuid,
) -> Result<Vec<(Account, Template, Money, Money)>, DbErr> {
    let mut keys: BTreeSet<Uuid> = keys_of_indicators(db, vec![bgt_id]).await?.into_keys().collect();
    keys.insert(bgt_id);
    let rows: Vec<TemplateSum> = detail::Entity::find()
        .filter(detail::Column::MofDivCode.eq(mof_div_code.clone()))
        .filter(detail::Column::KeyId.is_in(keys))
        .select_only()
        .columns([detail::Column::AcctClsCode, detail::Column::Template])
        .column_as(side(1), "dr_amt")
        .column_as(side(-1), "cr_amt")
        .group_by(detail::Column::AcctClsCode)
        .group_by(detail::Column::Template)
        .into_model()
        .all(db)
        .await?;
    let amounts =
        |row: TemplateSum| (row.acct_cls_code, row.template, Money::from_fen(row.dr_amt), Money::from_fen(row.cr_amt));
    Ok(rows.into_iter().map(amounts).collect())
}

/// All balances of these keys.
pub async fn balances_of_keys<C: ConnectionTrait>(
    db: &C,
    key_ids: Vec<Uuid>,
) -> Result<BTreeMap<Uuid, BTreeMap<Account, Money>>, DbErr> {
    if key_ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let of_keys = rows::one_of(db, balance::Column::KeyId, key_ids);
    let rows = balance::Entity::find().filter(of_keys).all(db).await?;
    let mut balances = BTreeMap::<Uuid, BTreeMap<Account, Money>>::new();
    for row in rows {
        balances.entry(row.key_id).or_default().insert(row.acct_cls_code, row.bal_amt);
    }
    Ok(balances)
}

/// Stored balances within a condition on `glb_bal`.
pub async fn stored_balances<C: ConnectionTrait>(
    db: &C,
    condition: sea_orm::Condition,
) -> Result<Vec<balance::Model>, DbErr> {
    balance::Entity::find().filter(condition).all(db).await
}
