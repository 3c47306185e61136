//! All SQL of clearing and reconciliation.

use chrono::{DateTime, NaiveDate, Utc};
use common_types::{DivisionCode, FiscalYear};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, QueryTrait as _, entity::prelude::*, sea_query::ExprTrait as _,
};
use service_kit::http::Paged;

use super::entity::{Progress, certificate, reconciliation, sum};
use crate::{
    refund::entity as refund,
    voucher::entity::{self as voucher, Stage},
};

/// The division, year and day that a clearing is about.
#[derive(Debug, Clone)]
pub struct Day {
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub day: NaiveDate,
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

/// The day's paid vouchers that no request has bundled yet.
pub async fn uncleared(tx: &DatabaseTransaction, day: &Day) -> Result<Vec<voucher::Model>, DbErr> {
    voucher::Entity::find()
        .filter(voucher::Column::MofDivCode.eq(day.mof_div_code.clone()))
        .filter(voucher::Column::FiscalYear.eq(day.fiscal_year))
        .filter(voucher::Column::XpayDate.eq(day.day))
        .filter(voucher::Column::VoucherStatus.eq(Stage::Paid))
        .filter(voucher::Column::LqdCertNo.is_null())
        .order_by_asc(voucher::Column::PayCertId)
        .lock_exclusive()
        .all(tx)
        .await
}

/// The day's refunds that no request has taken into account yet.
pub async fn uncleared_refunds(tx: &DatabaseTransaction, day: &Day) -> Result<Vec<refund::Model>, DbErr> {
    refund::Entity::find()
        .filter(refund::Column::MofDivCode.eq(day.mof_div_code.clone()))
        .filter(refund::Column::FiscalYear.eq(day.fiscal_year))
        .filter(refund::Column::RefDate.eq(day.day))
        .filter(refund::Column::LqdCertNo.is_null())
        .order_by_asc(refund::Column::RefId)
        .lock_exclusive()
        .all(tx)
        .await
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

/// The day's vouchers as we know them: sent or paid on it.
pub async fn of_day<C: ConnectionTrait>(
    db: &C,
    division: &DivisionCode,
    day: NaiveDate,
) -> Result<Vec<voucher::Model>, DbErr> {
    let paid = voucher::Column::XpayDate.eq(day);
    let sent = voucher::Column::XpayDate.is_null().and(voucher::Column::SendDate.eq(day));
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
