//! All SQL of payment applications.

use budget_execution_contract::{PaymentDetail, PaymentFilter};
use chrono::{DateTime, NaiveDate, Utc};
use common_types::{DivisionCode, Money};
use sea_orm::{
    ActiveValue::Set,
    ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, QueryTrait as _, UpdateMany,
    entity::prelude::*,
    sea_query::{ExprTrait as _, OnConflict},
};
use service_kit::{Caller, http::Paged};

use super::entity::{Standing, application, detail, sequence};
use crate::scope;

const CHUNK: usize = 500;
const LONGEST_WORD: usize = 300;

/// Takes the next number of a kind and day; gap-free, because a transaction that fails gives it back (N3).
pub async fn next_number(
    tx: &DatabaseTransaction,
    division: &DivisionCode,
    rule_code: &str,
    day: NaiveDate,
) -> Result<i32, DbErr> {
    let row = sequence::ActiveModel {
        mof_div_code: Set(division.clone()),
        rule_code: Set(rule_code.to_owned()),
        day: Set(day),
        next_no: Set(0),
    };
    let key = [sequence::Column::MofDivCode, sequence::Column::RuleCode, sequence::Column::Day];
    let on_conflict = OnConflict::columns(key).do_nothing().to_owned();
    sequence::Entity::insert(row).on_conflict(on_conflict).exec_without_returning(tx).await?;
    sequence::Entity::update_many()
        .col_expr(sequence::Column::NextNo, Expr::col(sequence::Column::NextNo).add(1))
        .filter(sequence::Column::MofDivCode.eq(division.clone()))
        .filter(sequence::Column::RuleCode.eq(rule_code))
        .filter(sequence::Column::Day.eq(day))
        .exec(tx)
        .await?;
    let taken = sequence::Entity::find_by_id((division.clone(), rule_code.to_owned(), day)).one(tx).await?;
    Ok(taken.map_or(0, |row| row.next_no))
}

/// Records a new application with its details.
pub async fn insert(
    tx: &DatabaseTransaction,
    row: &application::Model,
    details: &[PaymentDetail],
) -> Result<(), DbErr> {
    application::Entity::insert(row.clone().into_active_model()).exec_without_returning(tx).await?;
    insert_details(tx, row, details).await
}

/// Replaces the content of an application that is still with its maker; false when it no longer is.
pub async fn replace(
    tx: &DatabaseTransaction,
    row: &application::Model,
    details: &[PaymentDetail],
) -> Result<bool, DbErr> {
    let result = application::Entity::update_many()
        .set(row.clone().into_active_model().reset_all())
        .filter(application::Column::MofDivCode.eq(row.mof_div_code.clone()))
        .filter(application::Column::PayAppId.eq(row.pay_app_id))
        .filter(application::Column::PayStatus.is_in([Standing::Draft, Standing::Returned]))
        .exec(tx)
        .await?;
    if result.rows_affected != 1 {
        return Ok(false);
    }
    detail::Entity::delete_many().filter(detail::Column::PayApplyId.eq(row.pay_app_id)).exec(tx).await?;
    insert_details(tx, row, details).await?;
    Ok(true)
}

