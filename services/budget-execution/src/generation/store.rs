//! All SQL of generations.

use common_types::DivisionCode;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, QueryTrait as _, entity::prelude::*, sea_query::OnConflict,
};
use service_kit::{Caller, http::Paged};

use super::GenerationFilter;
use super::entity::{Column, Entity, Model, line};
use crate::indicator::{Indicator, entity as indicator, store::indicator_of};
use crate::scope;

/// Records a generation; false when this version of the approval is there already.
pub async fn insert(tx: &DatabaseTransaction, row: Model) -> Result<bool, DbErr> {
    let identity = [Column::MofDivCode, Column::ApprovalId, Column::Version];
    let on_conflict = OnConflict::columns(identity).do_nothing().to_owned();
    let inserted = Entity::insert(row.into_active_model()).on_conflict(on_conflict).exec_without_returning(tx).await?;
    Ok(inserted == 1)
}

/// Writes what became of a blocked generation; false when another has resolved it meanwhile.
pub async fn resolve(tx: &DatabaseTransaction, row: &Model) -> Result<bool, DbErr> {
    let result = Entity::update_many()
        .col_expr(Column::Status, Expr::value(row.status.clone()))
        .col_expr(Column::Problems, Expr::value(row.problems.clone()))
        .col_expr(Column::BgtCount, Expr::value(row.bgt_count))
        .col_expr(Column::TotalAmt, Expr::value(row.total_amt))
        .col_expr(Column::UpdateTime, Expr::value(row.update_time))
        .filter(Column::MofDivCode.eq(row.mof_div_code.clone()))
        .filter(Column::GenerationId.eq(row.generation_id))
        .filter(Column::Status.eq("blocked"))
        .exec(tx)
        .await?;
    Ok(result.rows_affected == 1)
}

pub async fn find<C: ConnectionTrait>(db: &C, generation_id: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(Column::GenerationId.eq(generation_id)).one(db).await
}

pub async fn page<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    filter: GenerationFilter,
    after: Option<Uuid>,
    paged: &Paged,
) -> Result<Vec<Model>, DbErr> {
    Entity::find()
        .filter(scope::divisions(caller, Column::MofDivCode))
        .apply_if(filter.mof_div_code, |query, code| query.filter(Column::MofDivCode.eq(code)))
        .apply_if(filter.fiscal_year, |query, year| query.filter(Column::FiscalYear.eq(year)))
        .apply_if(filter.status, |query, status| query.filter(Column::Status.eq(status)))
        .apply_if(after, |query, id| query.filter(Column::GenerationId.gt(id)))
        .order_by_asc(Column::GenerationId)
        .limit(paged.limit())
        .all(db)
        .await
}

/// What a budget line has given so far.
pub async fn latest_line<C: ConnectionTrait>(
    db: &C,
    mof_div_code: &DivisionCode,
    bgt_pman_id: &str,
) -> Result<Option<line::Model>, DbErr> {
    line::Entity::find()
        .filter(line::Column::MofDivCode.eq(mof_div_code.clone()))
        .filter(line::Column::BgtPmanId.eq(bgt_pman_id))
        .order_by_desc(line::Column::Version)
        .one(db)
        .await
}

pub async fn insert_line(tx: &DatabaseTransaction, row: line::Model) -> Result<(), DbErr> {
    line::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// The indicator that an earlier version made for the same unit, project and classes.
pub async fn same_line<C: ConnectionTrait>(db: &C, wanted: &Indicator) -> Result<Option<Indicator>, DbErr> {
    let elements = &wanted.elements;
    let same = indicator::Entity::find()
        .filter(indicator::Column::MofDivCode.eq(elements.mof_div_code.clone()))
        .filter(indicator::Column::FiscalYear.eq(elements.fiscal_year))
        .filter(indicator::Column::BgtExeFlag.eq(wanted.bgt_exe_flag))
        .filter(indicator::Column::FundTypeCode.eq(elements.fund_type_code.clone()))
        .filter(indicator::Column::OriBgtId.is_null())
        .filter(indicator::Column::BgtPmanId.is_not_null())
        .order_by_asc(indicator::Column::BgtId)
        .apply_if(elements.pro_code.clone(), |query, code| query.filter(indicator::Column::ProCode.eq(code)))
        .apply_if(elements.agency_code.clone(), |query, code| query.filter(indicator::Column::AgencyCode.eq(code)))
        .all(db)
        .await?;
    Ok(same.into_iter().map(indicator_of).find(|found| {
        let found = &found.elements;
        found.agency_code == elements.agency_code
            && found.exp_func_code == elements.exp_func_code
            && found.gov_bgt_eco_code == elements.gov_bgt_eco_code
            && found.dep_bgt_eco_code == elements.dep_bgt_eco_code
            && found.rec_div_code == elements.rec_div_code
    }))
}
