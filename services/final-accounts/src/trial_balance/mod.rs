//! Trial balances (科目余额表): computed from the posted lines whenever they are asked for, never kept.

use std::collections::BTreeMap;

use common_types::Money;
use final_accounts_contract::{
    EntryGroup, TrialSums, UnitTrialBalance, UnitTrialBalanceLine, UnitTrialBalanceQuery,
};
use service_kit::{Caller, Problem};

use crate::{
    Accounts, chart,
    voucher::{
        model::{ADJUST_PERIOD, out_of_range},
        view::DEBIT,
    },
};

pub mod http;
pub mod store;

use store::Turnover;

/// The trial balance of a unit with those below it.
pub async fn get(
    accounts: &Accounts,
    caller: &Caller,
    query: UnitTrialBalanceQuery,
) -> Result<UnitTrialBalance, Problem> {
    caller.require_readable(&query.mof_div_code, Some(&query.agency_code), "单位账", "the books")?;
    if query.period.is_some_and(|period| !(1..=ADJUST_PERIOD).contains(&period)) {
        return Err(Problem::field("/period", "期间为 1 至 13", "a period is 1 to 13"));
    }
    let turnovers = store::turnovers(accounts.database.read(), &query).await?;
    balance(query, &turnovers).ok_or_else(out_of_range)
}

/// Sums by account; none when a sum is beyond what can be counted.
fn balance(query: UnitTrialBalanceQuery, turnovers: &[Turnover]) -> Option<UnitTrialBalance> {
    let mut by_account: BTreeMap<&str, TrialSums> = BTreeMap::new();
    for one in turnovers {
        let sums = by_account.entry(&one.gov_acct_cls_code).or_default();
        enter(sums, &query, one)?;
    }
    let (mut financial, mut budget, mut lines) = (TrialSums::default(), TrialSums::default(), Vec::new());
    for (account, sums) in by_account {
        let sums = settled(sums)?;
        let group = chart::group(account);
        let total = match group {
            EntryGroup::Financial => &mut financial,
            EntryGroup::Budget => &mut budget,
        };
        add(total, &sums)?;
        lines.push(UnitTrialBalanceLine {
            entry_group: group,
            gov_acct_cls_code: account.to_owned(),
            gov_acct_cls_name: chart::name(account).unwrap_or_default().to_owned(),
            sums,
        });
    }
    let UnitTrialBalanceQuery { mof_div_code, fiscal_year, agency_code, period } = query;
    let is_balanced = is_balanced(&financial) && is_balanced(&budget);
    Some(UnitTrialBalance { mof_div_code, fiscal_year, agency_code, period, lines, financial, budget, is_balanced })
}

/// Enters a turnover where it belongs: before the period, in it, or after it and so nowhere.
fn enter(sums: &mut TrialSums, query: &UnitTrialBalanceQuery, one: &Turnover) -> Option<()> {
    let is_earlier_year = one.fiscal_year < i32::from(query.fiscal_year.get());
    let is_before = is_earlier_year || query.period.is_some_and(|period| one.acct_period < period);
    let is_in = !is_earlier_year && query.period.is_none_or(|period| one.acct_period == period);
    let column = match (is_before, is_in, one.dr_cr == DEBIT) {
        (true, _, true) => &mut sums.opening_dr,
        (true, _, false) => &mut sums.opening_cr,
        (false, true, true) => &mut sums.dr_amt,
        (false, true, false) => &mut sums.cr_amt,
        (false, false, _) => return Some(()),
    };
    *column = column.checked_add(one.sum)?;
    Some(())
}

/// Opening and closing on one side, as balances are shown.
fn settled(sums: TrialSums) -> Option<TrialSums> {
    let opening = sums.opening_dr.checked_sub(sums.opening_cr)?;
    let closing = opening.checked_add(sums.dr_amt)?.checked_sub(sums.cr_amt)?;
    let (opening_dr, opening_cr) = sides(opening)?;
    let (closing_dr, closing_cr) = sides(closing)?;
    Some(TrialSums { opening_dr, opening_cr, closing_dr, closing_cr, ..sums })
}

fn sides(net: Money) -> Option<(Money, Money)> {
    if net.is_negative() { Some((Money::default(), net.checked_neg()?)) } else { Some((net, Money::default())) }
}

fn add(total: &mut TrialSums, sums: &TrialSums) -> Option<()> {
    total.opening_dr = total.opening_dr.checked_add(sums.opening_dr)?;
    total.opening_cr = total.opening_cr.checked_add(sums.opening_cr)?;
    total.dr_amt = total.dr_amt.checked_add(sums.dr_amt)?;
    total.cr_amt = total.cr_amt.checked_add(sums.cr_amt)?;
    total.closing_dr = total.closing_dr.checked_add(sums.closing_dr)?;
    total.closing_cr = total.closing_cr.checked_add(sums.closing_cr)?;
    Some(())
}

fn is_balanced(sums: &TrialSums) -> bool {
    sums.opening_dr == sums.opening_cr && sums.dr_amt == sums.cr_amt && sums.closing_dr == sums.closing_cr
}
