//! Payment vouchers (国库集中支付凭证): made from an approved application, signed by a second person and sealed by a third,
//! handed to the agent bank. That it was sent is on record before the bank is asked; while the bank has not answered, the money stays
//! reserved and no second voucher can be made of the same application.

use budget_execution_contract::{PaymentLineage, Voucher, VoucherDetail, VoucherFilter};
use chrono::{DateTime, Utc};
use common_types::{Money, Role};
use sea_orm::DatabaseTransaction;
use service_kit::{Caller, Page, PageQuery, Problem};
use uuid::Uuid;

use crate::{Execution, indicator, payment};

pub mod entity;
pub mod handover;
pub mod http;
pub mod inquiry;
pub mod model;
pub mod settlement;
pub mod signature;
pub mod store;

use entity::{CorrectStatus, Model, Stage};
use payment::{
    entity::{Standing, application},
    store::Reservation,
};

const NUMBER_RULE: &str = "W";
const SIGNERS: [Role; 2] = [Role::U2, Role::M3];

/// Makes the voucher of an approved application (生成支付凭证), with a gap-free number.
pub async fn generate(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    pay_app_id: Uuid,
) -> Result<Voucher, Problem> {
    let unknown = || Problem::not_found("支付申请", "the payment application");
    let application = payment::store::locked(tx, pay_app_id).await?.ok_or_else(unknown)?;
    caller.require_in(&SIGNERS, &application.mof_div_code, Some(&application.agency_code))?;
    let today = service_kit::clock::china_date(now);
    payment::model::require_open_year(application.fiscal_year, today)?;
    let (Standing::Approved, Some(reservation_id)) = (application.pay_status, application.reservation_id) else {
        return Err(not_approved(&application));
    };
    payment::move_on(tx, now, &application, Standing::Vouchered, Reservation::Kept).await?;
    let number = payment::store::next_number(tx, &application.mof_div_code, NUMBER_RULE, today).await?;
    let pay_cert_no = format!("W{}{}{number:05}", application.mof_div_code.six(), today.format("%Y%m%d"));
    let row = row_of(application, reservation_id, pay_cert_no, caller, now);
    store::insert(tx, &row).await?;
    model::voucher(row)
}

fn not_approved(application: &application::Model) -> Problem {
    let status: budget_execution_contract::PaymentStatus = application.pay_status.into();
    Problem::conflict(
        format!("支付申请 {} 不是终审待制证状态", application.pay_app_no),
        format!("application {} is {status:?}, not approved and waiting for a voucher", application.pay_app_no),
    )
    .with("pay_status", status)
}

/// Withdraws a voucher that was never sent; the application waits for another one.
pub async fn withdraw(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    pay_cert_id: Uuid,
) -> Result<Voucher, Problem> {
    let row = require_own(tx, caller, pay_cert_id).await?;
    let step = (&[Stage::Generated, Stage::Signed, Stage::Sealed][..], Stage::Withdrawn);
    if !store::advance(tx, now, pay_cert_id, step, "").await? {
        return Err(model::not_possible(&row));
    }
    let application = payment::store::locked(tx, row.pay_app_id).await?.ok_or_else(not_found)?;
    payment::move_on(tx, now, &application, Standing::Approved, Reservation::Kept).await?;
    present(tx, pay_cert_id).await
}

/// One voucher in the caller's scope.
pub async fn get(execution: &Execution, caller: &Caller, pay_cert_id: Uuid) -> Result<Voucher, Problem> {
    model::voucher(readable(execution, caller, pay_cert_id).await?)
}

/// Vouchers in the caller's scope.
pub async fn list(execution: &Execution, caller: &Caller, filter: &VoucherFilter) -> Result<Page<Voucher>, Problem> {
    let query = PageQuery { page_size: filter.page_size, page_token: filter.page_token.clone() };
    let paged = query.paged()?;
    let after = paged.after_as::<Uuid>()?;
    let rows = store::list(execution.database.read(), caller, filter, &paged, after).await?;
    let page = Page::of(rows, &paged, |row| row.pay_cert_id.to_string());
    let items = page.items.into_iter().map(model::voucher).collect::<Result<_, _>>()?;
    Ok(Page { items, next_page_token: page.next_page_token })
}

