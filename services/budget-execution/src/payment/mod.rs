//! Payment applications (国库集中支付申请): drafted, watched by the monitor, reviewed; money is reserved when the
//! application leaves its maker and released exactly once when it comes back. Never pays: that is the voucher's matter.

use std::collections::BTreeMap;

use budget_execution_contract::{Payment, PaymentDraft, PaymentFilter};
use chrono::{DateTime, NaiveDate, Utc};
use common_types::{Money, Role, ledger::Account};
use sea_orm::DatabaseTransaction;
use serde_json::json;
use service_kit::{Caller, Page, Problem, http::IfMatch};
use uuid::Uuid;
use workflow::{Act, Action, ActionRequest, LogEntry, NewDocument, Node, Status, Transition};

use crate::{CHAINS, Execution, RULES, commitment, indicator, ledger, ledger::PostError};

pub mod claim;
pub mod entity;
mod findings;
pub mod http;
pub mod model;
pub mod posting;
pub mod release;
pub mod reservation;
pub mod review;
pub mod rules;
pub mod sight;
pub(crate) mod status;
pub mod store;
pub mod submission;
pub mod view;

use entity::{Standing, Variant, application};
use model::{Bearer, Warnings};
use reservation::Submission;
use store::{Reservation, Step};
use submission::{Cleared, Known};

/// Type of the document in the workflow.
pub const DOCUMENT: &str = "payment";
const NUMBER_RULE: &str = "SQ";

/// Records a draft (录入支付申请); nothing is reserved yet.
pub async fn draft(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    draft: &PaymentDraft,
    known: &Known,
) -> Result<Payment, Problem> {
    if known.apply_agency_code.is_none() {
        caller.require_in(&[Role::U1], &draft.mof_div_code, Some(&draft.agency_code))?;
    }
    let today = service_kit::clock::china_date(now);
    let (bearer, available) = bearable(tx, draft, known, today).await?;
    let number = store::next_number(tx, &draft.mof_div_code, NUMBER_RULE, today).await?;
    let pay_app_no = format!("SQ-{}-{}-{number:05}", draft.mof_div_code.six(), today.format("%Y%m%d"));
    let identity = Identity { pay_app_id: Uuid::now_v7(), pay_app_no, now, available };
    let row = row_of(draft, &bearer, known, identity)?;
    store::insert(tx, &row, &draft.details).await?;
    let new = NewDocument {
        document_id: row.pay_app_id,
        document_type: DOCUMENT,
        mof_div_code: row.mof_div_code.clone(),
        fiscal_year: row.fiscal_year,
        agency_code: Some(row.applicant().clone()),
        chain: chain(&row, known),
    };
    let document = workflow::open(tx, now, caller, new).await?;
    Ok(Payment {
        notices: known.reminders(draft, &bearer, today),
        ..view::payment(row, draft.details.clone(), &document)?
    })
}

/// Replaces the content of an application that is with its maker (PAY-013 keeps the others as they are).
pub async fn revise(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    target: (Uuid, IfMatch),
    draft: &PaymentDraft,
    known: &Known,
) -> Result<Payment, Problem> {
    let before = require_own(tx, caller, target.0).await?;
    require_unmonitored(&before)?;
    let document = workflow::lock(tx, DOCUMENT, &[target.0]).await?.remove(&target.0).ok_or_else(not_found)?;
    document.require_editable(caller)?;
    target.1.check(document.version)?;
    if (&before.mof_div_code, before.fiscal_year) != (&draft.mof_div_code, draft.fiscal_year)
        || before.agency_code != draft.agency_code
    {
        return Err(Problem::field(
            "/agency_code",
            "区划、年度、单位不可变更",
            "division, year and unit cannot change",
        ));
    }
    let today = service_kit::clock::china_date(now);
    let (bearer, available) = bearable(tx, draft, known, today).await?;
    let identity = Identity { pay_app_id: before.pay_app_id, pay_app_no: before.pay_app_no.clone(), now, available };
    let mut row = row_of(draft, &bearer, known, identity)?;
    row.apply_agency_code = before.apply_agency_code.clone();
    row.create_date = before.create_date;
    row.create_time = before.create_time;
    row.pay_status = before.pay_status;
    if !store::replace(tx, &row, &draft.details).await? {
        return Err(stands_elsewhere(&before));
    }
    let document = workflow::revise(tx, now, caller, &document, chain(&row, known)).await?;
    view::payment(row, draft.details.clone(), &document)
}

