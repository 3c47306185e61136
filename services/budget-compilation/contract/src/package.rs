//! Budget packages (部门预算): what a unit asks for, once on each way up; and lines that no unit has yet.
#![allow(
    clippy::disallowed_types,
    reason = "serde names float types in its code for flattened fields; none is held here"
)]

use common_types::{
    AgencyCode, Amount, DepBgtEcoCode, DivisionCode, ExpFuncCode, FiscalYear, FoundTypeCode, FundTypeCode,
    GovBgtEcoCode, MofDepCode, Money, ProCatCode, ProCode,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use workflow::State;

/// Which way up (阶段): 一上 or 二上.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// 一上: what is wished for, without control.
    OneUp,
    /// 二上: the formal draft within the control numbers.
    TwoUp,
}

/// Drafts a package, or replaces its content.
///
/// Without `agency_code` it holds finance-level lines that are still to be allocated (年初待分配), made by M1.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PackageRequest {
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    #[serde(default)]
    pub agency_code: Option<AgencyCode>,
    pub stage: Stage,
    /// Income planned for the year; when given it equals Σ apply_up (BG-004).
    #[serde(default)]
    pub income_amt: Option<Money>,
    pub lines: Vec<PackageLineRequest>,
}

/// One line asked for.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PackageLineRequest {
    pub pro_code: ProCode,
    pub exp_func_code: ExpFuncCode,
    /// Mandatory for a unit's line.
    #[serde(default)]
    pub dep_bgt_eco_code: Option<DepBgtEcoCode>,
    /// Derived from the department class and the type of unit when absent, checked when given (BG-005).
    #[serde(default)]
    pub gov_bgt_eco_code: Option<GovBgtEcoCode>,
    pub fund_type_code: FundTypeCode,
    /// 申报数.
    pub apply_up: Amount,
    #[serde(default)]
    pub is_gov_pur: bool,
    #[serde(default)]
    pub is_scientific: bool,
    #[serde(default)]
    pub is_capital: bool,
    #[serde(default)]
    pub is_debt: bool,
    #[serde(default)]
    pub is_three_ensure: bool,
    /// 11 年初安排 when absent.
    #[serde(default)]
    pub found_type_code: Option<FoundTypeCode>,
}

/// A package without its lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PackageSummary {
    pub package_id: Uuid,
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub agency_code: Option<AgencyCode>,
    pub dept_code: Option<AgencyCode>,
    pub stage: Stage,
    /// 1, or higher for a package that changes an approved one.
    pub version: i64,
    pub income_amt: Option<Money>,
    /// Σ 申报数.
    pub apply_up: Money,
    /// Σ 财政审核数; 申报数 where nothing was audited.
    pub fin_audit_money: Money,
    /// The approval that holds it.
    pub approval_id: Option<Uuid>,
    pub state: State,
}

/// A package with its lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Package {
    #[serde(flatten)]
    pub summary: PackageSummary,
    pub lines: Vec<PackageLine>,
}

/// A line of a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PackageLine {
    pub line_id: Uuid,
    /// The key of the annual line that it becomes.
    pub bgt_pman_id: Uuid,
    pub pro_code: ProCode,
    pub pro_name: String,
    pub pro_kind_code: ProCatCode,
    pub exp_func_code: ExpFuncCode,
    pub dep_bgt_eco_code: Option<DepBgtEcoCode>,
    pub gov_bgt_eco_code: GovBgtEcoCode,
    pub fund_type_code: FundTypeCode,
    pub manage_mof_dep_code: MofDepCode,
    pub apply_up: Money,
    /// 财政审核数; absent: as applied for.
    pub fin_audit_money: Option<Money>,
    pub is_gov_pur: bool,
    pub is_scientific: bool,
    pub is_capital: bool,
    pub is_debt: bool,
    pub is_three_ensure: bool,
    pub found_type_code: FoundTypeCode,
}

/// Sets audited amounts while the package is at a finance node (财政审核数).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AuditRequest {
    pub items: Vec<AuditItem>,
}

/// The audited amount of one line; not above what was applied for.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AuditItem {
    pub line_id: Uuid,
    pub fin_audit_money: Money,
}

/// Filters of `GET /packages`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PackageQuery {
    pub mof_div_code: Option<DivisionCode>,
    pub fiscal_year: Option<FiscalYear>,
    pub agency_code: Option<AgencyCode>,
    pub dept_code: Option<AgencyCode>,
    #[param(inline)]
    pub stage: Option<Stage>,
    pub page_size: Option<u64>,
    pub page_token: Option<String>,
}
