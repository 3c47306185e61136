//! All SQL of receipts and differences.

use budget_execution_contract::BankReceipt;
use chrono::{DateTime, NaiveDate, Utc};
use common_types::DivisionCode;
use sea_orm::{
    ActiveValue::Set, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, QueryTrait as _, entity::prelude::*,
};
use service_kit::http::Paged;

use super::entity::{Ended, Kind, difference, receipt};

/// Keeps a receipt that settled something; the unique index keeps a second one of its kind out.
pub async fn insert(tx: &DatabaseTransaction, now: DateTime<Utc>, taken: &BankReceipt) -> Result<(), DbErr> {
    let row = receipt::ActiveModel {
        mof_div_code: Set(taken.mof_div_code.clone()),
        receipt_id: Set(Uuid::now_v7()),
        pay_cert_no: Set(taken.pay_cert_no.clone()),
        result: Set(taken.result.into()),
        xpay_amt: Set(taken.xpay_amt),
        xpay_date: Set(taken.xpay_date),
        agent_business_no: Set(taken.agent_business_no.clone()),
        receipt_add_word: Set(taken.receipt_add_word.clone()),
        create_time: Set(now),
    };
    receipt::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

/// The receipt of this kind that was taken before.
pub async fn earlier(
    tx: &DatabaseTransaction,
    division: &DivisionCode,
    pay_cert_no: &str,
    result: Ended,
) -> Result<Option<receipt::Model>, DbErr> {
    receipt::Entity::find()
        .filter(receipt::Column::MofDivCode.eq(division.clone()))
        .filter(receipt::Column::PayCertNo.eq(pay_cert_no))
        .filter(receipt::Column::Result.eq(result))
        .one(tx)
        .await
}

/// Opens a ticket, unless the same one is open.
pub async fn open_ticket(tx: &DatabaseTransaction, row: difference::Model) -> Result<(), DbErr> {
    let open = difference::Entity::find()
        .filter(difference::Column::MofDivCode.eq(row.mof_div_code.clone()))
        .filter(difference::Column::PayCertNo.eq(row.pay_cert_no.clone()))
        .filter(difference::Column::Kind.eq(row.kind))
        .filter(difference::Column::Theirs.eq(row.theirs.clone()))
        .filter(difference::Column::ReconId.is_null())
        .one(tx)
        .await?;
    if open.is_none() {
        insert_differences(tx, vec![row]).await?;
    }
    Ok(())
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
