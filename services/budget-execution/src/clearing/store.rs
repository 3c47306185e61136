//! All SQL of clearing and reconciliation.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use common_types::{AgencyCode, DivisionCode, FiscalYear, Money};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, QueryTrait as _, Select,
    entity::prelude::*,
    sea_query::{Alias, Expr, ExprTrait as _, Func, Query, SelectStatement, SimpleExpr},
};
use service_kit::http::Paged;

use super::entity::{Progress, certificate, closed_day, notice, notice_line, reconciliation, sum};
use crate::{
    payment::{
        self,
        entity::{Variant, application},
    },
    refund::entity as refund,
    voucher::{
        entity::{self as voucher, Stage},
        model::WITH_THE_BANK,
    },
};

/// The division, year and day that a clearing is about.
#[derive(Debug, Clone)]
pub struct Day {
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub day: NaiveDate,
}

/// How many there are, and how much they come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Open {
    pub count: i64,
    pub amount: Money,
}

impl Open {
    pub fn zh(self) -> String {
        format!("{} 笔 {} 元", self.count, self.amount)
    }

    pub fn en(self) -> String {
        format!("{} of {}", self.count, self.amount)
    }
}

/// Keeps other clearings of the day and its closing out until this transaction ends: all of them change this row first.
/// True when the day is closed.
pub async fn hold_day(tx: &DatabaseTransaction, of: &Day) -> Result<bool, DbErr> {
    const HELD: &str = "RZ";
    payment::store::next_number(tx, &of.mof_div_code, HELD, of.day).await?;
    let key = (of.mof_div_code.clone(), of.fiscal_year, of.day);
    Ok(closed_day::Entity::find_by_id(key).one(tx).await?.is_some())
}

/// The request of that day that the bank has not answered yet.
pub async fn open_certificate(tx: &DatabaseTransaction, day: &Day) -> Result<Option<certificate::Model>, DbErr> {
    certificate::Entity::find()
        .filter(certificate::Column::MofDivCode.eq(day.mof_div_code.clone()))
        .filter(certificate::Column::FiscalYear.eq(day.fiscal_year))
        .filter(certificate::Column::Day.eq(day.day))
        .filter(certificate::Column::Status.ne(Progress::Cleared))
        .lock_exclusive()
        .one(tx)
        .await
}

/// A request by its number, for nobody else until this transaction ends.
pub async fn certificate(
    tx: &DatabaseTransaction,
    division: &DivisionCode,
    lqd_cert_no: &str,
) -> Result<Option<certificate::Model>, DbErr> {
    certificate::Entity::find()
        .filter(certificate::Column::MofDivCode.eq(division.clone()))
        .filter(certificate::Column::LqdCertNo.eq(lqd_cert_no))
        .lock_exclusive()
        .one(tx)
        .await
}

/// Requests of a division, of one day if it is named, oldest first.
pub async fn certificates<C: ConnectionTrait>(
    db: &C,
    division: &DivisionCode,
    day: Option<NaiveDate>,
    paged: &Paged,
    after: Option<Uuid>,
) -> Result<Vec<certificate::Model>, DbErr> {
    certificate::Entity::find()
        .filter(certificate::Column::MofDivCode.eq(division.clone()))
        .apply_if(day, |query, value| query.filter(certificate::Column::Day.eq(value)))
        .apply_if(after, |query, value| query.filter(certificate::Column::ClearingId.gt(value)))
        .order_by_asc(certificate::Column::ClearingId)
        .limit(paged.limit())
        .all(db)
        .await
}

/// Whether a unit paid the application of this voucher from an account of its own (单位资金).
fn of_own_account() -> SelectStatement {
    of_variant(&[Variant::UnitFunds])
}

