//! All SQL of adjustments.

use common_types::{DivisionCode, FiscalYear};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, QueryTrait as _, entity::prelude::*,
};
use service_kit::{Caller, http::Paged};

use super::entity::{document, line};
use crate::scope;

/// Records a document and its pairs.
pub async fn insert(tx: &DatabaseTransaction, row: document::Model, lines: Vec<line::Model>) -> Result<(), DbErr> {
    document::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    let lines = lines.into_iter().map(|line| line.into_active_model());
    line::Entity::insert_many(lines).exec_without_returning(tx).await?;
    Ok(())
}

pub async fn find<C: ConnectionTrait>(db: &C, adj_id: Uuid) -> Result<Option<document::Model>, DbErr> {
    document::Entity::find().filter(document::Column::AdjId.eq(adj_id)).one(db).await
}

/// The pairs of these documents, in the order in which they were written.
pub async fn lines<C: ConnectionTrait>(db: &C, adj_ids: Vec<Uuid>) -> Result<Vec<line::Model>, DbErr> {
    line::Entity::find().filter(line::Column::AdjId.is_in(adj_ids)).order_by_asc(line::Column::AdjSubId).all(db).await
}

pub async fn page<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    mof_div_code: Option<DivisionCode>,
    fiscal_year: Option<FiscalYear>,
    after: Option<Uuid>,
    paged: &Paged,
) -> Result<Vec<document::Model>, DbErr> {
    use document::Column;
    document::Entity::find()
        .filter(scope::readable(caller, Column::MofDivCode, Column::AgencyCode))
        .apply_if(mof_div_code, |query, code| query.filter(Column::MofDivCode.eq(code)))
        .apply_if(fiscal_year, |query, year| query.filter(Column::FiscalYear.eq(year)))
        .apply_if(after, |query, id| query.filter(Column::AdjId.gt(id)))
        .order_by_asc(Column::AdjId)
        .limit(paged.limit())
        .all(db)
        .await
}

/// Notes the indicator that was made for a pair.
pub async fn set_receiver(tx: &DatabaseTransaction, line: &line::Model, bgt_id: Uuid) -> Result<(), DbErr> {
    line::Entity::update_many()
        .col_expr(line::Column::BgtId, Expr::value(bgt_id))
        .filter(line::Column::MofDivCode.eq(line.mof_div_code.clone()))
        .filter(line::Column::AdjSubId.eq(line.adj_sub_id))
        .exec(tx)
        .await?;
    Ok(())
}
