//! Approvals (批复) and the lines they grant.
#![allow(
    clippy::disallowed_types,
    reason = "serde names float types in its code for flattened fields; none is held here"
)]

use chrono::NaiveDate;
use common_types::{
    AgencyCode, BudgetLevelCode, DepBgtEcoCode, DirectFlag, DivisionCode, DocNo, ExpFuncCode, FiscalYear,
    FoundTypeCode, FundTypeCode, GovBgtEcoCode, MofDepCode, Money, ProCatCode, ProCode, TraType,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use workflow::State;

/// A granted budget (批复): the data of the event `budget-compilation.approval.granted`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ApprovedBudget {
    pub approval_id: Uuid,
    /// 1 for the first approval of the year; later ones carry only differences (IG-002).
    pub version: i64,
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub cor_bgt_doc_no: DocNo,
    pub bgt_doc_title: String,
    pub doc_date: NaiveDate,
    pub annual_lines: Vec<AnnualLine>,
    pub transfer_lines: Vec<TransferLine>,
}

/// A line of the department budget as approved (BGT_PM_ANNUAL).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AnnualLine {
    pub bgt_pman_id: Uuid,
    /// None while the unit is not known (年初待分配).
    pub agency_code: Option<AgencyCode>,
    pub dept_code: Option<AgencyCode>,
    pub pro_code: ProCode,
    pub pro_name: String,
    pub pro_kind_code: ProCatCode,
    pub exp_func_code: ExpFuncCode,
    pub gov_bgt_eco_code: GovBgtEcoCode,
    pub dep_bgt_eco_code: Option<DepBgtEcoCode>,
    pub fund_type_code: FundTypeCode,
    pub manage_mof_dep_code: MofDepCode,
    /// 年初批复数; negative where a later version takes back.
    pub reply_amt: Money,
    pub is_gov_pur: bool,
    pub is_scientific: bool,
    pub is_capital: bool,
    pub is_debt: bool,
    pub is_three_ensure: bool,
    pub budget_level_code: BudgetLevelCode,
    pub found_type_code: FoundTypeCode,
    /// 财政待分配支出.
    pub is_assigned: bool,
}

/// A line of the transfer-payment budget as approved (BGT_TRA).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TransferLine {
    pub bgt_pman_id: Uuid,
    pub pro_code: ProCode,
    pub pro_name: String,
    pub sub_mof_div_code: DivisionCode,
    pub tp_func_code: ExpFuncCode,
    pub exp_func_code: ExpFuncCode,
    pub gov_bgt_eco_code: GovBgtEcoCode,
    pub fund_type_code: FundTypeCode,
    pub manage_mof_dep_code: MofDepCode,
    pub tra_type: TraType,
    pub reply_amt: Money,
    pub is_track: bool,
    pub direct_flag: DirectFlag,
}

/// Drafts an approval; it collects every final package of the division and year that no approval holds yet.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApprovalRequest {
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub cor_bgt_doc_no: DocNo,
    pub bgt_doc_title: String,
    pub doc_date: NaiveDate,
}

/// An approval (批复文).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Approval {
    pub approval_id: Uuid,
    pub version: i64,
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub cor_bgt_doc_no: DocNo,
    pub bgt_doc_title: String,
    pub doc_date: NaiveDate,
    pub annual_line_count: i64,
    pub transfer_line_count: i64,
    /// Σ reply_amt of all lines of this version.
    pub reply_amt: Money,
    /// What does not block and should be known, such as BG-008.
    #[serde(default)]
    pub warnings: Vec<ApprovalWarning>,
    pub state: State,
}

/// A rule that warns and does not block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ApprovalWarning {
    pub rule_code: String,
    pub message_zh: String,
    pub message_en: String,
}

/// Filters of `GET /approvals`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ApprovalQuery {
    pub mof_div_code: Option<DivisionCode>,
    pub fiscal_year: Option<FiscalYear>,
    pub page_size: Option<u64>,
    pub page_token: Option<String>,
}

/// A granted annual line with where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AnnualLineView {
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub version: i64,
    pub approval_id: Uuid,
    #[serde(flatten)]
    pub line: AnnualLine,
}

/// A granted transfer line with where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TransferLineView {
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub version: i64,
    pub approval_id: Uuid,
    #[serde(flatten)]
    pub line: TransferLine,
}

/// Filters of `GET /annual-lines`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AnnualLineQuery {
    pub mof_div_code: Option<DivisionCode>,
    pub fiscal_year: Option<FiscalYear>,
    pub version: Option<i64>,
    pub agency_code: Option<AgencyCode>,
    pub dept_code: Option<AgencyCode>,
    pub pro_code: Option<ProCode>,
    pub fund_type_code: Option<FundTypeCode>,
    pub page_size: Option<u64>,
    pub page_token: Option<String>,
}

/// Filters of `GET /transfer-lines`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TransferLineQuery {
    pub mof_div_code: Option<DivisionCode>,
    pub fiscal_year: Option<FiscalYear>,
    pub version: Option<i64>,
    pub sub_mof_div_code: Option<DivisionCode>,
    pub pro_code: Option<ProCode>,
    pub page_size: Option<u64>,
    pub page_token: Option<String>,
}

/// The approved budget of a division and year in one table, over all versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BudgetTable {
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub rows: Vec<BudgetRow>,
    /// Σ of the department budget.
    pub annual_amt: Money,
    /// Σ of the transfer-payment budget.
    pub transfer_amt: Money,
    pub total_amt: Money,
}

/// One row: department × kind of project × kind of funds; transfers have a receiving division instead of a department.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BudgetRow {
    pub dept_code: Option<AgencyCode>,
    pub sub_mof_div_code: Option<DivisionCode>,
    pub pro_kind_code: ProCatCode,
    pub fund_type_code: FundTypeCode,
    pub reply_amt: Money,
}
