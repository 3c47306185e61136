//! All SQL of corrections.

use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, QueryTrait as _, entity::prelude::*,
};
use service_kit::{Caller, http::Paged};

use super::entity::{Column, Entity, Model};
use crate::scope;

/// Records a correction.
pub async fn insert(tx: &DatabaseTransaction, row: &Model) -> Result<(), DbErr> {
    Entity::insert(row.clone().into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// Replaces the content of a draft.
pub async fn replace(tx: &DatabaseTransaction, row: &Model) -> Result<(), DbErr> {
    Entity::update(row.clone().into_active_model().reset_all()).exec(tx).await?;
    Ok(())
}

/// A correction by its id; scope is for the caller to check.
pub async fn correction<C: ConnectionTrait>(db: &C, correct_id: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(Column::CorrectId.eq(correct_id)).one(db).await
}

/// Corrections in the caller's scope, oldest first.
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
        .apply_if(after, |query, value| query.filter(Column::CorrectId.gt(value)))
        .order_by_asc(Column::CorrectId)
        .limit(paged.limit())
        .all(db)
        .await
}
