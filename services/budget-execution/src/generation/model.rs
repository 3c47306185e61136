//! From an approved budget to indicators (IG-001 to IG-004). Pure.

use budget_compilation_contract::{AnnualLine, ApprovedBudget, TransferLine};
use budget_execution_contract::GenerationProblem;
use common_types::{
    BgtExeFlag, BgtSource, BgtTypeCode, DirectFlag, Elements, Money, PayTypeCode, ProCatCode, SourceTypeCode,
};
use uuid::Uuid;

use crate::indicator::Indicator;
use crate::ledger::{expense_account, income_account, level_of};

/// Fixed for ever: the events of an approval must keep their ids.
const NAMESPACE: Uuid = Uuid::from_u128(0x1f0c_58a4_93be_4d6b_8f27_6a5e_0c44_91d7);

/// What one budget line gives or takes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// Fixed by approval, version and line, so that it happens once (IG-002).
    pub event_id: Uuid,
    pub bgt_pman_id: String,
    /// As it is made when the line is new.
    pub indicator: Indicator,
    /// Negative where a later version takes back.
    pub change: Money,
}

/// The plan of an approval, or everything that is missing for it.
pub fn plan(approved: &ApprovedBudget, generation_id: Uuid) -> Result<Vec<Planned>, Vec<GenerationProblem>> {
    let annual = approved.annual_lines.iter().map(|line| {
        let indicator = of_annual(approved, line, generation_id);
        planned(approved, line.bgt_pman_id, line.reply_amt, indicator)
    });
    let transfers = approved.transfer_lines.iter().map(|line| {
        let indicator = of_transfer(approved, line, generation_id);
        planned(approved, line.bgt_pman_id, line.reply_amt, indicator)
    });
    let planned: Vec<Planned> = annual.chain(transfers).filter(|planned| !planned.change.is_zero()).collect();
    let problems: Vec<GenerationProblem> = planned.iter().filter_map(missing).collect();
    if problems.is_empty() { Ok(planned) } else { Err(problems) }
}

fn planned(approved: &ApprovedBudget, bgt_pman_id: Uuid, change: Money, indicator: Indicator) -> Planned {
    let identity = format!("{}/{}/{bgt_pman_id}", approved.approval_id, approved.version);
    let event_id = Uuid::new_v5(&NAMESPACE, identity.as_bytes());
    Planned { event_id, bgt_pman_id: bgt_pman_id.to_string(), indicator, change }
}

/// IG-004: elements that the indicator needs and the line lacks.
fn missing(planned: &Planned) -> Option<GenerationProblem> {
    let elements = &planned.indicator.elements;
    let mut missing: Vec<String> =
        elements.missing_mandatory(planned.indicator.bgt_exe_flag).into_iter().map(ToOwned::to_owned).collect();
    let fund = &elements.fund_type_code;
    if expense_account(fund).is_none() || income_account(fund).is_none() {
        missing.push("fund_type_code".to_owned());
    }
    (!missing.is_empty()).then(|| GenerationProblem {
        bgt_pman_id: Some(planned.bgt_pman_id.clone()),
        code: "IG-004".to_owned(),
        detail: format!("缺少必填要素 {}", missing.join(", ")),
        missing,
    })
}

