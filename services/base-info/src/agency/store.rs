//! All SQL on agencies.

use base_info_contract::{Agency, AgencyFilter};
use chrono::{DateTime, Utc};
use common_types::{AgencyCode, AgencyType, DivisionCode, ExpFuncCode, FiscalYear, FundSup, MofDepCode};
use sea_orm::{
    ActiveValue::Set, Condition, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, entity::prelude::*, sea_query::OnConflict,
};
use service_kit::{Page, PageQuery, Problem};

/// BAS_AGENCY_INFO.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "bas_agency_info")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub mof_div_code: DivisionCode,
    #[sea_orm(primary_key, auto_increment = false)]
    pub fiscal_year: FiscalYear,
    #[sea_orm(primary_key, auto_increment = false)]
    pub agency_code: AgencyCode,
    pub agency_name: String,
    pub agency_type_code: AgencyType,
    pub unifsoc_cred_code: String,
    pub active_cred_code: Option<String>,
    pub dept_code: AgencyCode,
    pub manage_mof_dep_code: MofDepCode,
    pub exp_func_code: ExpFuncCode,
    pub fund_sup_code: FundSup,
    pub admin_staf_num: i32,
    pub is_enabled: bool,
    pub version: i64,
    pub update_time: DateTime<Utc>,
}

impl ActiveModelBehavior for ActiveModel {}

/// False when the code, or the credit code among the enabled, is taken.
pub(crate) async fn insert(tx: &DatabaseTransaction, agency: &Agency, now: DateTime<Utc>) -> Result<bool, DbErr> {
    let on_conflict = OnConflict::new().do_nothing().to_owned();
    Ok(Entity::insert(row_of(agency, now)).on_conflict(on_conflict).exec_without_returning(tx).await? == 1)
}

pub(crate) async fn update(
    tx: &DatabaseTransaction,
    agency: &Agency,
    version: i64,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    let result = Entity::update_many()
        .set(row_of(agency, now))
        .filter(Column::MofDivCode.eq(agency.mof_div_code.clone()))
        .filter(Column::FiscalYear.eq(agency.fiscal_year))
        .filter(Column::AgencyCode.eq(agency.agency_code.clone()))
        .filter(Column::Version.eq(version))
        .exec(tx)
        .await?;
    Ok(result.rows_affected == 1)
}

pub(crate) async fn enabled_below<C: ConnectionTrait>(
    db: &C,
    division: &DivisionCode,
    year: FiscalYear,
    code: &AgencyCode,
) -> Result<u64, DbErr> {
    of_division(division, year)
        .filter(Column::AgencyCode.starts_with(code.as_str()))
        .filter(Column::AgencyCode.ne(code.clone()))
        .filter(Column::IsEnabled.eq(true))
        .count(db)
        .await
}

pub(crate) async fn of_year<C: ConnectionTrait>(
    db: &C,
    division: &DivisionCode,
    year: FiscalYear,
) -> Result<Vec<Agency>, DbErr> {
    let rows = of_division(division, year).filter(Column::IsEnabled.eq(true)).all(db).await?;
    Ok(rows.into_iter().map(agency_of).collect())
}

pub(crate) async fn find<C: ConnectionTrait>(
    db: &C,
    division: &DivisionCode,
    year: FiscalYear,
    code: &AgencyCode,
) -> Result<Option<Agency>, DbErr> {
    Ok(Entity::find_by_id((division.clone(), year, code.clone())).one(db).await?.map(agency_of))
}

pub(crate) async fn list<C: ConnectionTrait>(
    db: &C,
    division: &DivisionCode,
    within: Option<&AgencyCode>,
    filter: &AgencyFilter,
) -> Result<Page<Agency>, Problem> {
    let paged = PageQuery { page_size: filter.page_size, page_token: filter.page_token.clone() }.paged()?;
    let mut query = Entity::find().filter(Column::MofDivCode.eq(division.clone()));
    if let Some(year) = filter.fiscal_year {
        query = query.filter(Column::FiscalYear.eq(year));
    }
    if let Some(is_enabled) = filter.is_enabled {
        query = query.filter(Column::IsEnabled.eq(is_enabled));
    }
    if let Some(own) = within {
        query = query.filter(Column::AgencyCode.starts_with(own.as_str()));
    }
    if let Some((year, code)) = paged.after.as_deref().and_then(|after| after.split_once('/')) {
        let year: FiscalYear = year.parse().map_err(Problem::malformed)?;
        let later_code = Condition::all().add(Column::FiscalYear.eq(year)).add(Column::AgencyCode.gt(code));
        query = query.filter(Condition::any().add(Column::FiscalYear.gt(year)).add(later_code));
    }
    let query = query.order_by_asc(Column::FiscalYear).order_by_asc(Column::AgencyCode);
    let rows = query.limit(paged.limit()).all(db).await?;
    let agencies = rows.into_iter().map(agency_of).collect();
    Ok(Page::of(agencies, &paged, |agency: &Agency| format!("{}/{}", agency.fiscal_year, agency.agency_code)))
}

fn of_division(division: &DivisionCode, year: FiscalYear) -> Select<Entity> {
    Entity::find().filter(Column::MofDivCode.eq(division.clone())).filter(Column::FiscalYear.eq(year))
}

fn row_of(agency: &Agency, now: DateTime<Utc>) -> ActiveModel {
    ActiveModel {
        mof_div_code: Set(agency.mof_div_code.clone()),
        fiscal_year: Set(agency.fiscal_year),
        agency_code: Set(agency.agency_code.clone()),
        agency_name: Set(agency.agency_name.clone()),
        agency_type_code: Set(agency.agency_type_code),
        unifsoc_cred_code: Set(agency.unifsoc_cred_code.clone()),
        active_cred_code: Set(agency.is_enabled.then(|| agency.unifsoc_cred_code.clone())),
        dept_code: Set(agency.dept_code.clone()),
        manage_mof_dep_code: Set(agency.manage_mof_dep_code.clone()),
        exp_func_code: Set(agency.exp_func_code.clone()),
        fund_sup_code: Set(agency.fund_sup_code),
        admin_staf_num: Set(i32::try_from(agency.admin_staf_num).unwrap_or(i32::MAX)),
        is_enabled: Set(agency.is_enabled),
        version: Set(agency.version),
        update_time: Set(now),
    }
}

fn agency_of(row: Model) -> Agency {
    Agency {
        mof_div_code: row.mof_div_code,
        fiscal_year: row.fiscal_year,
        agency_code: row.agency_code,
        agency_name: row.agency_name,
        agency_type_code: row.agency_type_code,
        unifsoc_cred_code: row.unifsoc_cred_code,
        dept_code: row.dept_code,
        manage_mof_dep_code: row.manage_mof_dep_code,
        exp_func_code: row.exp_func_code,
        fund_sup_code: row.fund_sup_code,
        admin_staf_num: u32::try_from(row.admin_staf_num).unwrap_or(0),
        is_enabled: row.is_enabled,
        version: row.version,
    }
}
