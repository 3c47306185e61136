//! Whether an indicator may bear a payment (PAY-002, PAY-003, PAY-004, PAY-007).

use budget_execution_contract::{ChargedTo, PaymentDraft};
use common_types::{AgencyType, BgtExeFlag, DepBgtEcoCode, Money, PayBusTypeCode, economic_mapping};
use uuid::Uuid;

use super::{Breach, Facts};
use crate::payment::model::Bearer;

/// PAY-002 with its reason.
pub fn not_payable(zh: &str, en: &str) -> Breach {
    Breach::refuse("PAY-002", "/bgt_id", zh, en)
}

pub(super) fn payable(facts: &Facts<'_>) -> Vec<Breach> {
    let (bearer, content) = (facts.bearer, facts.content);
    let mut breaches = Vec::new();
    if bearer.mof_div_code != content.mof_div_code || bearer.fiscal_year != content.fiscal_year {
        breaches.push(not_payable("指标不属于本区划本年度", "the indicator is of another division or year"));
    }
    if bearer.bgt_exe_flag != BgtExeFlag::Executable {
        let en = "the indicator is not allocated yet and cannot be paid from";
        breaches.push(not_payable("指标为待分指标，不可支付", en));
    }
    breaches
}

/// IG-005: what was advanced for the same purpose is written off before the indicator is used for the first time.
pub(super) fn written_off(facts: &Facts<'_>) -> Vec<Breach> {
    facts.findings.advance.map(not_written_off).into_iter().collect()
}

/// IG-005 with the advance that stands in the way.
pub fn not_written_off(advance: Uuid) -> Breach {
    let (zh, en) =
        ("同一用途的预拨指标尚未核销", "an advance for the same purpose is not written off against the indicator yet");
    Breach::refuse("IG-005", "/bgt_id", zh, en).with("advance_bgt_id", advance)
}

pub(super) fn own(facts: &Facts<'_>) -> Vec<Breach> {
    if facts.bearer.agency_code.as_ref() == Some(&facts.content.agency_code) {
        return Vec::new();
    }
    let (zh, en) = ("申请单位与指标单位不一致", "the unit of the application is not that of the indicator");
    vec![Breach::refuse("PAY-003", "/agency_code", zh, en).with("agency_code", &facts.bearer.agency_code)]
}

pub(super) fn amounts(facts: &Facts<'_>) -> Vec<Breach> {
    let content = facts.content;
    let mut breaches = Vec::new();
    if !content.pay_app_amt.is_positive() {
        let (zh, en) = (
            format!("申请金额 {} 应大于零", content.pay_app_amt),
            format!("amount {} must be above zero", content.pay_app_amt),
        );
        breaches.push(Breach::refuse("PAY-007", "/pay_app_amt", zh, en));
    }
    for (index, _) in content.details.iter().enumerate().filter(|(_, detail)| !detail.pay_amt.is_positive()) {
        let pointer = format!("/details/{index}/pay_amt");
        breaches.push(Breach::refuse(
            "PAY-007",
            pointer,
            "明细金额应大于零",
            "the amount of a detail must be above zero",
        ));
    }
    breaches.extend(details(content));
    breaches
}

fn details(content: &PaymentDraft) -> Option<Breach> {
    let needs_details = matches!(
        content.pay_bus_type_code,
        PayBusTypeCode::Batch | PayBusTypeCode::Salary | PayBusTypeCode::OfficialCardRepayment
    );
    if content.details.is_empty() {
        let (zh, en) =
            ("批量支付、工资发放和公务卡还款须附明细", "a batch, a salary or a card repayment needs its details");
        return needs_details.then(|| Breach::refuse("PAY-007", "/details", zh, en));
    }
    if !needs_details {
        let (zh, en) =
            ("普通支付不附明细，请改用批量支付", "an ordinary payment has one payee; details are for a batch");
        return Some(Breach::refuse("PAY-007", "/details", zh, en));
    }
    match Money::try_sum(content.details.iter().map(|detail| detail.pay_amt)) {
        Some(sum) if sum == content.pay_app_amt => None,
        sum => {
            let (zh, en) = ("明细合计与申请金额不一致", "the details do not add up to the amount");
            let breach = Breach::refuse("PAY-007", "/details", zh, en);
            Some(breach.with("details_amt", sum).with("pay_app_amt", content.pay_app_amt))
        }
    }
}

pub(super) fn economic_class(facts: &Facts<'_>) -> Vec<Breach> {
    let kind = facts.agency_type_code;
    charged(facts.bearer, &facts.content.dep_bgt_eco_code, kind, "/dep_bgt_eco_code").err().into_iter().collect()
}

/// PAY-004: the codes under which this indicator bears a payment of this department economic class.
pub fn charged(bearer: &Bearer, dep: &DepBgtEcoCode, kind: AgencyType, pointer: &str) -> Result<ChargedTo, Breach> {
    let mismatch = |zh: String, en: String| Breach::refuse("PAY-004", pointer, zh, en);
    if !dep.is_leaf() {
        return Err(mismatch(
            format!("部门经济分类 {dep} 不是末级"),
            format!("department economic class {dep} is not a leaf"),
        ));
    }
    if let Some(own) = bearer.dep_bgt_eco_code.as_ref().filter(|own| !own.contains(dep)) {
        return Err(mismatch(
            format!("指标的部门经济分类为 {own}，不能列支 {dep}"),
            format!("the indicator is of department economic class {own}, not {dep}"),
        ));
    }
    let own = bearer.gov_bgt_eco_code.as_ref().ok_or_else(incomplete)?;
    let mapped = economic_mapping::gov_for(dep, kind).filter(|mapped| own.contains(mapped)).ok_or_else(|| {
        mismatch(
            format!("部门经济分类 {dep} 对应的政府经济分类与指标的 {own} 不符"),
            format!("department economic class {dep} does not map to {own} of the indicator"),
        )
    })?;
    Ok(ChargedTo {
        bgt_id: bearer.bgt_id,
        bgt_type_code: bearer.bgt_type_code,
        pro_code: bearer.pro_code.clone().ok_or_else(incomplete)?,
        pro_name: bearer.pro_name.clone(),
        pro_kind_code: bearer.pro_kind_code,
        exp_func_code: bearer.exp_func_code.clone().ok_or_else(incomplete)?,
        gov_bgt_eco_code: mapped,
        dep_bgt_eco_code: dep.clone(),
        fund_type_code: bearer.fund_type_code.clone(),
        manage_mof_dep_code: bearer.manage_mof_dep_code.clone(),
    })
}

fn incomplete() -> Breach {
    not_payable("指标要素不完整", "the indicator lacks an element that a payment needs")
}
