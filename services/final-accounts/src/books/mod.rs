//! The books of a unit's year (单位账套): their lock, their voucher numbers, their balances.

pub(crate) mod http;
pub(crate) mod store;

use std::collections::BTreeMap;

use common_types::{AgencyCode, DivisionCode, FiscalYear, Money, classification};
use final_accounts_contract::{EntryGroup, EntrySide, TrialBalance, TrialBalanceLine, TrialBalanceQuery};
use sea_orm::ConnectionTrait;
use service_kit::{Caller, Problem};

use crate::RULES;

/// One unit and year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unit {
    pub(crate) mof_div_code: DivisionCode,
    pub(crate) fiscal_year: FiscalYear,
    pub(crate) agency_code: AgencyCode,
}

/// An amount beyond 64 bits of fen.
pub(crate) fn too_large() -> Problem {
    RULES.refuse("ACC-104", "金额合计超出可记账范围", "the sum is more than the books can hold")
}

/// Name of an account of the unit chart; empty when it is unknown.
pub(crate) fn account_name(code: &str) -> String {
    classification::agency_accounts().find(code).map(|row| row.name.clone()).unwrap_or_default()
}

/// The trial balance of a unit within the caller's reach.
pub(crate) async fn trial_balance<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    query: &TrialBalanceQuery,
) -> Result<TrialBalance, Problem> {
    caller.require_readable(&query.mof_div_code, Some(&query.agency_code), "单位账", "the books")?;
    let unit = Unit {
        mof_div_code: query.mof_div_code.clone(),
        fiscal_year: query.fiscal_year,
        agency_code: query.agency_code.clone(),
    };
    let sums = store::sums(db, &unit, true).await?;
    balance_of(&sums).ok_or_else(too_large)
}

fn balance_of(sums: &[store::Sum]) -> Option<TrialBalance> {
    let mut accounts: BTreeMap<&str, (Money, Money)> = BTreeMap::new();
    for sum in sums {
        let (dr, cr) = accounts.entry(sum.gov_acct_cls_code.as_str()).or_default();
        let side = if sum.side() == EntrySide::Debit { dr } else { cr };
        *side = side.checked_add(sum.amt)?;
    }
    let mut lines = Vec::with_capacity(accounts.len());
    for (code, (dr_amt, cr_amt)) in accounts {
        lines.push(TrialBalanceLine {
            gov_acct_cls_code: code.to_owned(),
            gov_acct_cls_name: account_name(code),
            group: EntryGroup::of_account(code),
            dr_amt,
            cr_amt,
            bal_amt: dr_amt.checked_sub(cr_amt)?,
        });
    }
    let total = |group: EntryGroup, side: fn(&TrialBalanceLine) -> Money| {
        Money::try_sum(lines.iter().filter(|line| line.group == group).map(side))
    };
    let financial_dr = total(EntryGroup::Financial, |line| line.dr_amt)?;
    let financial_cr = total(EntryGroup::Financial, |line| line.cr_amt)?;
    let budget_dr = total(EntryGroup::Budget, |line| line.dr_amt)?;
    let budget_cr = total(EntryGroup::Budget, |line| line.cr_amt)?;
    let is_balanced = financial_dr == financial_cr && budget_dr == budget_cr;
    Some(TrialBalance { lines, financial_dr, financial_cr, budget_dr, budget_cr, is_balanced })
}