fn of_variant(variants: &[Variant]) -> SelectStatement {
    Query::select()
        .expr(Expr::val(1))
        .from(application::Entity)
        .and_where(
            Expr::col((application::Entity, application::Column::MofDivCode))
                .equals((voucher::Entity, voucher::Column::MofDivCode)),
        )
        .and_where(
            Expr::col((application::Entity, application::Column::PayAppId))
                .equals((voucher::Entity, voucher::Column::PayAppId)),
        )
        .and_where(application::Column::PayVariant.is_in(variants.iter().copied()))
        .to_owned()
}

/// The same of the voucher of this refund.
fn to_own_account() -> SelectStatement {
    Query::select()
        .expr(Expr::val(1))
        .from(voucher::Entity)
        .and_where(
            Expr::col((voucher::Entity, voucher::Column::MofDivCode))
                .equals((refund::Entity, refund::Column::MofDivCode)),
        )
        .and_where(
            Expr::col((voucher::Entity, voucher::Column::PayCertId))
                .equals((refund::Entity, refund::Column::PayCertId)),
        )
        .and_where(Expr::exists(of_own_account()))
        .to_owned()
}

/// Vouchers paid until that day that are not cleared. The treasury pays nothing back for what a unit paid from an account
/// of its own.
fn paid_until(of: &Day) -> Select<voucher::Entity> {
    voucher::Entity::find()
        .filter(voucher::Column::MofDivCode.eq(of.mof_div_code.clone()))
        .filter(voucher::Column::FiscalYear.eq(of.fiscal_year))
        .filter(voucher::Column::XpayDate.lte(of.day))
        .filter(voucher::Column::VoucherStatus.eq(Stage::Paid))
        .filter(Expr::exists(of_own_account()).not())
}

/// Refunds until that day that no request has taken into account yet.
fn refunded_until(of: &Day) -> Select<refund::Entity> {
    refund::Entity::find()
        .filter(refund::Column::MofDivCode.eq(of.mof_div_code.clone()))
        .filter(refund::Column::FiscalYear.eq(of.fiscal_year))
        .filter(refund::Column::RefDate.lte(of.day))
        .filter(refund::Column::LqdCertNo.is_null())
        .filter(Expr::exists(to_own_account()).not())
}

/// What was paid until that day and no request has bundled yet: the day's own, and what became known after an earlier day
/// was closed.
pub async fn uncleared(tx: &DatabaseTransaction, of: &Day) -> Result<Vec<voucher::Model>, DbErr> {
    paid_until(of)
        .filter(voucher::Column::LqdCertNo.is_null())
        .order_by_asc(voucher::Column::PayCertId)
        .lock_exclusive()
        .all(tx)
        .await
}

/// The refunds until that day that no request has taken into account yet.
pub async fn uncleared_refunds(tx: &DatabaseTransaction, of: &Day) -> Result<Vec<refund::Model>, DbErr> {
    refunded_until(of).order_by_asc(refund::Column::RefId).lock_exclusive().all(tx).await
}

/// Vouchers paid until that day that are not cleared, bundled or not.
pub async fn open_vouchers<C: ConnectionTrait>(db: &C, of: &Day) -> Result<Open, DbErr> {
    added_up(db, paid_until(of), voucher::Column::XpayAmt).await
}

/// Refunds until that day that no request has taken into account.
pub async fn open_refunds<C: ConnectionTrait>(db: &C, of: &Day) -> Result<Open, DbErr> {
    added_up(db, refunded_until(of), refund::Column::RefAmt).await
}

/// Requests until that day that the bank has not confirmed.
pub async fn open_requests<C: ConnectionTrait>(db: &C, of: &Day) -> Result<Open, DbErr> {
    let requests = certificate::Entity::find()
        .filter(certificate::Column::MofDivCode.eq(of.mof_div_code.clone()))
        .filter(certificate::Column::FiscalYear.eq(of.fiscal_year))
        .filter(certificate::Column::Day.lte(of.day))
        .filter(certificate::Column::Status.ne(Progress::Cleared));
    added_up(db, requests, certificate::Column::LqdAmt).await
}

