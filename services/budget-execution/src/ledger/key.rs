//! Which elements an account keeps (§4.3), and the key that stands for them.

use common_types::ledger::{Account, expense_budget_account, income_budget_account};
use common_types::{
    BgtSource, BgtTypeCode, BudgetLevelCode, DirectFlag, DivLevel, Elements, FundTypeCode, PayTypeCode,
};
use uuid::Uuid;

/// Fixed for ever: keys of the same elements must stay the same.
const NAMESPACE: Uuid = Uuid::from_u128(0x8c5f_1f6e_2d0b_4b5a_9a57_0c9d_1f3e_7a21);

/// The expenditure budget that this kind of funds is kept in.
pub fn expense_account(fund: &FundTypeCode) -> Option<Account> {
    expense_budget_account(fund).into()
}

/// The income budget that this kind of funds is kept in.
pub fn income_account(fund: &FundTypeCode) -> Option<Account> {
    income_budget_account(fund).into()
}

/// The elements that a budget-level account (classes 1 to 3) keeps; an indicator account keeps all.
pub fn kept(account: Account, elements: &Elements) -> Elements {
    if account.class() > 3 {
        return elements.clone();
    }
    let mut kept = bare(elements);
    match account {
        Account::HigherLevelGrantSource => kept.sup_bgt_doc_no = elements.sup_bgt_doc_no.clone(),
        Account::CarryOverSource | Account::DebtSource | Account::TransferInSource => {}
        Account::SpecialAccountIncomeBudget | Account::UnitFundsIncomeBudget => {
            kept.agency_code = elements.agency_code.clone();
        }
        Account::SpecialAccountExpenseBudget | Account::UnitFundsExpenseBudget => {
            kept.agency_code = elements.agency_code.clone();
            keep_function(&mut kept, elements);
        }
        _ if account.class() == 1 => kept.income_sort_code = elements.income_sort_code.clone(),
        _ => keep_function(&mut kept, elements),
    }
    kept
}

fn keep_function(kept: &mut Elements, elements: &Elements) {
    kept.exp_func_code = elements.exp_func_code.clone();
    kept.manage_mof_dep_code = elements.manage_mof_dep_code.clone();
}

/// Year, division and kind of funds; everything else at rest.
fn bare(elements: &Elements) -> Elements {
    Elements {
        fiscal_year: elements.fiscal_year,
        mof_div_code: elements.mof_div_code.clone(),
        cor_bgt_doc_no: None,
        pro_code: None,
        agency_code: None,
        fund_type_code: elements.fund_type_code.clone(),
        manage_mof_dep_code: None,
        bgt_mof_dep_code: None,
        income_sort_code: None,
        tp_func_code: None,
        exp_func_code: None,
        gov_bgt_eco_code: None,
        dep_bgt_eco_code: None,
        bgt_type_code: BgtTypeCode::CurrentYear,
        bgt_source_code: BgtSource::InitialBudget,
        is_advance: false,
        rec_div_code: None,
        budget_level_code: level_of(elements.mof_div_code.level()),
        sup_bgt_doc_no: None,
        is_gov_pur: false,
        pay_type_code: PayTypeCode::Treasury,
        is_uni_sala: false,
        direct_flag: DirectFlag::NotDirect,
        is_scientific: false,
        is_debt: false,
        is_capital: false,
    }
}

/// The budget level of a division's own money.
pub fn level_of(level: DivLevel) -> BudgetLevelCode {
    match level {
        DivLevel::Central => BudgetLevelCode::Central,
        DivLevel::Province => BudgetLevelCode::Province,
        DivLevel::City => BudgetLevelCode::City,
        DivLevel::County => BudgetLevelCode::County,
        DivLevel::Township => BudgetLevelCode::Township,
    }
}

/// The key of these elements; the same elements give the same key.
pub fn key_of(elements: &Elements) -> Uuid {
    let text = serde_json::to_vec(elements).expect("elements are plain data");
    Uuid::new_v5(&NAMESPACE, &text)
}

/// The key under which a budget-level account keeps money of these elements.
pub fn budget_key(account: Account, elements: &Elements) -> Uuid {
    key_of(&kept(account, elements))
}
