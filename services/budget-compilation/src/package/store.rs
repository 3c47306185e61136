//! All SQL of packages.

use chrono::{DateTime, Utc};
use common_types::{DivisionCode, Money};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, Condition, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    sea_query::{Expr, ExprTrait as _},
};
use service_kit::{Caller, http::Paged};
use uuid::Uuid;

use super::entity::{Kind, line, package};
use crate::scope;

const ROWS_PER_INSERT: usize = 200;

/// What a list asks for.
pub(crate) struct Filter {
    pub condition: Condition,
    pub kinds: Vec<Kind>,
}

/// A package of one of these kinds by its id, whatever its division.
pub(crate) async fn find<C: ConnectionTrait>(
    db: &C,
    package_id: Uuid,
    kinds: &[Kind],
) -> Result<Option<package::Model>, DbErr> {
    package::Entity::find()
        .filter(package::Column::PackageId.eq(package_id))
        .filter(package::Column::Stage.is_in(kinds.iter().copied()))
        .one(db)
        .await
}

/// The lines of packages, in the order in which they were entered.
pub(crate) async fn lines<C: ConnectionTrait>(db: &C, packages: &[Uuid]) -> Result<Vec<line::Model>, DbErr> {
    line::Entity::find()
        .filter(line::Column::PackageId.is_in(packages.iter().copied()))
        .order_by_asc(line::Column::LineId)
        .all(db)
        .await
}

/// One page of packages within the caller's reach; void ones are not shown.
pub(crate) async fn page<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    filter: Filter,
    paged: &Paged,
    after: Option<Uuid>,
) -> Result<Vec<package::Model>, DbErr> {
    let mut query = package::Entity::find()
        .filter(scope::readable(caller, package::Column::MofDivCode, package::Column::AgencyCode))
        .filter(package::Column::Stage.is_in(filter.kinds))
        .filter(package::Column::IsVoid.eq(false))
        .filter(filter.condition);
    if let Some(after) = after {
        query = query.filter(package::Column::PackageId.gt(after));
    }
    query.order_by_asc(package::Column::PackageId).limit(paged.limit()).all(db).await
}

/// The live package of a unit and stage.
pub(crate) async fn live(tx: &DatabaseTransaction, row: &package::Model) -> Result<Option<package::Model>, DbErr> {
    package::Entity::find()
        .filter(package::Column::MofDivCode.eq(row.mof_div_code.clone()))
        .filter(package::Column::FiscalYear.eq(row.fiscal_year))
        .filter(package::Column::LiveKey.eq(row.live_key.clone()))
        .one(tx)
        .await
}

/// The highest version of the unit's packages of this kind.
pub(crate) async fn last_version(tx: &DatabaseTransaction, row: &package::Model) -> Result<i64, DbErr> {
    let last = package::Entity::find()
        .filter(package::Column::MofDivCode.eq(row.mof_div_code.clone()))
        .filter(package::Column::FiscalYear.eq(row.fiscal_year))
        .filter(package::Column::AgencyCode.eq(row.agency_code.clone()))
        .filter(package::Column::Stage.eq(row.stage))
        .filter(package::Column::IsVoid.eq(false))
        .order_by_desc(package::Column::Version)
        .one(tx)
        .await?;
    Ok(last.map_or(0, |last| last.version))
}

pub(crate) async fn insert(tx: &DatabaseTransaction, row: package::Model) -> Result<(), DbErr> {
    package::Entity::insert(row.into_active_model().reset_all()).exec_without_returning(tx).await?;
    Ok(())
}