/// Vouchers sent until a day that the bank has not answered for good.
pub async fn unanswered<C: ConnectionTrait>(db: &C, of: &Day, until: NaiveDate) -> Result<Open, DbErr> {
    let sent = voucher::Entity::find()
        .filter(voucher::Column::MofDivCode.eq(of.mof_div_code.clone()))
        .filter(voucher::Column::FiscalYear.eq(of.fiscal_year))
        .filter(voucher::Column::SendDate.lte(until))
        .filter(voucher::Column::VoucherStatus.is_in(WITH_THE_BANK));
    added_up(db, sent, voucher::Column::PayAmt).await
}

async fn added_up<C: ConnectionTrait, E: EntityTrait>(
    db: &C,
    rows: Select<E>,
    amount: E::Column,
) -> Result<Open, DbErr> {
    let sum = Func::coalesce([amount.sum(), Expr::val(0)]);
    let sum: SimpleExpr = Func::cast_as(sum, Alias::new("BIGINT")).into();
    let found: Option<(i64, i64)> =
        rows.select_only().column_as(amount.count(), "count").column_as(sum, "amount").into_tuple().one(db).await?;
    let (count, amount) = found.unwrap_or_default();
    Ok(Open { count, amount: Money::from_fen(amount) })
}

/// Which of these vouchers finance paid from its own zero-balance account (直接支付).
pub async fn direct<C: ConnectionTrait>(db: &C, ids: Vec<Uuid>) -> Result<BTreeSet<Uuid>, DbErr> {
    const CHUNK: usize = 1_000;
    let mut direct = BTreeSet::new();
    for chunk in ids.chunks(CHUNK) {
        let found = voucher::Entity::find()
            .select_only()
            .column(voucher::Column::PayCertId)
            .filter(voucher::Column::PayCertId.is_in(chunk.to_vec()))
            .filter(Expr::exists(of_variant(&[Variant::FinanceZeroBalance, Variant::FinancePayment])))
            .into_tuple::<Uuid>()
            .all(db)
            .await?;
        direct.extend(found);
    }
    Ok(direct)
}

/// The vouchers of these ids, with their kind of funds.
pub async fn vouchers<C: ConnectionTrait>(db: &C, ids: Vec<Uuid>) -> Result<Vec<voucher::Model>, DbErr> {
    voucher::Entity::find().filter(voucher::Column::PayCertId.is_in(ids)).all(db).await
}

/// Records a request with its sums.
pub async fn insert(tx: &DatabaseTransaction, row: &certificate::Model, sums: &[sum::Model]) -> Result<(), DbErr> {
    certificate::Entity::insert(row.clone().into_active_model()).exec_without_returning(tx).await?;
    let rows = sums.iter().cloned().map(sum::Model::into_active_model);
    sum::Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}

/// Bundles vouchers into a sum; how many were still free.
pub async fn bundle_vouchers(tx: &DatabaseTransaction, ids: Vec<Uuid>, sum: &sum::Model) -> Result<u64, DbErr> {
    let result = voucher::Entity::update_many()
        .col_expr(voucher::Column::PayCertSumNo, Expr::value(sum.pay_cert_sum_no.as_str()))
        .col_expr(voucher::Column::LqdQuotaNoticeNo, Expr::value(sum.lqd_quota_notice_no.clone()))
        .col_expr(voucher::Column::LqdCertNo, Expr::value(sum.lqd_cert_no.as_str()))
        .filter(voucher::Column::PayCertId.is_in(ids))
        .filter(voucher::Column::LqdCertNo.is_null())
        .filter(voucher::Column::VoucherStatus.eq(Stage::Paid))
        .exec(tx)
        .await?;
    Ok(result.rows_affected)
}

/// Takes refunds into account; how many were still free.
pub async fn bundle_refunds(tx: &DatabaseTransaction, ids: Vec<Uuid>, lqd_cert_no: &str) -> Result<u64, DbErr> {
    let result = refund::Entity::update_many()
        .col_expr(refund::Column::LqdCertNo, Expr::value(lqd_cert_no))
        .filter(refund::Column::RefId.is_in(ids))
        .filter(refund::Column::LqdCertNo.is_null())
        .exec(tx)
        .await?;
    Ok(result.rows_affected)
}

