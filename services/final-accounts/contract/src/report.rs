//! Final account reports (决算报表) on the wire.

use chrono::{DateTime, Utc};
use common_types::{AgencyCode, DivisionCode, FiscalYear, Money};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use workflow::State;

/// Body of `POST /reports`: makes a draft with figures from the posted vouchers.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportDraft {
    /// `FA01` or `FA02`.
    pub report_code: String,
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub agency_code: AgencyCode,
}

/// Body of `PUT /reports/{report_id}/explanation`: why the report differs from the ledger (RP-001).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportExplanation {
    pub explanation: String,
}

/// One line of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReportLine {
    /// Code of the line, or the functional class that it shows.
    pub line_code: String,
    pub line_name: String,
    pub total: Money,
    /// 基本支出; zero for income.
    pub basic: Money,
    /// 项目支出; zero for income.
    pub project: Money,
}

/// The report against the indicator ledger (RP-001).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
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
    pub code: String,
    pub name_zh: String,
    pub ok: bool,
    pub left: Money,
    pub right: Money,
}

/// The figures of a report at one time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReportFigures {
    pub lines: Vec<ReportLine>,
    pub tie_out: TieOut,
    pub checks: Vec<CheckResult>,
}

/// A report as it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Report {
    pub report_id: Uuid,
    pub report_code: String,
    pub report_name: String,
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub agency_code: AgencyCode,
    #[serde(flatten)]
    pub figures: ReportFigures,
    /// 1 for the first report of a unit's year, and one more each time it is made again (RP-003).
    pub version: i32,
    pub explanation: String,
    pub state: State,
    pub create_time: DateTime<Utc>,
    pub update_time: DateTime<Utc>,
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
}
