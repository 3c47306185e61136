//! The rules of one allocation. Pure.

use budget_execution_contract::{Allocation, AllocationDraft};
use chrono::NaiveDate;
use common_types::ledger::{Account, Template};
use service_kit::Problem;
use uuid::Uuid;
use workflow::Document;

use super::entity::{Model, Standing};
use crate::{
    RULES,
    ledger::Slot,
    payment::{posting::Reserved, view},
};

const SHORTEST_PURPOSE: usize = 4;

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

/// PAY-005, PAY-008: whom and what for.
pub fn require_content(draft: &AllocationDraft) -> Result<(), Problem> {
    let texts = [
        ("/payee_acct_name", &draft.payee_acct_name, 1, 300),
        ("/payee_acct_bank_name", &draft.payee_acct_bank_name, 1, 180),
        ("/use_des", &draft.use_des, SHORTEST_PURPOSE, 300),
    ];
    let is_wrong =
        |text: &str, shortest, longest| text.trim().chars().count() < shortest || text.chars().count() > longest;
    let wrong: Vec<_> = texts.into_iter().filter(|(_, text, least, most)| is_wrong(text, *least, *most)).collect();
    if wrong.is_empty() {
        return Ok(());
    }
    let refused = RULES.refuse("PAY-005", "收款人或用途不完整", "payee or purpose is incomplete");
    Err(wrong.into_iter().fold(refused, |problem, (pointer, _, least, most)| {
        problem.at(pointer, format!("应为 {least} 至 {most} 字"), format!("{least} to {most} characters are needed"))
    }))
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
