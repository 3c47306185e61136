//! All SQL of cash plans.

use std::collections::BTreeSet;

use budget_execution_contract::CashPlanFilter;
use common_types::ledger::Template;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, QueryTrait as _, entity::prelude::*,
};
use service_kit::{Caller, http::Paged};

use super::entity::{Column, Entity, Model, month};
use crate::ledger::entity::head;
use crate::scope;

pub async fn insert(tx: &DatabaseTransaction, row: Model, months: Vec<month::Model>) -> Result<(), DbErr> {
    Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    insert_months(tx, months).await
}

/// Replaces the content of a draft.
pub async fn replace(tx: &DatabaseTransaction, row: Model, months: Vec<month::Model>) -> Result<(), DbErr> {
    month::Entity::delete_many().filter(month::Column::CashPlanId.eq(row.cash_plan_id)).exec(tx).await?;
    Entity::update(row.into_active_model().reset_all()).exec(tx).await?;
    insert_months(tx, months).await
}

async fn insert_months(tx: &DatabaseTransaction, months: Vec<month::Model>) -> Result<(), DbErr> {
    let rows = months.into_iter().map(|row| row.into_active_model());
    month::Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}

pub async fn find<C: ConnectionTrait>(db: &C, cash_plan_id: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(Column::CashPlanId.eq(cash_plan_id)).one(db).await
}

/// The months of these documents, in the order of the year.
pub async fn months<C: ConnectionTrait>(db: &C, cash_plan_ids: Vec<Uuid>) -> Result<Vec<month::Model>, DbErr> {
    month::Entity::find()
        .filter(month::Column::CashPlanId.is_in(cash_plan_ids))
        .order_by_asc(month::Column::PlanMonth)
        .order_by_asc(month::Column::LineId)
        .all(db)
        .await
}

/// What is in force for an indicator up to a month.
pub async fn in_force<C: ConnectionTrait>(db: &C, bgt_id: Uuid, last_month: i32) -> Result<Vec<month::Model>, DbErr> {
    month::Entity::find()
        .filter(month::Column::BgtId.eq(bgt_id))
        .filter(month::Column::IsInForce.eq(true))
        .filter(month::Column::PlanMonth.lte(last_month))
        .order_by_asc(month::Column::LineId)
        .all(db)
        .await
}

/// Which of these lines have become due on the ledger.
pub async fn matured<C: ConnectionTrait>(db: &C, line_ids: Vec<Uuid>) -> Result<BTreeSet<Uuid>, DbErr> {
    let events: Vec<Uuid> = head::Entity::find()
        .select_only()
        .column(head::Column::EventId)
        .filter(head::Column::EventId.is_in(line_ids))
        .filter(head::Column::Template.eq(Template::P02))
        .into_tuple()
        .all(db)
        .await?;
    Ok(events.into_iter().collect())
}

/// Puts the months of a document in force.
pub async fn put_in_force(tx: &DatabaseTransaction, row: &Model) -> Result<(), DbErr> {
    month::Entity::update_many()
        .col_expr(month::Column::IsInForce, Expr::value(true))
        .filter(month::Column::MofDivCode.eq(row.mof_div_code.clone()))
        .filter(month::Column::CashPlanId.eq(row.cash_plan_id))
        .exec(tx)
        .await?;
    Ok(())
}

pub async fn page<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    filter: &CashPlanFilter,
    after: Option<Uuid>,
    paged: &Paged,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(scope::readable(caller, Column::MofDivCode, Column::AgencyCode))
        .apply_if(filter.mof_div_code.clone(), |query, code| query.filter(Column::MofDivCode.eq(code)))
        .apply_if(filter.fiscal_year, |query, year| query.filter(Column::FiscalYear.eq(year)))
        .apply_if(filter.bgt_id, |query, id| query.filter(Column::BgtId.eq(id)))
        .apply_if(after, |query, id| query.filter(Column::CashPlanId.gt(id)))
        .order_by_asc(Column::CashPlanId)
        .limit(paged.limit())
        .all(db)
        .await
}
