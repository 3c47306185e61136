//! Final account reports (决算报表) on the wire.

use chrono::{DateTime, Utc};
use common_types::{AgencyCode, DivisionCode, FiscalYear, Money};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use workflow::State;

/// A report that can be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReportDefinition {
    /// For example `CJ01`.
    pub report_code: String,
    /// For example 财决01表.
    pub table_no: String,
    pub report_name: String,
}

/// Body of `POST /reports`: makes a draft with figures from the posted vouchers.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportDraft {
    pub report_code: String,
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    /// A unit, or a department with all its units; the whole division when absent.
    #[serde(default)]
    pub agency_code: Option<AgencyCode>,
    /// Why the report differs from the ledger, if it does (RP-001).
    #[serde(default)]
    pub explanation: String,
}

/// Body of `PUT /reports/{report_id}`: takes a new explanation and computes the figures again.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportRevision {
    pub explanation: String,
}

/// One line of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReportLine {
    /// Number of the line, or the functional class that it shows.
    pub line_no: String,
    pub item_name: String,
    pub total: Money,
    /// 基本支出, where the table splits by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basic: Option<Money>,
    /// 项目支出, where the table splits by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<Money>,
}

/// The report against the indicator ledger (RP-001).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TieOut {
    /// Paid by the indicator ledger.
    pub ledger: Money,
    /// Spent by the report.
    pub report: Money,
    /// Report less ledger.
    pub difference: Money,
}

/// What one check formula found (勾稽关系).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CheckResult {
    pub check_code: String,
    pub check_name: String,
    pub left: Money,
    pub right: Money,
    pub difference: Money,
    pub is_ok: bool,
}

/// The figures of a report at one time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReportFigures {
    pub lines: Vec<ReportLine>,
    pub checks: Vec<CheckResult>,
    pub tie_out: TieOut,
}

/// A report as it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Report {
    pub report_id: Uuid,
    pub report_code: String,
    pub table_no: String,
    pub report_name: String,
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agency_code: Option<AgencyCode>,
    pub explanation: String,
    #[serde(flatten)]
    pub figures: ReportFigures,
    /// How often it was submitted (RP-003).
    pub submissions: i32,
    pub workflow: State,
    pub create_time: DateTime<Utc>,
    pub update_time: DateTime<Utc>,
}

/// A report as it was submitted once (RP-003).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReportVersion {
    pub report_id: Uuid,
    /// 1 for the first submission.
    pub version_no: i32,
    pub explanation: String,
    #[serde(flatten)]
    pub figures: ReportFigures,
    pub submitter: String,
    pub create_time: DateTime<Utc>,
}

/// Filters of `GET /reports`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReportFilter {
    pub report_code: Option<String>,
    #[param(value_type = Option<String>)]
    pub mof_div_code: Option<DivisionCode>,
    #[param(value_type = Option<i32>)]
    pub fiscal_year: Option<FiscalYear>,
    /// This unit and those below it.
    #[param(value_type = Option<String>)]
    pub agency_code: Option<AgencyCode>,
    /// Rows per page, 1 to 1000; 50 when absent.
    pub page_size: Option<u64>,
    /// `next_page_token` of the page before.
    pub page_token: Option<String>,
}
