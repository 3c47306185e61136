//! All SQL of 指标冻结.

use common_types::Money;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, ExprTrait as _, IntoActiveModel as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, QueryTrait as _, entity::prelude::*,
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

pub async fn find<C: ConnectionTrait>(db: &C, freeze_id: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(Column::FreezeId.eq(freeze_id)).one(db).await
}

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
        .apply_if(after, |query, id| query.filter(Column::FreezeId.gt(id)))
        .order_by_asc(Column::FreezeId)
        .limit(paged.limit())
        .all(db)
        .await
}

/// Marks the amount frozen.
pub async fn mark_frozen(tx: &DatabaseTransaction, row: &Model) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::IsFrozen, Expr::value(true))
        .filter(Column::MofDivCode.eq(row.mof_div_code.clone()))
        .filter(Column::FreezeId.eq(row.freeze_id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Takes an amount off what is frozen; false when that much is not frozen any more.
pub async fn thaw(tx: &DatabaseTransaction, row: &Model, amount: Money) -> Result<bool, DbErr> {
    let result = Entity::update_many()
        .col_expr(Column::ThawAmt, Expr::col(Column::ThawAmt).add(amount.fen()))
        .col_expr(Column::ThawCount, Expr::col(Column::ThawCount).add(1))
        .filter(Column::MofDivCode.eq(row.mof_div_code.clone()))
        .filter(Column::FreezeId.eq(row.freeze_id))
        .filter(Column::IsFrozen.eq(true))
        .filter(Expr::col(Column::ThawAmt).add(amount.fen()).lte(Expr::col(Column::FreezeAmt)))
        .exec(tx)
        .await?;
    Ok(result.rows_affected == 1)
}
