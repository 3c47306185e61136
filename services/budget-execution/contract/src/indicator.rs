//! Indicators (预算指标, BA_BGT_INFO) on the wire, with the documents that split, issue and freeze them.

use chrono::{DateTime, NaiveDate, Utc};
use common_types::{
    AgencyCode, Amount, BgtExeFlag, DepBgtEcoCode, DirectFlag, DivisionCode, DocNo, Elements, ExpFuncCode, FiscalYear,
    FoundTypeCode, FundTypeCode, GovBgtEcoCode, Money, ProCatCode, ProCode, SourceTypeCode,
};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use workflow::State;

/// Type of [`IndicatorIssued`].
pub const INDICATOR_ISSUED: &str = "budget-execution.indicator.issued";

/// What stands on the accounts of one indicator (指标额度).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct IndicatorAmounts {
    /// What can be used now: 6101 for an executable indicator, 4101 or 4201 for one that waits (可用).
    pub available: Money,
    /// 4102 (待下达).
    pub pending_issue: Money,
    /// 6102 (冻结).
    pub frozen: Money,
    /// 6103 (采购占用).
    pub committed: Money,
    /// 7101 (支付在途).
    pub in_payment: Money,
    /// 7201 and 7301 (已支付).
    pub paid: Money,
    /// 7401 and 7501 (实拨及单位资金支出).
    pub allocated: Money,
    /// 5101 (已下达转移支付).
    pub transferred: Money,
}

impl IndicatorAmounts {
    /// All of it together (额度); nothing when it does not fit.
    pub fn total(&self) -> Option<Money> {
        Money::try_sum([
            self.available,
            self.pending_issue,
            self.frozen,
            self.committed,
            self.in_payment,
            self.paid,
            self.allocated,
            self.transferred,
        ])
    }
}

/// One indicator with its 26 elements and its present amounts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Indicator {
    pub bgt_id: Uuid,
    #[serde(flatten)]
    pub elements: Elements,
    pub bgt_doc_title: Option<String>,
    pub doc_date: Option<NaiveDate>,
    pub bgt_dec: Option<String>,
    pub bgt_exe_flag: BgtExeFlag,
    /// The amount that it was made with.
    pub amount: Money,
    /// The indicator that it was split from.
    pub ori_bgt_id: Option<Uuid>,
    /// The budget line that it comes from (IG-001).
    pub bgt_pman_id: Option<String>,
    pub adj_batch_no: Option<String>,
    pub is_track: bool,
    pub track_pro_code: Option<ProCode>,
    pub source_type_code: SourceTypeCode,
    pub is_three_ensure: bool,
    pub pro_kind_code: Option<ProCatCode>,
    pub found_type_code: Option<FoundTypeCode>,
    pub pro_name: Option<String>,
    pub agency_name: Option<String>,
    /// The document or approval that made it.
    pub origin_id: Uuid,
    pub create_time: DateTime<Utc>,
    pub amounts: IndicatorAmounts,
}

/// One signed term of the available amount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WaterfallTerm {
    /// `approved`, `in`, `out`, `carried_in`, `carried_out`, `recovered`, `closed`, `unallocated`, `pending_issue`,
    /// `pending_transfer`, `transferred`, `frozen`, `committed`, `reserved`, `spent` or `refunded`.
    pub name: String,
    pub name_zh: String,
    /// Signed: the terms add up to the available amount.
    pub amount: Money,
    /// The documents behind it, latest first; their amounts add up to the term's unless there are more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<TermDocument>,
    /// Whether more documents stand in the ledger than are shown here.
    #[serde(default)]
    pub has_more: bool,
}

/// Something that can be done about a refusal; part of the problem document as `remedies`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Remedy {
    pub action: String,
    pub name_zh: String,
    pub name_en: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub href: Option<String>,
}

/// A document behind a term.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TermDocument {
    /// The collection that it belongs to, such as `payments`; `budget-lines` for what the budget gave.
    pub kind: String,
    pub id: String,
    /// Its own number, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    pub amount: Money,
    /// Where it is read; of a budget line and of a transfer from above, where its money is followed from it.
    pub href: String,
}

