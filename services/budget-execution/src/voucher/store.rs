//! All SQL of payment vouchers. Every change is guarded by the stage it starts from.

use budget_execution_contract::VoucherFilter;
use chrono::{DateTime, NaiveDate, Utc};
use common_types::{DivisionCode, Money};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, QueryTrait as _, UpdateMany, entity::prelude::*, sea_query::ExprTrait as _,
};
use service_kit::{Caller, http::Paged};

use super::{
    entity::{Column, CorrectStatus, Entity, Model, Stage},
    model::{SPENT, WITH_THE_BANK},
};
use crate::scope;

/// Records a new voucher.
pub async fn insert(tx: &DatabaseTransaction, row: &Model) -> Result<(), DbErr> {
    Entity::insert(row.clone().into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// A voucher by its id; scope is for the caller to check.
pub async fn voucher<C: ConnectionTrait>(db: &C, pay_cert_id: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(Column::PayCertId.eq(pay_cert_id)).one(db).await
}

/// The latest voucher of an application.
pub async fn of_application<C: ConnectionTrait>(db: &C, pay_app_id: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(Column::PayAppId.eq(pay_app_id)).order_by_desc(Column::PayCertId).limit(1).one(db).await
}

/// A voucher that nobody else changes until this transaction ends.
pub async fn locked(tx: &DatabaseTransaction, pay_cert_id: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(Column::PayCertId.eq(pay_cert_id)).lock_exclusive().one(tx).await
}

/// The same by its number, which is the bank's name for it.
pub async fn locked_by_number(
    tx: &DatabaseTransaction,
    division: &DivisionCode,
    pay_cert_no: &str,
) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .filter(Column::MofDivCode.eq(division.clone()))
        .filter(Column::PayCertNo.eq(pay_cert_no))
        .lock_exclusive()
        .one(tx)
        .await
}

/// Vouchers in the caller's scope, by filter, oldest first.
pub async fn list<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    filter: &VoucherFilter,
    paged: &Paged,
    after: Option<Uuid>,
) -> Result<Vec<Model>, DbErr> {
    let stage = filter.voucher_status.map(Stage::from);
    Entity::find()
        .filter(scope::readable(caller, Column::MofDivCode, Column::AgencyCode))
        .apply_if(filter.mof_div_code.clone(), |query, value| query.filter(Column::MofDivCode.eq(value)))
        .apply_if(filter.fiscal_year, |query, value| query.filter(Column::FiscalYear.eq(value)))
        .apply_if(filter.agency_code.clone(), |query, value| query.filter(Column::AgencyCode.eq(value)))
        .apply_if(filter.pay_app_id, |query, value| query.filter(Column::PayAppId.eq(value)))
        .apply_if(filter.pay_cert_no.clone(), |query, value| query.filter(Column::PayCertNo.eq(value)))
        .apply_if(stage, |query, value| query.filter(Column::VoucherStatus.eq(value)))
        .apply_if(after, |query, value| query.filter(Column::PayCertId.gt(value)))
        .order_by_asc(Column::PayCertId)
        .limit(paged.limit())
        .all(db)
        .await
}

fn change(now: DateTime<Utc>, pay_cert_id: Uuid) -> UpdateMany<Entity> {
    Entity::update_many().col_expr(Column::UpdateTime, Expr::value(now)).filter(Column::PayCertId.eq(pay_cert_id))
}

async fn happened(tx: &DatabaseTransaction, update: UpdateMany<Entity>) -> Result<bool, DbErr> {
    Ok(update.exec(tx).await?.rows_affected == 1)
}

/// Moves a voucher between stages; false when it stands elsewhere.
pub async fn advance(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    pay_cert_id: Uuid,
    (from, to): (&[Stage], Stage),
    reason: &str,
) -> Result<bool, DbErr> {
    let update = change(now, pay_cert_id)
        .col_expr(Column::VoucherStatus, Expr::value(to))
        .col_expr(Column::Reason, Expr::value(reason))
        .filter(Column::VoucherStatus.is_in(from.iter().copied()));
    happened(tx, update).await
}

/// Signs a voucher that nobody signed.
pub async fn sign(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    pay_cert_id: Uuid,
    signed_by: &str,
    content_hash: &str,
) -> Result<bool, DbErr> {
    let update = change(now, pay_cert_id)
        .col_expr(Column::VoucherStatus, Expr::value(Stage::Signed))
        .col_expr(Column::SignedBy, Expr::value(signed_by))
        .col_expr(Column::ContentHash, Expr::value(content_hash))
        .filter(Column::VoucherStatus.eq(Stage::Generated));
    happened(tx, update).await
}