/// Carries out a workflow action with its effect on the reservation. A submission needs what `submission::clear` found.
pub async fn act(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    target: (Uuid, &ActionRequest),
    cleared: Option<&Cleared>,
) -> Result<Payment, Problem> {
    let (pay_app_id, request) = target;
    if is_submission(request.action) {
        let cleared = cleared.ok_or_else(|| Problem::internal(&"a submission was not cleared"))?.clone();
        let submission = Submission { pay_app_id, request: request.clone(), cleared };
        return reservation::submit(tx, now, caller, &submission).await;
    }
    let before = require_own(tx, caller, pay_app_id).await?;
    if before.pay_status == Standing::Held {
        require_unmonitored(&before)?;
    }
    let step = Act { document_type: DOCUMENT, document_id: pay_app_id, request };
    let transition = workflow::act(tx, now, caller, step).await?;
    effect(tx, now, &before, &transition).await?;
    let row = store::application(tx, pay_app_id).await?.ok_or_else(not_found)?;
    let details = store::details(tx, pay_app_id).await?;
    view::payment(row, details, &transition.after)
}

async fn effect(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    before: &application::Model,
    transition: &Transition,
) -> Result<(), Problem> {
    let to = match transition.after.status {
        Status::Draft => Standing::Draft,
        Status::InReview => Standing::InReview,
        Status::Returned => Standing::Returned,
        Status::Final => Standing::Approved,
        Status::Void => Standing::Void,
        Status::Hung => Standing::Hung,
        Status::Deleted => Standing::Deleted,
    };
    if transition.became_void() && before.pay_status != Standing::Approved {
        return Err(vouchered(before));
    }
    if transition.went_back() || transition.became_void() {
        return release::end(tx, now, before, to).await;
    }
    move_on(tx, now, before, to, Reservation::Kept).await
}

/// Moves the application from where it stood to where it goes, or refuses because it stands elsewhere by now.
pub(crate) async fn move_on(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    before: &application::Model,
    to: Standing,
    reservation: Reservation,
) -> Result<(), Problem> {
    let step = Step { from: vec![before.pay_status], to, reservation };
    if store::advance(tx, now, before.pay_app_id, step).await? { Ok(()) } else { Err(stands_elsewhere(before)) }
}

/// One application in the caller's scope.
pub async fn get(execution: &Execution, caller: &Caller, pay_app_id: Uuid) -> Result<Payment, Problem> {
    let db = execution.database.read();
    let row = store::application(db, pay_app_id).await?.ok_or_else(not_found)?;
    if !caller.reads_in(&row.mof_div_code, Some(row.applicant())) {
        caller.require_readable(&row.mof_div_code, Some(&row.agency_code), "支付申请", "the payment application")?;
    }
    let document = document_of(db, pay_app_id).await?;
    view::payment(row, store::details(db, pay_app_id).await?, &document)
}

/// Applications in the caller's scope, without their details.
pub async fn list(execution: &Execution, caller: &Caller, filter: &PaymentFilter) -> Result<Page<Payment>, Problem> {
    let query = service_kit::PageQuery { page_size: filter.page_size, page_token: filter.page_token.clone() };
    let paged = query.paged()?;
    let db = execution.database.read();
    let rows = store::list(db, caller, filter, &paged, paged.after_as::<Uuid>()?).await?;
    let documents = workflow::documents(db, rows.iter().map(|row| row.pay_app_id).collect()).await?;
    let page = Page::of(rows, &paged, |row| row.pay_app_id.to_string());
    let mut items = Vec::with_capacity(page.items.len());
    for row in page.items {
        let document = documents.get(&row.pay_app_id).ok_or_else(not_found)?;
        items.push(view::payment(row, Vec::new(), document)?);
    }
    Ok(Page { items, next_page_token: page.next_page_token })
}

/// Who did what to an application.
pub async fn history(execution: &Execution, caller: &Caller, pay_app_id: Uuid) -> Result<Vec<LogEntry>, Problem> {
    get(execution, caller, pay_app_id).await?;
    workflow::history(execution.database.read(), pay_app_id).await
}

struct Identity {
    pay_app_id: Uuid,
    pay_app_no: String,
    now: DateTime<Utc>,
    /// On the indicator.
    available: Money,
}