/// The cash plan of an indicator (用款计划): granted = later months + available + in payment + used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PlanAmounts {
    /// Whether payments of today are held to it.
    pub is_contrlbyplan: bool,
    pub granted: Money,
    pub of_later_months: Money,
    pub available: Money,
    pub in_payment: Money,
    pub used: Money,
}

/// A commitment of an indicator with what it keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CommitmentAmounts {
    pub commitment_id: Uuid,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract_no: Option<String>,
    pub contract_name: String,
    pub contract_amt: Money,
    pub remaining_amt: Money,
    pub drawn_amt: Money,
}

/// The control layers of an indicator (控制层).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ControlLayers {
    /// What one payment could take today without a commitment: the least of the layers that control.
    pub payable: Money,
    pub plan: PlanAmounts,
    /// Commitments that keep something, at most a hundred.
    pub commitments: Vec<CommitmentAmounts>,
    pub has_more: bool,
}

/// An indicator and why it has what it has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct IndicatorDetail {
    #[serde(flatten)]
    pub indicator: Indicator,
    pub waterfall: Vec<WaterfallTerm>,
    pub layers: ControlLayers,
    /// Where all entries are listed.
    pub ledger: String,
}

/// Where an indicator comes from and what came of it (溯源).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct IndicatorLineage {
    pub bgt_id: Uuid,
    /// From the indicator itself up to the first one.
    pub ancestors: Vec<LineageNode>,
    /// The budget line at the end of the chain.
    pub bgt_pman_id: Option<String>,
    /// The document of the higher level at the end of the chain.
    pub sup_bgt_doc_no: Option<DocNo>,
    /// Everything that was split from it, nearest first.
    pub descendants: Vec<LineageNode>,
}

/// One indicator of a lineage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LineageNode {
    pub bgt_id: Uuid,
    pub ori_bgt_id: Option<Uuid>,
    pub mof_div_code: DivisionCode,
    pub agency_code: Option<AgencyCode>,
    pub cor_bgt_doc_no: Option<DocNo>,
    pub sup_bgt_doc_no: Option<DocNo>,
    pub bgt_pman_id: Option<String>,
    pub origin_id: Uuid,
    pub amount: Money,
}

/// Filters of `GET /indicators`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct IndicatorFilter {
    pub mof_div_code: Option<DivisionCode>,
    pub fiscal_year: Option<FiscalYear>,
    /// The unit and all below it.
    pub agency_code: Option<AgencyCode>,
    pub pro_code: Option<ProCode>,
    pub bgt_exe_flag: Option<BgtExeFlag>,
    pub fund_type_code: Option<FundTypeCode>,
    pub exp_func_code: Option<ExpFuncCode>,
    pub cor_bgt_doc_no: Option<DocNo>,
    pub ori_bgt_id: Option<Uuid>,
    pub bgt_pman_id: Option<String>,
    pub origin_id: Option<Uuid>,
}

/// Indicators became executable (指标下达). Written with the posting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct IndicatorIssued {
    /// The issue document, or the generation that issued at once.
    pub issue_id: Uuid,
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub cor_bgt_doc_no: Option<DocNo>,
    pub doc_date: Option<NaiveDate>,
    pub items: Vec<IssuedIndicator>,
}

/// One indicator of [`IndicatorIssued`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct IssuedIndicator {
    pub bgt_id: Uuid,
    pub amt: Money,
    pub is_three_ensure: bool,
    #[serde(flatten)]
    pub elements: Elements,
}

/// One child of a distribution: what it refines stays empty to keep the parent's element.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DistributionLine {
    pub agency_code: AgencyCode,
    #[serde(default)]
    pub pro_code: Option<ProCode>,
    #[serde(default)]
    pub fund_type_code: Option<FundTypeCode>,
    #[serde(default)]
    pub exp_func_code: Option<ExpFuncCode>,
    #[serde(default)]
    pub gov_bgt_eco_code: Option<GovBgtEcoCode>,
    #[serde(default)]
    pub dep_bgt_eco_code: Option<DepBgtEcoCode>,
    #[serde(default)]
    pub direct_flag: Option<DirectFlag>,
    pub amt: Amount,
    #[serde(default)]
    pub bgt_dec: Option<String>,
}

