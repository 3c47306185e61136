//! Commitments (采购占用) on the wire: a procurement plan or contract that keeps an amount of an indicator for its payments.

use chrono::{DateTime, Utc};
use common_types::{AccountNo, AgencyCode, Amount, DivisionCode, FiscalYear, Money};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use workflow::State;

/// Body of `POST /commitments` and `PUT /commitments/{commitment_id}` (采购计划及合同登记).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CommitmentDraft {
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    /// The indicator that it occupies; an amendment names the one of its commitment.
    pub bgt_id: Uuid,
    /// The signed contract; a plan has none yet, and is not carried into the next year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract_no: Option<String>,
    pub contract_name: String,
    /// The supplier on the contract: the only payee (PAY-009).
    pub payee_acct_name: String,
    pub payee_acct_no: AccountNo,
    pub commitment_amt: Amount,
    /// How much of the contract may be paid in advance, in per cent (PAY-010).
    #[serde(default)]
    pub prepay_percent: i32,
    /// The commitment that this one amends (补充合同、合同变更).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ori_commitment_id: Option<Uuid>,
    /// Whether the amendment reduces.
    #[serde(default)]
    pub is_reduction: bool,
}

/// Where a commitment stands on the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CommitmentStatus {
    /// 未占用
    Free,
    /// 已占用: in review, and already kept from others
    Occupied,
    /// 生效: can be paid from
    InForce,
    /// 已关闭: what was left went back to the indicator; an amendment closes by taking effect
    Closed,
}

/// A commitment as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Commitment {
    pub commitment_id: Uuid,
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub agency_code: AgencyCode,
    pub bgt_id: Uuid,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract_no: Option<String>,
    pub contract_name: String,
    pub payee_acct_name: String,
    pub payee_acct_no: AccountNo,
    /// The amount of this document.
    pub commitment_amt: Money,
    /// With all amendments in force.
    pub contract_amt: Money,
    /// 6103: what its payments can still take.
    pub remaining_amt: Money,
    /// What its payments have taken, those under way included, net of refunds.
    pub drawn_amt: Money,
    /// What went back to the indicator.
    pub released_amt: Money,
    pub prepay_percent: i32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ori_commitment_id: Option<Uuid>,
    pub is_reduction: bool,
    /// The commitment of the year before that it continues.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carried_from: Option<Uuid>,
    pub commitment_status: CommitmentStatus,
    pub create_time: DateTime<Utc>,
    pub state: State,
}

/// Body of `POST /commitments/{commitment_id}/closings` (关闭占用).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CommitmentClosing {
    pub opinion: String,
}

/// Filters of `GET /commitments`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CommitmentFilter {
    #[param(value_type = Option<String>)]
    pub mof_div_code: Option<DivisionCode>,
    #[param(value_type = Option<i32>)]
    pub fiscal_year: Option<FiscalYear>,
    pub bgt_id: Option<Uuid>,
    pub contract_no: Option<String>,
    /// The amendments of a commitment.
    pub ori_commitment_id: Option<Uuid>,
}
