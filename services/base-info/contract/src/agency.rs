//! Budget units and departments (单位, BAS_AGENCY_INFO), by division and year.

use common_types::{AgencyCode, AgencyType, DivisionCode, ExpFuncCode, FiscalYear, FundSup, MofDepCode};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A unit as it is recorded; also the body of a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAgency {
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub agency_code: AgencyCode,
    pub agency_name: String,
    pub agency_type_code: AgencyType,
    /// 统一社会信用代码, 18 characters (BI-001).
    pub unifsoc_cred_code: String,
    pub manage_mof_dep_code: MofDepCode,
    pub exp_func_code: ExpFuncCode,
    pub fund_sup_code: FundSup,
    /// Approved staffing (编制数, BI-004).
    #[serde(default)]
    pub admin_staf_num: u32,
}

/// A unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Agency {
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub agency_code: AgencyCode,
    pub agency_name: String,
    pub agency_type_code: AgencyType,
    pub unifsoc_cred_code: String,
    pub dept_code: AgencyCode,
    pub manage_mof_dep_code: MofDepCode,
    pub exp_func_code: ExpFuncCode,
    pub fund_sup_code: FundSup,
    pub admin_staf_num: u32,
    pub is_enabled: bool,
    pub version: i64,
}

/// Filters of `GET /agencies`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AgencyFilter {
    #[param(value_type = Option<String>)]
    pub mof_div_code: Option<DivisionCode>,
    #[param(value_type = Option<i32>)]
    pub fiscal_year: Option<FiscalYear>,
    /// Only those in use, or only those that were stopped.
    pub is_enabled: Option<bool>,
    /// Rows per page, 1 to 1000; 50 when absent.
    pub page_size: Option<u64>,
    /// `next_page_token` of the page before.
    pub page_token: Option<String>,
}

/// Body of `POST /fiscal-years/openings` (BI-009): copies the units of a year to the next.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct YearOpening {
    pub mof_div_code: DivisionCode,
    /// The year to open; units come from the year before.
    pub fiscal_year: FiscalYear,
}

/// What an opening did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct YearOpened {
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    /// Units that were not there yet.
    pub copied: u64,
}
