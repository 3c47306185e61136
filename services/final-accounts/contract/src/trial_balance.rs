//! Trial balances of a unit's books (科目余额表).

use common_types::{AgencyCode, DivisionCode, FiscalYear, Money};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::EntryGroup;

/// Which books.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TrialBalanceQuery {
    #[param(value_type = String)]
    pub mof_div_code: DivisionCode,
    #[param(value_type = i32)]
    pub fiscal_year: FiscalYear,
    #[param(value_type = String)]
    pub agency_code: AgencyCode,
}

/// One account (科目) with what was posted to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TrialBalanceLine {
    pub gov_acct_cls_code: String,
    pub gov_acct_cls_name: String,
    pub group: EntryGroup,
    pub dr_amt: Money,
    pub cr_amt: Money,
    /// Debits less credits.
    pub bal_amt: Money,
}

/// The books of one unit and year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TrialBalance {
    pub lines: Vec<TrialBalanceLine>,
    pub financial_dr: Money,
    pub financial_cr: Money,
    pub budget_dr: Money,
    pub budget_cr: Money,
    /// In both groups debits equal credits (ACC-001).
    pub is_balanced: bool,
}
