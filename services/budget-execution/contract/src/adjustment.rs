//! Budget adjustment (调整) and transfer within the budget (调剂): domain.md §1.6.

use common_types::{
    AgencyCode, Amount, DepBgtEcoCode, DivisionCode, DocNo, ExpFuncCode, FiscalYear, GovBgtEcoCode, Money, ProCatCode,
    ProCode,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use workflow::State;

/// What kind of adjustment a document makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub enum AdjustmentKind {
    /// 部门预算追加: from an unallocated indicator to a unit.
    A1,
    /// 部门预算追减: from a unit back to where the money came from.
    A2,
    /// 部门预算调剂: between indicators of units, the total stays.
    A3,
    /// 待分调剂: between unallocated indicators.
    A4,
}

/// An adjustment as its maker writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAdjustment {
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub adj_kind: AdjustmentKind,
    /// The unit that asks; absent when the finance bureau adjusts.
    #[serde(default)]
    pub agency_code: Option<AgencyCode>,
    pub cor_bgt_doc_no: DocNo,
    pub adj_reason: String,
    pub lines: Vec<NewAdjustmentLine>,
}

/// One amount, from an indicator to another, which may be a new one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAdjustmentLine {
    /// The indicator that gives (调出).
    pub ori_bgt_id: Uuid,
    /// The indicator that receives (调入), when it exists; not for A2.
    #[serde(default)]
    pub bgt_id: Option<Uuid>,
    /// The indicator to make, when it does not exist; not for A2.
    #[serde(default)]
    pub target: Option<AdjustmentTarget>,
    pub add_amount: Amount,
}

/// The elements in which a new indicator differs from the one that gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AdjustmentTarget {
    pub agency_code: AgencyCode,
    pub pro_code: ProCode,
    pub pro_name: String,
    pub pro_kind_code: ProCatCode,
    pub exp_func_code: ExpFuncCode,
    pub gov_bgt_eco_code: GovBgtEcoCode,
    pub dep_bgt_eco_code: DepBgtEcoCode,
}

/// An adjustment document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Adjustment {
    pub adj_id: Uuid,
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub adj_kind: AdjustmentKind,
    pub agency_code: Option<AgencyCode>,
    pub cor_bgt_doc_no: DocNo,
    pub adj_reason: String,
    pub total_amt: Money,
    /// BA_BGT_ADJSUB: the pairs (AD-009).
    pub lines: Vec<AdjustmentPair>,
    pub state: State,
}

/// One pair of an adjustment (调剂对照).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AdjustmentPair {
    pub adj_sub_id: Uuid,
    pub ori_bgt_id: Uuid,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bgt_id: Option<Uuid>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<AdjustmentTarget>,
    pub add_amount: Money,
}
