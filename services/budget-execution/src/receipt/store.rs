//! All SQL of receipts and differences.

use budget_execution_contract::BankReceipt;
use chrono::{DateTime, NaiveDate, Utc};
use common_types::DivisionCode;
use sea_orm::{
    ActiveValue::Set, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, QueryTrait as _, entity::prelude::*,
};
use service_kit::{Caller, http::Paged};

use super::entity::{Ended, Handling, Kind, difference, receipt};

/// Keeps a receipt that settled something; the unique index keeps the same one out.
pub async fn insert(tx: &DatabaseTransaction, now: DateTime<Utc>, taken: &BankReceipt) -> Result<(), DbErr> {
    receipt::Entity::insert(row_of(now, taken)).exec_without_returning(tx).await?;
    Ok(())
}

/// Keeps many of them.
pub async fn insert_all(tx: &DatabaseTransaction, now: DateTime<Utc>, taken: &[&BankReceipt]) -> Result<(), DbErr> {
    const CHUNK: usize = 500;
    for chunk in taken.chunks(CHUNK) {
        let rows = chunk.iter().map(|taken| row_of(now, taken));
        receipt::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

fn row_of(now: DateTime<Utc>, taken: &BankReceipt) -> receipt::ActiveModel {
    receipt::ActiveModel {
        mof_div_code: Set(taken.mof_div_code.clone()),
        receipt_id: Set(Uuid::now_v7()),
        pay_cert_no: Set(taken.pay_cert_no.clone()),
        result: Set(taken.result.into()),
        xpay_amt: Set(taken.xpay_amt),
        xpay_date: Set(taken.xpay_date),
        agent_business_no: Set(taken.agent_business_no.clone()),
        receipt_add_word: Set(taken.receipt_add_word.clone()),
        create_time: Set(now),
    }
}

/// The receipt of this kind with the same number at the bank that was taken before.
pub async fn earlier(
    tx: &DatabaseTransaction,
    said: &BankReceipt,
    result: Ended,
) -> Result<Option<receipt::Model>, DbErr> {
    receipt::Entity::find()
        .filter(receipt::Column::MofDivCode.eq(said.mof_div_code.clone()))
        .filter(receipt::Column::PayCertNo.eq(said.pay_cert_no.as_str()))
        .filter(receipt::Column::AgentBusinessNo.eq(said.agent_business_no.as_str()))
        .filter(receipt::Column::Result.eq(result))
        .one(tx)
        .await
}

/// Opens a ticket, unless the same one is open.
pub async fn open_ticket(tx: &DatabaseTransaction, row: difference::Model) -> Result<(), DbErr> {
    if same_open(tx, &row).await?.is_none() {
        insert_differences(tx, vec![row]).await?;
    }
    Ok(())
}

/// The ticket that says the same and is not settled.
pub async fn same_open(tx: &DatabaseTransaction, row: &difference::Model) -> Result<Option<difference::Model>, DbErr> {
    difference::Entity::find()
        .filter(difference::Column::MofDivCode.eq(row.mof_div_code.clone()))
        .filter(difference::Column::PayCertNo.eq(row.pay_cert_no.as_str()))
        .filter(difference::Column::Kind.eq(row.kind))
        .filter(difference::Column::Ours.eq(row.ours.as_str()))
        .filter(difference::Column::Theirs.eq(row.theirs.as_str()))
        .filter(difference::Column::DiffStatus.ne(Handling::Settled))
        .one(tx)
        .await
}

/// A ticket by its id; scope is for the caller to check.
pub async fn ticket<C: ConnectionTrait>(db: &C, diff_id: Uuid) -> Result<Option<difference::Model>, DbErr> {
    difference::Entity::find().filter(difference::Column::DiffId.eq(diff_id)).one(db).await
}

/// Notes what somebody found out about an open ticket; false when it is not open.
pub async fn explain(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    diff_id: Uuid,
    by: &Caller,
    explanation: &str,
) -> Result<bool, DbErr> {
    let result = difference::Entity::update_many()
        .col_expr(difference::Column::DiffStatus, Expr::value(Handling::Explained))
        .col_expr(difference::Column::ExplainedBy, Expr::value(by.subject.as_str()))
        .col_expr(difference::Column::ExplainedPerson, Expr::value(by.person.as_str()))
        .col_expr(difference::Column::Explanation, Expr::value(explanation))
        .col_expr(difference::Column::UpdateTime, Expr::value(now))
        .filter(difference::Column::DiffId.eq(diff_id))
        .filter(difference::Column::DiffStatus.eq(Handling::Open))
        .exec(tx)
        .await?;
    Ok(result.rows_affected == 1)
}

/// Settles an explained ticket by another person; false when it is not explained, or by the same person.
pub async fn settle(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    diff_id: Uuid,
    by: &Caller,
    opinion: &str,
) -> Result<bool, DbErr> {
    let result = difference::Entity::update_many()
        .col_expr(difference::Column::DiffStatus, Expr::value(Handling::Settled))
        .col_expr(difference::Column::SettledBy, Expr::value(by.subject.as_str()))
        .col_expr(difference::Column::Opinion, Expr::value(opinion))
        .col_expr(difference::Column::UpdateTime, Expr::value(now))
        .filter(difference::Column::DiffId.eq(diff_id))
        .filter(difference::Column::DiffStatus.eq(Handling::Explained))
        .filter(difference::Column::ExplainedPerson.ne(by.person.as_str()))
        .exec(tx)
        .await?;
    Ok(result.rows_affected == 1)
}

/// How many tickets of a day nobody has settled.
pub async fn unsettled<C: ConnectionTrait>(db: &C, division: &DivisionCode, day: NaiveDate) -> Result<u64, DbErr> {
    difference::Entity::find()
        .filter(difference::Column::MofDivCode.eq(division.clone()))
        .filter(difference::Column::Day.eq(day))
        .filter(difference::Column::DiffStatus.ne(Handling::Settled))
        .count(db)
        .await
}

/// Records differences.
pub async fn insert_differences(tx: &DatabaseTransaction, rows: Vec<difference::Model>) -> Result<(), DbErr> {
    const CHUNK: usize = 500;
    for chunk in rows.chunks(CHUNK) {
        let rows = chunk.iter().cloned().map(difference::Model::into_active_model);
        difference::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// The tickets of a division, of one day if it is named, oldest first.
pub async fn tickets<C: ConnectionTrait>(
    db: &C,
    division: &DivisionCode,
    day: Option<NaiveDate>,
    paged: &Paged,
    after: Option<Uuid>,
) -> Result<Vec<difference::Model>, DbErr> {
    difference::Entity::find()
        .filter(difference::Column::MofDivCode.eq(division.clone()))
        .apply_if(day, |query, value| query.filter(difference::Column::Day.eq(value)))
        .apply_if(after, |query, value| query.filter(difference::Column::DiffId.gt(value)))
        .order_by_asc(difference::Column::DiffId)
        .limit(paged.limit())
        .all(db)
        .await
}

/// A kind of difference in the contract's words is the stored one.
pub fn kind_of(row: &difference::Model) -> budget_execution_contract::DifferenceKind {
    let kind: Kind = row.kind;
    kind.into()
}
