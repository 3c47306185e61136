//! The row of a project (PM_PROJECT_INFO 项目信息).

use chrono::{DateTime, NaiveDate, Utc};
use common_types::{
    AgencyCode, AuditOpinion, DistriTypeCode, DivisionCode, ExistStatueCode, ExpFuncCode, FiscalYear, FundTypeCode,
    MofDepCode, Money, ProCatCode, ProCode,
};
use sea_orm::entity::prelude::*;

/// Where a project stands in the library, as the column has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(3))")]
pub enum LibraryStatus {
    #[sea_orm(string_value = "0")]
    OnTheWay,
    #[sea_orm(string_value = "1")]
    Stored,
    #[sea_orm(string_value = "2")]
    Arranged,
}

/// A row of `pm_project_info`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "pm_project_info")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub mof_div_code: DivisionCode,
    #[sea_orm(primary_key, auto_increment = false)]
    pub pro_id: Uuid,
    pub fiscal_year: FiscalYear,
    pub pro_code: ProCode,
    pub pro_name: String,
    pub pro_cat_code: ProCatCode,
    pub exist_statue_code: ExistStatueCode,
    pub distri_type_code: Option<DistriTypeCode>,
    pub agency_code: AgencyCode,
    pub dept_code: AgencyCode,
    pub manage_mof_dep_code: MofDepCode,
    pub exp_func_code: ExpFuncCode,
    pub fund_type_code: FundTypeCode,
    pub pro_start_year: FiscalYear,
    /// Last year of the term.
    pub end_year: FiscalYear,
    pub pro_total_amt: Money,
    pub support_amount: Money,
    pub pro_desc: String,
    pub degisn_consideration: String,
    pub leader_name: String,
    pub is_track: bool,
    pub is_captial_cons_pro: bool,
    pub is_scientific: bool,
    pub is_gov_info_server: bool,
    pub is_secret_pro: bool,
    pub is_govpur: bool,
    pub is_wait_divide: bool,
    pub is_three_ensure: bool,
    pub is_early_release: bool,
    pub direct_funds: bool,
    pub is_major_policy: bool,
    pub is_end: bool,
    pub is_deleted: bool,
    pub ex_ante_report_no: Option<String>,
    pub ex_ante_date: Option<NaiveDate>,
    pub ex_ante_opinion_code: Option<AuditOpinion>,
    pub approval_file_no: Option<String>,
    /// Name of the item that it was generated for (PM-011); one project per unit, category, year and item.
    pub gen_item: Option<String>,
    pub status: LibraryStatus,
    pub review_amt: Option<Money>,
    pub review_opinion: String,
    pub library_amt: Money,
    pub reserved_amt: Money,
    pub end_reason: String,
    pub create_time: DateTime<Utc>,
    pub update_time: DateTime<Utc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
