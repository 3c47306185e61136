//! Refunds (退款): the unit reports that its payee gave money back, or the bank sends it back. What is asked for is set
//! aside on the voucher when it is submitted, so that no two refunds promise the same money (PAY-017). A payment draws on
//! one indicator, and a refund of its year returns to that one; see `landing` for the years after it.

use budget_execution_contract::{PAYMENT_REFUNDED, PaymentRefunded, Refund, RefundDraft, RefundLanding};
use chrono::{DateTime, Utc};
use common_types::{Money, RefundType, Role};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use service_kit::{Caller, Problem, http::Paged, store::outbox};
use uuid::Uuid;
use workflow::{Document, Heading, Noun, Transition, Work};

use crate::{
    CHAINS, Execution, RULES, payment,
    voucher::{
        self, OfVoucher,
        entity::{CorrectStatus, Model as VoucherRow},
        model::SPENT,
    },
};

pub mod entity;
pub mod http;
pub mod landing;
pub mod store;

use entity::{Landing, Model};

/// Type of the document in the workflow.
pub const DOCUMENT: &str = "refund";
const LONGEST_REASON: usize = 300;

/// 退款单.
pub struct Refunds;

impl Noun for Refunds {
    type Service = Execution;
    type Draft = RefundDraft;
    type Known = ();
    type Row = Model;
    type View = Refund;
    type Filter = OfVoucher;