async fn insert_details(
    tx: &DatabaseTransaction,
    row: &application::Model,
    details: &[PaymentDetail],
) -> Result<(), DbErr> {
    for chunk in details.chunks(CHUNK) {
        let rows = chunk.iter().map(|detail| detail::ActiveModel {
            mof_div_code: Set(row.mof_div_code.clone()),
            pay_detail_id: Set(Uuid::now_v7()),
            pay_apply_id: Set(row.pay_app_id),
            fiscal_year: Set(row.fiscal_year),
            agency_code: Set(row.agency_code.clone()),
            payee_acct_name: Set(detail.payee_acct_name.clone()),
            payee_acct_no: Set(detail.payee_acct_no.clone()),
            payee_acct_bank_name: Set(detail.payee_acct_bank_name.clone()),
            pay_amt: Set(detail.pay_amt),
            add_word: Set(detail.add_word.clone()),
            xpay_amt: Set(None),
            receipt_add_word: Set(String::new()),
        });
        detail::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// An application by its id; scope is for the caller to check.
pub async fn application<C: ConnectionTrait>(db: &C, pay_app_id: Uuid) -> Result<Option<application::Model>, DbErr> {
    application::Entity::find().filter(application::Column::PayAppId.eq(pay_app_id)).one(db).await
}

/// An application that nobody else changes until this transaction ends.
pub async fn locked(tx: &DatabaseTransaction, pay_app_id: Uuid) -> Result<Option<application::Model>, DbErr> {
    application::Entity::find().filter(application::Column::PayAppId.eq(pay_app_id)).lock_exclusive().one(tx).await
}

/// Many of them, in the order of their ids.
pub async fn locked_all(tx: &DatabaseTransaction, ids: Vec<Uuid>) -> Result<Vec<application::Model>, DbErr> {
    application::Entity::find()
        .filter(application::Column::PayAppId.is_in(ids))
        .order_by_asc(application::Column::PayAppId)
        .lock_exclusive()
        .all(tx)
        .await
}

/// Notes that the bank paid all of these applications, their payees included; how many waited for it.
pub async fn note_all_paid(tx: &DatabaseTransaction, now: DateTime<Utc>, ids: &[Uuid]) -> Result<u64, DbErr> {
    let result = application::Entity::update_many()
        .col_expr(application::Column::PayStatus, Expr::value(Standing::Paid))
        .col_expr(application::Column::XpayAmt, Expr::col(application::Column::PayAppAmt))
        .col_expr(application::Column::ReservationId, Expr::value(None::<Uuid>))
        .col_expr(application::Column::UpdateTime, Expr::value(now))
        .filter(application::Column::PayAppId.is_in(ids.iter().copied()))
        .filter(application::Column::PayStatus.eq(Standing::Vouchered))
        .exec(tx)
        .await?;
    detail::Entity::update_many()
        .col_expr(detail::Column::XpayAmt, Expr::col(detail::Column::PayAmt))
        .filter(detail::Column::PayApplyId.is_in(ids.iter().copied()))
        .exec(tx)
        .await?;
    Ok(result.rows_affected)
}

/// The rows of the details of an application, in the order they were entered.
pub async fn detail_rows<C: ConnectionTrait>(db: &C, pay_app_id: Uuid) -> Result<Vec<detail::Model>, DbErr> {
    detail::Entity::find()
        .filter(detail::Column::PayApplyId.eq(pay_app_id))
        .order_by_asc(detail::Column::PayDetailId)
        .all(db)
        .await
}

/// A page of them.
pub async fn detail_page<C: ConnectionTrait>(
    db: &C,
    pay_app_id: Uuid,
    paged: &Paged,
    after: Option<Uuid>,
) -> Result<Vec<detail::Model>, DbErr> {
    detail::Entity::find()
        .filter(detail::Column::PayApplyId.eq(pay_app_id))
        .apply_if(after, |query, value| query.filter(detail::Column::PayDetailId.gt(value)))
        .order_by_asc(detail::Column::PayDetailId)
        .limit(paged.limit())
        .all(db)
        .await
}

/// Every payee of a batch was paid; those that were not are noted after.
pub async fn note_details_paid(tx: &DatabaseTransaction, pay_app_id: Uuid) -> Result<(), DbErr> {
    detail::Entity::update_many()
        .col_expr(detail::Column::XpayAmt, Expr::col(detail::Column::PayAmt))
        .filter(detail::Column::PayApplyId.eq(pay_app_id))
        .exec(tx)
        .await?;
    Ok(())
}

/// These payees of a batch were not paid, for this reason.
pub async fn note_details_unpaid(
    tx: &DatabaseTransaction,
    pay_app_id: Uuid,
    ids: Vec<Uuid>,
    reason: &str,
) -> Result<(), DbErr> {
    for chunk in ids.chunks(CHUNK) {
        unpaid(pay_app_id, reason).filter(detail::Column::PayDetailId.is_in(chunk.iter().copied())).exec(tx).await?;
    }
    Ok(())
}

/// No payee of a batch was paid.
pub async fn note_all_unpaid(tx: &DatabaseTransaction, pay_app_id: Uuid, reason: &str) -> Result<(), DbErr> {
    unpaid(pay_app_id, reason).exec(tx).await?;
    Ok(())
}

fn unpaid(pay_app_id: Uuid, reason: &str) -> UpdateMany<detail::Entity> {
    let reason: String = reason.chars().take(LONGEST_WORD).collect();
    detail::Entity::update_many()
        .col_expr(detail::Column::XpayAmt, Expr::value(Money::ZERO))
        .col_expr(detail::Column::ReceiptAddWord, Expr::value(reason))
        .filter(detail::Column::PayApplyId.eq(pay_app_id))
}

/// The details of an application, in the order they were entered.
pub async fn details<C: ConnectionTrait>(db: &C, pay_app_id: Uuid) -> Result<Vec<PaymentDetail>, DbErr> {
    Ok(detail_rows(db, pay_app_id).await?.into_iter().map(detail_of).collect())
}

fn detail_of(row: detail::Model) -> PaymentDetail {
    PaymentDetail {
        payee_acct_name: row.payee_acct_name,
        payee_acct_no: row.payee_acct_no,
        payee_acct_bank_name: row.payee_acct_bank_name,
        pay_amt: row.pay_amt,
        add_word: row.add_word,
    }
}

/// Applications in the caller's scope, by filter, oldest first.
pub async fn list<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    filter: &PaymentFilter,
    paged: &Paged,
    after: Option<Uuid>,
) -> Result<Vec<application::Model>, DbErr> {
    use application::Column;
    let status = filter.pay_status.map(Standing::from);
    application::Entity::find()
        .filter(scope::readable(caller, Column::MofDivCode, Column::AgencyCode))
        .apply_if(filter.mof_div_code.clone(), |query, value| query.filter(Column::MofDivCode.eq(value)))
        .apply_if(filter.fiscal_year, |query, value| query.filter(Column::FiscalYear.eq(value)))
        .apply_if(filter.agency_code.clone(), |query, value| query.filter(Column::AgencyCode.eq(value)))
        .apply_if(filter.bgt_id, |query, value| query.filter(Column::BgtId.eq(value)))
        .apply_if(filter.pay_app_no.clone(), |query, value| query.filter(Column::PayAppNo.eq(value)))
        .apply_if(status, |query, value| query.filter(Column::PayStatus.eq(value)))
        .apply_if(after, |query, value| query.filter(Column::PayAppId.gt(value)))
        .order_by_asc(Column::PayAppId)
        .limit(paged.limit())
        .all(db)
        .await
}

/// One step of an application, guarded by where it stands now.
pub struct Step {
    pub from: Vec<Standing>,
    pub to: Standing,
    /// What becomes of the reservation.
    pub reservation: Reservation,
}

/// What a step does to the reservation of an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reservation {
    Kept,
    Made(Uuid),
    Ended,
}

