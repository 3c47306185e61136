//! All SQL of approvals and approved lines.

use common_types::{AgencyCode, DivisionCode, FiscalYear};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, Condition, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    sea_query::{Expr, ExprTrait as _},
};
use service_kit::{Caller, http::Paged};
use uuid::Uuid;

use super::{
    entity::{annual, approval, transfer},
    model::{AnnualGroup, TransferGroup},
};
use crate::scope;

const ROWS_PER_INSERT: usize = 200;
/// A sum of BIGINT is NUMERIC on PostgreSQL.
const SUM: &str = "CAST(SUM(reply_amt) AS BIGINT)";

pub(crate) async fn insert(tx: &DatabaseTransaction, row: approval::Model) -> Result<(), DbErr> {
    approval::Entity::insert(row.into_active_model().reset_all()).exec_without_returning(tx).await?;
    Ok(())
}

/// Writes an approval anew; its key stays.
pub(crate) async fn update(tx: &DatabaseTransaction, row: &approval::Model) -> Result<(), DbErr> {
    approval::Entity::update_many()
        .set(row.clone().into_active_model().reset_all())
        .filter(approval::Column::MofDivCode.eq(row.mof_div_code.clone()))
        .filter(approval::Column::ApprovalId.eq(row.approval_id))
        .exec(tx)
        .await?;
    Ok(())
}

/// An approval by its id, whatever its division.
pub(crate) async fn find<C: ConnectionTrait>(db: &C, approval_id: Uuid) -> Result<Option<approval::Model>, DbErr> {
    approval::Entity::find().filter(approval::Column::ApprovalId.eq(approval_id)).one(db).await
}

/// The living approvals of a division and year, the latest version first.
pub(crate) async fn living(
    tx: &DatabaseTransaction,
    division: &DivisionCode,
    year: FiscalYear,
) -> Result<Vec<approval::Model>, DbErr> {
    approval::Entity::find()
        .filter(approval::Column::MofDivCode.eq(division.clone()))
        .filter(approval::Column::FiscalYear.eq(year))
        .filter(approval::Column::DocKey.is_not_null())
        .order_by_desc(approval::Column::Version)
        .all(tx)
        .await
}

/// One page of living approvals within the caller's reach.
pub(crate) async fn page<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    condition: Condition,
    paged: &Paged,
    after: Option<Uuid>,
) -> Result<Vec<approval::Model>, DbErr> {
    let mut query = approval::Entity::find()
        .filter(scope::readable_by_finance(caller, approval::Column::MofDivCode))
        .filter(approval::Column::DocKey.is_not_null())
        .filter(condition);
    if let Some(after) = after {
        query = query.filter(approval::Column::ApprovalId.gt(after));
    }
    query.order_by_asc(approval::Column::ApprovalId).limit(paged.limit()).all(db).await
}

