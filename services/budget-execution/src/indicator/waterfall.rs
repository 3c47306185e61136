//! Why an indicator has what it has: every turnover of its accounts is part of one signed term, and the terms add up to
//! the available amount. Pure.

use std::collections::BTreeMap;

use budget_execution_contract::WaterfallTerm;
use common_types::Money;
use common_types::ledger::{Account, Template};

use super::model::OWN_ACCOUNTS;

/// Turnover of one account of an indicator under one template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turnover {
    pub account: Account,
    pub template: Template,
    pub dr_amt: Money,
    pub cr_amt: Money,
}

/// Explains the available amount: the terms add up to it. None when a sum does not fit.
pub fn waterfall(available_account: Account, turnovers: &[Turnover]) -> Option<Vec<WaterfallTerm>> {
    let mut amounts: BTreeMap<Term, Money> = ALWAYS.into_iter().map(|term| (term, Money::ZERO)).collect();
    for turnover in turnovers {
        for (term, amount) in contributions(available_account, turnover)? {
            let sum = amounts.entry(term).or_default();
            *sum = sum.checked_add(amount)?;
        }
    }
    let shown = amounts.into_iter().filter(|(term, amount)| ALWAYS.contains(term) || !amount.is_zero());
    Some(shown.map(|(term, amount)| term.line(amount)).collect())
}

/// Terms that are shown even when they are zero.
const ALWAYS: [Term; 7] =
    [Term::Approved, Term::In, Term::Out, Term::Frozen, Term::Reserved, Term::Spent, Term::Refunded];

/// What one turnover adds to each term; together the change of the available amount. None when a sum does not fit.
pub fn contributions(available_account: Account, turnover: &Turnover) -> Option<Vec<(Term, Money)>> {
    if !OWN_ACCOUNTS.contains(&turnover.account) {
        return Some(Vec::new());
    }
    let change = turnover.dr_amt.checked_sub(turnover.cr_amt)?;
    let mut parts = Vec::with_capacity(3);
    if turnover.account != available_account {
        parts.push((held_in(turnover.account), change.checked_neg()?));
    }
    // Unit funds are settled by E23 within the indicator (7501 from 7101).
    let is_settled =
        turnover.template == Template::E23 && matches!(turnover.account, Account::InPayment | Account::UnitFundsSpent);
    if is_inside(turnover.template) || is_settled {
        let is_source = matches!(turnover.account, Account::Executable | Account::Committed);
        if is_source && is_refund(turnover.template) {
            parts.push((Term::Refunded, turnover.dr_amt));
            parts.push((Term::Spent, turnover.dr_amt.checked_neg()?));
        }
    } else if matches!(turnover.template, Template::E24 | Template::E25) {
        // The second entry of a transfer stays inside the indicator; over its accounts only the first remains.
        parts.push((Term::Approved, change));
    } else {
        parts.push((inflow(turnover.template), turnover.dr_amt));
        parts.push((outflow(turnover.template), turnover.cr_amt.checked_neg()?));
    }
    Some(parts)
}

/// What a part of the available amount is due to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Term {
    Approved,
    In,
    Out,
    CarriedIn,
    CarriedOut,
    Recovered,
    Closed,
    Unallocated,
    PendingIssue,
    PendingTransfer,
    Transferred,
    Frozen,
    Committed,
    Reserved,
    Spent,
    Refunded,
}

impl Term {
    /// Its line of the waterfall.
    pub fn line(self, amount: Money) -> WaterfallTerm {
        let (name, name_zh) = match self {
            Self::Approved => ("approved", "批复"),
            Self::In => ("in", "调入及追加"),
            Self::Out => ("out", "调出、分解及追减"),
            Self::CarriedIn => ("carried_in", "上年结转"),
            Self::CarriedOut => ("carried_out", "结转下年"),
            Self::Recovered => ("recovered", "收回"),
            Self::Closed => ("closed", "年终结账"),
            Self::Unallocated => ("unallocated", "待分配"),
            Self::PendingIssue => ("pending_issue", "待下达"),
            Self::PendingTransfer => ("pending_transfer", "待下达转移支付"),
            Self::Transferred => ("transferred", "已下达转移支付"),
            Self::Frozen => ("frozen", "冻结"),
            Self::Committed => ("committed", "采购占用"),
            Self::Reserved => ("reserved", "在途占用"),
            Self::Spent => ("spent", "已支出"),
            Self::Refunded => ("refunded", "退回"),
        };
        WaterfallTerm {
            name: name.to_owned(),
            name_zh: name_zh.to_owned(),
            amount,
            documents: Vec::new(),
            has_more: false,
        }
    }
}

/// Templates that move money between accounts of the same indicator.
fn is_inside(template: Template) -> bool {
    use Template::{E06, E14, E15, E16, E17, E18, E19, E20, E21, E22};
    matches!(template, E06 | E14 | E15 | E16 | E17 | E18 | E19 | E20 | E21 | E22)
}

fn is_refund(template: Template) -> bool {
    matches!(template, Template::E20 | Template::E21)
}

fn inflow(template: Template) -> Term {
    use Template::{E01, E02, E04, E05, E07, E08, E23, E30};
    match template {
        E01 | E02 | E04 | E05 | E07 | E08 | E23 => Term::Approved,
        Template::E03 | E30 => Term::CarriedIn,
        _ => Term::In,
    }
}

fn outflow(template: Template) -> Term {
    match template {
        Template::E27 => Term::Recovered,
        Template::E28 => Term::CarriedOut,
        Template::E29 => Term::Closed,
        _ => Term::Out,
    }
}

fn held_in(account: Account) -> Term {
    match account {
        Account::UnallocatedIndicator => Term::Unallocated,
        Account::PendingIssue => Term::PendingIssue,
        Account::PendingTransfer => Term::PendingTransfer,
        Account::IssuedTransfer => Term::Transferred,
        Account::Frozen => Term::Frozen,
        Account::Committed => Term::Committed,
        Account::InPayment => Term::Reserved,
        _ => Term::Spent,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests fail by panicking")]
mod tests {
    use super::*;

    #[test]
    fn every_term_is_named_in_the_interface_document() {
        let schema = serde_json::to_value(<WaterfallTerm as utoipa::PartialSchema>::schema()).unwrap();
        let told = schema["properties"]["name"]["description"].as_str().unwrap().to_owned();
        let arms = include_str!("waterfall.rs").lines().filter_map(|line| line.trim().strip_prefix("Self::"));
        let names: Vec<&str> = arms.filter_map(|arm| arm.split_once(" => (\"")?.1.split('"').next()).collect();
        assert!(names.len() > 10, "{names:?}");
        let untold: Vec<_> = names.into_iter().filter(|name| !told.contains(&format!("`{name}`"))).collect();
        assert!(untold.is_empty(), "{untold:?}");
    }
}
