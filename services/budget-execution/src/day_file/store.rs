//! All SQL of day files.

use chrono::{DateTime, Utc};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, QueryTrait as _,
    entity::prelude::*,
    sea_query::{ExprTrait as _, OnConflict},
};
use service_kit::http::Paged;

use super::{
    entity::{Progress, file, refusal},
    model::Counts,
};

/// Records a day file unless the bank used its key before; gives the one on record, for nobody else until this
/// transaction ends.
pub async fn begin(tx: &DatabaseTransaction, row: &file::Model) -> Result<Option<file::Model>, DbErr> {
    let key = [file::Column::MofDivCode, file::Column::Holder, file::Column::FileKey];
    let on_conflict = OnConflict::columns(key).do_nothing().to_owned();
    file::Entity::insert(row.clone().into_active_model()).on_conflict(on_conflict).exec_without_returning(tx).await?;
    file::Entity::find()
        .filter(file::Column::MofDivCode.eq(row.mof_div_code.clone()))
        .filter(file::Column::Holder.eq(row.holder.as_str()))
        .filter(file::Column::FileKey.eq(row.file_key.as_str()))
        .lock_exclusive()
        .one(tx)
        .await
}

/// Starts the counts of a file over for a new sending.
pub async fn restart(tx: &DatabaseTransaction, now: DateTime<Utc>, file_id: Uuid, run_id: Uuid) -> Result<(), DbErr> {
    file::Entity::update_many()
        .col_expr(file::Column::RunId, Expr::value(run_id))
        .col_expr(file::Column::LineCount, Expr::value(0))
        .col_expr(file::Column::SettledCount, Expr::value(0))
        .col_expr(file::Column::AlreadyCount, Expr::value(0))
        .col_expr(file::Column::UnmatchedCount, Expr::value(0))
        .col_expr(file::Column::RefusedCount, Expr::value(0))
        .col_expr(file::Column::UpdateTime, Expr::value(now))
        .filter(file::Column::FileId.eq(file_id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Counts what became of a chunk; false when another sending took the file over.
pub async fn count(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    run: (Uuid, Uuid),
    counts: Counts,
) -> Result<bool, DbErr> {
    use file::Column;
    let plus = |column: Column, count: i32| Expr::col(column).add(count);
    let result = file::Entity::update_many()
        .col_expr(Column::LineCount, plus(Column::LineCount, counts.lines()))
        .col_expr(Column::SettledCount, plus(Column::SettledCount, counts.settled))
        .col_expr(Column::AlreadyCount, plus(Column::AlreadyCount, counts.already))
        .col_expr(Column::UnmatchedCount, plus(Column::UnmatchedCount, counts.unmatched))
        .col_expr(Column::RefusedCount, plus(Column::RefusedCount, counts.refused))
        .col_expr(Column::UpdateTime, Expr::value(now))
        .filter(Column::FileId.eq(run.0))
        .filter(Column::RunId.eq(run.1))
        .exec(tx)
        .await?;
    Ok(result.rows_affected == 1)
}

/// Keeps the refused lines of a chunk.
pub async fn insert_refusals(tx: &DatabaseTransaction, rows: Vec<refusal::Model>) -> Result<(), DbErr> {
    if rows.is_empty() {
        return Ok(());
    }
    let rows = rows.into_iter().map(refusal::Model::into_active_model);
    refusal::Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}

/// Marks a file as taken to its end; false when another sending took it over.
pub async fn finish(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    run: (Uuid, Uuid),
    content_hash: &str,
) -> Result<bool, DbErr> {
    let result = file::Entity::update_many()
        .col_expr(file::Column::Status, Expr::value(Progress::Done))
        .col_expr(file::Column::ContentHash, Expr::value(content_hash))
        .col_expr(file::Column::UpdateTime, Expr::value(now))
        .filter(file::Column::FileId.eq(run.0))
        .filter(file::Column::RunId.eq(run.1))
        .exec(tx)
        .await?;
    Ok(result.rows_affected == 1)
}

/// A file by its id; scope is for the caller to check.
pub async fn file<C: ConnectionTrait>(db: &C, file_id: Uuid) -> Result<Option<file::Model>, DbErr> {
    file::Entity::find().filter(file::Column::FileId.eq(file_id)).one(db).await
}

/// The files of a bank, the newest first.
pub async fn files<C: ConnectionTrait>(
    db: &C,
    holder: &str,
    paged: &Paged,
    before: Option<Uuid>,
) -> Result<Vec<file::Model>, DbErr> {
    file::Entity::find()
        .filter(file::Column::Holder.eq(holder))
        .apply_if(before, |query, value| query.filter(file::Column::FileId.lt(value)))
        .order_by_desc(file::Column::FileId)
        .limit(paged.limit())
        .all(db)
        .await
}

/// The refused lines of the last sending of a file.
pub async fn refusals<C: ConnectionTrait>(
    db: &C,
    run_id: Uuid,
    paged: &Paged,
    after: Option<i32>,
) -> Result<Vec<refusal::Model>, DbErr> {
    refusal::Entity::find()
        .filter(refusal::Column::RunId.eq(run_id))
        .apply_if(after, |query, value| query.filter(refusal::Column::LineNo.gt(value)))
        .order_by_asc(refusal::Column::LineNo)
        .limit(paged.limit())
        .all(db)
        .await
}
