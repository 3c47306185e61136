//! All SQL of commitments.

use budget_execution_contract::CommitmentFilter;
use common_types::{DivisionCode, FiscalYear, Money};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, ExprTrait as _, IntoActiveModel as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, QueryTrait as _, entity::prelude::*,
};
use service_kit::{Caller, http::Paged};

use super::entity::{Column, Entity, Model, Occupation};
use crate::scope;

pub async fn insert(tx: &DatabaseTransaction, row: &Model) -> Result<(), DbErr> {
    Entity::insert(row.clone().into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// Replaces the content of a draft.
pub async fn replace(tx: &DatabaseTransaction, row: &Model) -> Result<(), DbErr> {
    Entity::update(row.clone().into_active_model().reset_all()).exec(tx).await?;
    Ok(())
}

pub async fn find<C: ConnectionTrait>(db: &C, commitment_id: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(Column::CommitmentId.eq(commitment_id)).one(db).await
}

/// A commitment that nobody else changes until this transaction ends. Taken before any ledger row.
pub async fn locked(tx: &DatabaseTransaction, commitment_id: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(Column::CommitmentId.eq(commitment_id)).lock_exclusive().one(tx).await
}

/// Commitments of an indicator that keep something, oldest first; one more than the limit tells that there are more.
pub async fn open_of_indicator<C: ConnectionTrait>(db: &C, bgt_id: Uuid, limit: usize) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::BgtId.eq(bgt_id))
        .filter(Column::CommitmentStatus.is_in([Occupation::Occupied, Occupation::InForce]))
        .order_by_asc(Column::CommitmentId)
        .limit(u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1))
        .all(db)
        .await
}

/// Commitments of a year that keep something.
pub async fn open_of_year<C: ConnectionTrait>(
    db: &C,
    mof_div_code: &DivisionCode,
    fiscal_year: FiscalYear,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(Column::MofDivCode.eq(mof_div_code.clone()))
        .filter(Column::FiscalYear.eq(fiscal_year))
        .filter(Column::CommitmentStatus.is_in([Occupation::Occupied, Occupation::InForce]))
        .order_by_asc(Column::CommitmentId)
        .all(db)
        .await
}

pub async fn page<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    filter: &CommitmentFilter,
    after: Option<Uuid>,
    paged: &Paged,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(scope::readable(caller, Column::MofDivCode, Column::AgencyCode))
        .apply_if(filter.mof_div_code.clone(), |query, code| query.filter(Column::MofDivCode.eq(code)))
        .apply_if(filter.fiscal_year, |query, year| query.filter(Column::FiscalYear.eq(year)))
        .apply_if(filter.bgt_id, |query, id| query.filter(Column::BgtId.eq(id)))
        .apply_if(filter.contract_no.clone(), |query, no| query.filter(Column::ContractNo.eq(no)))
        .apply_if(filter.ori_commitment_id, |query, id| query.filter(Column::OriCommitmentId.eq(id)))
        .apply_if(after, |query, id| query.filter(Column::CommitmentId.gt(id)))
        .order_by_asc(Column::CommitmentId)
        .limit(paged.limit())
        .all(db)
        .await
}

/// Notes where it stands and that one more E15 of it was posted.
pub async fn stand(tx: &DatabaseTransaction, row: &Model, to: Occupation) -> Result<(), DbErr> {
    of(row)
        .col_expr(Column::CommitmentStatus, Expr::value(to))
        .col_expr(Column::PostingCount, Expr::col(Column::PostingCount).add(1))
        .exec(tx)
        .await?;
    Ok(())
}

/// Closes it, by an application when that one is the last on it.
pub async fn close(tx: &DatabaseTransaction, row: &Model, by: Option<Uuid>, released: Money) -> Result<(), DbErr> {
    of(row)
        .col_expr(Column::CommitmentStatus, Expr::value(Occupation::Closed))
        .col_expr(Column::ClosingPayAppId, Expr::value(by))
        .col_expr(Column::ReleasedAmt, Expr::col(Column::ReleasedAmt).add(released.fen()))
        .col_expr(Column::PostingCount, Expr::col(Column::PostingCount).add(1))
        .exec(tx)
        .await?;
    Ok(())
}

/// Opens it again for an application that came back.
pub async fn reopen(tx: &DatabaseTransaction, row: &Model) -> Result<(), DbErr> {
    of(row)
        .col_expr(Column::CommitmentStatus, Expr::value(Occupation::InForce))
        .col_expr(Column::ClosingPayAppId, Expr::value(None::<Uuid>))
        .exec(tx)
        .await?;
    Ok(())
}

/// Notes that money of a closed commitment went to the indicator.
pub async fn note_released(tx: &DatabaseTransaction, row: &Model, released: Money) -> Result<(), DbErr> {
    of(row).col_expr(Column::ReleasedAmt, Expr::col(Column::ReleasedAmt).add(released.fen())).exec(tx).await?;
    Ok(())
}

/// Changes the amount of the contract by an amendment.
pub async fn amend(tx: &DatabaseTransaction, row: &Model, by: Money) -> Result<(), DbErr> {
    of(row)
        .col_expr(Column::ContractAmt, Expr::col(Column::ContractAmt).add(by.fen()))
        .col_expr(Column::PostingCount, Expr::col(Column::PostingCount).add(1))
        .exec(tx)
        .await?;
    Ok(())
}

fn of(row: &Model) -> sea_orm::UpdateMany<Entity> {
    Entity::update_many()
        .filter(Column::MofDivCode.eq(row.mof_div_code.clone()))
        .filter(Column::CommitmentId.eq(row.commitment_id))
}
