//! What looks unusual and passes with an explanation, or is only told (PAY-011, PAY-014, PAY-015), and collections.

use common_types::{FundTraobjTypeCode, PayBusTypeCode, SetModeCode};

use super::{Breach, Facts, content::bare};

/// PAY-011: items of the official-card catalogue are not transferred to a person.
pub(super) fn card_item(facts: &Facts<'_>) -> Vec<Breach> {
    let content = facts.content;
    let is_card = content.pay_bus_type_code == PayBusTypeCode::OfficialCardRepayment
        || content.set_mode_code == SetModeCode::OfficialCard;
    let is_to_person = content.fund_traobj_type_code == FundTraobjTypeCode::Individual;
    let is_listed = facts.settings.card_mandatory_items.iter().any(|item| item.contains(&content.dep_bgt_eco_code));
    if is_card || !is_to_person || !is_listed {
        return Vec::new();
    }
    let zh = format!("{} 属于公务卡强制结算目录，请使用公务卡还款", content.dep_bgt_eco_code);
    let en = format!("{} is paid by official card, not by transfer to a person", content.dep_bgt_eco_code);
    vec![Breach::refuse("PAY-011", "/dep_bgt_eco_code", zh, en).warning()]
}

/// PAY-015: the same payee, amount and indicator a few days ago.
pub(super) fn duplicate(facts: &Facts<'_>) -> Vec<Breach> {
    let Some(earlier) = &facts.findings.duplicate else { return Vec::new() };
    let (number, day) = (&earlier.pay_app_no, earlier.create_date);
    let zh = format!("{day} 的 {number} 收款人、金额、指标相同，疑似重复支付");
    let en = format!("{number} of {day} has the same payee, amount and indicator");
    vec![Breach::refuse("PAY-015", "/pay_app_amt", zh, en).warning().with("duplicate_of", number)]
}

/// PAY-014: receipts wait to be booked for longer than they should.
pub(super) fn unbooked(facts: &Facts<'_>) -> Vec<Breach> {
    let Some(since) = facts.findings.unbooked_since else { return Vec::new() };
    let days = facts.settings.unbooked_days;
    let zh = format!("自 {since} 起有回单超过 {days} 天未入账，请及时入账");
    let en = format!("receipts since {since} are not booked after {days} days");
    vec![Breach::refuse("PAY-014", "/agency_code", zh, en).reminder()]
}

/// PAY-111: a collection answers its notice, once and exactly.
pub(super) fn collection(facts: &Facts<'_>) -> Vec<Breach> {
    let content = facts.content;
    let is_collection = content.pay_bus_type_code == PayBusTypeCode::Collection;
    let refused = |pointer: &str, zh: &str, en: &str| Breach::refuse("PAY-111", pointer, zh, en);
    match (&content.entpay_app_no, is_collection) {
        (None, false) => return Vec::new(),
        (Some(_), false) => {
            return vec![refused(
                "/pay_bus_type_code",
                "有托收编号的支付应为托收业务",
                "a notice is answered by a collection",
            )];
        }
        (None, true) => {
            return vec![refused("/entpay_app_no", "托收支付须填写托收申请编号", "a collection needs its notice")];
        }
        (Some(_), true) => {}
    }
    let Some(notice) = &facts.findings.notice else {
        return vec![refused("/entpay_app_no", "没有该托收通知", "there is no such notice")];
    };
    let mut breaches = Vec::new();
    if !notice.is_open {
        breaches.push(refused("/entpay_app_no", "该托收通知已办理或已撤销", "the notice is answered or withdrawn"));
    }
    if bare(&notice.payee_acct_name) != bare(&content.payee_acct_name) {
        breaches.push(refused("/payee_acct_name", "收款人与托收通知不一致", "the payee is not that of the notice"));
    }
    if notice.payee_acct_no != content.payee_acct_no {
        breaches.push(refused("/payee_acct_no", "收款账号与托收通知不一致", "the payee is not that of the notice"));
    }
    if notice.pay_amt != content.pay_app_amt {
        breaches.push(refused("/pay_app_amt", "金额与托收通知不一致", "the amount is not that of the notice"));
    }
    breaches
}
