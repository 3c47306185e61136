//! Government procurement (PAY-009, PAY-010).

use common_types::{Money, PayBusTypeCode};
use rust_decimal::Decimal;

use super::{Breach, Contract, Facts};

/// PAY-009: a procurement is not paid in a batch.
pub(super) fn no_batch(facts: &Facts<'_>) -> Vec<Breach> {
    let is_batch = matches!(facts.content.pay_bus_type_code, PayBusTypeCode::Batch | PayBusTypeCode::Salary);
    if !(facts.bearer.is_gov_pur && is_batch) {
        return Vec::new();
    }
    let (zh, en) = ("政府采购指标不得批量支付", "a procurement is not paid in a batch");
    vec![Breach::refuse("PAY-009", "/pay_bus_type_code", zh, en)]
}

/// PAY-009: a procurement names its contract and pays at most its amount; whoever draws on a contract pays its supplier.
pub(super) fn contract(facts: &Facts<'_>) -> Vec<Breach> {
    let content = facts.content;
    let Some(contract) = &facts.findings.contract else {
        if !facts.bearer.is_gov_pur {
            return Vec::new();
        }
        let (zh, en) = ("政府采购支付须使用已生效的采购合同占用", "a procurement draws on its contract in force");
        return vec![Breach::refuse("PAY-009", "/commitment_id", zh, en)];
    };
    let mut breaches = Vec::new();
    if content.contract_no.as_ref().is_some_and(|number| *number != contract.contract_no) {
        let (zh, en) = ("合同编号与采购合同占用不一致", "the contract number is not that of the commitment");
        breaches.push(Breach::refuse("PAY-009", "/contract_no", zh, en));
    }
    let supplier = [
        ("/payee_acct_name", contract.supplier_name == content.payee_acct_name.trim()),
        ("/payee_acct_no", contract.supplier_acct_no == content.payee_acct_no),
    ];
    for (pointer, _) in supplier.into_iter().filter(|(_, is_same)| !is_same) {
        let zh = format!("收款人与合同供应商 {} 不一致", contract.supplier_name);
        let en = format!("the payee is not {}, the supplier of the contract", contract.supplier_name);
        breaches.push(Breach::refuse("PAY-009", pointer, zh, en));
    }
    let total = contract.paid_amt.checked_add(content.pay_app_amt);
    if facts.bearer.is_gov_pur && total.is_none_or(|total| total > contract.contract_amt) {
        let (amount, paid) = (contract.contract_amt, contract.paid_amt);
        let zh = format!("合同金额 {amount}，已付及在途 {paid}，本次 {} 超出合同", content.pay_app_amt);
        let en = format!("the contract is over {amount}, {paid} is paid or on its way");
        let breach = Breach::refuse("PAY-009", "/pay_app_amt", zh, en);
        breaches.push(breach.with("contract_amt", amount).with("paid_amt", paid));
    }
    breaches
}

/// PAY-010: what is paid in advance stays within what the contract allows, and that within the highest share of the
/// division; beyond the ordinary share, as for small and medium enterprises, it needs an explanation.
pub(super) fn prepayment(facts: &Facts<'_>) -> Vec<Breach> {
    let (Some(contract), true) = (&facts.findings.contract, facts.content.is_prepayment) else { return Vec::new() };
    let agreed = Decimal::new(i64::from(contract.prepay_percent), 2);
    let highest = agreed.min(facts.settings.sme_prepayment_ratio);
    let prepaid = contract.prepaid_amt.checked_add(facts.content.pay_app_amt);
    let exceeds = |ratio| share(contract, ratio).is_none_or(|limit| prepaid.is_none_or(|prepaid| prepaid > limit));
    let breach = |ratio: Decimal| {
        let (limit, percent) = (share(contract, ratio), (ratio * Decimal::ONE_HUNDRED).normalize());
        let zh = format!("预付款合计 {} 超过合同金额的 {percent}%", prepaid.unwrap_or_default());
        let en = format!("{} in advance is more than {percent} % of the contract", prepaid.unwrap_or_default());
        Breach::refuse("PAY-010", "/pay_app_amt", zh, en).with("limit", limit).with("prepaid_amt", prepaid)
    };
    match (exceeds(highest), exceeds(facts.settings.prepayment_ratio)) {
        (true, _) => vec![breach(highest)],
        (false, true) => vec![breach(facts.settings.prepayment_ratio).warning()],
        (false, false) => Vec::new(),
    }
}

fn share(contract: &Contract, ratio: Decimal) -> Option<Money> {
    contract.contract_amt.checked_mul_decimal(ratio)
}
