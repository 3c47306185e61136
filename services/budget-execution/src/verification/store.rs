//! All SQL of the verifier: reads only.

use std::collections::BTreeMap;

use budget_execution_contract::VerificationRequest;
use common_types::ledger::{Account, Template};
use common_types::{DivisionCode, FiscalYear, Money};
use sea_orm::{
    Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, QueryTrait as _,
    entity::prelude::*,
    sea_query::{Alias, Expr, ExprTrait as _, Func, Query, SimpleExpr},
};
use service_kit::Caller;

use super::model::{Books, Figures, Recomputed, Stored};
use crate::commitment::entity::{self as commitment, Occupation};
use crate::ledger::entity::{balance, detail, head, key, year};
use crate::ledger::query;
use crate::payment::entity::{Standing, application};
use crate::refund::entity as refund;
use crate::scope;
use crate::voucher::entity::{self as voucher, Stage};

/// Ids per statement.
const CHUNK: usize = 500;

#[derive(FromQueryResult)]
struct Uneven {
    vou_id: Uuid,
    dr_amt: i64,
    cr_amt: i64,
}

#[derive(FromQueryResult)]
struct ByTemplate {
    template: Template,
    dr_amt: i64,
}

/// What concerns this request: a scope on division and year columns.
pub fn within<C: ColumnTrait>(
    caller: &Caller,
    request: &VerificationRequest,
    division: C,
    fiscal_year: C,
) -> Condition {
    scope::divisions(caller, division)
        .add_option(request.mof_div_code.clone().map(|code| division.eq(code)))
        .add_option(request.fiscal_year.map(|year| fiscal_year.eq(year)))
}

/// The divisions within reach that have books.
pub async fn divisions<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    request: &VerificationRequest,
) -> Result<Vec<DivisionCode>, DbErr> {
    year::Entity::find()
        .select_only()
        .column(year::Column::MofDivCode)
        .filter(within(caller, request, year::Column::MofDivCode, year::Column::FiscalYear))
        .distinct()
        .order_by_asc(year::Column::MofDivCode)
        .into_tuple()
        .all(db)
        .await
}

/// The books within reach that are not closed.
pub async fn open_books<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    request: &VerificationRequest,
) -> Result<Vec<Books>, DbErr> {
    year::Entity::find()
        .select_only()
        .columns([year::Column::MofDivCode, year::Column::FiscalYear])
        .filter(within(caller, request, year::Column::MofDivCode, year::Column::FiscalYear))
        .filter(year::Column::CloseTime.is_null())
        .into_tuple()
        .all(db)
        .await
}

/// Reads everything that the checks of one division need, within one transaction.
pub async fn figures<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    request: &VerificationRequest,
) -> Result<Figures, DbErr> {
    let entries = within(caller, request, detail::Column::MofDivCode, detail::Column::FiscalYear);
    let balances = within(caller, request, balance::Column::MofDivCode, balance::Column::FiscalYear);
    let heads = within(caller, request, head::Column::MofDivCode, head::Column::FiscalYear);
    let recomputed = query::sums_within(db, entries.clone()).await?.into_iter().map(|sum| Recomputed {
        books: (sum.mof_div_code, sum.fiscal_year),
        account: sum.acct_cls_code,
        key_id: sum.key_id,
        dr_amt: Money::from_fen(sum.dr_amt),
        cr_amt: Money::from_fen(sum.cr_amt),
    });
    let stored = query::stored_balances(db, balances).await?.into_iter().map(|row| Stored {
        books: (row.mof_div_code, row.fiscal_year),
        account: row.acct_cls_code,
        key_id: row.key_id,
        bal_amt: row.bal_amt,
    });
    let keys = within(caller, request, key::Column::MofDivCode, key::Column::FiscalYear);
    let years = within(caller, request, year::Column::MofDivCode, year::Column::FiscalYear);
    Ok(Figures {
        recomputed: recomputed.collect(),
        stored: stored.collect(),
        indicator_keys: key::Entity::find()
            .select_only()
            .columns([key::Column::KeyId, key::Column::BgtId])
            .filter(keys)
            .filter(key::Column::BgtId.is_not_null())
            .into_tuple::<(Uuid, Option<Uuid>)>()
            .all(db)
            .await?
            .into_iter()
            .filter_map(|(key_id, bgt_id)| Some((key_id, bgt_id?)))
            .collect(),
        commitments: commitments(db, caller, request).await?,
        closed: year::Entity::find()
            .filter(years)
            .filter(year::Column::CloseTime.is_not_null())
            .all(db)
            .await?
            .into_iter()
            .map(|row| (row.mof_div_code, row.fiscal_year))
            .collect(),
        uneven: uneven(db, entries.clone()).await?,
        vouchers: i64::try_from(head::Entity::find().filter(heads.clone()).count(db).await?).unwrap_or(i64::MAX),
        orphans: orphans(db, entries.clone(), heads).await?,
        paid: paid(db, entries).await?,
    })
}

