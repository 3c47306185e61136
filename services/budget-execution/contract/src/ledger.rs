//! The indicator ledger (预算指标核算) on the wire: entries, balances, trial balance.

use chrono::{DateTime, NaiveDate, Utc};
use common_types::{DivisionCode, FiscalYear, Money};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Debit or credit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DrCr {
    /// 借
    Debit,
    /// 贷
    Credit,
}

/// One side of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LedgerEntry {
    pub vou_id: Uuid,
    pub seq: i32,
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    /// E01 to E30.
    pub template: String,
    pub event_id: Uuid,
    pub source_doc: String,
    pub acct_cls_code: String,
    pub acct_cls_name: String,
    pub key_id: Uuid,
    pub dr_cr: DrCr,
    pub amt: Money,
    /// The day for which it counts.
    pub vou_date: NaiveDate,
    /// When it was recorded.
    pub post_time: DateTime<Utc>,
}

/// One balance, on the normal side of its account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LedgerBalance {
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub acct_cls_code: String,
    pub acct_cls_name: String,
    pub key_id: Uuid,
    pub bal_amt: Money,
    pub dr_amt: Money,
    pub cr_amt: Money,
}

/// One account of a trial balance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TrialBalanceLine {
    pub acct_cls_code: String,
    pub acct_cls_name: String,
    pub dr_amt: Money,
    pub cr_amt: Money,
    pub bal_amt: Money,
}

/// A trial balance (试算平衡): the difference is zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TrialBalance {
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub lines: Vec<TrialBalanceLine>,
    pub dr_amt: Money,
    pub cr_amt: Money,
    pub difference: Money,
}

/// Which books, of which day, as known when.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LedgerFilter {
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    /// The key of an indicator is its `bgt_id`.
    pub key_id: Option<Uuid>,
    /// Account code.
    pub acct_cls_code: Option<String>,
    /// Entries up to this day.
    pub as_of: Option<NaiveDate>,
    /// Entries recorded up to this instant.
    pub known_at: Option<DateTime<Utc>>,
}

/// Whose payments, of which books.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PaidTotalFilter {
    #[param(value_type = String)]
    pub mof_div_code: DivisionCode,
    #[param(value_type = i32)]
    pub fiscal_year: FiscalYear,
    /// The unit and all below it.
    #[param(value_type = Option<String>)]
    pub agency_code: Option<common_types::AgencyCode>,
}

/// What the ledger counts as paid, net of refunds and after corrections.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PaidTotal {
    pub agency_code: common_types::AgencyCode,
    pub pro_code: Option<common_types::ProCode>,
    pub exp_func_code: Option<common_types::ExpFuncCode>,
    pub fund_type_code: common_types::FundTypeCode,
    pub paid: Money,
}
