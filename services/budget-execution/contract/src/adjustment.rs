//! Budget adjustment (调整) and transfer within the budget (调剂): domain.md §1.6.

use chrono::NaiveDate;
use common_types::{
    AgencyCode, Amount, DepBgtEcoCode, DivisionCode, DocNo, ExpFuncCode, FiscalYear, GovBgtEcoCode, Money, ProCatCode,
    ProCode, SourceTypeCode,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use workflow::State;

use crate::EntryLine;

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
    /// 转移支付追加或调减: from an unallocated indicator to one for a division below, or back.
    A5,
    /// 动用预备费: from the reserve (function 227) to what it is used for.
    A6,
    /// 预算调整方案: the total changes; lines raise or cut, income with them.
    A7,
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
    /// The round that it belongs to (AD-009): six digits, the month of the day when absent.
    #[serde(default)]
    pub adj_batch_no: Option<String>,
    /// The approval of the government or the people's congress (AD-008).
    #[serde(default)]
    pub approval_doc_no: Option<DocNo>,
    #[serde(default)]
    pub approval_doc_date: Option<NaiveDate>,
    /// New goals of projects that change much (AD-006).
    #[serde(default)]
    pub perf_goals: Vec<GoalAdjustment>,
    pub lines: Vec<NewAdjustmentLine>,
}

/// One amount, from an indicator to another, which may be a new one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAdjustmentLine {
    /// The indicator that gives (调出). An addition may wait for it until its submission (待分安排); a raise of the total
    /// has none.
    #[serde(default)]
    pub ori_bgt_id: Option<Uuid>,
    /// The indicator that receives (调入), when it exists; not for A2.
    #[serde(default)]
    pub bgt_id: Option<Uuid>,
    /// The indicator to make, when it does not exist; not for A2.
    #[serde(default)]
    pub target: Option<AdjustmentTarget>,
    /// The indicator to make, with all its elements; only to raise the total (A7).
    #[serde(default)]
    pub entry: Option<EntryLine>,
    /// Absent only for A2: all that is left when the document becomes final.
    #[serde(default)]
    pub add_amount: Option<Amount>,
}

/// The goal of a project after an adjustment (绩效目标调整).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GoalAdjustment {
    pub pro_code: ProCode,
    pub kpi_target: String,
}

/// The elements in which a new indicator differs from the one that gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AdjustmentTarget {
    /// Absent for one that waits.
    #[serde(default)]
    pub agency_code: Option<AgencyCode>,
    /// The division below that it is for (A5).
    #[serde(default)]
    pub rec_div_code: Option<DivisionCode>,
    pub pro_code: ProCode,
    pub pro_name: String,
    pub pro_kind_code: ProCatCode,
    pub exp_func_code: ExpFuncCode,
    pub gov_bgt_eco_code: GovBgtEcoCode,
    #[serde(default)]
    pub dep_bgt_eco_code: Option<DepBgtEcoCode>,
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
    pub adj_batch_no: String,
    pub approval_doc_no: Option<DocNo>,
    pub approval_doc_date: Option<NaiveDate>,
    pub perf_goals: Vec<GoalAdjustment>,
    /// Every line knows its money (已安排).
    pub is_arranged: bool,
    pub total_amt: Money,
    /// BA_BGT_ADJSUB: the pairs (AD-009).
    pub lines: Vec<AdjustmentPair>,
    pub state: State,
}

/// One pair of an adjustment (调剂对照).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AdjustmentPair {
    pub adj_sub_id: Uuid,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ori_bgt_id: Option<Uuid>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bgt_id: Option<Uuid>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<AdjustmentTarget>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<EntryLine>,
    #[serde(default)]
    pub is_all: bool,
    pub add_amount: Money,
    /// The day on which it took effect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adj_date: Option<NaiveDate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_type_code: Option<SourceTypeCode>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rec_div_code: Option<DivisionCode>,
}
