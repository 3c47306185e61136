//! All SQL of 待分指标分解.

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
    let active = row.into_active_model().reset_all();
    Entity::update(active).exec(tx).await?;
    Ok(())
}

pub async fn find<C: ConnectionTrait>(db: &C, distribution_id: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(Column::DistributionId.eq(distribution_id)).one(db).await
}

pub async fn page<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    filter: &BooksFilter,
    after: Option<Uuid>,
    paged: &Paged,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(scope::divisions(caller, Column::MofDivCode))
        .apply_if(filter.mof_div_code.clone(), |query, code| query.filter(Column::MofDivCode.eq(code)))
        .apply_if(filter.fiscal_year, |query, year| query.filter(Column::FiscalYear.eq(year)))
        .apply_if(after, |query, id| query.filter(Column::DistributionId.gt(id)))
        .order_by_asc(Column::DistributionId)
        .limit(paged.limit())
        .all(db)
        .await
}
