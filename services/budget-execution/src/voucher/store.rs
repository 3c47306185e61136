//! All SQL of payment vouchers. Every change is guarded by the stage it starts from.

use std::collections::BTreeMap;

use budget_execution_contract::{ReceiptDetail, VoucherFilter};
use chrono::{DateTime, NaiveDate, Utc};
use common_types::{DivisionCode, Money};
use sea_orm::{
    Condition, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, QueryTrait as _, UpdateMany, entity::prelude::*, sea_query::ExprTrait as _,
};
use service_kit::{Caller, http::Paged};

use super::{
    entity::{Column, CorrectStatus, Entity, Kind, Model, Stage, stamp},
    inquiry,
    model::{SPENT, WITH_THE_BANK},
};
use crate::{indicator::Indicator, scope};

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

/// Many of them, in the order of their ids.
pub async fn locked_by_numbers(
    tx: &DatabaseTransaction,
    numbers: Vec<(DivisionCode, String)>,
) -> Result<Vec<Model>, DbErr> {
    let mut by_division = BTreeMap::<DivisionCode, Vec<String>>::new();
    for (division, number) in numbers {
        by_division.entry(division).or_default().push(number);
    }
    if by_division.is_empty() {
        return Ok(Vec::new());
    }
    let any = by_division.into_iter().fold(Condition::any(), |any, (division, numbers)| {
        any.add(Column::MofDivCode.eq(division).and(Column::PayCertNo.is_in(numbers)))
    });
    Entity::find().filter(any).order_by_asc(Column::PayCertId).lock_exclusive().all(tx).await
}

/// Marks vouchers as paid by their receipts, which are on record; how many were still with the bank.
pub async fn mark_all_paid(tx: &DatabaseTransaction, now: DateTime<Utc>, ids: &[Uuid]) -> Result<u64, DbErr> {
    use crate::receipt::entity::{Ended, receipt};
    let said = |column: receipt::Column| {
        let select = receipt::Entity::find()
            .select_only()
            .column(column)
            .filter(Expr::col((receipt::Entity, receipt::Column::MofDivCode)).equals((Entity, Column::MofDivCode)))
            .filter(Expr::col((receipt::Entity, receipt::Column::PayCertNo)).equals((Entity, Column::PayCertNo)))
            .filter(receipt::Column::Result.eq(Ended::Paid))
            .into_query();
        Expr::SubQuery(None, Box::new(select.into()))
    };
    let update = Entity::update_many()
        .col_expr(Column::UpdateTime, Expr::value(now))
        .col_expr(Column::VoucherStatus, Expr::value(Stage::Paid))
        .col_expr(Column::NextInquiryTime, Expr::value(None::<DateTime<Utc>>))
        .col_expr(Column::XpayAmt, Expr::col(Column::PayAmt))
        .col_expr(Column::XpayDate, said(receipt::Column::XpayDate))
        .col_expr(Column::AgentBusinessNo, said(receipt::Column::AgentBusinessNo))
        .col_expr(Column::ReceiptAddWord, said(receipt::Column::ReceiptAddWord))
        .filter(Column::PayCertId.is_in(ids.iter().copied()))
        .filter(Column::VoucherStatus.is_in(WITH_THE_BANK));
    Ok(update.exec(tx).await?.rows_affected)
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

/// Puts the first stamp under a voucher that has none, or the second under one that has the first.
pub async fn stamp(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    row: &stamp::Model,
    content_hash: &str,
) -> Result<bool, DbErr> {
    let (from, to, by) = match row.stamp_kind {
        Kind::Sign => (Stage::Generated, Stage::Signed, Column::SignedBy),
        Kind::Seal => (Stage::Signed, Stage::Sealed, Column::SealedBy),
    };
    let update = change(now, row.pay_cert_id)
        .col_expr(Column::VoucherStatus, Expr::value(to))
        .col_expr(by, Expr::value(row.signer.as_str()))
        .col_expr(Column::ContentHash, Expr::value(content_hash))
        .filter(Column::VoucherStatus.eq(from));
    if !happened(tx, update).await? {
        return Ok(false);
    }
    stamp::Entity::insert(row.clone().into_active_model()).exec_without_returning(tx).await?;
    Ok(true)
}

/// The stamps of these vouchers, each voucher's first one first.
pub async fn stamps<C: ConnectionTrait>(db: &C, pay_cert_ids: Vec<Uuid>) -> Result<Vec<stamp::Model>, DbErr> {
    stamp::Entity::find()
        .filter(stamp::Column::PayCertId.is_in(pay_cert_ids))
        .order_by_asc(stamp::Column::PayCertId)
        .order_by_desc(stamp::Column::StampKind)
        .all(db)
        .await
}

/// Marks a sealed voucher as sent, before the bank is asked.
pub async fn mark_sent(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    pay_cert_id: Uuid,
    day: NaiveDate,
) -> Result<bool, DbErr> {
    let update = change(now, pay_cert_id)
        .col_expr(Column::VoucherStatus, Expr::value(Stage::Sent))
        .col_expr(Column::NextInquiryTime, Expr::value(inquiry::next_time(now, 0)))
        .col_expr(Column::SendDate, Expr::value(day))
        .filter(Column::VoucherStatus.eq(Stage::Sealed));
    happened(tx, update).await
}

/// Vouchers with the bank about which it is time to ask, the longest waiting first.
pub async fn due_for_inquiry<C: ConnectionTrait>(
    db: &C,
    division: Option<&DivisionCode>,
    now: DateTime<Utc>,
    most: u64,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::NextInquiryTime.lte(now))
        .filter(Column::VoucherStatus.is_in(WITH_THE_BANK))
        .apply_if(division, |query, division| query.filter(Column::MofDivCode.eq(division.clone())))
        .order_by_asc(Column::NextInquiryTime)
        .limit(most)
        .all(db)
        .await
}

