//! The postings of a payment's life (E16, E17, E18, E20): reserve, then settle or release, exactly once. All carry the
//! reservation's id, so that the ledger itself refuses a second end of the same reservation. Each moves all layers that
//! the payment was reserved on: its source (the indicator's free amount, or the commitment that it draws on) and, under
//! double control (双控制), the cash plan. Direct allocations (实拨) are reserved and spent in the same way.

use chrono::NaiveDate;
use common_types::{
    Amount, DivisionCode, FiscalYear, Money,
    ledger::{Account, Template},
};
use sea_orm::DatabaseTransaction;
use service_kit::Problem;
use uuid::Uuid;

use super::entity::{Variant, application};
use crate::commitment::drawing;
use crate::indicator::refusal;
use crate::ledger::{Entry, PostError, Posting, Slot};

/// What happens to reserved money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Movement {
    /// 支付申请占用, E16
    Reserve,
    /// 退回、作废、银行拒付, E17
    Release,
    /// 支付成功, E18; of unit funds E23, of a direct allocation E22
    Settle,
}

/// Reserved money, and the layers that it stands on.
#[derive(Debug, Clone)]
pub struct Reserved {
    pub reservation_id: Uuid,
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub bgt_id: Uuid,
    /// Where it comes from and goes back to.
    pub source: Slot,
    /// How it is spent, and where it stands then.
    pub spending: (Template, Account),
    pub is_contrlbyplan: bool,
    /// The document that it is reserved for.
    pub source_doc: String,
}

impl Reserved {
    /// The posting of this movement of all or part of it, on every layer.
    pub fn posting(self, (movement, moved): (Movement, Money), today: NaiveDate) -> Result<Posting, Problem> {
        let moved = amount(moved)?;
        let slot = |account| Slot::new(account, self.bgt_id);
        let (settling, spent) = self.spending;
        let (template, debit, credit) = match movement {
            Movement::Reserve => (Template::E16, slot(Account::InPayment), self.source),
            Movement::Release => (Template::E17, self.source, slot(Account::InPayment)),
            Movement::Settle => (settling, slot(spent), slot(Account::InPayment)),
        };
        let mut entries = vec![Entry::new(debit, credit, moved)];
        if self.is_contrlbyplan {
            entries.push(plan_entry(self.bgt_id, movement, moved));
        }
        Ok(Posting {
            event_id: self.reservation_id,
            template,
            line: 1,
            vou_date: today.min(self.fiscal_year.last_day()),
            mof_div_code: self.mof_div_code,
            fiscal_year: self.fiscal_year,
            source_doc: self.source_doc,
            entries,
        })
    }
}

/// What the books take when an application reserves its amount: all of it, on every layer, or the application is refused.
pub fn reservation(row: &application::Model, reservation_id: Uuid, today: NaiveDate) -> Result<Posting, Problem> {
    posting(row, reservation_id, (Movement::Reserve, row.pay_app_amt), today)
}

/// The posting of this movement of all or part of the reservation. Money that is released goes back where it came from.
pub fn posting(
    row: &application::Model,
    reservation_id: Uuid,
    moved: (Movement, Money),
    today: NaiveDate,
) -> Result<Posting, Problem> {
    let reserved = Reserved {
        reservation_id,
        mof_div_code: row.mof_div_code.clone(),
        fiscal_year: row.fiscal_year,
        bgt_id: row.bgt_id,
        source: source(row),
        spending: spending(row),
        is_contrlbyplan: row.is_contrlbyplan,
        source_doc: format!("payments/{}", row.pay_app_id),
    };
    reserved.posting(moved, today)
}

/// How money of an application is spent, and where it stands then: unit funds by themselves.
const fn spending(row: &application::Model) -> (Template, Account) {
    match row.pay_variant {
        Variant::UnitFunds => (Template::E23, Account::UnitFundsSpent),
        Variant::UnitZeroBalance | Variant::FinanceZeroBalance | Variant::FinancePayment => {
            (Template::E18, Account::Paid)
        }
    }
}

