//! What is done to indicators themselves (指标管理): entry, element change, conversion, recovery, write-off. Each is a
//! document of many lines; nothing moves before it is final.

use chrono::{DateTime, NaiveDate, Utc};
use common_types::{
    AgencyCode, Amount, BgtExeFlag, DivisionCode, DocNo, Elements, FiscalYear, FoundTypeCode, Money, ProCatCode,
    ProCode,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;
use workflow::State;

/// Where the money of an entry comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EntrySource {
    /// 本级收入预算 (E01)
    Income,
    /// 上级转移支付 (E02), under a document of the higher level
    HigherLevel,
    /// 债务收入 (E03)
    Debt,
    /// 上年结转 (E03)
    CarryOver,
    /// 调入、动用稳定基金 (E03)
    TransferIn,
    /// 预拨 (E26), before the formal approval
    Advance,
}

/// Body of `POST /entries` (指标录入).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EntryDraft {
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub entry_source: EntrySource,
    /// The document that the money comes with; no entry without one.
    pub cor_bgt_doc_no: DocNo,
    pub bgt_doc_title: String,
    pub doc_date: NaiveDate,
    pub reason: String,
    pub lines: Vec<EntryLine>,
}

/// One indicator to be made, with all its elements.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EntryLine {
    pub elements: Elements,
    pub bgt_exe_flag: BgtExeFlag,
    pub amt: Amount,
    pub pro_name: String,
    pub pro_kind_code: ProCatCode,
    #[serde(default)]
    pub found_type_code: Option<FoundTypeCode>,
    #[serde(default)]
    pub is_track: bool,
    #[serde(default)]
    pub track_pro_code: Option<ProCode>,
    #[serde(default)]
    pub is_three_ensure: bool,
    #[serde(default)]
    pub bgt_dec: Option<String>,
}

/// Body of `POST /element-changes` (要素调整): elements that control nothing are changed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ElementChangeDraft {
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub reason: String,
    pub lines: Vec<ElementChangeLine>,
}

/// An indicator and the elements that its money gets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ElementChangeLine {
    pub bgt_id: Uuid,
    /// Absent: all that is left when the document becomes final.
    #[serde(default)]
    pub amt: Option<Amount>,
    /// Names of elements with their new values.
    #[schema(value_type = Object)]
    pub change: Map<String, Value>,
}

/// Body of `POST /conversions` (要素转换): a code is replaced on every indicator that has something left under it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConversionDraft {
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub reason: String,
    /// Such as `exp_func_code`.
    pub element: String,
    pub from_code: String,
    pub to_code: String,
    /// The unit and all below it; absent for the whole division.
    #[serde(default)]
    pub agency_code: Option<AgencyCode>,
}

/// Body of `POST /recoveries` (收回): from units back to the finance division, where it waits to be distributed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecoveryDraft {
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub cor_bgt_doc_no: DocNo,
    pub reason: String,
    pub lines: Vec<RecoveryLine>,
}

/// An amount of an indicator that is taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecoveryLine {
    pub bgt_id: Uuid,
    /// Absent: all that is left when the document becomes final.
    #[serde(default)]
    pub amt: Option<Amount>,
}

/// Body of `POST /write-offs` (预拨核销): what was advanced is counted against the formal indicator (IG-005).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WriteOffDraft {
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub reason: String,
    pub lines: Vec<WriteOffLine>,
}

/// An advance and the formal indicator that bears it from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WriteOffLine {
    pub advance_bgt_id: Uuid,
    pub bgt_id: Uuid,
}

/// One line of an operation and what it did.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OperationLine {
    /// The indicator that it takes from; none for an entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ori_bgt_id: Option<Uuid>,
    /// The indicator that receives; one that the line makes exists once the document is final.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bgt_id: Option<Uuid>,
    /// All that is left is moved; `amt` is what that was.
    #[serde(default)]
    pub is_all: bool,
    pub amt: Money,
    /// Of a write-off: how much of `amt` had been paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_amt: Option<Money>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub change: Option<Map<String, Value>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<EntryLine>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agency_name: Option<String>,
}

/// An operation on indicators.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Operation {
    pub operation_id: Uuid,
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry_source: Option<EntrySource>,
    pub cor_bgt_doc_no: Option<DocNo>,
    pub bgt_doc_title: Option<String>,
    pub doc_date: Option<NaiveDate>,
    pub reason: String,
    pub total_amt: Money,
    pub lines: Vec<OperationLine>,
    pub create_time: DateTime<Utc>,
    pub state: State,
}

/// Direct funds of the higher level and how long they may wait for their units (直达资金, BA-011).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DirectFund {
    pub bgt_id: Uuid,
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub sup_bgt_doc_no: Option<DocNo>,
    pub pro_code: Option<ProCode>,
    pub pro_name: Option<String>,
    pub amount: Money,
    /// Not issued to any unit yet.
    pub waiting_amt: Money,
    pub accept_date: NaiveDate,
    /// The thirtieth day after the acceptance.
    pub due_date: NaiveDate,
    /// Below zero once the day is past.
    pub days_left: i64,
}
