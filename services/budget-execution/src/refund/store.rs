//! All SQL of refunds.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, QueryTrait as _, entity::prelude::*,
};
use service_kit::{Caller, http::Paged};

use super::entity::{Column, Entity, Model};
use crate::scope;

/// Records a refund.
pub async fn insert(tx: &DatabaseTransaction, row: &Model) -> Result<(), DbErr> {
    Entity::insert(row.clone().into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// A refund by its id; scope is for the caller to check.
pub async fn refund<C: ConnectionTrait>(db: &C, ref_id: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(Column::RefId.eq(ref_id)).one(db).await
}

/// Refunds in the caller's scope, oldest first.
pub async fn list<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    pay_cert_id: Option<Uuid>,
    paged: &Paged,
    after: Option<Uuid>,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(scope::readable(caller, Column::MofDivCode, Column::AgencyCode))
        .apply_if(pay_cert_id, |query, value| query.filter(Column::PayCertId.eq(value)))
        .apply_if(after, |query, value| query.filter(Column::RefId.gt(value)))
        .order_by_asc(Column::RefId)
        .limit(paged.limit())
        .all(db)
        .await
}

/// Notes the day on which a refund took effect, once.
pub async fn note_effect(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    ref_id: Uuid,
    (day, bgt_id): (NaiveDate, Option<Uuid>),
) -> Result<bool, DbErr> {
    let result = Entity::update_many()
        .col_expr(Column::RefDate, Expr::value(day))
        .col_expr(Column::BgtId, Expr::value(bgt_id))
        .col_expr(Column::UpdateTime, Expr::value(now))
        .filter(Column::RefId.eq(ref_id))
        .filter(Column::RefDate.is_null())
        .exec(tx)
        .await?;
    Ok(result.rows_affected == 1)
}