fn elements(approved: &ApprovedBudget) -> Elements {
    let is_first = approved.version <= 1;
    Elements {
        fiscal_year: approved.fiscal_year,
        mof_div_code: approved.mof_div_code.clone(),
        cor_bgt_doc_no: Some(approved.cor_bgt_doc_no.clone()),
        pro_code: None,
        agency_code: None,
        fund_type_code: "1".parse().expect("the top of the kinds of funds is in the standard"),
        manage_mof_dep_code: None,
        bgt_mof_dep_code: None,
        income_sort_code: None,
        tp_func_code: None,
        exp_func_code: None,
        gov_bgt_eco_code: None,
        dep_bgt_eco_code: None,
        bgt_type_code: BgtTypeCode::CurrentYear,
        bgt_source_code: if is_first { BgtSource::InitialBudget } else { BgtSource::Adjustment },
        is_advance: false,
        rec_div_code: None,
        budget_level_code: level_of(approved.mof_div_code.level()),
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

fn blank(approved: &ApprovedBudget, elements: Elements, bgt_pman_id: Uuid, generation_id: Uuid) -> Indicator {
    let is_first = approved.version <= 1;
    Indicator {
        bgt_id: Uuid::now_v7(),
        elements,
        bgt_doc_title: Some(approved.bgt_doc_title.clone()),
        doc_date: Some(approved.doc_date),
        bgt_dec: None,
        bgt_exe_flag: BgtExeFlag::Unallocated,
        amount: Money::ZERO,
        ori_bgt_id: None,
        bgt_pman_id: Some(bgt_pman_id.to_string()),
        adj_batch_no: None,
        is_track: false,
        track_pro_code: None,
        source_type_code: if is_first { SourceTypeCode::InitialBudget } else { SourceTypeCode::Adjustment },
        is_three_ensure: false,
        pro_kind_code: None,
        found_type_code: None,
        pro_name: None,
        agency_name: None,
        origin_id: generation_id,
    }
}

fn of_annual(approved: &ApprovedBudget, line: &AnnualLine, generation_id: Uuid) -> Indicator {
    let elements = Elements {
        pro_code: Some(line.pro_code.clone()),
        agency_code: line.agency_code.clone(),
        fund_type_code: line.fund_type_code.clone(),
        manage_mof_dep_code: Some(line.manage_mof_dep_code.clone()),
        bgt_mof_dep_code: Some(line.manage_mof_dep_code.clone()),
        exp_func_code: Some(line.exp_func_code.clone()),
        gov_bgt_eco_code: Some(line.gov_bgt_eco_code.clone()),
        dep_bgt_eco_code: line.dep_bgt_eco_code.clone(),
        budget_level_code: line.budget_level_code,
        is_gov_pur: line.is_gov_pur,
        is_scientific: line.is_scientific,
        is_debt: line.is_debt,
        is_capital: line.is_capital,
        ..elements(approved)
    };
    let is_waiting = line.is_assigned || line.agency_code.is_none();
    Indicator {
        bgt_exe_flag: if is_waiting { BgtExeFlag::Unallocated } else { BgtExeFlag::Executable },
        amount: line.reply_amt,
        is_three_ensure: line.is_three_ensure,
        pro_kind_code: Some(line.pro_kind_code),
        found_type_code: Some(line.found_type_code),
        pro_name: Some(line.pro_name.clone()),
        ..blank(approved, elements, line.bgt_pman_id, generation_id)
    }
}

fn of_transfer(approved: &ApprovedBudget, line: &TransferLine, generation_id: Uuid) -> Indicator {
    let elements = Elements {
        pro_code: Some(line.pro_code.clone()),
        fund_type_code: line.fund_type_code.clone(),
        manage_mof_dep_code: Some(line.manage_mof_dep_code.clone()),
        bgt_mof_dep_code: Some(line.manage_mof_dep_code.clone()),
        tp_func_code: Some(line.tp_func_code.clone()),
        exp_func_code: Some(line.exp_func_code.clone()),
        gov_bgt_eco_code: Some(line.gov_bgt_eco_code.clone()),
        rec_div_code: Some(line.sub_mof_div_code.clone()),
        direct_flag: line.direct_flag,
        ..elements(approved)
    };
    Indicator {
        amount: line.reply_amt,
        is_track: line.is_track,
        track_pro_code: line.is_track.then(|| line.pro_code.clone()),
        pro_kind_code: Some(ProCatCode::Transfer),
        pro_name: Some(line.pro_name.clone()),
        ..blank(approved, elements, line.bgt_pman_id, generation_id)
    }
}