fn row_of(
    draft: &PaymentDraft,
    bearer: &Bearer,
    known: &Known,
    identity: Identity,
) -> Result<application::Model, Problem> {
    let charged = model::charge(bearer, &draft.dep_bgt_eco_code, known.agency_type_code, "/dep_bgt_eco_code")?;
    Ok(application::Model {
        mof_div_code: draft.mof_div_code.clone(),
        pay_app_id: identity.pay_app_id,
        pay_app_no: identity.pay_app_no,
        fiscal_year: draft.fiscal_year,
        agency_code: draft.agency_code.clone(),
        agency_name: known.agency_name.clone(),
        agency_type_code: known.agency_type_code,
        bgt_id: charged.bgt_id,
        bgt_type_code: charged.bgt_type_code,
        pro_code: charged.pro_code,
        pro_name: charged.pro_name,
        pro_kind_code: charged.pro_kind_code,
        exp_func_code: charged.exp_func_code,
        gov_bgt_eco_code: charged.gov_bgt_eco_code,
        dep_bgt_eco_code: charged.dep_bgt_eco_code,
        fund_type_code: charged.fund_type_code,
        manage_mof_dep_code: charged.manage_mof_dep_code,
        pay_type_code: bearer.pay_type_code,
        pay_bus_type_code: draft.pay_bus_type_code,
        set_mode_code: draft.set_mode_code,
        fund_traobj_type_code: draft.fund_traobj_type_code,
        pay_variant: draft.pay_variant.into(),
        apply_agency_code: known.apply_agency_code.clone(),
        foreign_amt: draft.foreign_amt,
        currency_code: draft.currency_code,
        est_rat: draft.est_rat.map(|rate| rate.to_string()),
        receiver_code: draft.receiver_code.clone(),
        internal_dep_code: draft.internal_dep_code.clone(),
        bond_code: draft.bond_code.clone(),
        pro_loangrant_num: draft.pro_loangrant_num.clone(),
        entpay_app_no: draft.entpay_app_no.clone(),
        pay_month: draft.pay_month.clone(),
        is_prepayment: draft.is_prepayment,
        draft_available_amt: identity.available,
        use_des: draft.use_des.clone(),
        pay_app_amt: draft.pay_app_amt,
        xpay_amt: Money::ZERO,
        pay_acct_no: draft.pay_acct_no.clone(),
        pay_acct_name: known.pay_acct_name.clone(),
        pay_acct_bank_name: known.pay_acct_bank_name.clone(),
        payee_acct_name: draft.payee_acct_name.clone(),
        payee_acct_no: draft.payee_acct_no.clone(),
        payee_acct_bank_name: draft.payee_acct_bank_name.clone(),
        payee_acct_bank_code: draft.payee_acct_bank_code.clone(),
        contract_no: draft.contract_no.clone(),
        commitment_id: draft.commitment_id,
        close_commitment: draft.close_commitment,
        is_contrlbyplan: false,
        explanation: draft.explanation.clone(),
        attachments: view::write(&draft.attachments)?,
        is_gov_pur: bearer.is_gov_pur,
        create_date: service_kit::clock::china_date(identity.now),
        pay_status: Standing::Draft,
        reservation_id: None,
        warn_ids: view::write(&Warnings::default())?,
        create_time: identity.now,
        update_time: identity.now,
    })
}

/// The nodes that review it: those of its variant, from the amounts that the division sets.
fn chain(row: &application::Model, known: &Known) -> Vec<Node> {
    let kind = if row.pay_variant == Variant::FinancePayment { "payment-finance" } else { DOCUMENT };
    CHAINS.resolve_from(kind, &row.mof_div_code, row.pay_app_amt, &known.settings.review_thresholds)
}

/// The indicator of a draft, when it may bear it, and what it has available. That it holds enough is told early here and
/// decided by the ledger at submission (PAY-001).
async fn bearable(
    tx: &DatabaseTransaction,
    draft: &PaymentDraft,
    known: &Known,
    today: NaiveDate,
) -> Result<(Bearer, Money), Problem> {
    let unknown = || model::not_payable("指标不存在", "there is no such indicator");
    let bearer = Bearer::from(indicator::find(tx, draft.bgt_id).await?.ok_or_else(unknown)?);
    let refused = rules::judge(rules::of_draft(&known.facts(draft, &bearer, today)), false).err();
    let available = require_room(tx, &bearer, draft.commitment_id, draft.pay_app_amt).await;
    Ok((bearer, with_shortage(refused, available)?))
}

/// An early answer for people: what the source of a payment holds, its commitment when it names one.
pub(crate) async fn require_room<C: sea_orm::ConnectionTrait>(
    db: &C,
    bearer: &Bearer,
    commitment_id: Option<Uuid>,
    requested: Money,
) -> Result<Money, Problem> {
    let Some(commitment_id) = commitment_id else { return require_available(db, bearer, requested).await };
    commitment::drawing::require_drawable(db, commitment_id, bearer.bgt_id, requested).await?;
    let standing = commitment::drawing::standing(db, commitment_id).await?;
    Ok(standing.map_or(requested, |standing| standing.remaining_amt))
}

