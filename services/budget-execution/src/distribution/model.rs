//! What a child may refine and what it must keep (BA-003, BA-006, BA-008). Pure.

use budget_execution_contract::{DistributedLine, DistributionLine};
use common_types::{AgencyCode, BgtExeFlag, DivisionCode, Elements};
use service_kit::Problem;
use uuid::Uuid;

use crate::RULES;
use crate::indicator::Indicator;

/// Only an indicator that waits, and is not meant for a division below, is distributed to units.
pub fn require_waiting(parent: &Indicator) -> Result<(), Problem> {
    if parent.elements.rec_div_code.is_some() {
        return Err(RULES.refuse(
            "BA-008",
            "转移支付指标不能分解到单位",
            "an indicator for a division below is not distributed to units",
        ));
    }
    if parent.is_executable() {
        let zh = format!("指标 {} 已可执行，不是待分指标", parent.bgt_id);
        let en = format!("indicator {} is executable and does not wait to be distributed", parent.bgt_id);
        return Err(RULES.refuse("BE-104", zh, en).with("indicator", parent.bgt_id));
    }
    Ok(())
}

/// A document has at least one line and not too many.
pub fn require_lines(count: usize, limit: usize) -> Result<(), Problem> {
    if (1..=limit).contains(&count) {
        return Ok(());
    }
    let (zh, en) = (format!("明细应为 1 至 {limit} 行"), format!("1 to {limit} lines are needed"));
    Err(RULES.refuse("BE-108", zh.clone(), en.clone()).at("/lines", zh, en))
}

/// BA-008 for a unit that this division and year does not have.
pub fn foreign_unit(index: usize, agency: &AgencyCode, division: &DivisionCode) -> Problem {
    let zh = format!("单位 {agency} 不属于区划 {division}");
    let en = format!("unit {agency} does not belong to division {division}");
    RULES.refuse("BA-008", zh.clone(), en.clone()).at(format!("/lines/{index}/agency_code"), zh, en)
}

/// Refuses a line that contradicts its parent.
pub fn check_child(parent: &Indicator, index: usize, line: &DistributionLine) -> Result<(), Problem> {
    let has = &parent.elements;
    let funds = line.fund_type_code.as_ref().is_none_or(|code| *code == has.fund_type_code);
    let function =
        within(has.exp_func_code.as_ref(), line.exp_func_code.as_ref(), |above, below| above.contains(below));
    let government =
        within(has.gov_bgt_eco_code.as_ref(), line.gov_bgt_eco_code.as_ref(), |above, below| above.contains(below));
    let department =
        within(has.dep_bgt_eco_code.as_ref(), line.dep_bgt_eco_code.as_ref(), |above, below| above.contains(below));
    let agency = within(has.agency_code.as_ref(), Some(&line.agency_code), |above, below| above.contains(below));
    let project = within(has.pro_code.as_ref(), line.pro_code.as_ref(), |above, below| above == below);
    let checks = [
        ("fund_type_code", funds),
        ("exp_func_code", function),
        ("gov_bgt_eco_code", government),
        ("dep_bgt_eco_code", department),
        ("agency_code", agency),
        ("pro_code", project),
    ];
    if line.direct_flag.is_some_and(|flag| flag != has.direct_flag) {
        return Err(contradiction("BA-006", index, "direct_flag"));
    }
    match checks.into_iter().find(|(_, fits)| !fits) {
        Some((field, _)) => Err(contradiction("BA-003", index, field)),
        None => require_complete(&elements(has, line), index),
    }
}

fn within<T>(above: Option<&T>, below: Option<&T>, contains: impl Fn(&T, &T) -> bool) -> bool {
    match (above, below) {
        (Some(above), Some(below)) => contains(above, below),
        _ => true,
    }
}

fn contradiction(code: &str, index: usize, field: &str) -> Problem {
    let zh = format!("第 {} 行的 {field} 与上级指标不一致", index.saturating_add(1));
    let en = format!("{field} of line {index} contradicts the parent indicator");
    RULES.refuse(code, zh.clone(), en.clone()).at(format!("/lines/{index}/{field}"), zh, en)
}

fn require_complete(elements: &Elements, index: usize) -> Result<(), Problem> {
    match elements.missing_mandatory(BgtExeFlag::Executable).first() {
        None => Ok(()),
        Some(field) => {
            let (zh, en) = (format!("缺少必填要素 {field}"), format!("{field} is missing"));
            Err(RULES.refuse("BA-003", zh.clone(), en.clone()).at(format!("/lines/{index}/{field}"), zh, en))
        }
    }
}

fn elements(parent: &Elements, line: &DistributionLine) -> Elements {
    let mut elements = parent.clone();
    elements.agency_code = Some(line.agency_code.clone());
    elements.pro_code = line.pro_code.clone().or(elements.pro_code);
    elements.exp_func_code = line.exp_func_code.clone().or(elements.exp_func_code);
    elements.gov_bgt_eco_code = line.gov_bgt_eco_code.clone().or(elements.gov_bgt_eco_code);
    elements.dep_bgt_eco_code = line.dep_bgt_eco_code.clone().or(elements.dep_bgt_eco_code);
    elements
}

/// The child that a line makes; what it does not refine, and every tracking mark, it keeps from its parent.
pub fn child(parent: &Indicator, line: &DistributedLine, distribution_id: Uuid) -> Indicator {
    let refined = DistributionLine {
        agency_code: line.agency_code.clone(),
        pro_code: line.pro_code.clone(),
        fund_type_code: line.fund_type_code.clone(),
        exp_func_code: line.exp_func_code.clone(),
        gov_bgt_eco_code: line.gov_bgt_eco_code.clone(),
        dep_bgt_eco_code: line.dep_bgt_eco_code.clone(),
        direct_flag: line.direct_flag,
        amt: line.amt,
        bgt_dec: None,
    };
    Indicator {
        bgt_id: line.bgt_id,
        elements: elements(&parent.elements, &refined),
        bgt_exe_flag: BgtExeFlag::Executable,
        bgt_dec: line.bgt_dec.clone().or_else(|| parent.bgt_dec.clone()),
        amount: line.amt.money(),
        ori_bgt_id: Some(parent.bgt_id),
        agency_name: Some(line.agency_name.clone()),
        origin_id: distribution_id,
        ..parent.clone()
    }
}
