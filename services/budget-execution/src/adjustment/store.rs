//! All SQL of adjustments.

use common_types::Money;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, QueryTrait as _, entity::prelude::*, sea_query::OnConflict,
};
use service_kit::{Caller, http::Paged};
use workflow::BooksFilter;

use super::entity::{
    document, line,
    reservation::{self, Stage},
};
use crate::scope;

/// Records a document and its pairs.
pub async fn insert(tx: &DatabaseTransaction, row: document::Model, lines: Vec<line::Model>) -> Result<(), DbErr> {
    document::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    let lines = lines.into_iter().map(|line| line.into_active_model());
    line::Entity::insert_many(lines).exec_without_returning(tx).await?;
    Ok(())
}

/// Replaces a draft and its pairs.
pub async fn replace(tx: &DatabaseTransaction, row: document::Model, lines: Vec<line::Model>) -> Result<(), DbErr> {
    line::Entity::delete_many().filter(line::Column::AdjId.eq(row.adj_id)).exec(tx).await?;
    document::Entity::update(row.into_active_model().reset_all()).exec(tx).await?;
    line::Entity::insert_many(lines.into_iter().map(|line| line.into_active_model()))
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Notes what a document came to.
pub async fn note_total(tx: &DatabaseTransaction, adj_id: Uuid, total_amt: Money) -> Result<(), DbErr> {
    document::Entity::update_many()
        .col_expr(document::Column::TotalAmt, Expr::value(total_amt))
        .filter(document::Column::AdjId.eq(adj_id))
        .exec(tx)
        .await?;
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
    filter: &BooksFilter,
    after: Option<Uuid>,
    paged: &Paged,
) -> Result<Vec<document::Model>, DbErr> {
    use document::Column;
    document::Entity::find()
        .filter(scope::readable(caller, Column::MofDivCode, Column::AgencyCode))
        .apply_if(filter.mof_div_code.clone(), |query, code| query.filter(Column::MofDivCode.eq(code)))
        .apply_if(filter.fiscal_year, |query, year| query.filter(Column::FiscalYear.eq(year)))
        .apply_if(after, |query, id| query.filter(Column::AdjId.gt(id)))
        .order_by_asc(Column::AdjId)
        .limit(paged.limit())
        .all(db)
        .await
}

/// Writes what became of a pair.
pub async fn settle(tx: &DatabaseTransaction, line: line::Model) -> Result<(), DbErr> {
    line::Entity::update(line.into_active_model().reset_all()).exec(tx).await?;
    Ok(())
}

/// Library money of a document.
pub async fn reservations<C: ConnectionTrait>(db: &C, adj_id: Uuid) -> Result<Vec<reservation::Model>, DbErr> {
    let of_document = reservation::Entity::find().filter(reservation::Column::AdjId.eq(adj_id));
    of_document.order_by_asc(reservation::Column::AdjSubId).all(db).await
}

/// Writes a reservation down before the library is asked; one that is given back makes room for another. Gives the row
/// that stands.
pub async fn ask(tx: &DatabaseTransaction, row: reservation::Model) -> Result<reservation::Model, DbErr> {
    let id = (row.mof_div_code.clone(), row.adj_sub_id);
    let key = [reservation::Column::MofDivCode, reservation::Column::AdjSubId];
    let on_conflict = OnConflict::columns(key).do_nothing().to_owned();
    let insert = reservation::Entity::insert(row.clone().into_active_model()).on_conflict(on_conflict);
    if insert.exec_without_returning(tx).await? == 0 {
        reservation::Entity::update_many()
            .set(row.clone().into_active_model().reset_all())
            .filter(reservation::Column::MofDivCode.eq(row.mof_div_code.clone()))
            .filter(reservation::Column::AdjSubId.eq(row.adj_sub_id))
            .filter(reservation::Column::Stage.eq(Stage::Returned))
            .exec(tx)
            .await?;
    }
    let found = reservation::Entity::find_by_id(id).one(tx).await?;
    found.ok_or_else(|| DbErr::RecordNotFound("the reservation that was written".to_owned()))
}

/// Moves a reservation on; false when it does not stand there any more.
pub async fn move_on<C: ConnectionTrait>(
    db: &C,
    row: &reservation::Model,
    from: Stage,
    to: Stage,
) -> Result<bool, DbErr> {
    let result = reservation::Entity::update_many()
        .col_expr(reservation::Column::Stage, Expr::value(to))
        .filter(reservation::Column::MofDivCode.eq(row.mof_div_code.clone()))
        .filter(reservation::Column::AdjSubId.eq(row.adj_sub_id))
        .filter(reservation::Column::ReservationId.eq(row.reservation_id))
        .filter(reservation::Column::Stage.eq(from))
        .exec(db)
        .await?;
    Ok(result.rows_affected == 1)
}
