//! Unit accounting vouchers (单位会计凭证, GLA_VOU_HEAD and GLA_VOU_DETAIL) on the wire.

use chrono::{DateTime, NaiveDate, Utc};
use common_types::{
    AgencyCode, BgtTypeCode, DepBgtEcoCode, DivisionCode, ExpFuncCode, FiscalYear, FundTypeCode, GovBgtEcoCode, Money,
    ProCatCode, ProCode,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use workflow::State;

/// Declares a small closed set of words, the same on the wire and in a column.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident; $($(#[$note:meta])* $variant:ident = $word:literal,)+) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
        pub enum $name {
            $($(#[$note])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// The word of this value.
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }

            /// The value of a word.
            pub fn of(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
}

words! {
    /// One of the two parallel groups of a voucher (平行记账); each balances for itself (ACC-001).
    EntryGroup;
    /// 财务会计: accounts 1 to 5
    Financial = "financial",
    /// 预算会计: accounts 6 to 8
    Budget = "budget",
}

impl EntryGroup {
    /// The group of an account.
    pub fn of_account(code: &str) -> Self {
        if code.starts_with(['6', '7', '8']) { Self::Budget } else { Self::Financial }
    }
}

words! {
    /// 借 or 贷 (DR_CR).
    EntrySide;
    /// 借
    Debit = "dr",
    /// 贷
    Credit = "cr",
}

impl EntrySide {
    /// The other side.
    pub const fn opposite(self) -> Self {
        match self {
            Self::Debit => Self::Credit,
            Self::Credit => Self::Debit,
        }
    }
}

words! {
    /// What a voucher was made from.
    VoucherSource;
    /// 支付成功
    Payment = "payment",
    /// 退款
    Refund = "refund",
    /// 更正
    Correction = "correction",
    /// 手工凭证
    Manual = "manual",
    /// 年终结转
    YearEnd = "year-end",
}

words! {
    /// Whether a voucher counts.
    VoucherStatus;
    /// 未记账
    Draft = "DRAFT",
    /// 已记账
    Posted = "POSTED",
    /// 已删除
    Deleted = "DELETED",
}

/// What a line is kept by besides its account (辅助核算要素, ACC-004).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Auxiliary {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pro_code: Option<ProCode>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pro_kind_code: Option<ProCatCode>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exp_func_code: Option<ExpFuncCode>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gov_bgt_eco_code: Option<GovBgtEcoCode>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dep_bgt_eco_code: Option<DepBgtEcoCode>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fund_type_code: Option<FundTypeCode>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bgt_type_code: Option<BgtTypeCode>,
    /// Who owes or is owed (往来对象).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fund_tra_obj_name: Option<String>,
}

/// One line of a voucher; its group follows from its account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VoucherLine {
    /// Account of the unit (单位会计科目).
    pub gov_acct_cls_code: String,
    pub dr_cr: EntrySide,
    /// Above zero.
    pub amt: Money,
    #[serde(default)]
    pub vou_det_desc: String,
    #[serde(flatten)]
    pub auxiliary: Auxiliary,
}

/// Body of `POST /unit-vouchers` (手工凭证).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UnitVoucherDraft {
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub agency_code: AgencyCode,
    pub voucher_date: NaiveDate,
    pub voucher_abs: String,
    /// In the adjustment period (13 期, ACC-006) rather than in the month of the date.
    #[serde(default)]
    pub is_adjust_period: bool,
    pub details: Vec<VoucherLine>,
}

/// One line of a voucher as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UnitVoucherDetail {
    pub vou_seq: i32,
    pub group: EntryGroup,
    pub gov_acct_cls_name: String,
    #[serde(flatten)]
    pub line: VoucherLine,
}

/// A voucher as it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct UnitVoucher {
    pub vou_id: Uuid,
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub agency_code: AgencyCode,
    /// 1 to 12, and 13 for adjustments.
    pub acct_period: i32,
    /// Given when the voucher is posted, without gaps within a unit's year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voucher_no: Option<i32>,
    pub voucher_abs: String,
    pub voucher_date: NaiveDate,
    pub vou_status: VoucherStatus,
    pub source_kind: VoucherSource,
    pub source_id: Uuid,
    /// Payments and what follows from them (ACC-005).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pay_cert_no: Option<String>,
    pub inputer: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub poster: Option<String>,
    pub red_flag: bool,
    pub is_adjust_period: bool,
    /// Made by the year end (年终结转); reports leave it out.
    pub is_carry_over: bool,
    /// 财务会计 debits.
    pub dr_amt: Money,
    /// 财务会计 credits.
    pub cr_amt: Money,
    /// 预算会计 debits.
    pub dr_ys_amt: Money,
    /// 预算会计 credits.
    pub cr_ys_amt: Money,
    pub details: Vec<UnitVoucherDetail>,
    /// Manual vouchers only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
    pub create_time: DateTime<Utc>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub post_time: Option<DateTime<Utc>>,
}

/// Filters of `GET /unit-vouchers`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UnitVoucherFilter {
    #[param(value_type = Option<String>)]
    pub mof_div_code: Option<DivisionCode>,
    #[param(value_type = Option<i32>)]
    pub fiscal_year: Option<FiscalYear>,
    /// This unit and those below it.
    #[param(value_type = Option<String>)]
    pub agency_code: Option<AgencyCode>,
    pub pay_cert_no: Option<String>,
}