/// Marks a signed voucher as sent, before the bank is asked.
pub async fn mark_sent(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    pay_cert_id: Uuid,
    day: NaiveDate,
) -> Result<bool, DbErr> {
    let update = change(now, pay_cert_id)
        .col_expr(Column::VoucherStatus, Expr::value(Stage::Sent))
        .col_expr(Column::SendDate, Expr::value(day))
        .filter(Column::VoucherStatus.eq(Stage::Signed));
    happened(tx, update).await
}

/// What the bank says it paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaidFacts {
    pub xpay_amt: Money,
    pub xpay_date: NaiveDate,
    pub agent_business_no: String,
    pub receipt_add_word: String,
}

/// Marks a voucher as paid, once.
pub async fn mark_paid(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    pay_cert_id: Uuid,
    facts: &PaidFacts,
) -> Result<bool, DbErr> {
    let update = change(now, pay_cert_id)
        .col_expr(Column::VoucherStatus, Expr::value(Stage::Paid))
        .col_expr(Column::XpayAmt, Expr::value(facts.xpay_amt))
        .col_expr(Column::XpayDate, Expr::value(facts.xpay_date))
        .col_expr(Column::AgentBusinessNo, Expr::value(facts.agent_business_no.as_str()))
        .col_expr(Column::ReceiptAddWord, Expr::value(facts.receipt_add_word.as_str()))
        .filter(Column::VoucherStatus.is_in(WITH_THE_BANK));
    happened(tx, update).await
}

/// Sets part of a paid voucher aside for a refund; false when it was not paid, or less is left (PAY-017).
pub async fn hold_refund(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    pay_cert_id: Uuid,
    amount: Money,
) -> Result<bool, DbErr> {
    let held = || Expr::col(Column::RefAppAmt).add(amount.fen());
    let update = change(now, pay_cert_id)
        .col_expr(Column::RefAppAmt, held())
        .filter(Column::VoucherStatus.is_in(SPENT))
        .filter(Column::CorrectStatus.ne(CorrectStatus::InProgress))
        .filter(held().lte(Expr::col(Column::XpayAmt)));
    happened(tx, update).await
}

/// Gives back what a refund had set aside.
pub async fn release_refund(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    pay_cert_id: Uuid,
    amount: Money,
) -> Result<bool, DbErr> {
    let update = change(now, pay_cert_id)
        .col_expr(Column::RefAppAmt, Expr::col(Column::RefAppAmt).sub(amount.fen()))
        .filter(Expr::col(Column::RefAppAmt).sub(amount.fen()).gte(Expr::col(Column::RefAmt)));
    happened(tx, update).await
}

/// Lets a refund that was set aside take effect.
pub async fn note_refund(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    pay_cert_id: Uuid,
    amount: Money,
) -> Result<bool, DbErr> {
    let refunded = || Expr::col(Column::RefAmt).add(amount.fen());
    let update = change(now, pay_cert_id)
        .col_expr(Column::RefAmt, refunded())
        .filter(refunded().lte(Expr::col(Column::RefAppAmt)));
    happened(tx, update).await
}

/// Takes a paid voucher, of which nothing was or is being refunded, for its one correction (PAY-018).
pub async fn begin_correction(tx: &DatabaseTransaction, now: DateTime<Utc>, pay_cert_id: Uuid) -> Result<bool, DbErr> {
    let update = change(now, pay_cert_id)
        .col_expr(Column::CorrectStatus, Expr::value(CorrectStatus::InProgress))
        .filter(Column::VoucherStatus.is_in(SPENT))
        .filter(Column::CorrectStatus.eq(CorrectStatus::None))
        .filter(Column::IsGovPur.eq(false))
        .filter(Column::RefAppAmt.eq(Money::ZERO));
    happened(tx, update).await
}

/// Gives a voucher back whose correction came back to its maker.
pub async fn drop_correction(tx: &DatabaseTransaction, now: DateTime<Utc>, pay_cert_id: Uuid) -> Result<bool, DbErr> {
    let update = change(now, pay_cert_id)
        .col_expr(Column::CorrectStatus, Expr::value(CorrectStatus::None))
        .filter(Column::CorrectStatus.eq(CorrectStatus::InProgress));
    happened(tx, update).await
}

/// Lets the correction take effect, once.
pub async fn finish_correction(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    pay_cert_id: Uuid,
    corrected_to: Json,
) -> Result<bool, DbErr> {
    let update = change(now, pay_cert_id)
        .col_expr(Column::CorrectStatus, Expr::value(CorrectStatus::Corrected))
        .col_expr(Column::CorrectedTo, Expr::value(corrected_to))
        .filter(Column::CorrectStatus.eq(CorrectStatus::InProgress));
    happened(tx, update).await
}
