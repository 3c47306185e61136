//! Payments with many payees: salaries (PAY-021), what is paid to people and enterprises (PAY-022), official cards.

use std::collections::BTreeSet;

use budget_execution_contract::{PaymentDetail, PaymentDraft};
use chrono::{Datelike as _, NaiveDate};
use common_types::{DepBgtEcoCode, FiscalYear, PayBusTypeCode, ProCatCode, SetModeCode};

use super::{Breach, Facts};

const IDENTITY_WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const IDENTITY_CHECKS: &[u8; 11] = b"10X98765432";
const CREDIT_CODE_LENGTH: usize = 18;

/// The number of a month that is written `01` to `12`.
fn month_of(text: &str) -> Option<u32> {
    let is_written_so = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|month| is_written_so && (1..=12).contains(month))
}

/// What a salary of this draft is claimed under.
pub fn month_key(content: &PaymentDraft, person: &str) -> String {
    salary_key(content.pay_month.as_deref(), &content.dep_bgt_eco_code, person)
}

/// What a salary is claimed under: month, item and person.
pub fn salary_key(pay_month: Option<&str>, item: &DepBgtEcoCode, person: &str) -> String {
    format!("{}/{item}/{person}", pay_month.unwrap_or_default())
}

/// PAY-021: a salary says its month.
pub(super) fn month(facts: &Facts<'_>) -> Vec<Breach> {
    let content = facts.content;
    let is_salary = content.pay_bus_type_code == PayBusTypeCode::Salary;
    match content.pay_month.as_deref() {
        None if is_salary => {
            let (zh, en) = ("工资发放须填写发放月份", "a salary needs its month");
            vec![Breach::refuse("PAY-021", "/pay_month", zh, en)]
        }
        Some(text) if month_of(text).is_none() => {
            vec![Breach::refuse("PAY-021", "/pay_month", "月份应为 01 至 12", "a month is written 01 to 12")]
        }
        _ => Vec::new(),
    }
}

/// PAY-021: persons of the unit that are paid now, from personnel money, for a month that is due and not paid.
pub(super) fn salary(facts: &Facts<'_>) -> Vec<Breach> {
    let content = facts.content;
    if content.pay_bus_type_code != PayBusTypeCode::Salary {
        return Vec::new();
    }
    let mut breaches = Vec::new();
    let kind = facts.bearer.pro_kind_code.map(ProCatCode::code);
    if !kind.is_some_and(|kind| kind.starts_with('1')) {
        let (zh, en) = ("工资只能从人员类项目指标发放", "salaries are paid from personnel projects only");
        breaches.push(Breach::refuse("PAY-021", "/bgt_id", zh, en));
    }
    let month = content.pay_month.as_deref().and_then(month_of);
    if month.is_some_and(|month| !is_due(content.fiscal_year, month, facts)) {
        let (zh, en) = ("发放月份未到或已超过可补发期限", "the month is not due or too long ago");
        breaches.push(Breach::refuse("PAY-021", "/pay_month", zh, en));
    }
    let mut seen = BTreeSet::new();
    for (index, detail) in content.details.iter().enumerate() {
        breaches.extend(paid_person(facts, index, detail, &mut seen));
    }
    breaches
}

fn is_due(year: FiscalYear, month: u32, facts: &Facts<'_>) -> bool {
    let Some(first) = NaiveDate::from_ymd_opt(i32::from(year.get()), month, 1) else { return false };
    let months = |day: NaiveDate| day.year().saturating_mul(12).saturating_add(i32::try_from(day.month()).unwrap_or(0));
    let ago = months(facts.today).saturating_sub(months(first));
    (0..=i32::try_from(facts.settings.salary_months_back).unwrap_or(i32::MAX)).contains(&ago)
}

fn paid_person(facts: &Facts<'_>, index: usize, detail: &PaymentDetail, seen: &mut BTreeSet<String>) -> Option<Breach> {
    let at = |zh: &str, en: &str| Some(Breach::refuse("PAY-021", format!("/details/{index}/receiver_code"), zh, en));
    let Some(id) = &detail.receiver_code else {
        return at("工资明细须填写人员", "a salary names its person");
    };
    let Some(person) = facts.findings.persons.get(id) else {
        return at("不是本单位人员", "is no person of the unit");
    };
    if !person.is_serving {
        return at("人员状态不可发放工资", "the person is not serving");
    }
    if person.per_name != detail.payee_acct_name.trim() {
        return at("收款人与人员姓名不一致", "the payee has another name than the person");
    }
    if !seen.insert(id.clone()) {
        return at("同一人员重复", "the person is listed twice");
    }
    if facts.findings.paid_persons.contains(id) {
        return at("该人员本月此项工资已发放或在途", "this salary of the month is paid or on its way");
    }
    None
}