/// Body of `POST /distributions` and `PUT /distributions/{distribution_id}` (待分指标分解).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DistributionDraft {
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    /// The indicator to be split.
    pub bgt_id: Uuid,
    #[serde(default)]
    pub remark: String,
    pub lines: Vec<DistributionLine>,
}

/// A line of a distribution with the indicator that it makes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DistributedLine {
    /// The child; it exists once the document is final.
    pub bgt_id: Uuid,
    pub agency_name: String,
    pub agency_code: AgencyCode,
    pub pro_code: Option<ProCode>,
    pub fund_type_code: Option<FundTypeCode>,
    pub exp_func_code: Option<ExpFuncCode>,
    pub gov_bgt_eco_code: Option<GovBgtEcoCode>,
    pub dep_bgt_eco_code: Option<DepBgtEcoCode>,
    pub direct_flag: Option<DirectFlag>,
    pub amt: Amount,
    pub bgt_dec: Option<String>,
}

/// A distribution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Distribution {
    pub distribution_id: Uuid,
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub bgt_id: Uuid,
    pub total_amt: Money,
    pub remark: String,
    pub lines: Vec<DistributedLine>,
    pub create_time: DateTime<Utc>,
    pub state: State,
}

/// One indicator to be issued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IssueLine {
    pub bgt_id: Uuid,
    pub amt: Amount,
}

/// Body of `POST /issues` and `PUT /issues/{issue_id}` (指标下达).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IssueDraft {
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    /// Needed to issue (BA-005).
    pub cor_bgt_doc_no: DocNo,
    pub bgt_doc_title: String,
    pub doc_date: NaiveDate,
    pub lines: Vec<IssueLine>,
}

/// An issue document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Issue {
    pub issue_id: Uuid,
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub cor_bgt_doc_no: DocNo,
    pub bgt_doc_title: String,
    pub doc_date: NaiveDate,
    pub total_amt: Money,
    pub lines: Vec<IssueLine>,
    pub create_time: DateTime<Utc>,
    pub state: State,
}

/// Body of `POST /freezes` and `PUT /freezes/{freeze_id}` (指标冻结).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FreezeDraft {
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub bgt_id: Uuid,
    /// Either an amount or a ratio.
    #[serde(default)]
    pub freeze_amt: Option<Amount>,
    /// Percent of the whole authority of the indicator (额度), such as `40`; the amount follows from it.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub freeze_ratio: Option<Decimal>,
    pub reason: String,
}

/// A freeze.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Freeze {
    pub freeze_id: Uuid,
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub bgt_id: Uuid,
    pub agency_code: Option<AgencyCode>,
    pub freeze_amt: Money,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub freeze_ratio: Option<Decimal>,
    /// What was thawed of it so far.
    pub thaw_amt: Money,
    pub reason: String,
    pub create_time: DateTime<Utc>,
    pub state: State,
}

/// Body of `POST /freezes/{freeze_id}/thaws` (解冻).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ThawRequest {
    /// Either an amount or a ratio.
    #[serde(default)]
    pub thaw_amt: Option<Amount>,
    /// Percent of what the document froze.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub thaw_ratio: Option<Decimal>,
    pub opinion: String,
}

/// What became of an approval (指标生成).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GenerationStatus {
    Generated,
    Blocked,
}

/// One thing that keeps an approval from becoming indicators (IG-004).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GenerationProblem {
    pub bgt_pman_id: Option<String>,
    /// A rule code such as `IG-004`.
    pub code: String,
    /// Elements that are missing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    pub detail: String,
}

/// The generation of indicators from one version of an approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Generation {
    pub generation_id: Uuid,
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub approval_id: String,
    pub version: i32,
    pub status: GenerationStatus,
    pub problems: Vec<GenerationProblem>,
    /// Indicators made or changed.
    pub bgt_count: i32,
    pub total_amt: Money,
    pub create_time: DateTime<Utc>,
}