/// Moves an application; false when it stands elsewhere.
pub async fn advance(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    pay_app_id: Uuid,
    step: Step,
) -> Result<bool, DbErr> {
    let mut update = application::Entity::update_many()
        .col_expr(application::Column::PayStatus, Expr::value(step.to))
        .col_expr(application::Column::UpdateTime, Expr::value(now));
    update = match step.reservation {
        Reservation::Kept => update,
        Reservation::Made(id) => update.col_expr(application::Column::ReservationId, Expr::value(Some(id))),
        Reservation::Ended => update.col_expr(application::Column::ReservationId, Expr::value(None::<Uuid>)),
    };
    let result = update
        .filter(application::Column::PayAppId.eq(pay_app_id))
        .filter(application::Column::PayStatus.is_in(step.from))
        .exec(tx)
        .await?;
    Ok(result.rows_affected == 1)
}

/// Notes what the submission found out: the payer's account and the monitor's warnings.
pub async fn note_submission(
    tx: &DatabaseTransaction,
    pay_app_id: Uuid,
    payer: (&str, &str),
    warn_ids: Json,
) -> Result<(), DbErr> {
    application::Entity::update_many()
        .col_expr(application::Column::PayAcctName, Expr::value(payer.0))
        .col_expr(application::Column::PayAcctBankName, Expr::value(payer.1))
        .col_expr(application::Column::WarnIds, Expr::value(warn_ids))
        .filter(application::Column::PayAppId.eq(pay_app_id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Notes whether the submission is held to the cash plan, so that it ends on the layers it was reserved on.
pub async fn note_layers(tx: &DatabaseTransaction, pay_app_id: Uuid, is_contrlbyplan: bool) -> Result<(), DbErr> {
    application::Entity::update_many()
        .col_expr(application::Column::IsContrlbyplan, Expr::value(is_contrlbyplan))
        .filter(application::Column::PayAppId.eq(pay_app_id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Notes which warnings still wait to be affirmed.
pub async fn note_warnings(tx: &DatabaseTransaction, pay_app_id: Uuid, warn_ids: Json) -> Result<(), DbErr> {
    application::Entity::update_many()
        .col_expr(application::Column::WarnIds, Expr::value(warn_ids))
        .filter(application::Column::PayAppId.eq(pay_app_id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Notes what the bank paid and ends the reservation.
pub async fn note_paid(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    pay_app_id: Uuid,
    xpay_amt: Money,
) -> Result<bool, DbErr> {
    let result = application::Entity::update_many()
        .col_expr(application::Column::PayStatus, Expr::value(Standing::Paid))
        .col_expr(application::Column::XpayAmt, Expr::value(xpay_amt))
        .col_expr(application::Column::ReservationId, Expr::value(None::<Uuid>))
        .col_expr(application::Column::UpdateTime, Expr::value(now))
        .filter(application::Column::PayAppId.eq(pay_app_id))
        .filter(application::Column::PayStatus.eq(Standing::Vouchered))
        .exec(tx)
        .await?;
    Ok(result.rows_affected == 1)
}