/// Writes the lines of an approval.
pub(crate) async fn insert_lines(
    tx: &DatabaseTransaction,
    annual_lines: &[annual::Model],
    transfer_lines: &[transfer::Model],
) -> Result<(), DbErr> {
    for chunk in annual_lines.chunks(ROWS_PER_INSERT) {
        let rows = chunk.iter().cloned().map(|row| row.into_active_model().reset_all());
        annual::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    for chunk in transfer_lines.chunks(ROWS_PER_INSERT) {
        let rows = chunk.iter().cloned().map(|row| row.into_active_model().reset_all());
        transfer::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Removes the lines of an approval that is not granted; granted lines are never removed.
pub(crate) async fn remove_lines(tx: &DatabaseTransaction, row: &approval::Model) -> Result<(), DbErr> {
    annual::Entity::delete_many()
        .filter(annual::Column::MofDivCode.eq(row.mof_div_code.clone()))
        .filter(annual::Column::ApprovalId.eq(row.approval_id))
        .filter(annual::Column::IsGranted.eq(false))
        .exec(tx)
        .await?;
    transfer::Entity::delete_many()
        .filter(transfer::Column::MofDivCode.eq(row.mof_div_code.clone()))
        .filter(transfer::Column::ApprovalId.eq(row.approval_id))
        .filter(transfer::Column::IsGranted.eq(false))
        .exec(tx)
        .await?;
    Ok(())
}

/// Makes the lines of an approval valid.
pub(crate) async fn grant_lines(tx: &DatabaseTransaction, row: &approval::Model) -> Result<(), DbErr> {
    annual::Entity::update_many()
        .col_expr(annual::Column::IsGranted, Expr::value(true))
        .filter(annual::Column::MofDivCode.eq(row.mof_div_code.clone()))
        .filter(annual::Column::ApprovalId.eq(row.approval_id))
        .exec(tx)
        .await?;
    transfer::Entity::update_many()
        .col_expr(transfer::Column::IsGranted, Expr::value(true))
        .filter(transfer::Column::MofDivCode.eq(row.mof_div_code.clone()))
        .filter(transfer::Column::ApprovalId.eq(row.approval_id))
        .exec(tx)
        .await?;
    Ok(())
}

/// The annual lines of an approval.
pub(crate) async fn annual_lines<C: ConnectionTrait>(
    db: &C,
    row: &approval::Model,
) -> Result<Vec<annual::Model>, DbErr> {
    annual::Entity::find()
        .filter(annual::Column::MofDivCode.eq(row.mof_div_code.clone()))
        .filter(annual::Column::ApprovalId.eq(row.approval_id))
        .order_by_asc(annual::Column::BgtPmanId)
        .all(db)
        .await
}

/// The transfer lines of an approval.
pub(crate) async fn transfer_lines<C: ConnectionTrait>(
    db: &C,
    row: &approval::Model,
) -> Result<Vec<transfer::Model>, DbErr> {
    transfer::Entity::find()
        .filter(transfer::Column::MofDivCode.eq(row.mof_div_code.clone()))
        .filter(transfer::Column::ApprovalId.eq(row.approval_id))
        .order_by_asc(transfer::Column::BgtPmanId)
        .all(db)
        .await
}

/// All annual lines that were granted to a unit, version by version.
pub(crate) async fn granted_to(
    tx: &DatabaseTransaction,
    division: &DivisionCode,
    year: FiscalYear,
    agency: &AgencyCode,
) -> Result<Vec<annual::Model>, DbErr> {
    annual::Entity::find()
        .filter(annual::Column::MofDivCode.eq(division.clone()))
        .filter(annual::Column::FiscalYear.eq(year))
        .filter(annual::Column::AgencyCode.eq(agency.clone()))
        .filter(annual::Column::IsGranted.eq(true))
        .order_by_asc(annual::Column::BgtPmanId)
        .order_by_asc(annual::Column::Version)
        .all(tx)
        .await
}

/// All granted annual lines of a division and year, with those of one approval that is not granted yet.
pub(crate) async fn budget_with<C: ConnectionTrait>(
    db: &C,
    row: &approval::Model,
) -> Result<Vec<annual::Model>, DbErr> {
    let counts = Condition::any()
        .add(annual::Column::IsGranted.eq(true).and(annual::Column::Version.lte(row.version)))
        .add(annual::Column::ApprovalId.eq(row.approval_id));
    annual::Entity::find()
        .filter(annual::Column::MofDivCode.eq(row.mof_div_code.clone()))
        .filter(annual::Column::FiscalYear.eq(row.fiscal_year))
        .filter(counts)
        .all(db)
        .await
}

/// One page of granted annual lines within the caller's reach.
pub(crate) async fn annual_page<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    condition: Condition,
    paged: &Paged,
    after: Option<(Uuid, i64)>,
) -> Result<Vec<annual::Model>, DbErr> {
    use annual::Column;
    let mut query = annual::Entity::find()
        .filter(scope::readable(caller, Column::MofDivCode, Column::AgencyCode))
        .filter(Column::IsGranted.eq(true))
        .filter(condition);
    if let Some((id, version)) = after {
        let later = Column::BgtPmanId.eq(id).and(Column::Version.gt(version));
        query = query.filter(Column::BgtPmanId.gt(id).or(later));
    }
    query.order_by_asc(Column::BgtPmanId).order_by_asc(Column::Version).limit(paged.limit()).all(db).await
}

/// One page of granted transfer lines within the caller's reach; a receiving division sees its own.
pub(crate) async fn transfer_page<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    condition: Condition,
    paged: &Paged,
    after: Option<(Uuid, i64)>,
) -> Result<Vec<transfer::Model>, DbErr> {
    use transfer::Column;
    let mut reach = Condition::any().add(scope::readable_by_finance(caller, Column::MofDivCode));
    if caller.agency_code.is_none() {
        reach = reach.add(Column::SubMofDivCode.eq(caller.mof_div_code.clone()));
    }
    let mut query = transfer::Entity::find().filter(reach).filter(Column::IsGranted.eq(true)).filter(condition);
    if let Some((id, version)) = after {
        let later = Column::BgtPmanId.eq(id).and(Column::Version.gt(version));
        query = query.filter(Column::BgtPmanId.gt(id).or(later));
    }
    query.order_by_asc(Column::BgtPmanId).order_by_asc(Column::Version).limit(paged.limit()).all(db).await
}

/// The department budget by department, kind and fund nature.
pub(crate) async fn annual_groups<C: ConnectionTrait>(
    db: &C,
    division: &DivisionCode,
    year: FiscalYear,
) -> Result<Vec<AnnualGroup>, DbErr> {
    use annual::Column;
    annual::Entity::find()
        .select_only()
        .columns([Column::DeptCode, Column::ProKindCode, Column::FundTypeCode])
        .column_as(Expr::cust(SUM), "reply_amt")
        .filter(Column::MofDivCode.eq(division.clone()))
        .filter(Column::FiscalYear.eq(year))
        .filter(Column::IsGranted.eq(true))
        .group_by(Column::DeptCode)
        .group_by(Column::ProKindCode)
        .group_by(Column::FundTypeCode)
        .order_by_asc(Column::DeptCode)
        .order_by_asc(Column::ProKindCode)
        .order_by_asc(Column::FundTypeCode)
        .into_tuple()
        .all(db)
        .await
}

/// The transfer budget by receiver, kind and fund nature.
pub(crate) async fn transfer_groups<C: ConnectionTrait>(
    db: &C,
    division: &DivisionCode,
    year: FiscalYear,
) -> Result<Vec<TransferGroup>, DbErr> {
    use transfer::Column;
    transfer::Entity::find()
        .select_only()
        .columns([Column::SubMofDivCode, Column::ProKindCode, Column::FundTypeCode])
        .column_as(Expr::cust(SUM), "reply_amt")
        .filter(Column::MofDivCode.eq(division.clone()))
        .filter(Column::FiscalYear.eq(year))
        .filter(Column::IsGranted.eq(true))
        .group_by(Column::SubMofDivCode)
        .group_by(Column::ProKindCode)
        .group_by(Column::FundTypeCode)
        .order_by_asc(Column::SubMofDivCode)
        .order_by_asc(Column::ProKindCode)
        .order_by_asc(Column::FundTypeCode)
        .into_tuple()
        .all(db)
        .await
}
