//! Transfer payments between levels (转移支付): issued by the upper division, accepted by the lower.

use chrono::{DateTime, NaiveDate, Utc};
use common_types::{
    Amount, DirectFlag, DivisionCode, DocNo, ExpFuncCode, FiscalYear, FundTypeCode, GovBgtEcoCode, MofDepCode, Money,
    ProCode,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use workflow::State;

/// Type of [`TransferIssued`].
pub const TRANSFER_ISSUED: &str = "budget-execution.transfer.issued";

/// A transfer document (指标文) as its maker writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTransfer {
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub cor_bgt_doc_no: DocNo,
    pub bgt_doc_title: String,
    pub doc_date: NaiveDate,
    pub lines: Vec<NewTransferLine>,
}

/// An amount of a transfer indicator (待下达转移支付) that the document issues to its receiver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTransferLine {
    pub bgt_id: Uuid,
    pub amount: Amount,
}

/// A transfer document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Transfer {
    pub transfer_id: Uuid,
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub cor_bgt_doc_no: DocNo,
    pub bgt_doc_title: String,
    pub doc_date: NaiveDate,
    pub lines: Vec<TransferDocumentLine>,
    pub state: State,
}

/// A line of a transfer document and whether its receiver has accepted it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TransferDocumentLine {
    pub line_id: Uuid,
    pub bgt_id: Uuid,
    pub rec_div_code: DivisionCode,
    pub amount: Money,
    /// The receiver's indicator, once accepted; until then the money is in transit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accept_bgt_id: Option<Uuid>,
}

/// A transfer as its receiver sees it (接收上级转移支付).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct IncomingTransfer {
    pub line_id: Uuid,
    /// The upper division.
    pub mof_div_code: DivisionCode,
    pub rec_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub sup_bgt_doc_no: DocNo,
    pub bgt_doc_title: String,
    pub doc_date: NaiveDate,
    pub amount: Money,
    pub fund_type_code: FundTypeCode,
    /// The upper division's project.
    pub cen_tra_pro_code: Option<ProCode>,
    pub exp_func_code: Option<ExpFuncCode>,
    pub tp_func_code: Option<ExpFuncCode>,
    pub is_track: bool,
    pub direct_flag: DirectFlag,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accept_bgt_id: Option<Uuid>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accept_time: Option<DateTime<Utc>>,
}

/// The receiver takes a transfer into its own books and maps it to its own project (V-001).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Acceptance {
    pub pro_code: ProCode,
    pub manage_mof_dep_code: MofDepCode,
    pub exp_func_code: ExpFuncCode,
    pub gov_bgt_eco_code: GovBgtEcoCode,
}

/// Money has been issued to a lower division.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TransferIssued {
    pub transfer_id: Uuid,
    pub line_id: Uuid,
    pub bgt_id: Uuid,
    pub mof_div_code: DivisionCode,
    pub rec_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub cor_bgt_doc_no: DocNo,
    pub doc_date: NaiveDate,
    pub amount: Money,
}
