//! What an application says of itself (PAY-005, PAY-008, PAY-016) and how long its texts may be.

use budget_execution_contract::{Attachment, PaymentDetail};
use chrono::NaiveDate;
use common_types::FiscalYear;

use super::{Breach, Facts};

const LONGEST_PURPOSE: usize = 300;
const LONGEST_EXPLANATION: usize = 2000;
const BANK_CODE_DIGITS: usize = 12;

/// Lengths that the tables keep.
pub(super) fn lengths(facts: &Facts<'_>) -> Vec<Breach> {
    let content = facts.content;
    let optional = |text: &Option<String>| text.clone().unwrap_or_default();
    let texts = [
        ("/use_des", content.use_des.clone(), LONGEST_PURPOSE),
        ("/payee_acct_name", content.payee_acct_name.clone(), 300),
        ("/payee_acct_bank_name", content.payee_acct_bank_name.clone(), 180),
        ("/payee_acct_bank_code", content.payee_acct_bank_code.clone(), BANK_CODE_DIGITS),
        ("/explanation", content.explanation.clone(), LONGEST_EXPLANATION),
        ("/contract_no", optional(&content.contract_no), 100),
        ("/receiver_code", optional(&content.receiver_code), 42),
        ("/internal_dep_code", optional(&content.internal_dep_code), 30),
        ("/bond_code", optional(&content.bond_code), 38),
        ("/pro_loangrant_num", optional(&content.pro_loangrant_num), 80),
        ("/entpay_app_no", optional(&content.entpay_app_no), 100),
    ];
    let mut breaches: Vec<Breach> =
        texts.into_iter().filter_map(|(pointer, text, longest)| too_long(pointer.to_owned(), &text, longest)).collect();
    for (index, detail) in content.details.iter().enumerate() {
        breaches.extend(detail_lengths(index, detail));
    }
    let is_whole = |file: &Attachment| file.hash.len() == 64 && file.hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    for (index, _) in content.attachments.iter().enumerate().filter(|(_, file)| !is_whole(file)) {
        let (zh, en) = ("应为 64 位十六进制 SHA-256", "must be a SHA-256 of 64 hexadecimal digits");
        breaches.push(Breach::refuse("PAY-109", format!("/attachments/{index}/hash"), zh, en));
    }
    breaches
}

fn detail_lengths(index: usize, detail: &PaymentDetail) -> Vec<Breach> {
    let texts = [
        ("payee_acct_name", Some(&detail.payee_acct_name), 300),
        ("payee_acct_bank_name", Some(&detail.payee_acct_bank_name), 180),
        ("add_word", Some(&detail.add_word), 300),
        ("receiver_code", detail.receiver_code.as_ref(), 42),
        ("per_name", detail.per_name.as_ref(), 60),
        ("iden_no", detail.iden_no.as_ref(), 20),
        ("corp_name", detail.corp_name.as_ref(), 200),
        ("unifsoc_cred_code", detail.unifsoc_cred_code.as_ref(), 18),
        ("pay_month", detail.pay_month.as_ref(), 2),
        ("to_peop_enterp", detail.to_peop_enterp.as_ref(), 2),
        ("to_peop_family", detail.to_peop_family.as_ref(), 1),
        ("town_code", detail.town_code.as_ref(), 40),
        ("village_code", detail.village_code.as_ref(), 40),
        ("card_no", detail.card_no.as_ref(), 40),
        ("merchant_name", detail.merchant_name.as_ref(), 200),
    ];
    texts
        .into_iter()
        .filter_map(|(name, text, longest)| too_long(format!("/details/{index}/{name}"), text?, longest))
        .collect()
}

fn too_long(pointer: String, text: &str, longest: usize) -> Option<Breach> {
    let is_long = text.chars().count() > longest;
    let (zh, en) = (format!("不得超过 {longest} 字"), format!("at most {longest} characters"));
    is_long.then(|| Breach::refuse("PAY-109", pointer, zh, en))
}

/// PAY-016: nothing of a year is submitted after its cut-off day.
pub(super) fn open_year(facts: &Facts<'_>) -> Vec<Breach> {
    let year = facts.content.fiscal_year;
    not_after(facts.settings.cut_off(year), year, facts.today).err().into_iter().collect()
}

/// PAY-016 where the day has gone by.
pub fn not_after(cut_off: NaiveDate, year: FiscalYear, today: NaiveDate) -> Result<(), Breach> {
    let last_day = cut_off.min(year.last_day());
    if today <= last_day {
        return Ok(());
    }
    let (zh, en) = (format!("{year} 年度支付已于 {last_day} 截止"), format!("payments of {year} ended on {last_day}"));
    Err(Breach::refuse("PAY-016", "/fiscal_year", zh, en).with("last_day", last_day))
}

/// PAY-005: the payee is complete; a batch has its payees in the details.
pub(super) fn payee(facts: &Facts<'_>) -> Vec<Breach> {
    let content = facts.content;
    let mut wrong = vec![
        ("/payee_acct_name".to_owned(), content.payee_acct_name.trim().is_empty()),
        ("/payee_acct_bank_name".to_owned(), content.payee_acct_bank_name.trim().is_empty()),
        ("/payee_acct_bank_code".to_owned(), !is_bank_code(&content.payee_acct_bank_code)),
    ];
    for (index, detail) in content.details.iter().enumerate() {
        wrong.push((format!("/details/{index}/payee_acct_name"), detail.payee_acct_name.trim().is_empty()));
        wrong.push((format!("/details/{index}/payee_acct_bank_name"), detail.payee_acct_bank_name.trim().is_empty()));
    }
    wrong
        .into_iter()
        .filter(|(_, is_wrong)| *is_wrong)
        .map(|(pointer, _)| Breach::refuse("PAY-005", pointer, "收款人信息缺失或无效", "payee is missing or not valid"))
        .collect()
}

fn is_bank_code(text: &str) -> bool {
    text.len() == BANK_CODE_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// What a text says: its letters and digits, without blanks and marks, seen or unseen.
pub fn bare(text: &str) -> String {
    text.chars().filter(|character| character.is_alphanumeric()).collect()
}

/// PAY-008: the purpose says what the money is for.
pub(super) fn purpose(facts: &Facts<'_>) -> Vec<Breach> {
    let purpose = facts.content.use_des.trim();
    let shortest = facts.settings.purpose_min_length;
    let said = bare(purpose);
    let length = u32::try_from(said.chars().count()).unwrap_or(u32::MAX);
    let refused = |zh: String, en: String| vec![Breach::refuse("PAY-008", "/use_des", zh, en)];
    if length < shortest {
        let en = format!("the purpose needs {shortest} characters or more");
        return refused(format!("用途不得少于 {shortest} 字"), en);
    }
    if facts.settings.vague_purposes.iter().any(|vague| bare(vague) == said) {
        return refused(format!("用途“{purpose}”过于笼统"), format!("the purpose {purpose} is too vague"));
    }
    Vec::new()
}
