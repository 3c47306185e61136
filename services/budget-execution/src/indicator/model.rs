//! The rules of one indicator: its slots, its amounts, and why it has what it has. Pure.

use std::collections::BTreeMap;

use budget_execution_contract::{self as contract, IndicatorAmounts, LineageNode, WaterfallTerm};
use chrono::NaiveDate;
use common_types::ledger::{Account, Template};
use common_types::{BgtExeFlag, Elements, FoundTypeCode, Money, ProCatCode, ProCode, SourceTypeCode};
use uuid::Uuid;

use super::entity::Model;
use crate::ledger::{Place, Slot};

/// An indicator (指标). Its amounts are on the ledger, under its `bgt_id` as key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Indicator {
    pub bgt_id: Uuid,
    pub elements: Elements,
    pub bgt_doc_title: Option<String>,
    pub doc_date: Option<NaiveDate>,
    pub bgt_dec: Option<String>,
    pub bgt_exe_flag: BgtExeFlag,
    /// The amount that it is made with; never changed.
    pub amount: Money,
    pub ori_bgt_id: Option<Uuid>,
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
    /// The document or approval that makes it.
    pub origin_id: Uuid,
}

impl Indicator {
    /// Its balance on this account.
    pub const fn slot(&self, account: Account) -> Slot {
        Slot::new(account, self.bgt_id)
    }

    /// Where its balance on this account lives.
    pub fn place(&self, account: Account) -> Place {
        Place {
            mof_div_code: self.elements.mof_div_code.clone(),
            fiscal_year: self.elements.fiscal_year,
            slot: self.slot(account),
        }
    }

    /// Whether a unit can pay from it (BA-007).
    pub fn is_executable(&self) -> bool {
        self.bgt_exe_flag == BgtExeFlag::Executable
    }

    /// The account on which its available amount stands.
    pub fn available_account(&self) -> Account {
        match self.bgt_exe_flag {
            BgtExeFlag::Executable => Account::Executable,
            BgtExeFlag::Unallocated if self.elements.rec_div_code.is_some() => Account::PendingTransfer,
            BgtExeFlag::Unallocated => Account::UnallocatedIndicator,
        }
    }

    /// Its amounts, from the balances of its key.
    pub fn amounts(&self, balances: &BTreeMap<Account, Money>) -> IndicatorAmounts {
        let on = |account: Account| balances.get(&account).copied().unwrap_or_default();
        let both = |one: Account, other: Account| on(one).checked_add(on(other)).unwrap_or(on(one));
        IndicatorAmounts {
            available: on(self.available_account()),
            pending_issue: on(Account::PendingIssue),
            frozen: on(Account::Frozen),
            committed: on(Account::Committed),
            in_payment: on(Account::InPayment),
            paid: both(Account::Paid, Account::Cleared),
            allocated: both(Account::Allocated, Account::UnitFundsSpent),
            transferred: on(Account::IssuedTransfer),
        }
    }

    /// The wire form with its present amounts.
    pub fn view(self, row: &Model, balances: &BTreeMap<Account, Money>) -> contract::Indicator {
        let amounts = self.amounts(balances);
        contract::Indicator {
            bgt_id: self.bgt_id,
            elements: self.elements,
            bgt_doc_title: self.bgt_doc_title,
            doc_date: self.doc_date,
            bgt_dec: self.bgt_dec,
            bgt_exe_flag: self.bgt_exe_flag,
            amount: self.amount,
            ori_bgt_id: self.ori_bgt_id,
            bgt_pman_id: self.bgt_pman_id,
            adj_batch_no: self.adj_batch_no,
            is_track: self.is_track,
            track_pro_code: self.track_pro_code,
            source_type_code: self.source_type_code,
            is_three_ensure: self.is_three_ensure,
            pro_kind_code: self.pro_kind_code,
            found_type_code: self.found_type_code,
            pro_name: self.pro_name,
            agency_name: self.agency_name,
            origin_id: self.origin_id,
            create_time: row.create_time,
            amounts,
        }
    }

    /// Its place in a lineage.
    pub fn node(&self) -> LineageNode {
        LineageNode {
            bgt_id: self.bgt_id,
            ori_bgt_id: self.ori_bgt_id,
            mof_div_code: self.elements.mof_div_code.clone(),
            agency_code: self.elements.agency_code.clone(),
            cor_bgt_doc_no: self.elements.cor_bgt_doc_no.clone(),
            sup_bgt_doc_no: self.elements.sup_bgt_doc_no.clone(),
            bgt_pman_id: self.bgt_pman_id.clone(),
            origin_id: self.origin_id,
            amount: self.amount,
        }
    }
}

/// The accounts between which money of an indicator moves without leaving it.
const OWN_ACCOUNTS: [Account; 12] = [
    Account::UnallocatedIndicator,
    Account::PendingIssue,
    Account::PendingTransfer,
    Account::IssuedTransfer,
    Account::Executable,
    Account::Frozen,
    Account::Committed,
    Account::InPayment,
    Account::Paid,
    Account::Cleared,
    Account::Allocated,
    Account::UnitFundsSpent,
];

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
    let mut amounts = BTreeMap::<Term, Money>::new();
    let mut add = |term: Term, amount: Money| {
        let sum = amounts.entry(term).or_default();
        *sum = sum.checked_add(amount)?;
        Some(())
    };
    for turnover in turnovers.iter().filter(|turnover| OWN_ACCOUNTS.contains(&turnover.account)) {
        let minus = |amount: Money| amount.checked_neg();
        if is_inside(turnover.template) {
            let inside = turnover.dr_amt.checked_sub(turnover.cr_amt)?;
            if turnover.account == Account::Executable && is_refund(turnover.template) {
                add(Term::Refunded, turnover.dr_amt)?;
                add(Term::Spent, minus(turnover.dr_amt)?)?;
            }
            if turnover.account != available_account {
                add(held_in(turnover.account), minus(inside)?)?;
            }
            continue;
        }
        if matches!(turnover.template, Template::E24 | Template::E25) {
            // The second entry of a transfer stays inside the indicator; over its accounts only the first remains.
            add(Term::Approved, turnover.dr_amt.checked_sub(turnover.cr_amt)?)?;
            if turnover.account != available_account {
                add(held_in(turnover.account), turnover.cr_amt.checked_sub(turnover.dr_amt)?)?;
            }
            continue;
        }
        add(inflow(turnover.template), turnover.dr_amt)?;
        add(outflow(turnover.template), minus(turnover.cr_amt)?)?;
        if turnover.account != available_account {
            add(held_in(turnover.account), turnover.cr_amt.checked_sub(turnover.dr_amt)?)?;
        }
    }
    let always = [Term::Approved, Term::In, Term::Out, Term::Frozen, Term::Reserved, Term::Spent, Term::Refunded];
    for term in always {
        amounts.entry(term).or_default();
    }
    let shown = amounts.into_iter().filter(|(term, amount)| always.contains(term) || !amount.is_zero());
    Some(shown.map(|(term, amount)| term.line(amount)).collect())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Term {
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
    Reserved,
    Spent,
    Refunded,
}

impl Term {
    fn line(self, amount: Money) -> WaterfallTerm {
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
            Self::Reserved => ("reserved", "在途占用"),
            Self::Spent => ("spent", "已支出"),
            Self::Refunded => ("refunded", "退回"),
        };
        WaterfallTerm { name: name.to_owned(), name_zh: name_zh.to_owned(), amount }
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
        Account::Committed | Account::InPayment => Term::Reserved,
        _ => Term::Spent,
    }
}
