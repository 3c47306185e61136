//! Who pays (PAY-005, PAY-006, PAY-024).

use budget_execution_contract::{PayVariant, PaymentDetail, PaymentDraft};
use common_types::{AccTypeCode, AccountNo};

use super::{Breach, Facts, content::bare};
use crate::peers::base_info::Parties;

/// The kinds of account that pay in a variant.
const fn kinds(variant: PayVariant) -> &'static [AccTypeCode] {
    match variant {
        PayVariant::UnitZeroBalance => &[AccTypeCode::AgencyZeroBalance],
        PayVariant::FinanceZeroBalance | PayVariant::FinancePayment => &[AccTypeCode::FinanceZeroBalance],
        PayVariant::UnitFunds => &[AccTypeCode::AgencyBasicDeposit, AccTypeCode::AgencySpecialDeposit],
    }
}

/// PAY-006: the account is open, of the right kind, and the unit's own or the finance bureau's.
pub(super) fn account(facts: &Facts<'_>) -> Vec<Breach> {
    let (content, bearer) = (facts.content, facts.bearer);
    let mut breaches = Vec::new();
    let is_unit_money = bearer.fund_type_code.as_str().starts_with('3');
    if is_unit_money != (content.pay_variant == PayVariant::UnitFunds) {
        let (zh, en) = (
            "单位资金须以单位资金方式支付，其他资金不得从单位存款账户支付",
            "unit funds are paid from the unit's own account, other money is not",
        );
        breaches.push(Breach::refuse("PAY-006", "/pay_variant", zh, en));
    }
    let is_of_finance = matches!(content.pay_variant, PayVariant::FinanceZeroBalance | PayVariant::FinancePayment);
    let may_pay = facts.findings.payer.as_ref().is_some_and(|payer| {
        let is_owned = match &payer.agency_code {
            None => is_of_finance,
            Some(owner) => !is_of_finance && *owner == content.agency_code,
        };
        payer.is_enabled && is_owned && kinds(content.pay_variant).contains(&payer.acc_type_code)
    });
    if !may_pay {
        let number = &content.pay_acct_no;
        let zh = format!("付款账户 {number} 不存在、已停用、不属于本单位或账户类型与支付方式不符");
        let en = format!("payer account {number} is absent, disabled, of another owner or of another kind");
        breaches.push(Breach::refuse("PAY-006", "/pay_acct_no", zh, en));
    }
    breaches
}

/// Every payee's account, with where it stands: the payment's own first, then those of its details.
fn payees<'a>(content: &'a PaymentDraft) -> impl Iterator<Item = (String, &'a str, &'a AccountNo)> {
    let own = ("/payee_acct_no".to_owned(), content.payee_acct_name.as_str(), &content.payee_acct_no);
    let of_detail = |(index, detail): (usize, &'a PaymentDetail)| {
        (format!("/details/{index}/payee_acct_no"), detail.payee_acct_name.as_str(), &detail.payee_acct_no)
    };
    std::iter::once(own).chain(content.details.iter().enumerate().map(of_detail))
}

/// PAY-005: no payee is on the blacklist.
pub(super) fn blacklist(facts: &Facts<'_>) -> Vec<Breach> {
    let listed = payees(facts.content).filter(|(.., number)| facts.findings.blacklisted.contains(number));
    listed.map(|(pointer, _, number)| blacklisted(pointer, number)).collect()
}

/// PAY-005 with the account.
fn blacklisted(pointer: impl Into<String>, number: &AccountNo) -> Breach {
    let (zh, en) = (format!("收款账号 {number} 在黑名单中"), format!("payee account {number} is on the blacklist"));
    Breach::refuse("PAY-005", pointer, zh, en)
}

/// PAY-005, PAY-006: what base data says of a payment that was submitted while it said otherwise.
pub fn since_submission(parties: &Parties) -> Option<Breach> {
    if !parties.payer.as_ref().is_some_and(|payer| payer.is_enabled) {
        let (zh, en) = ("付款账户已停用", "the payer's account is disabled");
        return Some(Breach::refuse("PAY-006", "/pay_acct_no", zh, en));
    }
    parties.blacklisted.first().map(|number| blacklisted("/payee_acct_no", number))
}

/// PAY-005: an account does not pay itself.
pub(super) fn itself(facts: &Facts<'_>) -> Vec<Breach> {
    let content = facts.content;
    let same = payees(content).filter(|(.., number)| **number == content.pay_acct_no);
    same.map(|(pointer, ..)| paid_to_itself(pointer)).collect()
}

/// PAY-005 of an account that would pay itself.
pub fn paid_to_itself(pointer: impl Into<String>) -> Breach {
    Breach::refuse("PAY-005", pointer, "收款账户不得与付款账户相同", "an account does not pay itself")
}

/// Whether a payee has the name of the unit, however it is punctuated (PAY-012).
pub fn is_to_own(content: &PaymentDraft, agency_name: &str) -> bool {
    let own = bare(agency_name);
    payees(content).any(|(_, name, _)| bare(name) == own)
}

/// PAY-024: the unit's own account has that much.
pub(super) fn balance(facts: &Facts<'_>) -> Vec<Breach> {
    let content = facts.content;
    if content.pay_variant != PayVariant::UnitFunds {
        return Vec::new();
    }
    let available = facts.findings.balance_amt;
    if available.is_some_and(|available| available >= content.pay_app_amt) {
        return Vec::new();
    }
    vec![short_of_balance(&content.pay_acct_no, available, content.pay_app_amt)]
}

/// PAY-024 with its figures.
fn short_of_balance(
    number: &common_types::AccountNo,
    available: Option<common_types::Money>,
    requested: common_types::Money,
) -> Breach {
    let told = |unknown: &str| available.map_or_else(|| unknown.to_owned(), |amount| amount.to_string());
    let zh = format!("账户 {number} 可用余额 {}，本次支付 {requested}", told("未知"));
    let en = format!("account {number} has {} left, {requested} is asked for", told("an unknown amount"));
    let breach = Breach::refuse("PAY-024", "/pay_app_amt", zh, en);
    breach.with("balance_amt", available).with("requested", requested)
}
