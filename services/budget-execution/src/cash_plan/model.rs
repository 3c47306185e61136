//! The rules of a cash plan. Pure.

use std::collections::BTreeMap;

use budget_execution_contract::{CashPlanDraft, PlanMonth};
use chrono::{Datelike as _, NaiveDate};
use common_types::ledger::{Account, Template};
use common_types::{Amount, FiscalYear, Money};
use service_kit::Problem;
use uuid::Uuid;

use super::entity::{Model, month};
use crate::indicator;
use crate::ledger::{Entry, PostError, Posting, Slot};

const LONGEST_REMARK: usize = 300;
const MOST_LINES: usize = 24;
const MONTHS: i32 = 12;

/// The latest month of a year whose plan can be used on this day; 0 before the year.
pub fn last_due_month(fiscal_year: FiscalYear, today: NaiveDate) -> i32 {
    match today {
        _ if today < fiscal_year.first_day() => 0,
        _ if today > fiscal_year.last_day() => MONTHS,
        _ => i32::try_from(today.month()).unwrap_or(MONTHS),
    }
}

/// Months of the year with amounts that are not zero.
pub fn require_content(draft: &CashPlanDraft) -> Result<Money, Problem> {
    if draft.remark.chars().count() > LONGEST_REMARK {
        let en = format!("at most {LONGEST_REMARK} characters");
        return Err(Problem::field("/remark", format!("不得超过 {LONGEST_REMARK} 字"), en));
    }
    if draft.months.is_empty() || draft.months.len() > MOST_LINES {
        let (zh, en) = ("应有 1 至 24 行", "1 to 24 lines are needed");
        return Err(Problem::field("/months", zh, en));
    }
    for (index, line) in draft.months.iter().enumerate() {
        if !(1..=MONTHS).contains(&line.plan_month) {
            let pointer = format!("/months/{index}/plan_month");
            return Err(Problem::field(pointer, "应为 1 至 12 月", "must lie between 1 and 12"));
        }
        if line.plan_amt.is_zero() {
            let pointer = format!("/months/{index}/plan_amt");
            return Err(Problem::field(pointer, "不能为零", "must not be zero"));
        }
    }
    Money::try_sum(draft.months.iter().map(|line| line.plan_amt)).ok_or_else(|| PostError::Overflow.into())
}

/// The first month that would be planned below zero.
pub fn overdrawn<'a>(lines: impl IntoIterator<Item = &'a month::Model>) -> Option<PlanMonth> {
    let mut sums = BTreeMap::<i32, Money>::new();
    for line in lines {
        let sum = sums.entry(line.plan_month).or_default();
        *sum = sum.checked_add(line.plan_amt)?;
    }
    let below = sums.into_iter().find(|(_, sum)| sum.is_negative());
    below.map(|(plan_month, plan_amt)| PlanMonth { plan_month, plan_amt })
}

/// From which months this much is taken, the latest first: never more than a month has, and of the months that are due
/// never more than payments left unused. None when a sum does not fit.
pub fn taken(lines: &[month::Model], amt: Money, (last_due, unused): (i32, Money)) -> Option<Vec<PlanMonth>> {
    let mut sums = BTreeMap::<i32, Money>::new();
    for line in lines {
        let sum = sums.entry(line.plan_month).or_default();
        *sum = sum.checked_add(line.plan_amt)?;
    }
    let (mut open, mut unused, mut months) = (amt, unused, Vec::new());
    for (plan_month, sum) in sums.into_iter().rev() {
        let is_due = plan_month <= last_due;
        let plan_amt = if is_due { open.min(sum).min(unused) } else { open.min(sum) };
        if plan_amt.is_positive() {
            open = open.checked_sub(plan_amt)?;
            unused = if is_due { unused.checked_sub(plan_amt)? } else { unused };
            months.push(PlanMonth { plan_month, plan_amt });
        }
    }
    Some(months)
}

/// The keys that these postings leave with less authority beyond what is planned than they had.
pub fn narrowed(postings: &[Posting]) -> Vec<Uuid> {
    let mut rooms = BTreeMap::<Uuid, i128>::new();
    for entry in postings.iter().flat_map(|posting| &posting.entries) {
        let fen = i128::from(entry.amount.money().fen());
        for (slot, change) in [(entry.debit, fen), (entry.credit, fen.saturating_neg())] {
            if slot.account == Account::PlanGranted || indicator::OWN_ACCOUNTS.contains(&slot.account) {
                let room = rooms.entry(slot.key_id).or_default();
                *room = room.saturating_add(change);
            }
        }
    }
    rooms.into_iter().filter(|(_, room)| *room < 0).map(|(key_id, _)| key_id).collect()
}

impl Model {
    /// What it adds to a month, not yet in force.
    pub fn line(&self, line: PlanMonth) -> month::Model {
        month::Model {
            mof_div_code: self.mof_div_code.clone(),
            line_id: Uuid::now_v7(),
            cash_plan_id: self.cash_plan_id,
            fiscal_year: self.fiscal_year,
            bgt_id: self.bgt_id,
            plan_month: line.plan_month,
            plan_amt: line.plan_amt,
            is_in_force: false,
        }
    }
}

impl month::Model {
    /// P01: into the plan of later months, or out of it when the line takes away.
    pub fn granting(&self, today: NaiveDate) -> Result<Posting, PostError> {
        self.posting(Template::P01, today, (Account::PlanOfLaterMonths, Account::PlanGranted))
    }

    /// P02: from the first day of the month on it can be used; the day on which it was granted when that is later.
    pub fn maturing(&self) -> Result<Posting, PostError> {
        let month = u32::try_from(self.plan_month).unwrap_or(1);
        let first_day = NaiveDate::from_ymd_opt(self.fiscal_year.first_day().year(), month, 1);
        let day = first_day.unwrap_or_else(|| self.fiscal_year.first_day());
        self.posting(Template::P02, day, (Account::PlanAvailable, Account::PlanOfLaterMonths))
    }

    fn posting(
        &self,
        template: Template,
        day: NaiveDate,
        (debit, credit): (Account, Account),
    ) -> Result<Posting, PostError> {
        let size = if self.plan_amt.is_negative() { self.plan_amt.checked_neg() } else { Some(self.plan_amt) };
        let amount = size.and_then(|size| Amount::try_from(size).ok()).ok_or(PostError::Overflow)?;
        let entry = Entry::new(Slot::new(debit, self.bgt_id), Slot::new(credit, self.bgt_id), amount);
        Ok(Posting {
            event_id: self.line_id,
            template,
            line: 1,
            mof_div_code: self.mof_div_code.clone(),
            fiscal_year: self.fiscal_year,
            vou_date: day.min(self.fiscal_year.last_day()),
            source_doc: format!("cash-plans/{}", self.cash_plan_id),
            entries: vec![if self.plan_amt.is_negative() { entry.reversed() } else { entry }],
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_month_is_due_from_its_first_day_and_all_are_after_the_year() {
        let year = FiscalYear::try_from(2026_u16).unwrap();
        let due = ["2025-12-31", "2026-01-01", "2026-03-31", "2026-04-01", "2027-01-01"];
        let months: Vec<i32> = due.iter().map(|text| last_due_month(year, day(text))).collect();
        assert_eq!(months, [0, 1, 3, 4, 12]);
    }
}
