//! All SQL of payment applications.

use std::collections::BTreeMap;

use budget_execution_contract::{PaymentDetail, PaymentFilter};
use chrono::{DateTime, NaiveDate, Utc};
use common_types::{DivisionCode, Money};
use sea_orm::{
    ActiveValue::Set,
    Condition, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait, IntoActiveModel as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, QueryTrait as _, UpdateMany,
    entity::prelude::*,
    sea_query::{ExprTrait as _, OnConflict},
};
use service_kit::{
    Caller, Problem,
    http::Paged,
    store::{Writes, rows},
};

use super::entity::{Standing, application, detail, sequence};
use crate::scope;

pub mod claim;
pub mod likeness;

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
        next_no: Set(1),
    };
    let key = [sequence::Column::MofDivCode, sequence::Column::RuleCode, sequence::Column::Day];
    let next = Expr::col((sequence::Entity, sequence::Column::NextNo)).add(1);
    let on_conflict = OnConflict::columns(key).value(sequence::Column::NextNo, next).to_owned();
    let taken = sequence::Entity::insert(row).on_conflict(on_conflict).exec_with_returning(tx).await?;
    Ok(taken.next_no)
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
            receiver_code: Set(detail.receiver_code.clone()),
            is_to_peop_enterp: Set(detail.is_to_peop_enterp),
            per_name: Set(detail.per_name.clone()),
            iden_no: Set(detail.iden_no.clone()),
            corp_name: Set(detail.corp_name.clone()),
            unifsoc_cred_code: Set(detail.unifsoc_cred_code.clone()),
            pay_month: Set(detail.pay_month.clone()),
            to_peop_enterp: Set(detail.to_peop_enterp.clone()),
            to_peop_family: Set(detail.to_peop_family.clone()),
            town_code: Set(detail.town_code.clone()),
            village_code: Set(detail.village_code.clone()),
            card_no: Set(detail.card_no.clone()),
            swipe_date: Set(detail.swipe_date),
            merchant_name: Set(detail.merchant_name.clone()),
        });
        detail::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// An application by its id; scope is for the caller to check.
pub async fn application<C: ConnectionTrait>(db: &C, pay_app_id: Uuid) -> Result<Option<application::Model>, DbErr> {
    application::Entity::find().filter(application::Column::PayAppId.eq(pay_app_id)).one(db).await
}

/// Applications by their ids; those that do not exist are absent.
pub async fn applications<C: ConnectionTrait>(
    db: &C,
    ids: &[Uuid],
) -> Result<BTreeMap<Uuid, application::Model>, DbErr> {
    let rows = if db.get_database_backend() == DbBackend::Postgres {
        let sql = |r: &str| format!("SELECT b.* FROM pay_voucher b JOIN {r} ON b.pay_app_id = r.pay_app_id");
        let id_row = |id: &Uuid| application::ActiveModel { pay_app_id: Set(*id), ..Default::default() };
        let ids: Vec<_> = ids.iter().map(id_row).collect();
        rows::select(db, &ids, sql).await?
    } else {
        let of_ids = application::Column::PayAppId.is_in(ids.iter().copied());
        application::Entity::find().filter(of_ids).all(db).await?
    };
    Ok(rows.into_iter().map(|row| (row.pay_app_id, row)).collect())
}

/// The details of these applications, in the order they were entered.
pub async fn details_of<C: ConnectionTrait>(db: &C, ids: &[Uuid]) -> Result<BTreeMap<Uuid, Vec<PaymentDetail>>, DbErr> {
    let rows = if db.get_database_backend() == DbBackend::Postgres {
        let sql = |r: &str| {
            format!("SELECT b.* FROM pay_detail b JOIN {r} ON b.pay_apply_id = r.pay_apply_id ORDER BY b.pay_detail_id")
        };
        let id_row = |id: &Uuid| detail::ActiveModel { pay_apply_id: Set(*id), ..Default::default() };
        let ids: Vec<_> = ids.iter().map(id_row).collect();
        rows::select(db, &ids, sql).await?
    } else {
        let of_ids = detail::Column::PayApplyId.is_in(ids.iter().copied());
        detail::Entity::find().filter(of_ids).order_by_asc(detail::Column::PayDetailId).all(db).await?
    };
    let mut details = BTreeMap::<Uuid, Vec<PaymentDetail>>::new();
    for row in rows {
        details.entry(row.pay_apply_id).or_default().push(detail_of(row));
    }
    Ok(details)
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
        receiver_code: row.receiver_code,
        is_to_peop_enterp: row.is_to_peop_enterp,
        per_name: row.per_name,
        iden_no: row.iden_no,
        corp_name: row.corp_name,
        unifsoc_cred_code: row.unifsoc_cred_code,
        pay_month: row.pay_month,
        to_peop_enterp: row.to_peop_enterp,
        to_peop_family: row.to_peop_family,
        town_code: row.town_code,
        village_code: row.village_code,
        card_no: row.card_no,
        swipe_date: row.swipe_date,
        merchant_name: row.merchant_name,
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
        .filter(
            Condition::any().add(scope::readable(caller, Column::MofDivCode, Column::AgencyCode)).add(scope::readable(
                caller,
                Column::MofDivCode,
                Column::ApplyAgencyCode,
            )),
        )
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
        Reservation::Ended => update.col_expr(application::Column::ReservationId, Expr::value(None::<Uuid>)),
    };
    let result = update
        .filter(application::Column::PayAppId.eq(pay_app_id))
        .filter(application::Column::PayStatus.is_in(step.from))
        .exec(tx)
        .await?;
    Ok(result.rows_affected == 1)
}

/// Takes applications out of the hands of their makers, who have to be holding them still.
pub fn submit(writes: &mut Writes, after: &[&application::Model], otherwise: Problem) -> Result<(), DbErr> {
    let rows: Vec<application::ActiveModel> = after.iter().map(|row| leaving(row)).collect();
    let sql = |r: &str| {
        format!(
            "UPDATE pay_voucher b SET pay_status = r.pay_status, reservation_id = r.reservation_id, \
             warn_ids = r.warn_ids, pay_acct_name = r.pay_acct_name, pay_acct_bank_name = r.pay_acct_bank_name, \
             is_contrlbyplan = r.is_contrlbyplan, update_time = r.update_time FROM {r} \
             WHERE b.mof_div_code = r.mof_div_code AND b.pay_app_id = r.pay_app_id \
             AND b.pay_status IN ('DRAFT', 'RETURNED')"
        )
    };
    let one_by_one = rows.iter().zip(after).map(|(row, one)| {
        application::Entity::update_many()
            .filter(application::Column::MofDivCode.eq(one.mof_div_code.clone()))
            .filter(application::Column::PayAppId.eq(one.pay_app_id))
            .filter(application::Column::PayStatus.is_in([Standing::Draft, Standing::Returned]))
            .set(row.clone())
    });
    writes.update(&rows, sql, one_by_one, otherwise)
}

/// What a submission changes on an application.
fn leaving(after: &application::Model) -> application::ActiveModel {
    application::ActiveModel {
        mof_div_code: Set(after.mof_div_code.clone()),
        pay_app_id: Set(after.pay_app_id),
        pay_status: Set(after.pay_status),
        reservation_id: Set(after.reservation_id),
        warn_ids: Set(after.warn_ids.clone()),
        pay_acct_name: Set(after.pay_acct_name.clone()),
        pay_acct_bank_name: Set(after.pay_acct_bank_name.clone()),
        is_contrlbyplan: Set(after.is_contrlbyplan),
        update_time: Set(after.update_time),
        ..Default::default()
    }
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