/// From a voucher back to its budget line or the document of the higher level (资金追溯).
pub async fn lineage(execution: &Execution, caller: &Caller, pay_cert_id: Uuid) -> Result<PaymentLineage, Problem> {
    let row = readable(execution, caller, pay_cert_id).await?;
    let charged_to = model::charged_to(&row)?;
    let trace = indicator::trace(execution.database.read(), charged_to.bgt_id).await?;
    Ok(PaymentLineage {
        pay_cert_id: row.pay_cert_id,
        pay_cert_no: row.pay_cert_no,
        pay_app_id: row.pay_app_id,
        pay_app_no: row.pay_app_no,
        pay_amt: row.pay_amt,
        indicators: trace.ancestors,
        bgt_pman_id: trace.bgt_pman_id,
        sup_bgt_doc_no: trace.sup_bgt_doc_no,
    })
}

/// The payees of a batch voucher and what became of them.
pub async fn details(
    execution: &Execution,
    caller: &Caller,
    pay_cert_id: Uuid,
    query: &PageQuery,
) -> Result<Page<VoucherDetail>, Problem> {
    let row = readable(execution, caller, pay_cert_id).await?;
    let paged = query.paged()?;
    let after = paged.after_as::<Uuid>()?;
    let rows = payment::store::detail_page(execution.database.read(), row.pay_app_id, &paged, after).await?;
    Ok(Page::of(rows, &paged, |row| row.pay_detail_id.to_string()).map(model::detail))
}

async fn readable(execution: &Execution, caller: &Caller, pay_cert_id: Uuid) -> Result<Model, Problem> {
    let row = store::voucher(execution.database.read(), pay_cert_id).await?.ok_or_else(not_found)?;
    caller.require_readable(&row.mof_div_code, Some(&row.agency_code), "支付凭证", "the voucher")?;
    Ok(row)
}

pub(crate) async fn require_own(
    tx: &DatabaseTransaction,
    caller: &Caller,
    pay_cert_id: Uuid,
) -> Result<Model, Problem> {
    let row = store::locked(tx, pay_cert_id).await?.ok_or_else(not_found)?;
    caller.require_in(&SIGNERS, &row.mof_div_code, Some(&row.agency_code))?;
    Ok(row)
}

pub(crate) async fn present(tx: &DatabaseTransaction, pay_cert_id: Uuid) -> Result<Voucher, Problem> {
    model::voucher(store::voucher(tx, pay_cert_id).await?.ok_or_else(not_found)?)
}

pub(crate) fn not_found() -> Problem {
    Problem::not_found("支付凭证", "the voucher")
}

fn row_of(
    application: application::Model,
    reservation_id: Uuid,
    pay_cert_no: String,
    caller: &Caller,
    now: DateTime<Utc>,
) -> Model {
    Model {
        mof_div_code: application.mof_div_code,
        pay_cert_id: Uuid::now_v7(),
        pay_cert_no,
        pay_app_id: application.pay_app_id,
        pay_app_no: application.pay_app_no,
        reservation_id,
        fiscal_year: application.fiscal_year,
        vou_date: service_kit::clock::china_date(now),
        agency_code: application.agency_code,
        bgt_id: application.bgt_id,
        bgt_type_code: application.bgt_type_code,
        pro_code: application.pro_code,
        pro_name: application.pro_name,
        pro_kind_code: application.pro_kind_code,
        exp_func_code: application.exp_func_code,
        gov_bgt_eco_code: application.gov_bgt_eco_code,
        dep_bgt_eco_code: application.dep_bgt_eco_code,
        fund_type_code: application.fund_type_code,
        manage_mof_dep_code: application.manage_mof_dep_code,
        use_des: application.use_des,
        pay_amt: application.pay_app_amt,
        pay_acct_no: application.pay_acct_no,
        pay_acct_name: application.pay_acct_name,
        pay_acct_bank_name: application.pay_acct_bank_name,
        payee_acct_name: application.payee_acct_name,
        payee_acct_no: application.payee_acct_no,
        payee_acct_bank_name: application.payee_acct_bank_name,
        payee_acct_bank_code: application.payee_acct_bank_code,
        is_gov_pur: application.is_gov_pur,
        voucher_status: Stage::Generated,
        reason: String::new(),
        content_hash: None,
        generated_by: caller.subject.clone(),
        generated_person: caller.person.clone(),
        signed_by: None,
        sealed_by: None,
        send_date: None,
        xpay_amt: Money::ZERO,
        xpay_date: None,
        agent_business_no: None,
        receipt_add_word: String::new(),
        ref_app_amt: Money::ZERO,
        ref_amt: Money::ZERO,
        correct_status: CorrectStatus::None,
        corrected_to: None,
        lqd_quota_notice_no: None,
        pay_cert_sum_no: None,
        lqd_cert_no: None,
        act_lqd_date: None,
        inquiry_count: 0,
        next_inquiry_time: None,
        create_time: now,
        update_time: now,
    }
}