/// Takes an inquiry over; false when another instance did, or nothing is open any more.
pub async fn claim_inquiry(
    tx: &DatabaseTransaction,
    row: &Model,
    next_inquiry_time: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let update = Entity::update_many()
        .col_expr(Column::InquiryCount, Expr::col(Column::InquiryCount).add(1))
        .col_expr(Column::NextInquiryTime, Expr::value(next_inquiry_time))
        .filter(Column::PayCertId.eq(row.pay_cert_id))
        .filter(Column::InquiryCount.eq(row.inquiry_count))
        .filter(Column::VoucherStatus.is_in(WITH_THE_BANK));
    happened(tx, update).await
}

/// What the bank says it paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaidFacts {
    pub xpay_amt: Money,
    pub xpay_date: NaiveDate,
    pub agent_business_no: String,
    pub receipt_add_word: String,
    /// What became of the payees of a batch; empty when all were paid.
    pub details: Vec<ReceiptDetail>,
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
        .col_expr(Column::NextInquiryTime, Expr::value(None::<DateTime<Utc>>))
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

/// The paid vouchers that this indicator bears, for nobody else until this transaction ends.
pub async fn borne_by(tx: &DatabaseTransaction, indicator: &Indicator) -> Result<Vec<Model>, DbErr> {
    let of_unit = indicator.elements.agency_code.clone();
    let paid = Entity::find()
        .filter(Column::MofDivCode.eq(indicator.elements.mof_div_code.clone()))
        .filter(Column::FiscalYear.eq(indicator.elements.fiscal_year))
        .apply_if(of_unit, |query, agency| query.filter(Column::AgencyCode.eq(agency)))
        .filter(Condition::any().add(Column::BgtId.eq(indicator.bgt_id)).add(Column::CorrectedTo.is_not_null()))
        .filter(Column::VoucherStatus.is_in(SPENT))
        .order_by_asc(Column::PayCertId)
        .lock_exclusive()
        .all(tx)
        .await?;
    let bearer =
        |row: &Model| row.corrected_to.as_ref().map_or(row.bgt_id.to_string().into(), |to| to["bgt_id"].clone());
    let sought = serde_json::Value::from(indicator.bgt_id.to_string());
    Ok(paid.into_iter().filter(|row| bearer(row) == sought).collect())
}

/// Lets another indicator bear a voucher, whether it is corrected besides or not.
pub async fn recharge(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    pay_cert_id: Uuid,
    charged_to: Json,
) -> Result<bool, DbErr> {
    happened(tx, change(now, pay_cert_id).col_expr(Column::CorrectedTo, Expr::value(charged_to))).await
}
