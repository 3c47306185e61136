//! What callers see of an application, and the parts of it that events tell.

use budget_execution_contract::{
    Attachment, ChargedTo, ExchangeRate, Particulars, Payment, PaymentDetail, PaymentDraft,
};
use service_kit::Problem;
use workflow::Document;

use super::{entity::application, model::Warnings};

const SHOWN_OF_IDENTITY: usize = 4;

/// The application as it stands.
pub fn payment(row: application::Model, details: Vec<PaymentDetail>, document: &Document) -> Result<Payment, Problem> {
    let attachments: Vec<Attachment> = read(row.attachments.clone())?;
    let warnings: Warnings = read(row.warn_ids.clone())?;
    let (charged_to, particulars) = (charged_to(&row), particulars(&row)?);
    Ok(Payment {
        pay_app_id: row.pay_app_id,
        pay_app_no: row.pay_app_no,
        mof_div_code: row.mof_div_code,
        fiscal_year: row.fiscal_year,
        agency_code: row.agency_code,
        agency_name: row.agency_name,
        agency_type_code: row.agency_type_code,
        charged_to,
        pay_type_code: row.pay_type_code,
        pay_bus_type_code: row.pay_bus_type_code,
        set_mode_code: row.set_mode_code,
        fund_traobj_type_code: row.fund_traobj_type_code,
        use_des: row.use_des,
        pay_app_amt: row.pay_app_amt,
        xpay_amt: row.xpay_amt,
        pay_acct_no: row.pay_acct_no,
        pay_acct_name: row.pay_acct_name,
        pay_acct_bank_name: row.pay_acct_bank_name,
        payee_acct_name: row.payee_acct_name,
        payee_acct_no: row.payee_acct_no,
        payee_acct_bank_name: row.payee_acct_bank_name,
        payee_acct_bank_code: row.payee_acct_bank_code,
        contract_no: row.contract_no,
        commitment_id: row.commitment_id,
        close_commitment: row.close_commitment,
        is_contrlbyplan: row.is_contrlbyplan,
        explanation: row.explanation,
        attachments,
        details: details.into_iter().map(hidden).collect(),
        particulars,
        apply_agency_code: row.apply_agency_code,
        draft_available_amt: row.draft_available_amt,
        notices: Vec::new(),
        create_date: row.create_date,
        pay_status: row.pay_status.into(),
        is_reserved: row.reservation_id.is_some(),
        warn_ids: warnings.all,
        workflow: document.state(),
        create_time: row.create_time,
        update_time: row.update_time,
    })
}

fn particulars(row: &application::Model) -> Result<Particulars, Problem> {
    Ok(Particulars {
        pay_variant: row.pay_variant.into(),
        foreign_amt: row.foreign_amt,
        currency_code: row.currency_code,
        est_rat: rate(row)?,
        receiver_code: row.receiver_code.clone(),
        internal_dep_code: row.internal_dep_code.clone(),
        bond_code: row.bond_code.clone(),
        pro_loangrant_num: row.pro_loangrant_num.clone(),
        entpay_app_no: row.entpay_app_no.clone(),
        pay_month: row.pay_month.clone(),
        is_prepayment: row.is_prepayment,
    })
}

fn rate(row: &application::Model) -> Result<Option<ExchangeRate>, Problem> {
    row.est_rat.as_deref().map(str::parse).transpose().map_err(|error| Problem::internal(&error))
}

/// An identity number is shown by its last four characters.
fn hidden(mut detail: PaymentDetail) -> PaymentDetail {
    detail.iden_no = detail.iden_no.map(|number| {
        let shown = number.chars().count().saturating_sub(SHOWN_OF_IDENTITY);
        number.chars().enumerate().map(|(at, one)| if at < shown { '*' } else { one }).collect()
    });
    detail
}

/// The content of an application, as it was entered.
pub fn content(row: &application::Model, details: Vec<PaymentDetail>) -> Result<PaymentDraft, Problem> {
    Ok(PaymentDraft {
        mof_div_code: row.mof_div_code.clone(),
        fiscal_year: row.fiscal_year,
        agency_code: row.agency_code.clone(),
        bgt_id: row.bgt_id,
        pay_app_amt: row.pay_app_amt,
        dep_bgt_eco_code: row.dep_bgt_eco_code.clone(),
        pay_bus_type_code: row.pay_bus_type_code,
        set_mode_code: row.set_mode_code,
        fund_traobj_type_code: row.fund_traobj_type_code,
        use_des: row.use_des.clone(),
        pay_acct_no: row.pay_acct_no.clone(),
        payee_acct_name: row.payee_acct_name.clone(),
        payee_acct_no: row.payee_acct_no.clone(),
        payee_acct_bank_name: row.payee_acct_bank_name.clone(),
        payee_acct_bank_code: row.payee_acct_bank_code.clone(),
        contract_no: row.contract_no.clone(),
        commitment_id: row.commitment_id,
        close_commitment: row.close_commitment,
        explanation: row.explanation.clone(),
        attachments: read(row.attachments.clone())?,
        details,
        pay_variant: row.pay_variant.into(),
        foreign_amt: row.foreign_amt,
        currency_code: row.currency_code,
        est_rat: rate(row)?,
        receiver_code: row.receiver_code.clone(),
        internal_dep_code: row.internal_dep_code.clone(),
        bond_code: row.bond_code.clone(),
        pro_loangrant_num: row.pro_loangrant_num.clone(),
        entpay_app_no: row.entpay_app_no.clone(),
        pay_month: row.pay_month.clone(),
        is_prepayment: row.is_prepayment,
    })
}

/// The indicator that bears it.
pub fn charged_to(row: &application::Model) -> ChargedTo {
    ChargedTo {
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
    }
}

/// A JSON column in its own type.
pub fn read<T: serde::de::DeserializeOwned>(json: serde_json::Value) -> Result<T, Problem> {
    serde_json::from_value(json).map_err(|error| Problem::internal(&error))
}

/// A value as a JSON column.
pub fn write<T: serde::Serialize>(value: &T) -> Result<serde_json::Value, Problem> {
    serde_json::to_value(value).map_err(|error| Problem::internal(&error))
}