#[derive(FromQueryResult)]
struct Drawn {
    commitment_id: Uuid,
    amt: i64,
}

fn total(amount: impl Into<SimpleExpr>) -> SimpleExpr {
    Func::cast_as(Func::sum(amount.into()), Alias::new("BIGINT")).into()
}

/// What each commitment should keep: its contract, less what went back, less its payments, plus their refunds.
async fn commitments<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    request: &VerificationRequest,
) -> Result<Vec<(Books, Uuid, Money)>, DbErr> {
    let scope = within(caller, request, commitment::Column::MofDivCode, commitment::Column::FiscalYear);
    let rows = commitment::Entity::find().filter(scope).all(db).await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let payments = within(caller, request, application::Column::MofDivCode, application::Column::FiscalYear);
    let taken = |filter: Condition, amount: application::Column| {
        application::Entity::find()
            .select_only()
            .column(application::Column::CommitmentId)
            .column_as(total(Expr::col((application::Entity, amount))), "amt")
            .filter(payments.clone())
            .filter(application::Column::CommitmentId.is_not_null())
            .filter(filter)
            .group_by(application::Column::CommitmentId)
    };
    let alive = Condition::all().add(application::Column::ReservationId.is_not_null());
    let paid = Condition::all().add(application::Column::PayStatus.eq(Standing::Paid));
    let mut drawn = BTreeMap::<Uuid, i64>::new();
    let under_way: Vec<Drawn> = taken(alive, application::Column::PayAppAmt).into_model().all(db).await?;
    let settled: Vec<Drawn> = taken(paid.clone(), application::Column::XpayAmt).into_model().all(db).await?;
    for one in under_way.into_iter().chain(settled) {
        let sum = drawn.entry(one.commitment_id).or_default();
        *sum = sum.saturating_add(one.amt);
    }
    for (commitment_id, amount) in refunded(db, payments).await? {
        let sum = drawn.entry(commitment_id).or_default();
        *sum = sum.saturating_sub(amount.fen());
    }
    Ok(rows.into_iter().map(|row| expected(row, &drawn)).collect())
}

/// Refunds in effect of payments from commitments.
async fn refunded<C: ConnectionTrait>(db: &C, payments: Condition) -> Result<Vec<(Uuid, Money)>, DbErr> {
    let of_payment: BTreeMap<Uuid, Uuid> = application::Entity::find()
        .select_only()
        .columns([application::Column::PayAppId, application::Column::CommitmentId])
        .filter(payments)
        .filter(application::Column::CommitmentId.is_not_null())
        .filter(application::Column::PayStatus.eq(Standing::Paid))
        .into_tuple::<(Uuid, Option<Uuid>)>()
        .all(db)
        .await?
        .into_iter()
        .filter_map(|(pay_app_id, commitment_id)| Some((pay_app_id, commitment_id?)))
        .collect();
    let mut refunds = Vec::new();
    let ids: Vec<Uuid> = of_payment.keys().copied().collect();
    for chunk in ids.chunks(CHUNK) {
        let vouchers: BTreeMap<Uuid, Uuid> = voucher::Entity::find()
            .select_only()
            .columns([voucher::Column::PayCertId, voucher::Column::PayAppId])
            .filter(voucher::Column::PayAppId.is_in(chunk.to_vec()))
            .into_tuple::<(Uuid, Uuid)>()
            .all(db)
            .await?
            .into_iter()
            .collect();
        let rows = refund::Entity::find()
            .filter(refund::Column::PayCertId.is_in(vouchers.keys().copied()))
            .filter(refund::Column::RefDate.is_not_null())
            .filter(refund::Column::Landing.eq(refund::Landing::Indicator))
            .all(db)
            .await?;
        refunds.extend(rows.into_iter().filter_map(|row| {
            let commitment_id = vouchers.get(&row.pay_cert_id).and_then(|id| of_payment.get(id))?;
            Some((*commitment_id, row.ref_amt))
        }));
    }
    Ok(refunds)
}

fn expected(row: commitment::Model, drawn: &BTreeMap<Uuid, i64>) -> (Books, Uuid, Money) {
    let kept = match row.commitment_status {
        Occupation::Free | Occupation::Closed => 0,
        Occupation::Occupied if row.is_reduction => 0,
        Occupation::Occupied => row.commitment_amt.fen(),
        Occupation::InForce => {
            let gone = drawn.get(&row.commitment_id).copied().unwrap_or_default();
            row.contract_amt.fen().saturating_sub(row.released_amt.fen()).saturating_sub(gone)
        }
    };
    ((row.mof_div_code, row.fiscal_year), row.commitment_id, Money::from_fen(kept))
}

#[derive(FromQueryResult)]
struct OfBooks {
    mof_div_code: DivisionCode,
    fiscal_year: FiscalYear,
    amount: i64,
}

