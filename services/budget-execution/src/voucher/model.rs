//! The rules of one voucher: what is signed, who may sign, what the bank gets. Pure.

use std::{collections::BTreeMap, iter};

use budget_execution_contract::{
    BankVoucher, BankVoucherDetail, ChargedTo, SignStamp, StampKind, Voucher, VoucherDetail,
};
use common_types::Money;
use service_kit::{Caller, Problem};
use uuid::Uuid;
use workflow::Document;

use super::{
    entity::{CorrectStatus, Kind, Model, Stage, stamp},
    signature::Signed,
    store::PaidFacts,
};
use crate::{
    RULES,
    certificate::crypto,
    payment::{entity::detail, view},
};

/// The stages in which the bank may still act on a voucher; the money stays reserved.
pub const WITH_THE_BANK: [Stage; 3] = [Stage::Sent, Stage::Unknown, Stage::BankAccepted];
/// The stages in which the money is gone.
pub const SPENT: [Stage; 2] = [Stage::Paid, Stage::Cleared];

/// SM3 of everything that a signature stands for: the voucher, then its details in their order.
pub fn content_hash(row: &Model, details: &[detail::Model]) -> String {
    let content = serde_json::json!([
        row.mof_div_code,
        row.fiscal_year,
        row.pay_cert_no,
        row.vou_date,
        row.pay_app_no,
        row.agency_code,
        row.bgt_id,
        row.bgt_type_code,
        row.pro_code,
        row.exp_func_code,
        row.gov_bgt_eco_code,
        row.dep_bgt_eco_code,
        row.fund_type_code,
        row.use_des,
        row.pay_amt,
        row.pay_acct_no,
        row.pay_acct_name,
        row.pay_acct_bank_name,
        row.payee_acct_name,
        row.payee_acct_no,
        row.payee_acct_bank_name,
        row.payee_acct_bank_code,
    ]);
    let texts: Vec<String> = iter::once(content.to_string()).chain(details.iter().map(detail_content)).collect();
    crypto::sm3_hex(texts.iter().map(String::as_str))
}

fn detail_content(detail: &detail::Model) -> String {
    serde_json::json!([
        detail.pay_detail_id,
        detail.payee_acct_name,
        detail.payee_acct_no,
        detail.payee_acct_bank_name,
        detail.pay_amt,
        detail.add_word,
    ])
    .to_string()
}

/// What is signed: the content, by which of the two stamps.
pub fn stamped_text(content_hash: &str, kind: Kind) -> String {
    let kind: StampKind = kind.into();
    format!("{content_hash}:{kind:?}")
}

/// PAY-019: the signer made neither the application nor the voucher.
pub fn require_other_signer(row: &Model, application: &Document, caller: &Caller) -> Result<(), Problem> {
    let is_maker = caller.subject == application.maker || caller.person == application.maker_person;
    let is_generator = caller.subject == row.generated_by || caller.person == row.generated_person;
    if !is_maker && !is_generator {
        return Ok(());
    }
    Err(RULES.refuse(
        "PAY-019",
        format!("{}经办了凭证 {}，不能签章", caller.name, row.pay_cert_no),
        format!("{} made voucher {} and may not sign it", caller.subject, row.pay_cert_no),
    ))
}

/// PAY-019: the two stamps are of different persons.
pub fn require_third_person(row: &Model, first: Option<&stamp::Model>, caller: &Caller) -> Result<(), Problem> {
    if first.is_none_or(|first| first.signer != caller.subject && first.signer_person != caller.person) {
        return Ok(());
    }
    Err(RULES.refuse(
        "PAY-019",
        format!("{}已签名凭证 {}，复核签章须由另一人办理", caller.name, row.pay_cert_no),
        format!("{} signed voucher {}; another person must seal it", caller.subject, row.pay_cert_no),
    ))
}

/// PAY-103: the voucher is not what was signed.
pub fn changed(row: &Model) -> Problem {
    RULES.refuse(
        "PAY-103",
        format!("凭证 {} 的内容或签章与签章时不一致", row.pay_cert_no),
        format!("voucher {} is not what was signed", row.pay_cert_no),
    )
}

/// PAY-105 with the stage that stands in the way.
pub fn not_possible(row: &Model) -> Problem {
    let stage: budget_execution_contract::VoucherStatus = row.voucher_status.into();
    RULES
        .refuse(
            "PAY-105",
            format!("凭证 {} 的状态为 {stage:?}，不能进行此操作", row.pay_cert_no),
            format!("voucher {} is {stage:?}, this is not possible", row.pay_cert_no),
        )
        .with("voucher_status", stage)
}

/// Whether a receipt names all details of a batch, each paid in full or not at all, and some of them paid.
pub fn agrees_with_details(ours: &[detail::Model], facts: &PaidFacts) -> bool {
    let said: BTreeMap<Uuid, Money> =
        facts.details.iter().map(|detail| (detail.pay_detail_id, detail.xpay_amt)).collect();
    let is_fair = |row: &detail::Model| {
        said.get(&row.pay_detail_id).is_some_and(|amount| amount.is_zero() || *amount == row.pay_amt)
    };
    said.len() == ours.len()
        && facts.details.len() == ours.len()
        && ours.iter().all(is_fair)
        && facts.xpay_amt.is_positive()
        && Money::try_sum(said.into_values()) == Some(facts.xpay_amt)
}

