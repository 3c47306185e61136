//! What the year end carries where (年终结转), as data in `closings.csv`: each row empties the accounts that it names
//! into its target, in the order of the file. Pure.

use std::{collections::BTreeMap, sync::LazyLock};

use common_types::{FundTypeCode, Money};
use final_accounts_contract::{Auxiliary, EntryGroup, EntrySide, VoucherLine};
use serde::Deserialize;
use service_kit::Problem;

use crate::{chart, voucher::model::out_of_range};

static CLOSINGS: LazyLock<Vec<Row>> = LazyLock::new(|| chart::rows(include_str!("../../closings.csv")));

#[derive(Deserialize)]
struct Row {
    entry_group: EntryGroup,
    accounts: String,
    fund_type_code: String,
    target: String,
    vou_det_desc: String,
}

/// Debits less credits by account and kind of funds.
pub type Balances = BTreeMap<(String, Option<FundTypeCode>), Money>;

/// The lines that empty income and expenses into the balances.
pub fn lines(mut balances: Balances) -> Result<Vec<VoucherLine>, Problem> {
    let mut lines = Vec::new();
    for row in CLOSINGS.iter() {
        let emptied: Vec<_> = balances
            .iter()
            .filter(|((account, fund), net)| !net.is_zero() && empties(row, account, fund.as_ref()))
            .map(|(key, net)| (key.clone(), *net))
            .collect();
        for ((account, fund), net) in emptied {
            let opposite = net.checked_neg().ok_or_else(out_of_range)?;
            lines.push(line(row, &account, fund.clone(), opposite)?);
            balances.remove(&(account, fund.clone()));
            let target = balances.entry((row.target.clone(), fund.clone())).or_default();
            *target = target.checked_add(net).ok_or_else(out_of_range)?;
            lines.push(line(row, &row.target, fund, net)?);
        }
    }
    Ok(lines)
}

fn empties(row: &Row, account: &str, fund: Option<&FundTypeCode>) -> bool {
    chart::group(account) == row.entry_group
        && chart::starts_with_any(account, &row.accounts)
        && chart::starts_with_any(fund.map_or("", FundTypeCode::as_str), &row.fund_type_code)
}

/// A line that adds this net debit to the account.
fn line(row: &Row, account: &str, fund: Option<FundTypeCode>, net: Money) -> Result<VoucherLine, Problem> {
    let dr_cr = if net.is_negative() { EntrySide::Credit } else { EntrySide::Debit };
    let amt = if net.is_negative() { net.checked_neg().ok_or_else(out_of_range)? } else { net };
    Ok(VoucherLine {
        gov_acct_cls_code: account.to_owned(),
        dr_cr,
        amt,
        vou_det_desc: row.vou_det_desc.clone(),
        auxiliary: Auxiliary { fund_type_code: fund, ..Auxiliary::default() },
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

    use super::*;
    use crate::voucher::model::balanced;

    #[test]
    fn the_year_end_empties_income_and_expenses_and_balances() {
        let fen = Money::from_fen;
        let fiscal: Option<FundTypeCode> = Some("11".parse().unwrap());
        let own: Option<FundTypeCode> = Some("31".parse().unwrap());
        let balances = Balances::from([
            (("5001".to_owned(), fiscal.clone()), fen(700)),
            (("4001".to_owned(), fiscal.clone()), fen(-900)),
            (("1601".to_owned(), fiscal.clone()), fen(200)),
            (("7201".to_owned(), fiscal.clone()), fen(900)),
            (("6001".to_owned(), fiscal), fen(-1000)),
            (("7201".to_owned(), own.clone()), fen(50)),
            (("6101".to_owned(), own), fen(-80)),
        ]);
        let lines = lines(balances).unwrap();
        assert!(balanced(&lines).is_ok());
        let net = |account: &str| -> i64 {
            let of_account = lines.iter().filter(|line| line.gov_acct_cls_code == account);
            of_account.map(|line| if line.dr_cr == EntrySide::Debit { line.amt.fen() } else { -line.amt.fen() }).sum()
        };
        assert_eq!((net("5001"), net("4001"), net("3301"), net("3302"), net("3001")), (-700, 900, 0, 0, -200));
        assert_eq!((net("8101"), net("8201"), net("1601")), (-100, -30, 0));
    }
}
