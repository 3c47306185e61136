//! All SQL of operations on indicators.

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

/// Writes the content of a draft, or what became of its lines.
pub async fn replace(tx: &DatabaseTransaction, row: Model) -> Result<(), DbErr> {
    Entity::update(row.into_active_model().reset_all()).exec(tx).await?;
    Ok(())
}

pub async fn find<C: ConnectionTrait>(db: &C, document_type: &str, operation_id: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .filter(Column::OperationId.eq(operation_id))
        .filter(Column::DocumentType.eq(document_type))
        .one(db)
        .await
}

pub async fn page<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    document_type: &str,
    filter: &BooksFilter,
    paged: &Paged,
    after: Option<Uuid>,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(scope::divisions(caller, Column::MofDivCode))
        .filter(Column::DocumentType.eq(document_type))
        .apply_if(filter.mof_div_code.clone(), |query, code| query.filter(Column::MofDivCode.eq(code)))
        .apply_if(filter.fiscal_year, |query, year| query.filter(Column::FiscalYear.eq(year)))
        .apply_if(after, |query, id| query.filter(Column::OperationId.gt(id)))
        .order_by_asc(Column::OperationId)
        .limit(paged.limit())
        .all(db)
        .await
}