/// The vouchers of a request.
pub async fn bundled<C: ConnectionTrait>(
    db: &C,
    division: &DivisionCode,
    lqd_cert_no: &str,
) -> Result<Vec<voucher::Model>, DbErr> {
    voucher::Entity::find()
        .filter(voucher::Column::MofDivCode.eq(division.clone()))
        .filter(voucher::Column::LqdCertNo.eq(lqd_cert_no))
        .order_by_asc(voucher::Column::PayCertId)
        .all(db)
        .await
}

/// The refunds of a request.
pub async fn bundled_refunds<C: ConnectionTrait>(
    db: &C,
    division: &DivisionCode,
    lqd_cert_no: &str,
) -> Result<Vec<refund::Model>, DbErr> {
    refund::Entity::find()
        .filter(refund::Column::MofDivCode.eq(division.clone()))
        .filter(refund::Column::LqdCertNo.eq(lqd_cert_no))
        .order_by_asc(refund::Column::RefId)
        .all(db)
        .await
}

/// The sums of a request.
pub async fn sums<C: ConnectionTrait>(
    db: &C,
    division: &DivisionCode,
    lqd_cert_no: &str,
) -> Result<Vec<sum::Model>, DbErr> {
    sum::Entity::find()
        .filter(sum::Column::MofDivCode.eq(division.clone()))
        .filter(sum::Column::LqdCertNo.eq(lqd_cert_no))
        .order_by_asc(sum::Column::PayCertSumNo)
        .all(db)
        .await
}

/// Notes the bank's answer; false when the request was cleared before.
pub async fn note_answer(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    row: &certificate::Model,
    (status, act_lqd_date): (Progress, Option<NaiveDate>),
) -> Result<bool, DbErr> {
    let result = certificate::Entity::update_many()
        .col_expr(certificate::Column::Status, Expr::value(status))
        .col_expr(certificate::Column::ActLqdDate, Expr::value(act_lqd_date))
        .col_expr(certificate::Column::UpdateTime, Expr::value(now))
        .filter(certificate::Column::ClearingId.eq(row.clearing_id))
        .filter(certificate::Column::Status.ne(Progress::Cleared))
        .exec(tx)
        .await?;
    Ok(result.rows_affected == 1)
}

/// Marks the vouchers of a request as cleared.
pub async fn mark_cleared(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    row: &certificate::Model,
    act_lqd_date: NaiveDate,
) -> Result<u64, DbErr> {
    let result = voucher::Entity::update_many()
        .col_expr(voucher::Column::VoucherStatus, Expr::value(Stage::Cleared))
        .col_expr(voucher::Column::ActLqdDate, Expr::value(act_lqd_date))
        .col_expr(voucher::Column::UpdateTime, Expr::value(now))
        .filter(voucher::Column::MofDivCode.eq(row.mof_div_code.clone()))
        .filter(voucher::Column::LqdCertNo.eq(row.lqd_cert_no.as_str()))
        .filter(voucher::Column::VoucherStatus.eq(Stage::Paid))
        .exec(tx)
        .await?;
    Ok(result.rows_affected)
}

/// The vouchers of these days as we know them: sent or paid on them.
pub async fn of_days<C: ConnectionTrait>(
    db: &C,
    division: &DivisionCode,
    (day, until): (NaiveDate, NaiveDate),
) -> Result<Vec<voucher::Model>, DbErr> {
    let paid = voucher::Column::XpayDate.between(day, until);
    let sent = voucher::Column::XpayDate.is_null().and(voucher::Column::SendDate.between(day, until));
    voucher::Entity::find()
        .filter(voucher::Column::MofDivCode.eq(division.clone()))
        .filter(paid.or(sent))
        .order_by_asc(voucher::Column::PayCertNo)
        .all(db)
        .await
}

