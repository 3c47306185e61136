//! All SQL of allocations.

use chrono::NaiveDate;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, QueryTrait as _, entity::prelude::*,
};
use service_kit::{Caller, http::Paged};
use workflow::BooksFilter;

use super::entity::{Column, Entity, Model};
use crate::scope;

pub async fn insert(tx: &DatabaseTransaction, row: Model) -> Result<(), DbErr> {
    Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// Replaces the content of a draft.
pub async fn replace(tx: &DatabaseTransaction, row: Model) -> Result<(), DbErr> {
    Entity::update(row.into_active_model().reset_all()).exec(tx).await?;
    Ok(())
}

pub async fn find<C: ConnectionTrait>(db: &C, pay_alloc_cert_id: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(Column::PayAllocCertId.eq(pay_alloc_cert_id)).one(db).await
}

/// An allocation that nobody else changes until this transaction ends.
pub async fn locked(tx: &DatabaseTransaction, pay_alloc_cert_id: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(Column::PayAllocCertId.eq(pay_alloc_cert_id)).lock_exclusive().one(tx).await
}

/// Moves an allocation on; false when it stands elsewhere by now.
pub async fn advance(tx: &DatabaseTransaction, before: &Model, after: &Model) -> Result<bool, DbErr> {
    let result = Entity::update_many()
        .col_expr(Column::Status, Expr::value(after.status))
        .col_expr(Column::ReservationId, Expr::value(after.reservation_id))
        .col_expr(Column::IsContrlbyplan, Expr::value(after.is_contrlbyplan))
        .filter(Column::MofDivCode.eq(before.mof_div_code.clone()))
        .filter(Column::PayAllocCertId.eq(before.pay_alloc_cert_id))
        .filter(Column::Status.eq(before.status))
        .exec(tx)
        .await?;
    Ok(result.rows_affected == 1)
}

/// Notes what the central bank did.
pub async fn note_receipt(
    tx: &DatabaseTransaction,
    row: &Model,
    acc_date: NaiveDate,
    reason: &str,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::AccDate, Expr::value(Some(acc_date)))
        .col_expr(Column::Reason, Expr::value(reason))
        .filter(Column::MofDivCode.eq(row.mof_div_code.clone()))
        .filter(Column::PayAllocCertId.eq(row.pay_alloc_cert_id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Allocations within reach, oldest first.
pub async fn page<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    filter: &BooksFilter,
    after: Option<Uuid>,
    paged: &Paged,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(scope::readable(caller, Column::MofDivCode, Column::AgencyCode))
        .apply_if(filter.mof_div_code.clone(), |query, code| query.filter(Column::MofDivCode.eq(code)))
        .apply_if(filter.fiscal_year, |query, year| query.filter(Column::FiscalYear.eq(year)))
        .apply_if(after, |query, id| query.filter(Column::PayAllocCertId.gt(id)))
        .order_by_asc(Column::PayAllocCertId)
        .limit(paged.limit())
        .all(db)
        .await
}
