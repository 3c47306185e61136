//! Trial balances of a unit's books (科目余额表).

use common_types::{AgencyCode, DivisionCode, FiscalYear, Money};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which books.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UnitTrialBalanceQuery {
    #[param(value_type = String)]
    pub mof_div_code: DivisionCode,
    #[param(value_type = i32)]
    pub fiscal_year: FiscalYear,
    #[param(value_type = String)]
    pub agency_code: AgencyCode,
    /// 1 to 13; the whole year when absent.
    pub period: Option<i32>,
}

/// One account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UnitTrialBalanceLine {
    pub gov_acct_cls_code: String,
    pub gov_acct_cls_name: String,
    #[serde(flatten)]
    pub sums: TrialSums,
}

/// Debits and credits at the beginning, of the period, at the end.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TrialSums {
    pub opening_dr: Money,
    pub opening_cr: Money,
    pub period_dr: Money,
    pub period_cr: Money,
    pub closing_dr: Money,
    pub closing_cr: Money,
}

/// One group of accounts: in every pair of columns debits equal credits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TrialGroup {
    pub lines: Vec<UnitTrialBalanceLine>,
    pub totals: TrialSums,
}

/// Both groups of one unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UnitTrialBalance {
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub agency_code: AgencyCode,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<i32>,
    /// 财务会计
    pub financial: TrialGroup,
    /// 预算会计
    pub budget: TrialGroup,
}
