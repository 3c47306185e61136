//! The rules of one indicator: its slots and its amounts. Pure.

use std::collections::BTreeMap;

use budget_execution_contract::{self as contract, IndicatorAmounts, LineageNode};
use chrono::NaiveDate;
use common_types::ledger::Account;
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
pub const OWN_ACCOUNTS: [Account; 12] = [
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

/// Authority (额度): what can be used, is frozen, committed, in payment and spent, added up.
pub fn total(balances: &BTreeMap<Account, Money>) -> Option<Money> {
    let own = balances.iter().filter(|(account, _)| OWN_ACCOUNTS.contains(account));
    Money::try_sum(own.map(|(_, amount)| *amount))
}