/// PAY-022: money to people and enterprises says to whom, for which month, by household or by person.
pub(super) fn benefit(facts: &Facts<'_>) -> Vec<Breach> {
    let mut breaches = Vec::new();
    let marked = facts.content.details.iter().enumerate().filter(|(_, detail)| detail.is_to_peop_enterp);
    for (index, detail) in marked {
        for (field, zh, en) in missing_of_benefit(detail) {
            breaches.push(Breach::refuse("PAY-022", format!("/details/{index}/{field}"), zh, en));
        }
    }
    breaches
}

fn missing_of_benefit(detail: &PaymentDetail) -> Vec<(&'static str, &'static str, &'static str)> {
    let is_filled = |text: &Option<String>| text.as_deref().is_some_and(|text| !text.trim().is_empty());
    let mut missing = Vec::new();
    match (is_filled(&detail.iden_no), is_filled(&detail.unifsoc_cred_code)) {
        (false, false) => {
            missing.push(("iden_no", "须填写证件号码或统一社会信用代码", "an identity number or credit code is needed"))
        }
        (true, _) => {
            if !is_identity_number(detail.iden_no.as_deref().unwrap_or_default()) {
                missing.push(("iden_no", "证件号码校验不通过", "the identity number is not valid"));
            }
            if !is_filled(&detail.per_name) {
                missing.push(("per_name", "须填写姓名", "the name of the person is needed"));
            }
        }
        (false, true) => {
            let code = detail.unifsoc_cred_code.as_deref().unwrap_or_default();
            if code.len() != CREDIT_CODE_LENGTH || !code.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                missing.push(("unifsoc_cred_code", "统一社会信用代码应为 18 位", "the credit code has 18 characters"));
            }
            if !is_filled(&detail.corp_name) {
                missing.push(("corp_name", "须填写企业名称", "the name of the enterprise is needed"));
            }
        }
    }
    if detail.pay_month.as_deref().is_none_or(|month| month_of(month).is_none()) {
        missing.push(("pay_month", "须填写发放月份 01 至 12", "the month is needed, 01 to 12"));
    }
    if !matches!(detail.to_peop_family.as_deref(), Some("1" | "2")) {
        missing.push(("to_peop_family", "须注明按户(1)或按人(2)", "by household (1) or by person (2)"));
    }
    missing
}

/// Eighteen characters whose last checks the others (GB 11643).
fn is_identity_number(text: &str) -> bool {
    let bytes = text.as_bytes();
    let (Some(digits), Some(check), 18) = (bytes.get(..17), bytes.get(17), bytes.len()) else { return false };
    if !digits.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let sum: u32 = digits.iter().zip(IDENTITY_WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    usize::try_from(sum % 11).ok().and_then(|rest| IDENTITY_CHECKS.get(rest)) == Some(&check.to_ascii_uppercase())
}

/// PAY-110: a repayment to the issuing bank lists its swipes.
pub(super) fn card(facts: &Facts<'_>) -> Vec<Breach> {
    let content = facts.content;
    if content.pay_bus_type_code != PayBusTypeCode::OfficialCardRepayment {
        return Vec::new();
    }
    let mut breaches = Vec::new();
    let refused = |pointer: String, zh: &str, en: &str| Breach::refuse("PAY-110", pointer, zh, en);
    if content.set_mode_code != SetModeCode::OfficialCard {
        let (zh, en) = ("公务卡还款的结算方式应为公务卡", "a card repayment is settled by official card");
        breaches.push(refused("/set_mode_code".to_owned(), zh, en));
    }
    for (index, detail) in content.details.iter().enumerate() {
        let is_filled = |text: &Option<String>| text.as_deref().is_some_and(|text| !text.trim().is_empty());
        let at = |field: &str| format!("/details/{index}/{field}");
        if !is_filled(&detail.card_no) {
            breaches.push(refused(at("card_no"), "须填写公务卡号", "the card number is needed"));
        }
        if !is_filled(&detail.merchant_name) {
            breaches.push(refused(at("merchant_name"), "须填写商户", "the merchant is needed"));
        }
        if detail.swipe_date.is_none_or(|day| day > facts.today) {
            breaches.push(refused(at("swipe_date"), "须填写已发生的刷卡日期", "the day of the swipe is needed"));
        }
    }
    breaches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_number_checks_itself() {
        for number in ["11010519491231002X", "440524188001010014", "11010519491231002x"] {
            assert!(is_identity_number(number), "{number}");
        }
        for number in ["110105194912310021", "11010519491231002", "", "1101051949123100２X", "440524188001010015"] {
            assert!(!is_identity_number(number), "{number}");
        }
    }

    #[test]
    fn a_month_has_two_digits() {
        assert_eq!(month_of("03"), Some(3));
        for text in ["3", "00", "13", "+3", "０３"] {
            assert_eq!(month_of(text), None, "{text}");
        }
    }
}
