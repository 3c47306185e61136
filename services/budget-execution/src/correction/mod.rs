//! Corrections (更正, E21): another indicator of the same unit and year bears a paid voucher, for the same amount. Both
//! indicators move in one posting, once per voucher (PAY-018).

use budget_execution_contract::{ChargedTo, Correction, CorrectionDraft, PAYMENT_CORRECTED, PaymentCorrected};
use chrono::{DateTime, Utc};
use common_types::{BgtExeFlag, Role, ledger::Template};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use service_kit::{Caller, Problem, http::Paged, store::outbox};
use uuid::Uuid;
use workflow::{Document, Heading, Noun, Transition, Work};

use crate::{
    CHAINS, Execution, RULES, indicator,
    ledger::{self, Posting},
    payment::{
        self,
        model::Bearer,
        posting::{self, amount},
        view,
    },
    voucher::{
        self, OfVoucher,
        entity::{CorrectStatus, Model as VoucherRow},
        model::SPENT,
    },
};

pub mod entity;
pub mod http;
pub mod store;

use entity::Model;

/// Type of the document in the workflow.
pub const DOCUMENT: &str = "correction";
const LONGEST_REASON: usize = 300;

/// 更正单.
pub struct Corrections;

impl Noun for Corrections {
    type Service = Execution;
    type Draft = CorrectionDraft;
    type Known = ();
    type Row = Model;
    type View = Correction;
    type Filter = OfVoucher;

