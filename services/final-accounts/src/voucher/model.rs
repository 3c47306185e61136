//! The rules of a voucher: its groups balance (ACC-001), its lines are complete (ACC-004). Pure.

use std::sync::LazyLock;

use common_types::{Money, classification};
use final_accounts_contract::{Auxiliary, EntryGroup, EntrySide, VoucherLine};
use serde::Deserialize;
use service_kit::Problem;

use crate::{RULES, books::too_large};

const LONGEST_TEXT: usize = 300;

/// Sums of the two groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) dr_amt: Money,
    pub(crate) cr_amt: Money,
    pub(crate) dr_ys_amt: Money,
    pub(crate) cr_ys_amt: Money,
}

#[derive(Deserialize)]
struct AuxiliaryRule {
    account_prefix: String,
    /// Names of elements, separated by blanks.
    required: String,
}

static AUXILIARY_RULES: LazyLock<Vec<AuxiliaryRule>> = LazyLock::new(|| {
    csv::Reader::from_reader(include_str!("../../auxiliaries.csv").as_bytes())
        .deserialize()
        .map(|row| row.expect("auxiliaries.csv is part of the program and well formed"))
        .collect()
});

/// The sums of balanced lines; ACC-001 when a group does not balance.
pub(crate) fn balanced(lines: &[VoucherLine]) -> Result<Totals, Problem> {
    let total = |group: EntryGroup, side: EntrySide| {
        let of_group = |line: &&VoucherLine| EntryGroup::of_account(&line.gov_acct_cls_code) == group;
        let amounts = lines.iter().filter(of_group).filter(|line| line.dr_cr == side).map(|line| line.amt);
        Money::try_sum(amounts).ok_or_else(too_large)
    };
    let totals = Totals {
        dr_amt: total(EntryGroup::Financial, EntrySide::Debit)?,
        cr_amt: total(EntryGroup::Financial, EntrySide::Credit)?,
        dr_ys_amt: total(EntryGroup::Budget, EntrySide::Debit)?,
        cr_ys_amt: total(EntryGroup::Budget, EntrySide::Credit)?,
    };
    let Totals { dr_amt, cr_amt, dr_ys_amt, cr_ys_amt } = totals;
    if dr_amt == cr_amt && dr_ys_amt == cr_ys_amt {
        return Ok(totals);
    }
    let zh = format!("财务会计借 {dr_amt} 贷 {cr_amt}，预算会计借 {dr_ys_amt} 贷 {cr_ys_amt}");
    let en = format!("financial debits {dr_amt} credits {cr_amt}, budget debits {dr_ys_amt} credits {cr_ys_amt}");
    let refusal = RULES.refuse("ACC-001", zh, en).with("dr_amt", dr_amt).with("cr_amt", cr_amt);
    Err(refusal.with("dr_ys_amt", dr_ys_amt).with("cr_ys_amt", cr_ys_amt))
}

/// Whether manual lines may be kept: known accounts, amounts above zero, complete elements.
pub(crate) fn check_lines(lines: &[VoucherLine]) -> Result<(), Problem> {
    if lines.is_empty() {
        return Err(Problem::field("/details", "凭证没有分录", "the voucher has no lines"));
    }
    for (index, line) in lines.iter().enumerate() {
        check_line(index, line)?;
    }
    Ok(())
}

fn check_line(index: usize, line: &VoucherLine) -> Result<(), Problem> {
    let code = &line.gov_acct_cls_code;
    if classification::agency_accounts().find(code).is_none() {
        let (zh, en) = (format!("科目 {code} 不存在"), format!("account {code} does not exist"));
        let pointer = format!("/details/{index}/gov_acct_cls_code");
        return Err(RULES.refuse("ACC-101", zh.clone(), en.clone()).at(pointer, zh, en));
    }
    if !line.amt.is_positive() {
        return Err(Problem::field(format!("/details/{index}/amt"), "金额应大于零", "the amount must be above zero"));
    }
    check_text(&format!("/details/{index}/vou_det_desc"), &line.vou_det_desc)?;
    check_text(
        &format!("/details/{index}/fund_tra_obj_name"),
        line.auxiliary.fund_tra_obj_name.as_deref().unwrap_or_default(),
    )?;
    let rules = AUXILIARY_RULES.iter().filter(|rule| code.starts_with(&rule.account_prefix));
    for name in rules.flat_map(|rule| rule.required.split_whitespace()) {
        if !has(&line.auxiliary, name) {
            let zh = format!("科目 {code} 须填写 {name}");
            let en = format!("account {code} needs {name}");
            let refusal = RULES.refuse("ACC-004", zh.clone(), en.clone());
            return Err(refusal.at(format!("/details/{index}/{name}"), zh, en));
        }
    }
    Ok(())
}

/// At most as long as its column.
pub(crate) fn check_text(pointer: &str, text: &str) -> Result<(), Problem> {
    if text.chars().count() <= LONGEST_TEXT {
        return Ok(());
    }
    let (zh, en) = (format!("最多 {LONGEST_TEXT} 个字符"), format!("at most {LONGEST_TEXT} characters"));
    Err(Problem::field(pointer, zh, en))
}

fn has(auxiliary: &Auxiliary, name: &str) -> bool {
    match name {
        "pro_code" => auxiliary.pro_code.is_some(),
        "pro_kind_code" => auxiliary.pro_kind_code.is_some(),
        "exp_func_code" => auxiliary.exp_func_code.is_some(),
        "gov_bgt_eco_code" => auxiliary.gov_bgt_eco_code.is_some(),
        "dep_bgt_eco_code" => auxiliary.dep_bgt_eco_code.is_some(),
        "fund_type_code" => auxiliary.fund_type_code.is_some(),
        "bgt_type_code" => auxiliary.bgt_type_code.is_some(),
        _ => auxiliary.fund_tra_obj_name.as_deref().is_some_and(|text| !text.trim().is_empty()),
    }
}
