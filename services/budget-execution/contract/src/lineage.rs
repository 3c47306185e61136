//! Lineage (溯源) on the wire: where money came from and where it went, in one answer.

use common_types::{AccountNo, AgencyCode, DivisionCode, DocNo, FiscalYear, Money};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::PaymentStatus;

/// What the lineage starts at; exactly one id is given.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LineageQuery {
    /// A payment application.
    pub pay_app_id: Option<Uuid>,
    /// A voucher.
    pub pay_cert_id: Option<Uuid>,
    /// A direct allocation.
    pub pay_alloc_cert_id: Option<Uuid>,
    /// An indicator.
    pub bgt_id: Option<Uuid>,
    /// A transfer document.
    pub transfer_id: Option<Uuid>,
    /// A budget line of an approval.
    pub bgt_pman_id: Option<String>,
    /// The approval or document that made indicators.
    pub origin_id: Option<Uuid>,
    /// How many slices are shown each way, 1 to 1000; 200 when absent.
    pub limit: Option<usize>,
}

/// One indicator that money of the lineage passed through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FlowNode {
    pub bgt_id: Uuid,
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub agency_code: Option<AgencyCode>,
    pub cor_bgt_doc_no: Option<DocNo>,
    pub sup_bgt_doc_no: Option<DocNo>,
    pub bgt_pman_id: Option<String>,
}

/// How money came from one indicator to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FlowKind {
    /// 分解
    Split,
    /// 调整调剂
    Adjustment,
    /// 结转
    CarryOver,
    /// 转移支付
    Transfer,
}

/// One step of a slice, from the indicator before to this one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FlowStep {
    pub bgt_id: Uuid,
    /// How the money came here, or went on from here; absent where the lineage starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<FlowKind>,
    /// The documents of that step, at most ten.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<String>,
}

/// Where a slice begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// 批复: a budget line, or what the budget gave later
    Approval,
    /// 范围以外: beyond what the caller may read; only its amount is told
    OutOfScope,
    /// 未追溯: beyond the limits of this answer
    NotFollowed,
}

/// A slice of the money by its source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SourceSlice {
    pub kind: SourceKind,
    pub amount: Money,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bgt_pman_id: Option<String>,
    /// The document of the higher level, where the money came from there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sup_bgt_doc_no: Option<DocNo>,
    /// From the start of the lineage back to the source.
    pub steps: Vec<FlowStep>,
}

/// Where a slice has gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UseKind {
    /// 已支付, 已拨付
    Paid,
    /// 支付在途, 拨付在途
    UnderWay,
    /// 结存: still on the indicator, free, frozen, committed or waiting
    Remaining,
    /// 在途转移支付: issued and not accepted
    InTransit,
    /// 收回及核销
    Ended,
    OutOfScope,
    NotFollowed,
}

/// A slice of the money by its use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UseSlice {
    pub kind: UseKind,
    pub amount: Money,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bgt_id: Option<Uuid>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pay_app_id: Option<Uuid>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pay_app_no: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pay_status: Option<PaymentStatus>,
    /// The direct allocation (实拨), where it is none of a payment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pay_alloc_cert_id: Option<Uuid>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pay_alloc_cert_no: Option<String>,
    /// The end payee.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payee_acct_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payee_acct_no: Option<AccountNo>,
    pub steps: Vec<FlowStep>,
}

/// What all slices of one kind add up to, those that are not shown included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UseTotal {
    pub kind: UseKind,
    pub amount: Money,
}

/// Where money came from and where it went. Inside an indicator the earliest money goes first (先进先出): to other
/// indicators before payments, payments and direct allocations in the order of their drafts; so every fen has one source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Lineage {
    /// The money that is followed.
    pub amount: Money,
    /// All indicators that it passed through, as far as the caller may read them.
    pub nodes: Vec<FlowNode>,
    /// Slices by source; all of them add up to the amount.
    pub sources: Vec<SourceSlice>,
    /// Slices by use, empty for a payment or direct allocation.
    pub uses: Vec<UseSlice>,
    /// Σ of `uses` by kind; together the amount.
    pub totals: Vec<UseTotal>,
    /// Whether all was followed and is shown; otherwise ask for a smaller part, or a higher `limit`.
    pub is_complete: bool,
}
