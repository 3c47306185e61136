//! All SQL of jobs.

use chrono::{DateTime, NaiveDate, Utc};
use common_types::DivisionCode;
use sea_orm::{
    ActiveValue::Set, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, QueryTrait as _, entity::prelude::*, sea_query::OnConflict,
};

use super::entity::{ActiveModel, Column, Entity};
use crate::ledger::entity::year;

/// A job of a division on a day.
pub type Run<'a> = (&'a DivisionCode, &'static str, NaiveDate);

/// Divisions with books for which this job is not done on this day.
pub async fn waiting<C: ConnectionTrait>(db: &C, job: &str, day: NaiveDate) -> Result<Vec<DivisionCode>, DbErr> {
    let done = Entity::find()
        .select_only()
        .column(Column::MofDivCode)
        .filter(Column::Job.eq(job))
        .filter(Column::Day.eq(day))
        .filter(Column::DoneTime.is_not_null())
        .into_query();
    year::Entity::find()
        .select_only()
        .column(year::Column::MofDivCode)
        .filter(year::Column::MofDivCode.not_in_subquery(done))
        .distinct()
        .order_by_asc(year::Column::MofDivCode)
        .into_tuple()
        .all(db)
        .await
}

/// Takes a run that nobody has, or whose holder did not finish in time; false when another one has it.
pub async fn claim(
    tx: &DatabaseTransaction,
    run: Run<'_>,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let row = ActiveModel {
        mof_div_code: Set(run.0.clone()),
        job: Set(run.1.to_owned()),
        day: Set(run.2),
        claimed_until: Set(until),
        done_time: Set(None),
        result_id: Set(None),
    };
    let on_conflict = OnConflict::columns([Column::MofDivCode, Column::Job, Column::Day]).do_nothing().to_owned();
    if Entity::insert(row).on_conflict(on_conflict).exec_without_returning(tx).await? == 1 {
        return Ok(true);
    }
    let taken = of_run(run)
        .col_expr(Column::ClaimedUntil, Expr::value(until))
        .filter(Column::DoneTime.is_null())
        .filter(Column::ClaimedUntil.lt(now))
        .exec(tx)
        .await?;
    Ok(taken.rows_affected == 1)
}

/// Marks a run as done; false when another instance was faster.
pub async fn complete(
    tx: &DatabaseTransaction,
    run: Run<'_>,
    now: DateTime<Utc>,
    result_id: Uuid,
) -> Result<bool, DbErr> {
    let done = of_run(run)
        .col_expr(Column::DoneTime, Expr::value(now))
        .col_expr(Column::ResultId, Expr::value(result_id))
        .filter(Column::DoneTime.is_null())
        .exec(tx)
        .await?;
    Ok(done.rows_affected == 1)
}

fn of_run(run: Run<'_>) -> sea_orm::UpdateMany<Entity> {
    Entity::update_many()
        .filter(Column::MofDivCode.eq(run.0.clone()))
        .filter(Column::Job.eq(run.1))
        .filter(Column::Day.eq(run.2))
}