/// What the rules refuse and what the indicator lacks, told together.
pub(crate) fn with_shortage<T>(refused: Option<Problem>, available: Result<T, Problem>) -> Result<T, Problem> {
    match (refused, available) {
        (None, available) => available,
        (Some(problem), Ok(_)) => Err(problem),
        (Some(problem), Err(shortage)) => {
            let lacks = shortage.document();
            Err(problem.at("/pay_app_amt", lacks.detail.clone(), lacks.detail))
        }
    }
}

/// What changed for an application since its draft was saved.
pub(crate) fn since_draft(problem: Problem, row: &application::Model) -> Problem {
    let Some(now) = problem.document().extensions.get("available").cloned() else { return problem };
    problem.with("since_draft", json!({"available": {"then": row.draft_available_amt, "now": now}}))
}

/// PAY-002 while nothing is issued or all is frozen; BA-001 when less is available than asked for.
pub(crate) async fn require_available<C: sea_orm::ConnectionTrait>(
    db: &C,
    bearer: &Bearer,
    requested: Money,
) -> Result<Money, Problem> {
    let balances = ledger::balances(db, &bearer.mof_div_code, bearer.fiscal_year, bearer.bgt_id).await?;
    require_held(db, bearer, &balances, requested).await
}

/// The same of balances that were read before; only a refusal asks the database again.
pub(crate) async fn require_held<C: sea_orm::ConnectionTrait>(
    db: &C,
    bearer: &Bearer,
    balances: &BTreeMap<Account, Money>,
    requested: Money,
) -> Result<Money, Problem> {
    let on = |account: Account| balances.get(&account).copied().unwrap_or_default();
    let available = on(Account::Executable);
    if requested <= available {
        return Ok(available);
    }
    if available.is_zero() && on(Account::PendingIssue).is_positive() {
        return Err(model::not_payable("指标尚未下达", "the indicator is not issued yet"));
    }
    let used = [Account::InPayment, Account::Paid, Account::Committed];
    if available.is_zero() && on(Account::Frozen).is_positive() && used.iter().all(|account| on(*account).is_zero()) {
        return Err(model::not_payable("指标已冻结", "the indicator is frozen"));
    }
    let error = PostError::Insufficient { account: Account::Executable, key_id: bearer.bgt_id, available, requested };
    Err(indicator::refusal::explained(db, error, "BA-001").await)
}

async fn require_own(
    tx: &DatabaseTransaction,
    caller: &Caller,
    pay_app_id: Uuid,
) -> Result<application::Model, Problem> {
    store::application(tx, pay_app_id)
        .await?
        .filter(|row| caller.acts_in(&row.mof_div_code, Some(row.applicant())))
        .ok_or_else(not_found)
}

async fn document_of<C: sea_orm::ConnectionTrait>(db: &C, pay_app_id: Uuid) -> Result<workflow::Document, Problem> {
    workflow::document(db, DOCUMENT, pay_app_id).await?.ok_or_else(not_found)
}

/// PAY-013: what the monitor holds or has forbidden is not changed.
fn require_unmonitored(row: &application::Model) -> Result<(), Problem> {
    match row.pay_status {
        Standing::Held => Err(RULES.refuse(
            "PAY-013",
            format!("支付申请 {} 处于监控拦截中", row.pay_app_no),
            format!("application {} is held by the monitor", row.pay_app_no),
        )),
        Standing::Rejected => Err(RULES.refuse(
            "PAY-013",
            format!("支付申请 {} 已被监控禁止", row.pay_app_no),
            format!("application {} was forbidden by the monitor", row.pay_app_no),
        )),
        _ => Ok(()),
    }
}

fn vouchered(row: &application::Model) -> Problem {
    RULES
        .refuse(
            "PAY-104",
            format!("支付申请 {} 已生成凭证，不能作废", row.pay_app_no),
            format!("application {} has a voucher and cannot be voided", row.pay_app_no),
        )
        .with("pay_status", view_status(row))
}

fn stands_elsewhere(row: &application::Model) -> Problem {
    Problem::conflict(
        format!("支付申请 {} 的状态已改变", row.pay_app_no),
        format!("application {} stands elsewhere by now", row.pay_app_no),
    )
}

fn view_status(row: &application::Model) -> budget_execution_contract::PaymentStatus {
    row.pay_status.into()
}

fn not_found() -> Problem {
    Problem::not_found("支付申请", "the payment application")
}

/// Whether an action is the one that the monitor must clear first.
pub(crate) const fn is_submission(action: Action) -> bool {
    matches!(action, Action::Submit)
}
