//! Cash plans (用款计划) on the wire: how much of an indicator may be paid by the end of each month (双控制).

use chrono::{DateTime, Utc};
use common_types::{AgencyCode, DivisionCode, FiscalYear, Money};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use workflow::State;

/// One month of a cash plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanMonth {
    /// 1 to 12.
    pub plan_month: i32,
    /// Above zero adds to the month, below zero takes from it; what is not used stays for later months.
    pub plan_amt: Money,
}

/// Body of `POST /cash-plans` and `PUT /cash-plans/{cash_plan_id}` (用款计划申请). A plan in force is changed by another.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CashPlanDraft {
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub bgt_id: Uuid,
    #[serde(default)]
    pub remark: String,
    pub months: Vec<PlanMonth>,
}

/// A cash plan document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CashPlan {
    pub cash_plan_id: Uuid,
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub agency_code: AgencyCode,
    pub bgt_id: Uuid,
    pub remark: String,
    pub total_amt: Money,
    pub months: Vec<PlanMonth>,
    pub create_time: DateTime<Utc>,
    pub state: State,
}

/// Filters of `GET /cash-plans`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CashPlanFilter {
    #[param(value_type = Option<String>)]
    pub mof_div_code: Option<DivisionCode>,
    #[param(value_type = Option<i32>)]
    pub fiscal_year: Option<FiscalYear>,
    pub bgt_id: Option<Uuid>,
}
