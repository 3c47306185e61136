//! Unit funds (单位资金) and collections (托收) on the wire: what the unit's own accounts hold, what is asked of a unit.

use chrono::{DateTime, NaiveDate, Utc};
use common_types::{AccountNo, AgencyCode, Amount, DivisionCode, FiscalYear, Money};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Body of `POST /account-balances`: what the bank says that a deposit account of a unit holds.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAccountBalance {
    pub mof_div_code: DivisionCode,
    pub account_no: AccountNo,
    pub balance_amt: Money,
    /// When the account held it; an earlier report than the last is refused.
    pub as_of: DateTime<Utc>,
}

/// A deposit account of a unit, as the bank last told and with what payments on their way will take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccountBalance {
    pub mof_div_code: DivisionCode,
    pub account_no: AccountNo,
    pub balance_amt: Money,
    pub reserved_amt: Money,
    pub available: Money,
    pub as_of: DateTime<Utc>,
}

/// Filters of `GET /account-balances`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AccountBalanceFilter {
    #[param(value_type = String)]
    pub mof_div_code: Option<DivisionCode>,
    /// Rows per page, 1 to 1000; 50 when absent.
    pub page_size: Option<u64>,
    /// `next_page_token` of the page before.
    pub page_token: Option<String>,
}

/// Body of `POST /collection-notices`: taxes, insurance or supplies that a bank collects from a unit (托收通知).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCollectionNotice {
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub agency_code: AgencyCode,
    /// The number of the notice; once per division.
    pub entpay_app_no: String,
    pub payee_acct_name: String,
    pub payee_acct_no: AccountNo,
    pub payee_acct_bank_name: String,
    pub pay_amt: Amount,
    pub use_des: String,
    pub due_date: NaiveDate,
}

/// A collection notice as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CollectionNotice {
    pub notice_id: Uuid,
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub agency_code: AgencyCode,
    pub entpay_app_no: String,
    pub payee_acct_name: String,
    pub payee_acct_no: AccountNo,
    pub payee_acct_bank_name: String,
    pub pay_amt: Money,
    pub use_des: String,
    pub due_date: NaiveDate,
    pub is_withdrawn: bool,
    pub create_time: DateTime<Utc>,
}

/// Body of `POST /collection-notices/{notice_id}/withdrawals`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoticeWithdrawal {
    pub reason: String,
}

/// Filters of `GET /collection-notices`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct NoticeFilter {
    #[param(value_type = Option<String>)]
    pub mof_div_code: Option<DivisionCode>,
    #[param(value_type = Option<String>)]
    pub agency_code: Option<AgencyCode>,
    /// Rows per page, 1 to 1000; 50 when absent.
    pub page_size: Option<u64>,
    /// `next_page_token` of the page before.
    pub page_token: Option<String>,
}

/// Body of `POST /bookings`: the unit has booked the receipt of a voucher (入账).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewBooking {
    pub pay_cert_id: Uuid,
}

/// A booked receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Booking {
    pub pay_cert_id: Uuid,
    pub pay_cert_no: String,
    pub mof_div_code: DivisionCode,
    pub agency_code: AgencyCode,
    pub book_date: NaiveDate,
    pub booked_by: String,
}