    const COLLECTION: &'static str = "corrections";
    const ID: &'static str = "correct_id";
    const NAME: [&'static str; 2] = ["更正单", "the correction"];

    async fn check(work: Work<'_>, correct_id: Uuid, draft: CorrectionDraft, (): ()) -> Result<Model, Problem> {
        check(work, correct_id, draft).await
    }

    fn heading(row: &Model) -> Heading {
        Heading {
            document_type: DOCUMENT,
            mof_div_code: row.mof_div_code.clone(),
            fiscal_year: row.fiscal_year,
            agency_code: Some(row.agency_code.clone()),
            chain: CHAINS.resolve(DOCUMENT, &row.mof_div_code, row.amount),
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

    async fn find<C: ConnectionTrait>(db: &C, correct_id: Uuid) -> Result<Option<Model>, Problem> {
        Ok(store::correction(db, correct_id).await?)
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
        row.correct_id
    }

    fn view(row: Model, document: &Document) -> Result<Correction, Problem> {
        shown(row, document)
    }

    /// The submission takes the voucher, the last approval moves both indicators.
    async fn effect(work: Work<'_>, row: Model, transition: &Transition) -> Result<Model, Problem> {
        let Work { tx, now, .. } = work;
        let voucher = voucher::store::locked(tx, row.pay_cert_id).await?.ok_or_else(voucher::not_found)?;
        if transition.became_void() {
            return Err(Problem::conflict("更正已生效，不能作废", "a correction that took effect cannot be voided"));
        }
        if transition.was_submitted() && !voucher::store::begin_correction(tx, now, row.pay_cert_id).await? {
            require_correctable(&voucher)?;
            return Err(refused("凭证不能更正", "the voucher cannot be corrected"));
        }
        if transition.went_back() {
            voucher::store::drop_correction(tx, now, row.pay_cert_id).await?;
        }
        if transition.became_final() {
            take_effect(tx, now, &voucher, &row).await?;
        }
        Ok(row)
    }
}

/// A draft (更正申请) against a paid voucher.
async fn check(work: Work<'_>, correct_id: Uuid, draft: CorrectionDraft) -> Result<Model, Problem> {
    let Work { tx, now, caller, .. } = work;
    let voucher = voucher::store::voucher(tx, draft.pay_cert_id).await?.ok_or_else(voucher::not_found)?;
    caller.require_in(&[Role::U1], &voucher.mof_div_code, Some(&voucher.agency_code))?;
    if draft.reason.trim().is_empty() || draft.reason.chars().count() > LONGEST_REASON {
        return Err(Problem::field(
            "/reason",
            "请填写 300 字以内的更正原因",
            "a reason of at most 300 characters is needed",
        ));
    }
    require_correctable(&voucher)?;
    let new = new_charge(tx, &voucher, &draft).await?;
    Ok(Model {
        mof_div_code: voucher.mof_div_code.clone(),
        correct_id,
        fiscal_year: voucher.fiscal_year,
        pay_cert_id: voucher.pay_cert_id,
        pay_cert_no: voucher.pay_cert_no.clone(),
        agency_code: voucher.agency_code.clone(),
        old_charge: view::write(&voucher::model::charged_to(&voucher)?)?,
        new_charge: view::write(&new)?,
        amount: voucher.xpay_amt,
        correct_type: draft.correct_type,
        reason: draft.reason.clone(),
        create_time: now,
        update_time: now,
    })
}

/// E21, once: off the old indicator and onto the new one, both or neither.
async fn take_effect(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    voucher: &VoucherRow,
    row: &Model,
) -> Result<(), Problem> {
    // a write-off may have moved it since the draft
    let (from, to): (ChargedTo, ChargedTo) =
        (voucher::model::charged_to(voucher)?, view::read(row.new_charge.clone())?);
    if !voucher::store::finish_correction(tx, now, row.pay_cert_id, row.new_charge.clone()).await? {
        return Err(refused("凭证不在更正中", "the voucher is not being corrected"));
    }
    let today = service_kit::clock::china_date(now);
    let application = payment::store::application(tx, voucher.pay_app_id).await?.ok_or_else(voucher::not_found)?;
    let posting = Posting {
        event_id: row.correct_id,
        template: Template::E21,
        line: 1,
        mof_div_code: row.mof_div_code.clone(),
        fiscal_year: row.fiscal_year,
        vou_date: today.min(row.fiscal_year.last_day()),
        source_doc: format!("corrections/{}", row.correct_id),
        entries: posting::correction(&application, from.bgt_id, to.bgt_id, amount(row.amount)?),
    };
    ledger::post(tx, now, &[posting]).await?;
    let corrected = PaymentCorrected {
        correct_id: row.correct_id,
        pay_cert_id: row.pay_cert_id,
        pay_cert_no: row.pay_cert_no.clone(),
        mof_div_code: row.mof_div_code.clone(),
        fiscal_year: row.fiscal_year,
        agency_code: row.agency_code.clone(),
        agency_name: application.agency_name,
        agency_type_code: application.agency_type_code,
        from,
        to,
        amount: row.amount,
        correct_date: today,
        use_des: voucher.use_des.clone(),
    };
    Ok(outbox::append(tx, now, PAYMENT_CORRECTED, row.correct_id, &corrected).await?)
}

/// The codes of the new indicator, when it may bear the voucher.
async fn new_charge(
    tx: &DatabaseTransaction,
    voucher: &VoucherRow,
    draft: &CorrectionDraft,
) -> Result<ChargedTo, Problem> {
    let bearer = indicator::find(tx, draft.new_bgt_id)
        .await?
        .map(Bearer::from)
        .filter(|bearer| bearer.mof_div_code == voucher.mof_div_code)
        .ok_or_else(|| refused("新指标不存在", "there is no such indicator"))?;
    if bearer.fiscal_year != voucher.fiscal_year || bearer.agency_code.as_ref() != Some(&voucher.agency_code) {
        return Err(refused("新指标须为同单位同年度", "the new indicator must be of the same unit and year"));
    }
    if bearer.bgt_exe_flag != BgtExeFlag::Executable || bearer.is_gov_pur {
        return Err(refused(
            "新指标须为可执行的非采购指标",
            "the new indicator must be executable and not of procurement",
        ));
    }
    let application = payment::store::application(tx, voucher.pay_app_id).await?.ok_or_else(voucher::not_found)?;
    if bearer.fund_type_code != application.fund_type_code || bearer.pay_type_code != application.pay_type_code {
        return Err(refused(
            "新指标的资金性质和支付方式须与原支付一致",
            "the new indicator must be of the same kind of funds and mode of payment: the payer stays",
        ));
    }
    if payment::rules::bond::is_bond(bearer.is_debt, &bearer.fund_type_code) {
        return Err(refused("债券资金指标须由支付申请使用", "bond money is paid by applications that name the bond"));
    }
    if bearer.bgt_id == voucher::model::charged_to(voucher)?.bgt_id {
        return Err(refused("新指标与原指标相同", "the new indicator is the old one"));
    }
    payment::require_available(tx, &bearer, voucher.xpay_amt).await?;
    if application.commitment_id.is_some() {
        return Err(refused("采购占用项下的支付不能更正", "a payment from a commitment cannot be corrected"));
    }
    let dep = &draft.new_dep_bgt_eco_code;
    payment::model::charge(&bearer, dep, application.agency_type_code, "/new_dep_bgt_eco_code")
}

/// PAY-018 as far as it can be told before the guard; the second correction of a voucher is a conflict.
fn require_correctable(voucher: &VoucherRow) -> Result<(), Problem> {
    if !SPENT.contains(&voucher.voucher_status) {
        return Err(voucher::model::not_possible(voucher));
    }
    if voucher.correct_status != CorrectStatus::None {
        return Err(Problem::conflict("该凭证已更正或正在更正", "the voucher was corrected or is being corrected"));
    }
    if voucher.is_gov_pur {
        return Err(refused("政府采购支付不能更正", "a procurement payment cannot be corrected"));
    }
    if !voucher.ref_app_amt.is_zero() {
        return Err(refused("已退款或正在退款的凭证不能更正", "a voucher with a refund cannot be corrected"));
    }
    Ok(())
}

fn refused(zh: &str, en: &str) -> Problem {
    RULES.refuse("PAY-018", zh, en)
}

fn shown(row: Model, document: &workflow::Document) -> Result<Correction, Problem> {
    Ok(Correction {
        correct_id: row.correct_id,
        pay_cert_id: row.pay_cert_id,
        pay_cert_no: row.pay_cert_no,
        mof_div_code: row.mof_div_code,
        fiscal_year: row.fiscal_year,
        agency_code: row.agency_code,
        old: view::read(row.old_charge)?,
        new: view::read(row.new_charge)?,
        amount: row.amount,
        correct_type: row.correct_type,
        reason: row.reason,
        workflow: document.state(),
        update_time: row.update_time,
    })
}
