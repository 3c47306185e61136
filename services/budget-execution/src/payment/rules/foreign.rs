//! Payments in another currency (外币): the amount and rate are recorded, and make the amount in yuan.

use common_types::{CurrencyCode, PayBusTypeCode};

use super::{Breach, Facts};

/// PAY-113: currency, amount and rate belong together, and times the rate the amount is that in yuan, rounded half up.
pub(super) fn amount(facts: &Facts<'_>) -> Vec<Breach> {
    let content = facts.content;
    let is_foreign = content.pay_bus_type_code == PayBusTypeCode::ForeignCurrency;
    let parts = [
        ("/foreign_amt", content.foreign_amt.is_some()),
        ("/currency_code", content.currency_code.is_some()),
        ("/est_rat", content.est_rat.is_some()),
    ];
    if !is_foreign && parts.iter().all(|(_, is_there)| !is_there) {
        return Vec::new();
    }
    let missing: Vec<Breach> = parts
        .iter()
        .filter(|(_, is_there)| !is_there)
        .map(|(pointer, _)| {
            let (zh, en) = ("外币支付须填写外币金额、币种和汇率", "a foreign amount needs its currency and rate");
            Breach::refuse("PAY-113", *pointer, zh, en)
        })
        .collect();
    let (Some(foreign_amt), Some(currency), Some(rate)) = (content.foreign_amt, content.currency_code, content.est_rat)
    else {
        return missing;
    };
    let mut breaches = Vec::new();
    if currency == CurrencyCode::Cny {
        let (zh, en) = ("币种应为外币", "the currency must be another one than yuan");
        breaches.push(Breach::refuse("PAY-113", "/currency_code", zh, en));
    }
    if !foreign_amt.is_positive() {
        let (zh, en) = ("外币金额应大于零", "the foreign amount must be above zero");
        breaches.push(Breach::refuse("PAY-113", "/foreign_amt", zh, en));
    }
    let in_yuan = foreign_amt.checked_mul_decimal(rate.get());
    if in_yuan != Some(content.pay_app_amt) {
        let told = in_yuan.map_or_else(|| "?".to_owned(), |amount| amount.to_string());
        let zh = format!("{foreign_amt} 乘以汇率 {rate} 为 {told}，与申请金额 {} 不符", content.pay_app_amt);
        let en = format!("{foreign_amt} times {rate} is {told}, not {}", content.pay_app_amt);
        let breach = Breach::refuse("PAY-113", "/pay_app_amt", zh, en);
        breaches.push(breach.with("expected_amt", in_yuan));
    }
    breaches
}