/// The voucher (5214) as the bank gets it.
pub fn bank_voucher(row: &Model, signed: Signed) -> BankVoucher {
    BankVoucher {
        mof_div_code: row.mof_div_code.clone(),
        fiscal_year: row.fiscal_year,
        pay_cert_no: row.pay_cert_no.clone(),
        vou_date: row.vou_date,
        pay_amt: row.pay_amt,
        pay_acct_no: row.pay_acct_no.clone(),
        pay_acct_name: row.pay_acct_name.clone(),
        payee_acct_no: row.payee_acct_no.clone(),
        payee_acct_name: row.payee_acct_name.clone(),
        payee_acct_bank_name: row.payee_acct_bank_name.clone(),
        payee_acct_bank_code: row.payee_acct_bank_code.clone(),
        use_des: row.use_des.clone(),
        details: signed.details.into_iter().map(bank_detail).collect(),
        content_hash: signed.content_hash,
        stamps: signed.stamps.into_iter().map(stamp_of).collect(),
    }
}

fn bank_detail(row: detail::Model) -> BankVoucherDetail {
    BankVoucherDetail {
        pay_detail_id: row.pay_detail_id,
        payee_acct_name: row.payee_acct_name,
        payee_acct_no: row.payee_acct_no,
        payee_acct_bank_name: row.payee_acct_bank_name,
        pay_amt: row.pay_amt,
    }
}

/// A stamp as it goes to the bank.
pub fn stamp_of(row: stamp::Model) -> SignStamp {
    SignStamp { cert_id: row.cert_id, sign_algorithm: row.sign_algorithm.into(), signature: row.signature }
}

/// The indicator that bears the voucher now: the signed one, the one it was corrected to, or the formal one that the
/// advance it was paid from was written off against.
pub fn charged_to(row: &Model) -> Result<ChargedTo, Problem> {
    if let Some(corrected) = &row.corrected_to {
        return view::read(corrected.clone());
    }
    Ok(ChargedTo {
        bgt_id: row.bgt_id,
        bgt_type_code: row.bgt_type_code,
        pro_code: row.pro_code.clone(),
        pro_name: row.pro_name.clone(),
        pro_kind_code: row.pro_kind_code,
        exp_func_code: row.exp_func_code.clone(),
        gov_bgt_eco_code: row.gov_bgt_eco_code.clone(),
        dep_bgt_eco_code: row.dep_bgt_eco_code.clone(),
        fund_type_code: row.fund_type_code.clone(),
        manage_mof_dep_code: row.manage_mof_dep_code.clone(),
    })
}

/// A payee of a batch as callers see it.
pub fn detail(row: detail::Model) -> VoucherDetail {
    VoucherDetail {
        pay_detail_id: row.pay_detail_id,
        payee_acct_name: row.payee_acct_name,
        payee_acct_no: row.payee_acct_no,
        payee_acct_bank_name: row.payee_acct_bank_name,
        pay_amt: row.pay_amt,
        add_word: row.add_word,
        xpay_amt: row.xpay_amt,
        receipt_add_word: row.receipt_add_word,
    }
}

/// The voucher as callers see it.
pub fn voucher(row: Model) -> Result<Voucher, Problem> {
    let charged_to = charged_to(&row)?;
    Ok(Voucher {
        pay_cert_id: row.pay_cert_id,
        pay_cert_no: row.pay_cert_no,
        pay_app_id: row.pay_app_id,
        pay_app_no: row.pay_app_no,
        mof_div_code: row.mof_div_code,
        fiscal_year: row.fiscal_year,
        vou_date: row.vou_date,
        agency_code: row.agency_code,
        charged_to,
        use_des: row.use_des,
        pay_amt: row.pay_amt,
        pay_acct_no: row.pay_acct_no,
        pay_acct_name: row.pay_acct_name,
        pay_acct_bank_name: row.pay_acct_bank_name,
        payee_acct_name: row.payee_acct_name,
        payee_acct_no: row.payee_acct_no,
        payee_acct_bank_name: row.payee_acct_bank_name,
        payee_acct_bank_code: row.payee_acct_bank_code,
        voucher_status: row.voucher_status.into(),
        reason: row.reason,
        content_hash: row.content_hash,
        generated_by: row.generated_by,
        signed_by: row.signed_by,
        sealed_by: row.sealed_by,
        xpay_amt: row.xpay_amt,
        xpay_date: row.xpay_date,
        agent_business_no: row.agent_business_no,
        receipt_add_word: row.receipt_add_word,
        ref_amt: row.ref_amt,
        is_corrected: row.correct_status == CorrectStatus::Corrected,
        lqd_quota_notice_no: row.lqd_quota_notice_no,
        pay_cert_sum_no: row.pay_cert_sum_no,
        lqd_cert_no: row.lqd_cert_no,
        act_lqd_date: row.act_lqd_date,
        update_time: row.update_time,
    })
}
