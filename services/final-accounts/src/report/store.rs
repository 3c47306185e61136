//! All SQL of reports.

use chrono::{DateTime, Utc};
use common_types::{AgencyCode, DivisionCode, FiscalYear};
use final_accounts_contract::ReportFilter;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, IntoActiveModel as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, entity::prelude::*, sea_query::OnConflict,
};
use service_kit::{Caller, Problem, http::Paged};

use crate::{books::Unit, scope};

/// A row of `fa_report`.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "fa_report")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub mof_div_code: DivisionCode,
    #[sea_orm(primary_key, auto_increment = false)]
    pub report_id: Uuid,
    pub fiscal_year: FiscalYear,
    pub agency_code: AgencyCode,
    pub report_code: String,
    pub version: i32,
    pub figures: Json,
    pub explanation: String,
    pub create_time: DateTime<Utc>,
    pub update_time: DateTime<Utc>,
}

impl ActiveModelBehavior for ActiveModel {}

/// The latest version of a unit's report.
pub(super) async fn latest<C: ConnectionTrait>(db: &C, unit: &Unit, code: &str) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .filter(Column::MofDivCode.eq(unit.mof_div_code.clone()))
        .filter(Column::FiscalYear.eq(unit.fiscal_year))
        .filter(Column::AgencyCode.eq(unit.agency_code.clone()))
        .filter(Column::ReportCode.eq(code))
        .order_by_desc(Column::Version)
        .one(db)
        .await
}

/// Keeps a report; false when another of the same version was kept meanwhile.
pub(super) async fn insert(tx: &DatabaseTransaction, row: Model) -> Result<bool, DbErr> {
    let key = [Column::MofDivCode, Column::FiscalYear, Column::AgencyCode, Column::ReportCode, Column::Version];
    let on_conflict = OnConflict::columns(key).do_nothing().to_owned();
    let insert = Entity::insert(row.into_active_model()).on_conflict(on_conflict);
    Ok(insert.exec_without_returning(tx).await? == 1)
}

/// Writes the explanation.
pub(super) async fn explain(
    tx: &DatabaseTransaction,
    report_id: Uuid,
    explanation: &str,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Explanation, Expr::value(explanation))
        .col_expr(Column::UpdateTime, Expr::value(now))
        .filter(Column::ReportId.eq(report_id))
        .exec(tx)
        .await?;
    Ok(())
}

/// A report by its id, whatever its division; scope is for the caller to check.
pub(super) async fn by_id<C: ConnectionTrait>(db: &C, report_id: Uuid) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(Column::ReportId.eq(report_id)).one(db).await
}

/// Reports within reach, oldest first.
pub(super) async fn page<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    division: &DivisionCode,
    filter: &ReportFilter,
    paged: &Paged,
) -> Result<Vec<Model>, Problem> {
    let mut query = Entity::find()
        .filter(Column::MofDivCode.eq(division.clone()))
        .filter(scope::of_agency(caller, Column::AgencyCode));
    if let Some(agency) = &filter.agency_code {
        query = query.filter(Column::AgencyCode.starts_with(agency.as_str()));
    }
    if let Some(year) = filter.fiscal_year {
        query = query.filter(Column::FiscalYear.eq(year));
    }
    if let Some(code) = &filter.report_code {
        query = query.filter(Column::ReportCode.eq(code.as_str()));
    }
    if let Some(after) = paged.after_as::<Uuid>()? {
        query = query.filter(Column::ReportId.gt(after));
    }
    Ok(query.order_by_asc(Column::ReportId).limit(paged.limit()).all(db).await?)
}
