//! The rules of one commitment. Pure.

use budget_execution_contract::{Commitment, CommitmentDraft};
use chrono::NaiveDate;
use common_types::ledger::{Account, Template};
use common_types::{AccountNo, Amount, Money};
use service_kit::Problem;
use uuid::Uuid;
use workflow::Document;

use super::entity::{Model, Occupation};
use crate::RULES;
use crate::ledger::{Entry, Place, Posting, Slot};

const LONGEST_NAME: usize = 300;
const LONGEST_NUMBER: usize = 100;

/// A commitment as a payment and its rules see it (PAY-009, PAY-010).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub commitment_id: Uuid,
    pub bgt_id: Uuid,
    pub contract_no: Option<String>,
    pub payee_acct_name: String,
    pub payee_acct_no: AccountNo,
    /// With all amendments in force.
    pub contract_amt: Money,
    /// What can still be taken.
    pub remaining_amt: Money,
    /// Taken by payments, those under way included, net of refunds: Σ paid of PAY-009.
    pub drawn_amt: Money,
    pub prepay_percent: i32,
    pub is_in_force: bool,
}

/// Lengths that the table keeps, and what an amendment needs.
pub fn require_content(draft: &CommitmentDraft) -> Result<(), Problem> {
    let needed = [
        ("/contract_name", draft.contract_name.as_str(), LONGEST_NAME),
        ("/payee_acct_name", draft.payee_acct_name.as_str(), LONGEST_NAME),
        ("/contract_no", draft.contract_no.as_deref().unwrap_or("x"), LONGEST_NUMBER),
    ];
    for (pointer, text, longest) in needed {
        if text.trim().is_empty() || text.chars().count() > longest {
            let en = format!("1 to {longest} characters are needed");
            return Err(Problem::field(pointer, format!("应填写 1 至 {longest} 字"), en));
        }
    }
    if !(0..=100).contains(&draft.prepay_percent) {
        return Err(Problem::field("/prepay_percent", "应在 0 至 100 之间", "must lie between 0 and 100"));
    }
    if draft.is_reduction && draft.ori_commitment_id.is_none() {
        let (zh, en) = ("减少须指明所变更的合同占用", "a reduction names the commitment that it amends");
        return Err(Problem::field("/ori_commitment_id", zh, en));
    }
    Ok(())
}

impl Model {
    /// Its own balance.
    pub const fn committed(&self) -> Slot {
        Slot::new(Account::Committed, self.commitment_id)
    }

    /// The free amount of its indicator.
    pub const fn executable(&self) -> Slot {
        Slot::new(Account::Executable, self.bgt_id)
    }

    /// Where a balance of its books lives.
    pub fn place(&self, slot: Slot) -> Place {
        Place { mof_div_code: self.mof_div_code.clone(), fiscal_year: self.fiscal_year, slot }
    }

    /// Its next E15.
    pub fn posting(&self, today: NaiveDate, entry: Entry) -> Posting {
        Posting {
            event_id: self.commitment_id,
            template: Template::E15,
            line: self.posting_count.saturating_add(1),
            mof_div_code: self.mof_div_code.clone(),
            fiscal_year: self.fiscal_year,
            vou_date: today.min(self.fiscal_year.last_day()),
            source_doc: format!("commitments/{}", self.commitment_id),
            entries: vec![entry],
        }
    }

    /// 占用: from the indicator to the commitment.
    pub const fn occupying(&self, amount: Amount) -> Entry {
        Entry::new(self.committed(), self.executable(), amount)
    }

    /// 释放: from the commitment back to the indicator.
    pub const fn releasing(&self, amount: Amount) -> Entry {
        self.occupying(amount).reversed()
    }

    /// Whether it can be paid from.
    pub fn is_in_force(&self) -> bool {
        self.commitment_status == Occupation::InForce
    }

    /// 409 unless it can be paid from.
    pub fn require_in_force(&self) -> Result<(), Problem> {
        match self.commitment_status {
            Occupation::InForce => Ok(()),
            Occupation::Closed => Err(self.refuse("BE-111", "已关闭", "is closed")),
            Occupation::Free | Occupation::Occupied => Err(self.refuse("BE-112", "尚未生效", "is not in force")),
        }
    }

    /// 409 unless it is in review and keeps its amount: the year end takes that away.
    pub fn require_occupied(&self) -> Result<(), Problem> {
        match self.commitment_status {
            Occupation::Occupied => Ok(()),
            Occupation::Closed => Err(self.refuse("BE-111", "已关闭", "is closed")),
            Occupation::Free | Occupation::InForce => Err(self.refuse("BE-112", "未占用", "keeps nothing")),
        }
    }

    /// A refusal that names it.
    pub fn refuse(&self, code: &'static str, zh: &str, en: &str) -> Problem {
        let (name, id) = (&self.contract_name, self.commitment_id);
        let (zh, en) = (format!("采购占用“{name}”{zh}"), format!("commitment {id} {en}"));
        let problem = match code {
            "BE-111" => RULES.refuse("BE-111", zh, en),
            "BE-113" => RULES.refuse("BE-113", zh, en),
            _ => RULES.refuse("BE-112", zh, en),
        };
        problem.with("commitment_id", id)
    }

    /// The view, with what the ledger says of it.
    pub fn view(self, remaining_amt: Money, document: &Document) -> Commitment {
        let drawn_amt = self.drawn(remaining_amt);
        Commitment {
            commitment_id: self.commitment_id,
            mof_div_code: self.mof_div_code,
            fiscal_year: self.fiscal_year,
            agency_code: self.agency_code,
            bgt_id: self.bgt_id,
            contract_no: self.contract_no,
            contract_name: self.contract_name,
            payee_acct_name: self.payee_acct_name,
            payee_acct_no: self.payee_acct_no,
            commitment_amt: self.commitment_amt,
            contract_amt: self.contract_amt,
            remaining_amt,
            drawn_amt,
            released_amt: self.released_amt,
            prepay_percent: self.prepay_percent,
            ori_commitment_id: self.ori_commitment_id,
            is_reduction: self.is_reduction,
            carried_from: self.carried_from,
            commitment_status: self.commitment_status.into(),
            create_time: self.create_time,
            state: document.state(),
        }
    }

    /// What its payments have taken, given what it still keeps.
    pub fn drawn(&self, remaining: Money) -> Money {
        if self.ori_commitment_id.is_some() || matches!(self.commitment_status, Occupation::Free | Occupation::Occupied)
        {
            return Money::ZERO;
        }
        let rest = self.contract_amt.checked_sub(remaining);
        rest.and_then(|rest| rest.checked_sub(self.released_amt)).unwrap_or_default()
    }
}
