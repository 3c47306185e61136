//! The rules of one allocation. Pure.

use budget_execution_contract::{Allocation, AllocationDraft};
use chrono::NaiveDate;
use common_types::{
    AccTypeCode, AccountNo, Elements,
    ledger::{Account, Template},
};
use service_kit::Problem;
use uuid::Uuid;
use workflow::Document;

use super::entity::{Model, Standing};
use crate::{
    RULES,
    ledger::Slot,
    payment::{
        posting::Reserved,
        rules::{self, Breach},
        view,
    },
    peers::base_info,
};

const SHORTEST_PURPOSE: usize = 4;
/// 财政专户管理资金.
const SPECIAL_MONEY: char = '2';
/// 单位资金.
const UNIT_FUNDS: char = '3';

/// What an allocation reserves, spent by E22.
pub fn reserved(row: &Model, reservation_id: Uuid) -> Reserved {
    Reserved {
        reservation_id,
        mof_div_code: row.mof_div_code.clone(),
        fiscal_year: row.fiscal_year,
        bgt_id: row.bgt_id,
        source: Slot::new(Account::Executable, row.bgt_id),
        spending: (Template::E22, Account::Allocated),
        is_contrlbyplan: row.is_contrlbyplan,
        source_doc: format!("allocations/{}", row.pay_alloc_cert_id),
    }
}

/// What a draft must keep to be saved; refuses with everything that is wrong.
pub fn require_allowed(
    draft: &AllocationDraft,
    payer: &base_info::Account,
    elements: &Elements,
) -> Result<(), Problem> {
    let mut breaches = content(draft);
    breaches.extend(itself(&draft.pay_acct_no, &draft.payee_acct_no));
    breaches.extend(applied_for(elements));
    breaches.extend(special_money(payer, elements));
    rules::judge(breaches, false).map(drop)
}

/// What it must still keep to leave its maker.
pub fn require_still_allowed(row: &Model, elements: &Elements) -> Result<(), Problem> {
    let mut breaches = applied_for(elements);
    breaches.extend(itself(&row.pay_acct_no, &row.payee_acct_no));
    rules::judge(breaches, false).map(drop)
}

/// PAY-005, PAY-008: whom and what for.
fn content(draft: &AllocationDraft) -> Vec<Breach> {
    let texts = [
        ("PAY-005", "/payee_acct_name", &draft.payee_acct_name, 1, 300),
        ("PAY-005", "/payee_acct_bank_name", &draft.payee_acct_bank_name, 1, 180),
        ("PAY-008", "/use_des", &draft.use_des, SHORTEST_PURPOSE, 300),
    ];
    let is_wrong =
        |text: &str, shortest, longest| text.trim().chars().count() < shortest || text.chars().count() > longest;
    let wrong = texts.into_iter().filter(|(_, _, text, least, most)| is_wrong(text, *least, *most));
    wrong
        .map(|(code, pointer, _, least, most)| {
            let en = format!("{least} to {most} characters are needed");
            Breach::refuse(code, pointer, format!("应为 {least} 至 {most} 字"), en)
        })
        .collect()
}

/// PAY-005: an account does not pay itself.
fn itself(payer: &AccountNo, payee: &AccountNo) -> Option<Breach> {
    (payer == payee).then(|| rules::paid_to_itself("/payee_acct_no"))
}

/// PAY-006, PAY-009, PAY-023: what an application must account for, by its account, contract or bond, is not allocated.
fn applied_for(elements: &Elements) -> Vec<Breach> {
    let fund = elements.fund_type_code.as_str();
    let cases = [
        (
            fund.starts_with(UNIT_FUNDS),
            "PAY-006",
            "单位资金不得实拨，请从单位账户办理支付申请",
            "unit funds are not allocated; apply for a payment from the account of the unit",
        ),
        (
            elements.is_gov_pur,
            "PAY-009",
            "政府采购资金不得实拨，请按采购合同办理支付申请",
            "a procurement is not allocated; apply for a payment on its contract",
        ),
        (
            rules::bond::is_bond(elements.is_debt, &elements.fund_type_code),
            "PAY-023",
            "债券资金不得实拨，请填写债券代码办理支付申请",
            "bond money is not allocated; apply for a payment that names its bond",
        ),
    ];
    let wrong = cases.into_iter().filter(|(is_wrong, ..)| *is_wrong);
    wrong.map(|(_, code, zh, en)| Breach::refuse(code, "/bgt_id", zh, en)).collect()
}

/// PAY-006: money that is kept in a special account is paid from one.
fn special_money(payer: &base_info::Account, elements: &Elements) -> Option<Breach> {
    let is_kept_apart = elements.fund_type_code.as_str().starts_with(SPECIAL_MONEY);
    let (zh, en) = ("财政专户管理资金须由财政专户付款", "money kept in a special account must be paid from it");
    (is_kept_apart && payer.acc_type_code != AccTypeCode::FiscalSpecial)
        .then(|| Breach::refuse("PAY-006", "/pay_acct_no", zh, en))
}

/// BE-125 with what stands in the way.
pub fn not_possible(row: &Model) -> Problem {
    let status: budget_execution_contract::AllocationStatus = row.status.into();
    RULES
        .refuse(
            "BE-125",
            format!("拨款凭证 {} 的状态不允许此操作", row.pay_alloc_cert_no),
            format!("allocation {} is {status:?}, this is not possible", row.pay_alloc_cert_no),
        )
        .with("allocation_status", status)
}

/// Whether the receipt says what an earlier one said.
pub fn says_the_same(row: &Model, is_paid: bool, acc_date: NaiveDate) -> bool {
    let outcome = if is_paid { Standing::Allocated } else { Standing::Failed };
    row.status == outcome && row.acc_date == Some(acc_date)
}

/// The allocation as callers see it.
pub fn allocation(row: Model, document: &Document) -> Result<Allocation, Problem> {
    Ok(Allocation {
        pay_alloc_cert_id: row.pay_alloc_cert_id,
        pay_alloc_cert_no: row.pay_alloc_cert_no,
        vou_date: row.vou_date,
        mof_div_code: row.mof_div_code,
        fiscal_year: row.fiscal_year,
        agency_code: row.agency_code,
        bgt_id: row.bgt_id,
        exp_func_code: row.exp_func_code,
        gov_bgt_eco_code: row.gov_bgt_eco_code,
        pro_code: row.pro_code,
        fund_type_code: row.fund_type_code,
        pay_alloc_type: view::read(row.pay_alloc_type.into())?,
        pay_amt: row.pay_amt,
        pay_acct_no: row.pay_acct_no,
        pay_acct_name: row.pay_acct_name,
        pay_acct_bank_name: row.pay_acct_bank_name,
        payee_acct_name: row.payee_acct_name,
        payee_acct_no: row.payee_acct_no,
        payee_acct_bank_name: row.payee_acct_bank_name,
        use_des: row.use_des,
        is_contrlbyplan: row.is_contrlbyplan,
        status: row.status.into(),
        reason: row.reason,
        acc_date: row.acc_date,
        create_time: row.create_time,
        state: document.state(),
    })
}