/// What vouchers paid, by books.
pub async fn paid_by_vouchers<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    request: &VerificationRequest,
) -> Result<Vec<(Books, Money)>, DbErr> {
    let rows: Vec<OfBooks> = voucher::Entity::find()
        .select_only()
        .column(voucher::Column::MofDivCode)
        .column(voucher::Column::FiscalYear)
        .column_as(total(Expr::col(voucher::Column::XpayAmt)), "amount")
        .filter(within(caller, request, voucher::Column::MofDivCode, voucher::Column::FiscalYear))
        .filter(voucher::Column::VoucherStatus.is_in([Stage::Paid, Stage::Cleared]))
        .group_by(voucher::Column::MofDivCode)
        .group_by(voucher::Column::FiscalYear)
        .into_model()
        .all(db)
        .await?;
    Ok(rows.into_iter().map(of_books).collect())
}

/// What came back to the indicators that had paid it, by books.
pub async fn refunded_to_indicators<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    request: &VerificationRequest,
) -> Result<Vec<(Books, Money)>, DbErr> {
    let rows: Vec<OfBooks> = refund::Entity::find()
        .select_only()
        .column(refund::Column::MofDivCode)
        .column(refund::Column::FiscalYear)
        .column_as(total(Expr::col(refund::Column::RefAmt)), "amount")
        .filter(within(caller, request, refund::Column::MofDivCode, refund::Column::FiscalYear))
        .filter(refund::Column::RefDate.is_not_null())
        .filter(refund::Column::Landing.eq(refund::Landing::Indicator))
        .group_by(refund::Column::MofDivCode)
        .group_by(refund::Column::FiscalYear)
        .into_model()
        .all(db)
        .await?;
    Ok(rows.into_iter().map(of_books).collect())
}

fn of_books(row: OfBooks) -> (Books, Money) {
    ((row.mof_div_code, row.fiscal_year), Money::from_fen(row.amount))
}

/// Vouchers that carry a stamp or should, a page of them.
pub async fn stamped_vouchers<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    request: &VerificationRequest,
    after: Option<Uuid>,
    page: u64,
) -> Result<Vec<voucher::Model>, DbErr> {
    voucher::Entity::find()
        .filter(within(caller, request, voucher::Column::MofDivCode, voucher::Column::FiscalYear))
        .filter(voucher::Column::VoucherStatus.ne(Stage::Generated))
        .apply_if(after, |query, value| query.filter(voucher::Column::PayCertId.gt(value)))
        .order_by_asc(voucher::Column::PayCertId)
        .limit(page)
        .all(db)
        .await
}

async fn uneven<C: ConnectionTrait>(db: &C, entries: Condition) -> Result<Vec<(Uuid, Money, Money)>, DbErr> {
    let rows: Vec<Uneven> = detail::Entity::find()
        .filter(entries)
        .select_only()
        .column(detail::Column::VouId)
        .column_as(query::side(1), "dr_amt")
        .column_as(query::side(-1), "cr_amt")
        .group_by(detail::Column::VouId)
        .having(query::side(1).ne(query::side(-1)))
        .into_model()
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.vou_id, Money::from_fen(row.dr_amt), Money::from_fen(row.cr_amt))).collect())
}

async fn orphans<C: ConnectionTrait>(db: &C, entries: Condition, heads: Condition) -> Result<i64, DbErr> {
    let entries_of_head = Query::select()
        .expr(Expr::val(1))
        .from(detail::Entity)
        .and_where(
            Expr::col((detail::Entity, detail::Column::MofDivCode)).equals((head::Entity, head::Column::MofDivCode)),
        )
        .and_where(Expr::col((detail::Entity, detail::Column::VouId)).equals((head::Entity, head::Column::VouId)))
        .to_owned();
    let head_of_entry = Query::select()
        .expr(Expr::val(1))
        .from(head::Entity)
        .and_where(
            Expr::col((head::Entity, head::Column::MofDivCode)).equals((detail::Entity, detail::Column::MofDivCode)),
        )
        .and_where(Expr::col((head::Entity, head::Column::VouId)).equals((detail::Entity, detail::Column::VouId)))
        .to_owned();
    let empty = head::Entity::find().filter(heads).filter(Expr::exists(entries_of_head).not()).count(db).await?;
    let loose = detail::Entity::find().filter(entries).filter(Expr::exists(head_of_entry).not()).count(db).await?;
    Ok(i64::try_from(empty.saturating_add(loose)).unwrap_or(i64::MAX))
}

async fn paid<C: ConnectionTrait>(db: &C, entries: Condition) -> Result<Vec<(Template, Money)>, DbErr> {
    let rows: Vec<ByTemplate> = detail::Entity::find()
        .filter(entries)
        .filter(detail::Column::AcctClsCode.eq(Account::Paid))
        .select_only()
        .column(detail::Column::Template)
        .column_as(query::side(1), "dr_amt")
        .group_by(detail::Column::Template)
        .into_model()
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.template, Money::from_fen(row.dr_amt))).collect())
}
