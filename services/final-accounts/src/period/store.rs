//! All SQL of books and periods.

use common_types::{AgencyCode, DivisionCode, FiscalYear};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel as _, QueryFilter as _, QuerySelect as _,
    QueryTrait as _, Select, entity::prelude::*, sea_query::OnConflict,
};

use super::{
    Unit,
    entity::{Column, Entity, Model},
};

/// The books, if anything was ever posted or closed in them.
pub async fn books<C: ConnectionTrait>(db: &C, unit: &Unit) -> Result<Option<Model>, DbErr> {
    of_unit(unit).one(db).await
}

/// The books, opened if need be, and held until the transaction ends: postings and closings of a unit's year go one
/// after the other.
pub async fn locked(tx: &DatabaseTransaction, unit: &Unit) -> Result<Model, DbErr> {
    let on_conflict =
        OnConflict::columns([Column::MofDivCode, Column::FiscalYear, Column::AgencyCode]).do_nothing().to_owned();
    Entity::insert(unit.new_books().into_active_model()).on_conflict(on_conflict).exec_without_returning(tx).await?;
    let held = of_unit(unit).lock_exclusive().one(tx).await?;
    held.ok_or_else(|| DbErr::RecordNotFound("the books were just opened".to_owned()))
}

/// Takes the next voucher number of books that are held.
pub async fn take_number(tx: &DatabaseTransaction, unit: &Unit) -> Result<(), DbErr> {
    change(tx, unit, Column::LastVouNo, Expr::col(Column::LastVouNo).add(1)).await
}

/// Closes all periods up to this one, in books that are held.
pub async fn close_period(tx: &DatabaseTransaction, unit: &Unit, period: i32) -> Result<(), DbErr> {
    change(tx, unit, Column::ClosedPeriod, Expr::value(period)).await
}

/// Closes the year, in books that are held.
pub async fn close_year(tx: &DatabaseTransaction, unit: &Unit) -> Result<(), DbErr> {
    change(tx, unit, Column::IsYearClosed, Expr::value(true)).await
}

/// How many books of a unit with those below it, or of the division, are closed and how many are open.
pub async fn closed_and_open<C: ConnectionTrait>(
    db: &C,
    division: &DivisionCode,
    year: FiscalYear,
    agency: Option<&AgencyCode>,
) -> Result<(u64, u64), DbErr> {
    let of_state = |is_closed: bool| {
        Entity::find()
            .filter(Column::MofDivCode.eq(division.clone()))
            .filter(Column::FiscalYear.eq(year))
            .filter(Column::IsYearClosed.eq(is_closed))
            .apply_if(agency, |query, code| query.filter(Column::AgencyCode.starts_with(code.as_str())))
    };
    Ok((of_state(true).count(db).await?, of_state(false).count(db).await?))
}

async fn change(
    tx: &DatabaseTransaction,
    unit: &Unit,
    column: Column,
    value: sea_orm::sea_query::SimpleExpr,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(column, value)
        .filter(Column::MofDivCode.eq(unit.mof_div_code.clone()))
        .filter(Column::FiscalYear.eq(unit.fiscal_year))
        .filter(Column::AgencyCode.eq(unit.agency_code.clone()))
        .exec(tx)
        .await?;
    Ok(())
}

fn of_unit(unit: &Unit) -> Select<Entity> {
    Entity::find()
        .filter(Column::MofDivCode.eq(unit.mof_div_code.clone()))
        .filter(Column::FiscalYear.eq(unit.fiscal_year))
        .filter(Column::AgencyCode.eq(unit.agency_code.clone()))
}