/// Replaces all lines of a package.
pub(crate) async fn replace_lines(
    tx: &DatabaseTransaction,
    package_id: Uuid,
    lines: Vec<line::Model>,
) -> Result<(), DbErr> {
    line::Entity::delete_many().filter(line::Column::PackageId.eq(package_id)).exec(tx).await?;
    for chunk in lines.chunks(ROWS_PER_INSERT) {
        let rows = chunk.iter().cloned().map(|row| row.into_active_model().reset_all());
        line::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Notes new content of a package.
pub(crate) async fn set_totals(
    tx: &DatabaseTransaction,
    row: &package::Model,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    package::Entity::update_many()
        .col_expr(package::Column::IncomeAmt, Expr::value(row.income_amt))
        .col_expr(package::Column::ApplyUp, Expr::value(row.apply_up))
        .col_expr(package::Column::FinAuditMoney, Expr::value(row.fin_audit_money))
        .col_expr(package::Column::ContentVersion, Expr::col(package::Column::ContentVersion).add(1))
        .col_expr(package::Column::UpdateTime, Expr::value(now))
        .filter(package::Column::PackageId.eq(row.package_id))
        .filter(package::Column::MofDivCode.eq(row.mof_div_code.clone()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Takes the row for this transaction, so that steps and audits of one package follow each other; gives it as it is now.
pub(crate) async fn lock(tx: &DatabaseTransaction, row: &package::Model) -> Result<Option<package::Model>, DbErr> {
    package::Entity::update_many()
        .col_expr(package::Column::ContentVersion, Expr::col(package::Column::ContentVersion))
        .filter(package::Column::PackageId.eq(row.package_id))
        .filter(package::Column::MofDivCode.eq(row.mof_div_code.clone()))
        .exec(tx)
        .await?;
    find(tx, row.package_id, &[row.stage]).await
}

/// Notes that the review came to its end.
pub(crate) async fn set_final(tx: &DatabaseTransaction, row: &package::Model) -> Result<(), DbErr> {
    package::Entity::update_many()
        .col_expr(package::Column::IsFinal, Expr::value(true))
        .filter(package::Column::PackageId.eq(row.package_id))
        .filter(package::Column::MofDivCode.eq(row.mof_div_code.clone()))
        .exec(tx)
        .await?;
    Ok(())
}

/// Voids a package that no approval holds; false when one does (BG-012).
pub(crate) async fn set_void(tx: &DatabaseTransaction, row: &package::Model) -> Result<bool, DbErr> {
    let result = package::Entity::update_many()
        .col_expr(package::Column::IsVoid, Expr::value(true))
        .col_expr(package::Column::IsFinal, Expr::value(false))
        .col_expr(package::Column::LiveKey, Expr::value(None::<String>))
        .filter(package::Column::PackageId.eq(row.package_id))
        .filter(package::Column::MofDivCode.eq(row.mof_div_code.clone()))
        .filter(package::Column::ApprovalId.is_null())
        .exec(tx)
        .await?;
    Ok(result.rows_affected == 1)
}

/// Sets the audited amount of a line of a package; false when it has no such line or applied for less.
pub(crate) async fn audit_line(
    tx: &DatabaseTransaction,
    row: &line::Model,
    fin_audit_money: Money,
    reservation_id: Uuid,
) -> Result<bool, DbErr> {
    let result = line::Entity::update_many()
        .col_expr(line::Column::FinAuditMoney, Expr::value(fin_audit_money))
        .col_expr(line::Column::ReservationId, Expr::value(reservation_id))
        .filter(line::Column::MofDivCode.eq(row.mof_div_code.clone()))
        .filter(line::Column::LineId.eq(row.line_id))
        .filter(line::Column::ApplyUp.gte(fin_audit_money))
        .exec(tx)
        .await?;
    Ok(result.rows_affected == 1)
}

/// Gathers every final package that no approval holds; how many they are.
pub(crate) async fn collect(
    tx: &DatabaseTransaction,
    division: &DivisionCode,
    year: common_types::FiscalYear,
    approval_id: Uuid,
) -> Result<u64, DbErr> {
    let result = package::Entity::update_many()
        .col_expr(package::Column::ApprovalId, Expr::value(approval_id))
        .filter(package::Column::MofDivCode.eq(division.clone()))
        .filter(package::Column::FiscalYear.eq(year))
        .filter(package::Column::Stage.is_in([Kind::TwoUp, Kind::Unallocated, Kind::Transfer]))
        .filter(package::Column::IsFinal.eq(true))
        .filter(package::Column::IsVoid.eq(false))
        .filter(package::Column::ApprovalId.is_null())
        .exec(tx)
        .await?;
    Ok(result.rows_affected)
}

/// The packages that an approval holds.
pub(crate) async fn held(
    tx: &DatabaseTransaction,
    division: &DivisionCode,
    approval_id: Uuid,
) -> Result<Vec<package::Model>, DbErr> {
    package::Entity::find()
        .filter(package::Column::MofDivCode.eq(division.clone()))
        .filter(package::Column::ApprovalId.eq(approval_id))
        .order_by_asc(package::Column::PackageId)
        .all(tx)
        .await
}

/// Lets go of the packages of an approval that came to nothing.
pub(crate) async fn let_go(tx: &DatabaseTransaction, division: &DivisionCode, approval_id: Uuid) -> Result<(), DbErr> {
    package::Entity::update_many()
        .col_expr(package::Column::ApprovalId, Expr::value(None::<Uuid>))
        .filter(package::Column::MofDivCode.eq(division.clone()))
        .filter(package::Column::ApprovalId.eq(approval_id))
        .exec(tx)
        .await?;
    Ok(())
}

/// Opens the way to a changed version for the units of a granted approval.
pub(crate) async fn set_approved(
    tx: &DatabaseTransaction,
    division: &DivisionCode,
    approval_id: Uuid,
) -> Result<(), DbErr> {
    package::Entity::update_many()
        .col_expr(package::Column::LiveKey, Expr::value(None::<String>))
        .filter(package::Column::MofDivCode.eq(division.clone()))
        .filter(package::Column::ApprovalId.eq(approval_id))
        .exec(tx)
        .await?;
    Ok(())
}
