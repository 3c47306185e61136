//! Projects as they are shown.
#![allow(clippy::disallowed_types, reason = "what serde writes for flatten names f32; no field is one")]

use common_types::{
    AgencyCode, DistriTypeCode, DivisionCode, ExistStatueCode, ExpFuncCode, FiscalYear, FundTypeCode, MofDepCode,
    Money, ProCatCode, ProCode,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{AnnualPlan, AssetLine, Detail, ExAnteEvaluation, PerfGoal, PerfIndicator, PurchaseLine};

/// Where a project stands in the library (项目库状态).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum ProjectStatus {
    /// 在途
    #[serde(rename = "0")]
    OnTheWay,
    /// 已储备
    #[serde(rename = "1")]
    Stored,
    /// 已安排预算
    #[serde(rename = "2")]
    Arranged,
}

/// The main facts of a project: a row of a list, and the data of its events.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ProjectHead {
    pub pro_id: Uuid,
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub pro_code: ProCode,
    pub pro_name: String,
    pub pro_cat_code: ProCatCode,
    pub exist_statue_code: ExistStatueCode,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distri_type_code: Option<DistriTypeCode>,
    pub agency_code: AgencyCode,
    pub dept_code: AgencyCode,
    pub manage_mof_dep_code: MofDepCode,
    pub exp_func_code: ExpFuncCode,
    pub fund_type_code: FundTypeCode,
    pub pro_start_year: FiscalYear,
    pub pro_term: u16,
    pub pro_total_amt: Money,
    pub support_amount: Money,
    /// Money from elsewhere: total less fiscal money.
    pub scoi_invest_fund: Money,
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
    /// Ended before its time (已终止).
    pub is_end: bool,
    /// Made by the system from head-counts and quotas (PM-011).
    pub is_generated: bool,
    pub status: ProjectStatus,
    /// Amount that the review centre found (财政评审金额, PM-003).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review_amt: Option<Money>,
    /// Amount in the library: the reviewed one where there is one; zero before it is stored.
    pub library_amt: Money,
    /// What budgets have taken of it.
    pub reserved_amt: Money,
    /// What budgets may still take (PM-010).
    pub remaining_amt: Money,
}

/// A warning that does not block (PM-005 provisional standard, PM-007 similar project).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProjectWarning {
    pub code: String,
    pub message_zh: String,
    pub message_en: String,
}

/// A whole project.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Project {
    #[serde(flatten)]
    pub head: ProjectHead,
    pub pro_desc: String,
    pub degisn_consideration: String,
    pub leader_name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ex_ante_evaluation: Option<ExAnteEvaluation>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval_file_no: Option<String>,
    pub review_opinion: String,
    pub end_reason: String,
    pub annual_plans: Vec<AnnualPlan>,
    pub details: Vec<Detail>,
    pub purchases: Vec<PurchaseLine>,
    pub assets: Vec<AssetLine>,
    pub perf_goals: Vec<PerfGoal>,
    pub perf_indicators: Vec<PerfIndicator>,
    pub warnings: Vec<ProjectWarning>,
    pub workflow: workflow::State,
}

/// Body of `PUT /projects/{id}/review` (财政评审, PM-003).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewAmount {
    /// At most the total of the project.
    pub review_amt: Money,
    #[serde(default)]
    pub review_opinion: String,
}

/// Body of `POST /projects/{id}/terminations` (终止, PM-009).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TerminateProject {
    pub reason: String,
}
