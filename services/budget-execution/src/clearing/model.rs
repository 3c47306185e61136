//! The rules of clearing (CLR-002) and reconciliation. Pure.

use std::collections::{BTreeMap, BTreeSet};

use budget_execution_contract::{BankVoucherState, BankVoucherStatus, DifferenceKind};
use common_types::{AgencyCode, ExpFuncCode, FundTypeCode, Money};
use uuid::Uuid;

use crate::{
    refund::entity::Model as RefundRow,
    voucher::entity::{Model as VoucherRow, Stage},
};

/// How the treasury pays, as the central bank tells it apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// 授权支付, from the zero-balance accounts of units
    Authorised,
    /// 直接支付, from the zero-balance account of finance
    Direct,
}

impl Mode {
    /// The quota notice that covers it (清算额度通知单).
    pub const fn vt_code(self) -> &'static str {
        match self {
            Self::Authorised => "5106",
            Self::Direct => "5108",
        }
    }
}

/// What is listed, covered and cleared together.
pub type Kind = (FundTypeCode, Mode);

/// What one kind of funds comes to on a day, paid in one mode.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bundle {
    pub vouchers: Vec<Uuid>,
    pub paid_amt: Money,
    pub ref_amt: Money,
    /// Paid by unit and function, as a quota notice lists it.
    pub by_unit: BTreeMap<(AgencyCode, ExpFuncCode), Money>,
}

impl Bundle {
    /// Paid less refunded (CLR-002).
    pub fn lqd_amt(&self) -> Option<Money> {
        self.paid_amt.checked_sub(self.ref_amt)
    }
}

/// Vouchers and refunds by kind of funds and mode; none when a sum does not fit. `direct` are those that finance paid.
pub fn bundles(
    vouchers: &[VoucherRow],
    refunds: &[(RefundRow, FundTypeCode)],
    direct: &BTreeSet<Uuid>,
) -> Option<BTreeMap<Kind, Bundle>> {
    let mode = |pay_cert_id| if direct.contains(&pay_cert_id) { Mode::Direct } else { Mode::Authorised };
    let mut bundles = BTreeMap::<Kind, Bundle>::new();
    for voucher in vouchers {
        let bundle = bundles.entry((voucher.fund_type_code.clone(), mode(voucher.pay_cert_id))).or_default();
        bundle.vouchers.push(voucher.pay_cert_id);
        bundle.paid_amt = bundle.paid_amt.checked_add(voucher.xpay_amt)?;
        let part = (voucher.agency_code.clone(), voucher.exp_func_code.clone());
        let of_unit = bundle.by_unit.entry(part).or_default();
        *of_unit = of_unit.checked_add(voucher.xpay_amt)?;
    }
    for (refund, fund_type_code) in refunds {
        let bundle = bundles.entry((fund_type_code.clone(), mode(refund.pay_cert_id))).or_default();
        bundle.ref_amt = bundle.ref_amt.checked_add(refund.ref_amt)?;
    }
    Some(bundles)
}

/// One difference between our books and the bank's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub pay_cert_no: String,
    pub kind: DifferenceKind,
    pub ours: String,
    pub theirs: String,
}

/// What we and the bank say differently about the vouchers of a day.
pub fn compare(ours: &[VoucherRow], theirs: &[BankVoucherState]) -> Vec<Found> {
    let at_bank: BTreeMap<&str, &BankVoucherState> =
        theirs.iter().map(|line| (line.pay_cert_no.as_str(), line)).collect();
    let here: BTreeMap<&str, &VoucherRow> = ours.iter().map(|row| (row.pay_cert_no.as_str(), row)).collect();
    let of_ours = here.iter().filter_map(|(number, row)| match at_bank.get(number) {
        None => Some(found(number, DifferenceKind::MissingAtBank, our_words(row), String::new())),
        Some(line) => compare_one(row, line),
    });
    let only_theirs = at_bank
        .iter()
        .filter(|(number, _)| !here.contains_key(*number))
        .map(|(number, line)| found(number, DifferenceKind::MissingHere, String::new(), their_words(line)));
    of_ours.chain(only_theirs).collect()
}

fn compare_one(row: &VoucherRow, line: &BankVoucherState) -> Option<Found> {
    let kind = if row.pay_amt != line.pay_amt {
        DifferenceKind::Amount
    } else if !agrees(row, line.status) {
        DifferenceKind::Status
    } else if line.status == BankVoucherStatus::Paid && row.xpay_amt != line.xpay_amt {
        DifferenceKind::Amount
    } else {
        return None;
    };
    Some(found(&row.pay_cert_no, kind, our_words(row), their_words(line)))
}

fn agrees(row: &VoucherRow, theirs: BankVoucherStatus) -> bool {
    match row.voucher_status {
        Stage::Sent | Stage::Unknown | Stage::BankAccepted => theirs == BankVoucherStatus::Accepted,
        Stage::BankRejected => theirs == BankVoucherStatus::Rejected,
        Stage::Failed => theirs == BankVoucherStatus::Failed,
        Stage::Paid | Stage::Cleared => {
            let was_returned = theirs == BankVoucherStatus::Returned && !row.ref_amt.is_zero();
            theirs == BankVoucherStatus::Paid || was_returned
        }
        Stage::Generated | Stage::Signed | Stage::Sealed | Stage::Withdrawn => false,
    }
}

fn our_words(row: &VoucherRow) -> String {
    format!("{:?} {}", row.voucher_status, row.pay_amt)
}

fn their_words(line: &BankVoucherState) -> String {
    format!("{:?} {}", line.status, line.pay_amt)
}

fn found(number: &str, kind: DifferenceKind, ours: String, theirs: String) -> Found {
    Found { pay_cert_no: number.to_owned(), kind, ours, theirs }
}