/// The posting that releases all or part of a reservation (E17): what a commitment gave goes back to it while it is open.
pub async fn release(
    tx: &DatabaseTransaction,
    row: &application::Model,
    reservation_id: Uuid,
    moved: Money,
    today: NaiveDate,
) -> Result<Posting, Problem> {
    let mut posting = posting(row, reservation_id, (Movement::Release, moved), today)?;
    if let Some(commitment_id) = row.commitment_id {
        let returned = amount(moved)?;
        let back = drawing::taking_back(tx, commitment_id, (row.pay_app_id, row.bgt_id), returned).await?;
        if let Some(first) = posting.entries.first_mut() {
            first.debit = back;
        }
    }
    Ok(posting)
}

/// Why a reservation was refused: the layer that does not hold it, its equation, and what changed since the draft.
pub async fn refused(tx: &DatabaseTransaction, row: &application::Model, error: PostError) -> Problem {
    let is_committed = matches!(error, PostError::Insufficient { account: Account::Committed, .. });
    if let (true, Some(commitment_id)) = (is_committed, row.commitment_id)
        && let Err(early) = drawing::require_drawable(tx, commitment_id, row.bgt_id, row.pay_app_amt).await
    {
        return early;
    }
    let problem = refusal::explained(tx, error, "BA-001").await;
    refusal::with_changes(tx, problem, (row.bgt_id, row.update_time)).await
}

/// Where the money of an application comes from.
pub fn source(row: &application::Model) -> Slot {
    match row.commitment_id {
        Some(commitment_id) => Slot::new(Account::Committed, commitment_id),
        None => Slot::new(Account::Executable, row.bgt_id),
    }
}

fn plan_entry(bgt_id: Uuid, movement: Movement, moved: Amount) -> Entry {
    let slot = |account| Slot::new(account, bgt_id);
    let reserve = Entry::new(slot(Account::PlanInPayment), slot(Account::PlanAvailable), moved);
    match movement {
        Movement::Reserve => reserve,
        Movement::Release => reserve.reversed(),
        Movement::Settle => Entry::new(slot(Account::PlanUsed), slot(Account::PlanInPayment), moved),
    }
}

/// The entries of a refund of an application's money (E20): back to its source, and to the plan that it had used.
/// `bgt_id` is the indicator that bears the voucher now, after a correction another one than that of the application.
pub async fn refund(
    tx: &DatabaseTransaction,
    row: &application::Model,
    bgt_id: Uuid,
    moved: Amount,
) -> Result<Vec<Entry>, Problem> {
    let slot = |account| Slot::new(account, bgt_id);
    let source = match row.commitment_id {
        Some(commitment_id) => drawing::taking_back(tx, commitment_id, (row.pay_app_id, bgt_id), moved).await?,
        None => slot(Account::Executable),
    };
    let (_, spent) = spending(row);
    let mut entries = vec![Entry::new(source, slot(spent), moved)];
    if row.is_contrlbyplan {
        entries.push(Entry::new(slot(Account::PlanAvailable), slot(Account::PlanUsed), moved));
    }
    Ok(entries)
}

/// The entries of a correction (E21): off the old indicator, onto the new one, on every layer.
pub fn correction(row: &application::Model, from: Uuid, to: Uuid, moved: Amount) -> Vec<Entry> {
    let entry = |debit, credit, key_id| Entry::new(Slot::new(debit, key_id), Slot::new(credit, key_id), moved);
    let (_, spent) = spending(row);
    let mut entries = vec![entry(Account::Executable, spent, from), entry(spent, Account::Executable, to)];
    if row.is_contrlbyplan {
        entries.push(entry(Account::PlanAvailable, Account::PlanUsed, from));
        entries.push(entry(Account::PlanUsed, Account::PlanAvailable, to));
    }
    entries
}

/// An amount that a CHECK keeps above zero.
pub fn amount(money: Money) -> Result<Amount, Problem> {
    Amount::try_from(money).map_err(|error| Problem::internal(&error))
}
