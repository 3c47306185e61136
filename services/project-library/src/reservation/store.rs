//! All SQL of reservations.

use chrono::{DateTime, Utc};
use common_types::Money;
use project_library_contract::ReserveAmount;
use sea_orm::{
    ActiveValue::Set,
    DatabaseTransaction, DbErr, EntityTrait, ExprTrait as _, QueryFilter as _,
    entity::prelude::*,
    sea_query::{CaseStatement, OnConflict},
};

use super::entity::{ActiveModel, Column, Entity};
use crate::project::{
    entity::{self as project, LibraryStatus},
    store,
};

/// Records the reservation; false when its id was used before.
pub(super) async fn insert(
    tx: &DatabaseTransaction,
    request: &ReserveAmount,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let row = ActiveModel {
        mof_div_code: Set(request.mof_div_code.clone()),
        reservation_id: Set(request.reservation_id),
        pro_code: Set(request.pro_code.clone()),
        fiscal_year: Set(request.fiscal_year),
        amt: Set(request.amt),
        reason: Set(request.reason.clone()),
        create_time: Set(now),
    };
    let on_conflict = OnConflict::columns([Column::MofDivCode, Column::ReservationId]).do_nothing().to_owned();
    Ok(Entity::insert(row).on_conflict(on_conflict).exec_without_returning(tx).await? == 1)
}

/// Whether the reservation of this id has this content.
pub(super) async fn is_recorded(tx: &DatabaseTransaction, request: &ReserveAmount) -> Result<bool, DbErr> {
    let key = (request.mof_div_code.clone(), request.reservation_id);
    let row = Entity::find_by_id(key).one(tx).await?;
    Ok(row.is_some_and(|row| {
        row.pro_code == request.pro_code && row.fiscal_year == request.fiscal_year && row.amt == request.amt
    }))
}

/// Moves the reserved amount within the library amount; false when the guard does not hold. Guard and change are one
/// statement. A terminated project gives back and takes no more.
pub(super) async fn take(tx: &DatabaseTransaction, request: &ReserveAmount) -> Result<bool, DbErr> {
    let after = || Expr::col(project::Column::ReservedAmt).add(request.amt);
    let status = CaseStatement::new()
        .case(after().eq(Money::ZERO), Expr::value(LibraryStatus::Stored))
        .finally(Expr::value(LibraryStatus::Arranged));
    let mut statement = project::Entity::update_many()
        .col_expr(project::Column::ReservedAmt, after())
        .col_expr(project::Column::Status, status.into())
        .filter(project::Column::MofDivCode.eq(request.mof_div_code.clone()))
        .filter(project::Column::ProCode.eq(request.pro_code.clone()))
        .filter(project::Column::IsDeleted.eq(false))
        .filter(project::Column::Status.is_in([LibraryStatus::Stored, LibraryStatus::Arranged]))
        .filter(after().gte(Money::ZERO))
        .filter(after().lte(Expr::col(project::Column::LibraryAmt)));
    if request.amt.is_positive() {
        statement = statement
            .filter(project::Column::IsEnd.eq(false))
            .filter(project::Column::ProStartYear.lte(request.fiscal_year))
            .filter(project::Column::EndYear.gte(request.fiscal_year));
    }
    Ok(statement.exec(tx).await?.rows_affected == 1)
}

/// The project of the reservation.
pub(super) async fn project(
    tx: &DatabaseTransaction,
    request: &ReserveAmount,
) -> Result<Option<project::Model>, DbErr> {
    store::by_code(tx, &request.mof_div_code, &request.pro_code).await
}
