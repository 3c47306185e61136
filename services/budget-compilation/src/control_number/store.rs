//! All SQL of control numbers. What is used of a number changes in one guarded statement.

use common_types::{AgencyCode, DivisionCode, FiscalYear, Money};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    sea_query::{Expr, ExprTrait as _, OnConflict},
};
use service_kit::{Caller, http::Paged};
use uuid::Uuid;

use super::entity::{number, three_public, usage};
use crate::scope;

/// Sets a control number; false when packages have asked for more than that already.
pub(crate) async fn set(tx: &DatabaseTransaction, row: &number::Model) -> Result<bool, DbErr> {
    let key = [number::Column::MofDivCode, number::Column::FiscalYear, number::Column::ControlKey];
    let on_conflict = OnConflict::columns(key).do_nothing().to_owned();
    let inserted = number::Entity::insert(row.clone().into_active_model().reset_all())
        .on_conflict(on_conflict)
        .exec_without_returning(tx)
        .await?;
    if inserted == 1 {
        return Ok(true);
    }
    let changed = number::Entity::update_many()
        .col_expr(number::Column::ControlAmt, Expr::value(row.control_amt))
        .filter(number::Column::MofDivCode.eq(row.mof_div_code.clone()))
        .filter(number::Column::FiscalYear.eq(row.fiscal_year))
        .filter(number::Column::ControlKey.eq(row.control_key.clone()))
        .filter(number::Column::UsedAmt.lte(row.control_amt))
        .exec(tx)
        .await?;
    Ok(changed.rows_affected == 1)
}

/// The control number of a dimension.
pub(crate) async fn by_key(tx: &DatabaseTransaction, row: &number::Model) -> Result<Option<number::Model>, DbErr> {
    number::Entity::find()
        .filter(number::Column::MofDivCode.eq(row.mof_div_code.clone()))
        .filter(number::Column::FiscalYear.eq(row.fiscal_year))
        .filter(number::Column::ControlKey.eq(row.control_key.clone()))
        .one(tx)
        .await
}

/// Sets last year's 三公经费 of a unit.
pub(crate) async fn set_three_public(tx: &DatabaseTransaction, row: three_public::Model) -> Result<(), DbErr> {
    use three_public::Column;
    let key = [Column::MofDivCode, Column::FiscalYear, Column::AgencyCode];
    let on_conflict = OnConflict::columns(key).update_column(Column::LastYearAmt).to_owned();
    three_public::Entity::insert(row.into_active_model().reset_all())
        .on_conflict(on_conflict)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Last year's 三公经费 of a unit.
pub(crate) async fn three_public(
    tx: &DatabaseTransaction,
    division: &DivisionCode,
    year: FiscalYear,
    agency: &AgencyCode,
) -> Result<Option<Money>, DbErr> {
    let found = three_public::Entity::find()
        .filter(three_public::Column::MofDivCode.eq(division.clone()))
        .filter(three_public::Column::FiscalYear.eq(year))
        .filter(three_public::Column::AgencyCode.eq(agency.clone()))
        .one(tx)
        .await?;
    Ok(found.map(|row| row.last_year_amt))
}

/// All control numbers of a department.
pub(crate) async fn of_department(
    tx: &DatabaseTransaction,
    division: &DivisionCode,
    year: FiscalYear,
    department: &AgencyCode,
) -> Result<Vec<number::Model>, DbErr> {
    number::Entity::find()
        .filter(number::Column::MofDivCode.eq(division.clone()))
        .filter(number::Column::FiscalYear.eq(year))
        .filter(number::Column::DeptCode.eq(department.clone()))
        .order_by_asc(number::Column::ControlId)
        .all(tx)
        .await
}

/// Takes an amount of a control number for a package; false when it does not have that much left.
pub(crate) async fn take(
    tx: &DatabaseTransaction,
    row: &number::Model,
    package_id: Uuid,
    amt: Money,
) -> Result<bool, DbErr> {
    let taken = number::Entity::update_many()
        .col_expr(number::Column::UsedAmt, Expr::col(number::Column::UsedAmt).add(amt))
        .filter(number::Column::MofDivCode.eq(row.mof_div_code.clone()))
        .filter(number::Column::ControlId.eq(row.control_id))
        .filter(Expr::col(number::Column::UsedAmt).add(amt).lte(Expr::col(number::Column::ControlAmt)))
        .exec(tx)
        .await?;
    if taken.rows_affected == 0 {
        return Ok(false);
    }
    let noted = usage::Model { mof_div_code: row.mof_div_code.clone(), package_id, control_id: row.control_id, amt };
    usage::Entity::insert(noted.into_active_model().reset_all()).exec_without_returning(tx).await?;
    Ok(true)
}

/// The control number as it is now.
pub(crate) async fn find(tx: &DatabaseTransaction, row: &number::Model) -> Result<Option<number::Model>, DbErr> {
    number::Entity::find()
        .filter(number::Column::MofDivCode.eq(row.mof_div_code.clone()))
        .filter(number::Column::ControlId.eq(row.control_id))
        .one(tx)
        .await
}

/// Gives back all that a package took.
pub(crate) async fn give_back(
    tx: &DatabaseTransaction,
    division: &DivisionCode,
    package_id: Uuid,
) -> Result<(), DbErr> {
    let of_package = usage::Column::MofDivCode.eq(division.clone()).and(usage::Column::PackageId.eq(package_id));
    let taken = usage::Entity::find().filter(of_package.clone()).order_by_asc(usage::Column::ControlId).all(tx).await?;
    for row in taken {
        number::Entity::update_many()
            .col_expr(number::Column::UsedAmt, Expr::col(number::Column::UsedAmt).sub(row.amt))
            .filter(number::Column::MofDivCode.eq(division.clone()))
            .filter(number::Column::ControlId.eq(row.control_id))
            .exec(tx)
            .await?;
    }
    usage::Entity::delete_many().filter(of_package).exec(tx).await?;
    Ok(())
}

/// One page of control numbers within the caller's reach: a unit sees those of its department.
pub(crate) async fn page<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    condition: sea_orm::Condition,
    paged: &Paged,
    after: Option<Uuid>,
) -> Result<Vec<number::Model>, DbErr> {
    let mut query = number::Entity::find().filter(condition);
    query = match &caller.agency_code {
        Some(own) => query
            .filter(number::Column::MofDivCode.eq(caller.mof_div_code.clone()))
            .filter(number::Column::DeptCode.eq(own.department())),
        None => query.filter(scope::readable_by_finance(caller, number::Column::MofDivCode)),
    };
    if let Some(after) = after {
        query = query.filter(number::Column::ControlId.gt(after));
    }
    query.order_by_asc(number::Column::ControlId).limit(paged.limit()).all(db).await
}
