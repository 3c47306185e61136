//! Events of payments that other services hear of: each is written with the posting that it tells.

use chrono::NaiveDate;
use common_types::{
    AccountNo, AgencyCode, AgencyType, DivisionCode, FiscalYear, Money, PayBusTypeCode, PayTypeCode, RefundType,
    SetModeCode,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::payment::ChargedTo;

/// Type of [`PaymentSubmitted`].
pub const PAYMENT_SUBMITTED: &str = "budget-execution.payment.submitted";
/// Type of [`PaymentPaid`].
pub const PAYMENT_PAID: &str = "budget-execution.payment.paid";
/// Type of [`PaymentRefunded`].
pub const PAYMENT_REFUNDED: &str = "budget-execution.payment.refunded";
/// Type of [`PaymentCorrected`].
pub const PAYMENT_CORRECTED: &str = "budget-execution.payment.corrected";

/// An application has left its maker and its amount is reserved (支付申请占用, E16).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PaymentSubmitted {
    pub pay_app_id: Uuid,
    pub pay_app_no: String,
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub agency_code: AgencyCode,
    pub bgt_id: Uuid,
    pub pay_app_amt: Money,
    /// Waits for the supervisors.
    pub is_held: bool,
    pub warn_ids: Vec<Uuid>,
}

/// The bank has paid a voucher (支付成功, E18).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PaymentPaid {
    pub pay_cert_id: Uuid,
    pub pay_cert_no: String,
    pub pay_app_id: Uuid,
    pub pay_app_no: String,
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub agency_code: AgencyCode,
    pub agency_name: String,
    pub agency_type_code: AgencyType,
    #[serde(flatten)]
    pub charged_to: ChargedTo,
    pub pay_type_code: PayTypeCode,
    pub pay_bus_type_code: PayBusTypeCode,
    pub set_mode_code: SetModeCode,
    pub xpay_amt: Money,
    pub xpay_date: NaiveDate,
    pub agent_business_no: String,
    pub use_des: String,
    pub payee_acct_name: String,
    pub payee_acct_no: AccountNo,
    pub payee_acct_bank_name: String,
}

/// Money of a paid voucher came back in the same year (退款, E20). `charged_to` is the indicator it went back to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PaymentRefunded {
    pub ref_id: Uuid,
    pub refund_type: RefundType,
    pub pay_cert_id: Uuid,
    pub pay_cert_no: String,
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub agency_code: AgencyCode,
    pub agency_name: String,
    pub agency_type_code: AgencyType,
    #[serde(flatten)]
    pub charged_to: ChargedTo,
    /// Above zero.
    pub ref_amt: Money,
    pub ref_date: NaiveDate,
    pub ref_reason: String,
    pub use_des: String,
    pub payee_acct_name: String,
    pub payee_acct_no: AccountNo,
}

/// Another indicator bears a paid voucher from now on (更正, E21).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PaymentCorrected {
    pub correct_id: Uuid,
    pub pay_cert_id: Uuid,
    pub pay_cert_no: String,
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub agency_code: AgencyCode,
    pub agency_name: String,
    pub agency_type_code: AgencyType,
    pub from: ChargedTo,
    pub to: ChargedTo,
    /// Above zero.
    pub amount: Money,
    pub correct_date: NaiveDate,
    pub use_des: String,
}