    const COLLECTION: &'static str = "refunds";
    const ID: &'static str = "ref_id";
    const NAME: [&'static str; 2] = ["退款单", "the refund"];

    async fn check(work: Work<'_>, ref_id: Uuid, draft: RefundDraft, (): ()) -> Result<Model, Problem> {
        check(work, ref_id, draft).await
    }

    fn heading(row: &Model) -> Heading {
        Heading {
            document_type: DOCUMENT,
            mof_div_code: row.mof_div_code.clone(),
            fiscal_year: row.fiscal_year,
            agency_code: Some(row.agency_code.clone()),
            chain: CHAINS.resolve(DOCUMENT, &row.mof_div_code, row.ref_amt),
        }
    }

    async fn insert(tx: &DatabaseTransaction, row: Model) -> Result<(), Problem> {
        Ok(store::insert(tx, &row).await?)
    }

    async fn replace(tx: &DatabaseTransaction, earlier: Model, row: Model) -> Result<Model, Problem> {
        let row = Model { create_time: earlier.create_time, ..row };
        store::replace(tx, &row).await?;
        Ok(row)
    }

    async fn find<C: ConnectionTrait>(db: &C, ref_id: Uuid) -> Result<Option<Model>, Problem> {
        Ok(store::refund(db, ref_id).await?)
    }

    async fn page<C: ConnectionTrait>(
        db: &C,
        caller: &Caller,
        filter: &OfVoucher,
        paged: &Paged,
    ) -> Result<Vec<Model>, Problem> {
        Ok(store::list(db, caller, filter.pay_cert_id, paged, paged.after_as()?).await?)
    }

    fn id(row: &Model) -> Uuid {
        row.ref_id
    }

    fn view(row: Model, document: &Document) -> Result<Refund, Problem> {
        Ok(view(row, Some(document.state())))
    }

    /// Money that the bank sent back by itself.
    fn view_without_document(row: Model) -> Result<Refund, Problem> {
        Ok(view(row, None))
    }

    /// What is asked for is set aside at the submission and takes effect at the last approval.
    async fn effect(work: Work<'_>, row: Model, transition: &Transition) -> Result<Model, Problem> {
        let Work { tx, now, .. } = work;
        let voucher = voucher::store::locked(tx, row.pay_cert_id).await?.ok_or_else(voucher::not_found)?;
        if transition.became_void() {
            return Err(Problem::conflict("退款已生效，不能作废", "a refund that took effect cannot be voided"));
        }
        if transition.was_submitted() && !voucher::store::hold_refund(tx, now, row.pay_cert_id, row.ref_amt).await? {
            return Err(too_much(&voucher, row.ref_amt));
        }
        if transition.went_back() {
            voucher::store::release_refund(tx, now, row.pay_cert_id, row.ref_amt).await?;
        }
        if transition.became_final() {
            take_effect(tx, now, &voucher, &row).await?;
        }
        store::refund(tx, row.ref_id).await?.ok_or_else(workflow::noun::not_found::<Self>)
    }
}

/// A draft (退款申请) against a paid voucher.
async fn check(work: Work<'_>, ref_id: Uuid, draft: RefundDraft) -> Result<Model, Problem> {
    let Work { tx, now, caller, .. } = work;
    let voucher = voucher::store::voucher(tx, draft.pay_cert_id).await?.ok_or_else(voucher::not_found)?;
    caller.require_in(&[Role::U1], &voucher.mof_div_code, Some(&voucher.agency_code))?;
    if draft.ref_reason.trim().is_empty() || draft.ref_reason.chars().count() > LONGEST_REASON {
        return Err(Problem::field(
            "/ref_reason",
            "请填写 300 字以内的退款原因",
            "a reason of at most 300 characters is needed",
        ));
    }
    require_refundable(&voucher, draft.ref_amt)?;
    let (kind, landing) = kind_of(&voucher, &draft, now)?;
    let fiscal_year = landing::year_of(now, &voucher);
    let row = row_of(&voucher, kind, draft.ref_amt, &draft.ref_reason, now);
    Ok(Model { ref_id, landing, fiscal_year, ..row })
}

/// The bank sent the money back by itself (退票): it is on the indicator again at once.
pub async fn return_by_bank(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    voucher: &VoucherRow,
    ref_amt: Money,
    reason: &str,
) -> Result<(), Problem> {
    if !ref_amt.is_positive() || !voucher::store::hold_refund(tx, now, voucher.pay_cert_id, ref_amt).await? {
        return Err(too_much(voucher, ref_amt));
    }
    let reason = if reason.is_empty() { "银行退票" } else { reason };
    let (landing, fiscal_year) = landing::of_return(tx, now, voucher).await?;
    let row = Model { landing, fiscal_year, ..row_of(voucher, RefundType::Returned, ref_amt, reason, now) };
    store::insert(tx, &row).await?;
    take_effect(tx, now, voucher, &row).await
}

/// Once: the money is where it goes.
async fn take_effect(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    voucher: &VoucherRow,
    row: &Model,
) -> Result<(), Problem> {
    let today = service_kit::clock::china_date(now);
    let application = payment::store::application(tx, voucher.pay_app_id).await?.ok_or_else(voucher::not_found)?;
    // before the ledger, in the order in which payments take them
    if row.landing != Landing::Treasury {
        payment::claim::take_back(tx, &application, row.ref_amt).await?;
    }
    let bgt_id = landing::land(tx, now, voucher, row).await?;
    if !store::note_effect(tx, now, row.ref_id, (today, bgt_id)).await?
        || !voucher::store::note_refund(tx, now, row.pay_cert_id, row.ref_amt).await?
    {
        return Err(too_much(voucher, row.ref_amt));
    }
    let charged_to = voucher::model::charged_to(voucher)?;
    let refunded = PaymentRefunded {
        ref_id: row.ref_id,
        refund_type: row.refund_type,
        pay_cert_id: row.pay_cert_id,
        pay_cert_no: row.pay_cert_no.clone(),
        mof_div_code: row.mof_div_code.clone(),
        fiscal_year: voucher.fiscal_year,
        agency_code: row.agency_code.clone(),
        agency_name: application.agency_name,
        agency_type_code: application.agency_type_code,
        charged_to,
        ref_amt: row.ref_amt,
        ref_date: today,
        ref_reason: row.ref_reason.clone(),
        use_des: voucher.use_des.clone(),
        payee_acct_name: voucher.payee_acct_name.clone(),
        payee_acct_no: voucher.payee_acct_no.clone(),
    };
    Ok(outbox::append(tx, now, PAYMENT_REFUNDED, row.ref_id, &refunded).await?)
}

/// PAY-017 as far as it can be told before the guard.
fn require_refundable(voucher: &VoucherRow, ref_amt: Money) -> Result<(), Problem> {
    if !SPENT.contains(&voucher.voucher_status) {
        return Err(voucher::model::not_possible(voucher));
    }
    if !ref_amt.is_positive() || refundable(voucher) < ref_amt {
        return Err(too_much(voucher, ref_amt));
    }
    Ok(())
}

/// Money that comes back after the year of its payment (跨年退款) does not restore the indicator of that year.
fn kind_of(voucher: &VoucherRow, draft: &RefundDraft, now: DateTime<Utc>) -> Result<(RefundType, Landing), Problem> {
    let is_over = service_kit::clock::china_date(now) > voucher.fiscal_year.last_day();
    match (is_over, draft.landing) {
        (false, None | Some(RefundLanding::Indicator)) => Ok((RefundType::ByPayee, Landing::Indicator)),
        (true, None | Some(RefundLanding::Treasury)) => Ok((RefundType::CrossYear, Landing::Treasury)),
        (true, Some(RefundLanding::CarryOver)) => Ok((RefundType::CrossYear, Landing::CarryOver)),
        (true, Some(RefundLanding::Indicator)) => Err(wrong_landing(
            "跨年退款不恢复上年指标，请结转或缴入国库",
            "a refund after the year does not restore its indicator",
        )),
        (false, Some(RefundLanding::CarryOver | RefundLanding::Treasury)) => {
            Err(wrong_landing("当年退款恢复原指标", "a refund of the same year restores its indicator"))
        }
    }
}

fn wrong_landing(zh: &str, en: &str) -> Problem {
    RULES.refuse("PAY-017", zh, en).at("/landing", zh, en)
}

fn refundable(voucher: &VoucherRow) -> Money {
    voucher.xpay_amt.checked_sub(voucher.ref_app_amt).unwrap_or_default()
}

fn too_much(voucher: &VoucherRow, requested: Money) -> Problem {
    if voucher.correct_status == CorrectStatus::InProgress {
        let en = format!("voucher {} is being corrected; refund it afterwards", voucher.pay_cert_no);
        return Problem::conflict(format!("凭证 {} 正在更正，请在更正办结后退款", voucher.pay_cert_no), en);
    }
    let available = refundable(voucher);
    RULES
        .refuse(
            "PAY-017",
            format!("凭证 {} 可退 {available}，本次 {requested}", voucher.pay_cert_no),
            format!("voucher {} has {available} to refund, {requested} was requested", voucher.pay_cert_no),
        )
        .at("/ref_amt", format!("应大于零且不超过 {available}"), format!("must be above zero and at most {available}"))
        .with("available", available)
        .with("requested", requested)
}

fn row_of(voucher: &VoucherRow, kind: RefundType, ref_amt: Money, reason: &str, now: DateTime<Utc>) -> Model {
    Model {
        mof_div_code: voucher.mof_div_code.clone(),
        ref_id: Uuid::now_v7(),
        fiscal_year: voucher.fiscal_year,
        pay_cert_id: voucher.pay_cert_id,
        pay_cert_no: voucher.pay_cert_no.clone(),
        agency_code: voucher.agency_code.clone(),
        refund_type: kind,
        ref_amt,
        ref_reason: reason.chars().take(LONGEST_REASON).collect(),
        landing: Landing::Indicator,
        bgt_id: None,
        ref_date: None,
        lqd_cert_no: None,
        create_time: now,
        update_time: now,
    }
}

fn view(row: Model, state: Option<workflow::State>) -> Refund {
    Refund {
        ref_id: row.ref_id,
        pay_cert_id: row.pay_cert_id,
        pay_cert_no: row.pay_cert_no,
        mof_div_code: row.mof_div_code,
        fiscal_year: row.fiscal_year,
        agency_code: row.agency_code,
        refund_type: row.refund_type,
        ref_amt: row.ref_amt,
        ref_reason: row.ref_reason,
        landing: row.landing.into(),
        bgt_id: row.bgt_id,
        ref_date: row.ref_date,
        workflow: state,
        update_time: row.update_time,
    }
}
