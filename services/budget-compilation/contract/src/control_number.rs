//! Control numbers (一下控制数): what a department may ask for on the second way up.

use common_types::{AgencyCode, DivisionCode, FiscalYear, FundTypeCode, Money, ProCatCode};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Issues control numbers; one that exists for the same dimension is set to the new amount.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ControlNumberRequest {
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub items: Vec<ControlNumberItem>,
    /// Last year's 三公经费 by unit (BG-003).
    #[serde(default)]
    pub three_public: Vec<ThreePublicItem>,
}

/// A control number: department (or one unit of it) × kind × fund nature (BG-002).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ControlNumberItem {
    pub dept_code: AgencyCode,
    /// Absent: for the whole department.
    #[serde(default)]
    pub agency_code: Option<AgencyCode>,
    /// 1 人员类, 21 公用经费, 22 其他运转, 3 特定目标.
    pub pro_kind_code: ProCatCode,
    pub fund_type_code: FundTypeCode,
    pub control_amt: Money,
}

/// Last year's 三公经费 of a unit: this year's may not exceed it (BG-003).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ThreePublicItem {
    pub agency_code: AgencyCode,
    pub last_year_amt: Money,
}

/// What was issued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ControlNumbers {
    pub items: Vec<ControlNumber>,
    pub three_public: Vec<ThreePublicLimit>,
}

/// A control number and how much of it packages have asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ControlNumber {
    pub control_id: Uuid,
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub dept_code: AgencyCode,
    pub agency_code: Option<AgencyCode>,
    pub pro_kind_code: ProCatCode,
    pub fund_type_code: FundTypeCode,
    pub control_amt: Money,
    /// Σ of the submitted two-up packages.
    pub used_amt: Money,
}

/// A 三公 limit as kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ThreePublicLimit {
    pub agency_code: AgencyCode,
    pub last_year_amt: Money,
}

/// Filters of `GET /control-numbers`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ControlNumberQuery {
    pub mof_div_code: Option<DivisionCode>,
    pub fiscal_year: Option<FiscalYear>,
    pub dept_code: Option<AgencyCode>,
    pub page_size: Option<u64>,
    pub page_token: Option<String>,
}
