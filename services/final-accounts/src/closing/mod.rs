//! The year end of a unit's books (年终结转): income and expenses go to the balances, and the year is locked.

pub(crate) mod http;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use common_types::{FundTypeCode, Money, Role};
use final_accounts_contract::{
    Auxiliary, EntryGroup, EntrySide, VoucherLine, VoucherSource, YearEndClosed, YearEndClosing,
};
use sea_orm::DatabaseTransaction;
use service_kit::{Caller, Problem};
use uuid::Uuid;

use crate::{
    RULES,
    books::{self, Unit, store::Sum, too_large},
    voucher::{self, ADJUST_PERIOD, NewVoucher},
};

const SURPLUS: &str = "3301";
const DISTRIBUTION: &str = "3302";
const ACCUMULATED: &str = "3001";
const FISCAL_CARRY_OVER: &str = "8101";
const OTHER_CARRY_OVER: &str = "8201";
const TEXT: &str = "年终结转";

/// Closes the year of a unit once (ACC-102).
pub(crate) async fn close(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    request: YearEndClosing,
) -> Result<YearEndClosed, Problem> {
    caller.require_in(&[Role::U3], &request.mof_div_code, Some(&request.agency_code))?;
    let unit =
        Unit { mof_div_code: request.mof_div_code, fiscal_year: request.fiscal_year, agency_code: request.agency_code };
    books::store::hold(tx, &unit).await?;
    if !books::store::lock(tx, &unit, now).await? {
        let (agency, year) = (&unit.agency_code, unit.fiscal_year.get());
        let zh = format!("单位 {agency} {year} 年度已结转");
        return Err(RULES.refuse("ACC-102", zh, format!("{year} of unit {agency} is closed already")));
    }
    let voucher = match carry_over(tx, now, &unit, &caller.subject).await? {
        Some(vou_id) => Some(voucher::view(tx, vou_id).await?),
        None => None,
    };
    let Unit { mof_div_code, fiscal_year, agency_code } = unit;
    Ok(YearEndClosed { mof_div_code, fiscal_year, agency_code, is_locked: true, voucher })
}

/// Posts the voucher that empties income and expense accounts; none when they are empty. Call it with the books held.
pub(crate) async fn carry_over(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    unit: &Unit,
    inputer: &str,
) -> Result<Option<Uuid>, Problem> {
    let sums = books::store::sums(tx, unit, true).await?;
    let lines = closing_lines(&sums)?;
    if lines.is_empty() {
        return Ok(None);
    }
    let new = NewVoucher {
        unit: unit.clone(),
        acct_period: ADJUST_PERIOD,
        voucher_date: unit.fiscal_year.last_day(),
        voucher_abs: TEXT.to_owned(),
        source_kind: VoucherSource::YearEnd,
        source_id: Uuid::now_v7(),
        pay_cert_no: None,
        red_flag: false,
        inputer: inputer.to_owned(),
        lines,
    };
    Ok(Some(voucher::record(tx, now, new).await?))
}

fn closing_lines(sums: &[Sum]) -> Result<Vec<VoucherLine>, Problem> {
    let mut lines = Vec::new();
    let mut surplus = Money::ZERO;
    for ((account, fund), balance) in balances(sums).ok_or_else(too_large)? {
        let target = match EntryGroup::of_account(account) {
            EntryGroup::Financial => SURPLUS,
            EntryGroup::Budget if fund.is_some_and(|fund| !fund.starts_with('1')) => OTHER_CARRY_OVER,
            EntryGroup::Budget => FISCAL_CARRY_OVER,
        };
        if target == SURPLUS {
            surplus = surplus.checked_sub(balance).ok_or_else(too_large)?;
        }
        lines.extend(transfer(account, target, balance, fund)?);
    }
    // what is left on 3301 goes on to 3302 and 3001
    let on_surplus = surplus.checked_neg().ok_or_else(too_large)?;
    lines.extend(transfer(SURPLUS, DISTRIBUTION, on_surplus, None)?);
    lines.extend(transfer(DISTRIBUTION, ACCUMULATED, on_surplus, None)?);
    Ok(lines)
}

/// Debits less credits of income and expense accounts, by fund.
fn balances(sums: &[Sum]) -> Option<BTreeMap<(&str, Option<&str>), Money>> {
    let mut balances: BTreeMap<(&str, Option<&str>), Money> = BTreeMap::new();
    for sum in sums.iter().filter(|sum| sum.gov_acct_cls_code.starts_with(['4', '5', '6', '7'])) {
        let key = (sum.gov_acct_cls_code.as_str(), sum.fund_type_code.as_deref());
        let balance = balances.entry(key).or_default();
        *balance = match sum.side() {
            EntrySide::Debit => balance.checked_add(sum.amt)?,
            EntrySide::Credit => balance.checked_sub(sum.amt)?,
        };
    }
    Some(balances)
}

/// Moves a balance (debits less credits) from one account to another.
fn transfer(from: &str, to: &str, balance: Money, fund: Option<&str>) -> Result<Vec<VoucherLine>, Problem> {
    if balance.is_zero() {
        return Ok(Vec::new());
    }
    let negated = balance.checked_neg().ok_or_else(too_large)?;
    let (amt, side) = if balance.is_positive() { (balance, EntrySide::Credit) } else { (negated, EntrySide::Debit) };
    let fund_type_code: Option<FundTypeCode> = fund.and_then(|fund| fund.parse().ok());
    let line = |account: &str, dr_cr: EntrySide| VoucherLine {
        gov_acct_cls_code: account.to_owned(),
        dr_cr,
        amt,
        vou_det_desc: TEXT.to_owned(),
        auxiliary: Auxiliary { fund_type_code: fund_type_code.clone(), ..Auxiliary::default() },
    };
    Ok(vec![line(from, side), line(to, side.opposite())])
}