/// Records a comparison.
pub async fn insert_reconciliation(tx: &DatabaseTransaction, row: reconciliation::Model) -> Result<(), DbErr> {
    reconciliation::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// Records quota notices with their lines.
pub async fn insert_notices(
    tx: &DatabaseTransaction,
    notices: Vec<notice::Model>,
    lines: Vec<notice_line::Model>,
) -> Result<(), DbErr> {
    const CHUNK: usize = 500;
    if !notices.is_empty() {
        let rows = notices.into_iter().map(notice::Model::into_active_model);
        notice::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    for chunk in lines.chunks(CHUNK) {
        let rows = chunk.iter().cloned().map(notice_line::Model::into_active_model);
        notice_line::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// The quota notices of a request.
pub async fn notices_of<C: ConnectionTrait>(
    db: &C,
    division: &DivisionCode,
    lqd_cert_no: &str,
) -> Result<Vec<notice::Model>, DbErr> {
    notice::Entity::find()
        .filter(notice::Column::MofDivCode.eq(division.clone()))
        .filter(notice::Column::LqdCertNo.eq(lqd_cert_no))
        .order_by_asc(notice::Column::LqdQuotaNoticeNo)
        .all(db)
        .await
}

/// Quota notices of a division, of one day if it is named, in the order of their numbers.
pub async fn notices<C: ConnectionTrait>(
    db: &C,
    division: &DivisionCode,
    day: Option<NaiveDate>,
    paged: &Paged,
    after: Option<String>,
) -> Result<Vec<notice::Model>, DbErr> {
    notice::Entity::find()
        .filter(notice::Column::MofDivCode.eq(division.clone()))
        .apply_if(day, |query, value| query.filter(notice::Column::Day.eq(value)))
        .apply_if(after, |query, value| query.filter(notice::Column::LqdQuotaNoticeNo.gt(value)))
        .order_by_asc(notice::Column::LqdQuotaNoticeNo)
        .limit(paged.limit())
        .all(db)
        .await
}

/// The lines of a quota notice.
pub async fn notice_lines<C: ConnectionTrait>(
    db: &C,
    division: &DivisionCode,
    lqd_quota_notice_no: &str,
) -> Result<Vec<notice_line::Model>, DbErr> {
    notice_line::Entity::find()
        .filter(notice_line::Column::MofDivCode.eq(division.clone()))
        .filter(notice_line::Column::LqdQuotaNoticeNo.eq(lqd_quota_notice_no))
        .order_by_asc(notice_line::Column::AgencyCode)
        .order_by_asc(notice_line::Column::ExpFuncCode)
        .all(db)
        .await
}

/// Records that a day is closed, one that [`hold_day`] found open.
pub async fn close_day(tx: &DatabaseTransaction, row: &closed_day::Model) -> Result<(), DbErr> {
    closed_day::Entity::insert(row.clone().into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// What a unit was paid in these days.
pub async fn paid_of_unit<C: ConnectionTrait>(
    db: &C,
    division: &DivisionCode,
    agency: &AgencyCode,
    (day, until): (NaiveDate, NaiveDate),
) -> Result<Vec<voucher::Model>, DbErr> {
    voucher::Entity::find()
        .filter(voucher::Column::MofDivCode.eq(division.clone()))
        .filter(voucher::Column::AgencyCode.eq(agency.clone()))
        .filter(voucher::Column::XpayDate.between(day, until))
        .all(db)
        .await
}

/// What was refunded to a unit's indicators in these days.
pub async fn refunds_of_unit<C: ConnectionTrait>(
    db: &C,
    division: &DivisionCode,
    agency: &AgencyCode,
    (day, until): (NaiveDate, NaiveDate),
) -> Result<Vec<refund::Model>, DbErr> {
    refund::Entity::find()
        .filter(refund::Column::MofDivCode.eq(division.clone()))
        .filter(refund::Column::AgencyCode.eq(agency.clone()))
        .filter(refund::Column::RefDate.between(day, until))
        .all(db)
        .await
}
