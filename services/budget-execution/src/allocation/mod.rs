//! 实拨 (direct allocations): the treasury pays an account that is no zero-balance one, a special account, an insurance
//! fund, a unit outside the budget, a lower division. Reserved at submission (E16), paid by the central bank's receipt
//! (E22) or given back (E17), once.

use budget_execution_contract::{Allocation, AllocationDraft, AllocationFilter, AllocationReceipt};
use chrono::{DateTime, NaiveDate, Utc};
use common_types::{AccTypeCode, Role};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use service_kit::{Caller, Page, PageQuery, Problem, clock::china_date, http::IfMatch};
use uuid::Uuid;
use workflow::{Act, ActionRequest, Document, LogEntry, NewDocument, Status, Transition};

use crate::{
    CHAINS, Execution, RULES, indicator, ledger, payment,
    payment::view,
    peers::base_info::{Account, BaseInfo},
};

pub mod entity;
pub mod http;
mod model;
mod store;

use entity::{Model, Standing};
use model::Movement;

const DOCUMENT: &str = "allocation";
const NUMBER_RULE: &str = "BK";
const PAYERS: [AccTypeCode; 2] = [AccTypeCode::TreasurySingle, AccTypeCode::FiscalSpecial];

/// PAY-006: asks for the account that pays; outside any transaction.
pub async fn payer(execution: &Execution, caller: &Caller, draft: &AllocationDraft) -> Result<Account, Problem> {
    caller.require_in(&[Role::M3], &draft.mof_div_code, None)?;
    let peer = BaseInfo(execution.peers.base_info.clone());
    let found = peer.account(&draft.mof_div_code, &draft.pay_acct_no).await?;
    found
        .filter(|account| account.is_enabled && account.agency_code.is_none())
        .filter(|account| PAYERS.contains(&account.acc_type_code))
        .ok_or_else(|| {
            let (zh, en) = ("实拨须由国库单一账户或财政专户付款", "the treasury's own account must pay");
            RULES.refuse("PAY-006", zh, en).at("/pay_acct_no", zh, en)
        })
}

/// Records a draft; nothing is reserved yet.
pub async fn draft(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    draft: AllocationDraft,
    payer: Account,
) -> Result<Allocation, Problem> {
    caller.require_in(&[Role::M3], &draft.mof_div_code, None)?;
    let today = china_date(now);
    let number = payment::store::next_number(tx, &draft.mof_div_code, NUMBER_RULE, today).await?;
    let pay_alloc_cert_no = format!("BK{}{}{number:05}", draft.mof_div_code.six(), today.format("%Y%m%d"));
    let row = checked(tx, draft, payer, (Uuid::now_v7(), pay_alloc_cert_no, now)).await?;
    let new = NewDocument {
        document_id: row.pay_alloc_cert_id,
        document_type: DOCUMENT,
        mof_div_code: row.mof_div_code.clone(),
        fiscal_year: row.fiscal_year,
        agency_code: None,
        chain: CHAINS.resolve(DOCUMENT, &row.mof_div_code, row.pay_amt),
    };
    let document = workflow::open(tx, now, caller, new).await?;
    store::insert(tx, row.clone()).await?;
    model::allocation(row, &document)
}

/// Changes a draft.
pub async fn revise(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    (pay_alloc_cert_id, version): (Uuid, IfMatch),
    (draft, payer): (AllocationDraft, Account),
) -> Result<Allocation, Problem> {
    caller.require_in(&[Role::M3], &draft.mof_div_code, None)?;
    let before = store::locked(tx, pay_alloc_cert_id).await?.ok_or_else(not_found)?;
    if (&before.mof_div_code, before.fiscal_year) != (&draft.mof_div_code, draft.fiscal_year) {
        return Err(not_found());
    }
    let document = document_of(tx, pay_alloc_cert_id).await?;
    version.check(document.version)?;
    let identity = (pay_alloc_cert_id, before.pay_alloc_cert_no.clone(), before.create_time);
    let row = checked(tx, draft, payer, identity).await?;
    let chain = CHAINS.resolve(DOCUMENT, &row.mof_div_code, row.pay_amt);
    let document = workflow::revise(tx, now, caller, &document, chain).await?;
    store::replace(tx, row.clone()).await?;
    model::allocation(row, &document)
}

async fn checked(
    tx: &DatabaseTransaction,
    draft: AllocationDraft,
    payer: Account,
    (pay_alloc_cert_id, pay_alloc_cert_no, create_time): (Uuid, String, DateTime<Utc>),
) -> Result<Model, Problem> {
    model::require_content(&draft)?;
    indicator::of_books(tx, draft.bgt_id, &draft.mof_div_code, draft.fiscal_year).await?;
    let indicator = indicator::executable(tx, draft.bgt_id).await?;
    indicator::require_available(tx, &indicator, draft.pay_amt).await?;
    let elements = indicator.elements;
    let kind = view::write(&draft.pay_alloc_type)?;
    Ok(Model {
        mof_div_code: draft.mof_div_code,
        pay_alloc_cert_id,
        pay_alloc_cert_no,
        vou_date: china_date(create_time),
        fiscal_year: draft.fiscal_year,
        agency_code: elements.agency_code,
        bgt_id: draft.bgt_id,
        exp_func_code: elements.exp_func_code,
        gov_bgt_eco_code: elements.gov_bgt_eco_code,
        pro_code: elements.pro_code,
        fund_type_code: elements.fund_type_code,
        pay_alloc_type: kind.as_str().unwrap_or_default().to_owned(),
        pay_amt: draft.pay_amt.money(),
        pay_acct_no: draft.pay_acct_no,
        pay_acct_name: payer.account_name,
        pay_acct_bank_name: payer.bank_name,
        payee_acct_name: draft.payee_acct_name,
        payee_acct_no: draft.payee_acct_no,
        payee_acct_bank_name: draft.payee_acct_bank_name,
        use_des: draft.use_des,
        status: Standing::Free,
        reservation_id: None,
        reason: String::new(),
        acc_date: None,
        create_time,
    })
}

/// Carries out an action: submission reserves, coming back and voiding give back.
pub async fn act(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    pay_alloc_cert_id: Uuid,
    request: &ActionRequest,
) -> Result<Allocation, Problem> {
    let before = store::locked(tx, pay_alloc_cert_id).await?.ok_or_else(not_found)?;
    let act = Act { document_type: DOCUMENT, document_id: pay_alloc_cert_id, request };
    let transition = workflow::act(tx, now, caller, act).await?;
    effect(tx, now, &before, &transition).await?;
    model::allocation(store::find(tx, pay_alloc_cert_id).await?.ok_or_else(not_found)?, &transition.after)
}

async fn effect(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    before: &Model,
    transition: &Transition,
) -> Result<(), Problem> {
    if transition.was_submitted() {
        payment::model::require_open_year(before.fiscal_year, china_date(now))?;
        let reservation_id = Uuid::now_v7();
        return step(tx, now, before, (Standing::Reserved, Some(reservation_id)), Movement::Reserve).await;
    }
    if transition.became_void() && before.status != Standing::Reserved {
        return Err(model::not_possible(before));
    }
    if transition.went_back() || transition.became_void() {
        return step(tx, now, before, (Standing::Free, None), Movement::Release).await;
    }
    Ok(())
}

/// Moves the allocation on and its money with it.
async fn step(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    before: &Model,
    (to, reservation_id): (Standing, Option<Uuid>),
    movement: Movement,
) -> Result<(), Problem> {
    let Some(reservation) = reservation_id.or(before.reservation_id) else { return Err(model::not_possible(before)) };
    if !store::advance(tx, before, to, reservation_id).await? {
        return Err(model::not_possible(before));
    }
    ledger::post(tx, now, &[model::posting(before, reservation, movement, china_date(now))?]).await?;
    Ok(())
}

/// The central bank paid, or did not; the same receipt again changes nothing.
pub async fn receive(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    pay_alloc_cert_id: Uuid,
    receipt: &AllocationReceipt,
) -> Result<Allocation, Problem> {
    caller.require(&[Role::B2])?;
    let before = store::locked(tx, pay_alloc_cert_id).await?.ok_or_else(not_found)?;
    caller.require_readable(&before.mof_div_code, None, "拨款凭证", "the allocation")?;
    let document = document_of(tx, pay_alloc_cert_id).await?;
    if model::says_the_same(&before, receipt.is_paid, receipt.acc_date) {
        return model::allocation(before, &document);
    }
    require_receivable(&before, &document, receipt, china_date(now))?;
    let (to, movement) =
        if receipt.is_paid { (Standing::Allocated, Movement::Allocate) } else { (Standing::Failed, Movement::Release) };
    step(tx, now, &before, (to, None), movement).await?;
    store::note_receipt(tx, &before, receipt.acc_date, &receipt.reason).await?;
    model::allocation(store::find(tx, pay_alloc_cert_id).await?.ok_or_else(not_found)?, &document)
}

fn require_receivable(
    before: &Model,
    document: &Document,
    receipt: &AllocationReceipt,
    today: NaiveDate,
) -> Result<(), Problem> {
    if document.status != Status::Final || before.status != Standing::Reserved {
        return Err(model::not_possible(before));
    }
    if receipt.acc_date < before.vou_date || receipt.acc_date > today {
        return Err(Problem::field("/acc_date", "应在凭证日期与今日之间", "must lie between the voucher and today"));
    }
    if receipt.reason.chars().count() > 300 || (!receipt.is_paid && receipt.reason.trim().is_empty()) {
        return Err(Problem::field("/reason", "请说明失败原因，不超过 300 字", "a reason of at most 300 characters"));
    }
    Ok(())
}

/// One allocation within reach.
pub async fn get<C: ConnectionTrait>(db: &C, caller: &Caller, pay_alloc_cert_id: Uuid) -> Result<Allocation, Problem> {
    let row = store::find(db, pay_alloc_cert_id).await?.ok_or_else(not_found)?;
    caller.require_readable(&row.mof_div_code, row.agency_code.as_ref(), "拨款凭证", "the allocation")?;
    model::allocation(row, &document_of(db, pay_alloc_cert_id).await?)
}

/// Allocations within reach.
pub async fn list<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    filter: AllocationFilter,
) -> Result<Page<Allocation>, Problem> {
    let paged = PageQuery { page_size: filter.page_size, page_token: filter.page_token }.paged()?;
    let of = (filter.mof_div_code, filter.fiscal_year);
    let rows = store::page(db, caller, of, paged.after_as()?, &paged).await?;
    let documents = workflow::documents(db, rows.iter().map(|row| row.pay_alloc_cert_id).collect()).await?;
    let page = Page::of(rows, &paged, |row| row.pay_alloc_cert_id.to_string());
    let views = page.items.into_iter().map(|row| {
        let document = documents.get(&row.pay_alloc_cert_id).ok_or_else(not_found)?;
        model::allocation(row, document)
    });
    Ok(Page { items: views.collect::<Result<_, _>>()?, next_page_token: page.next_page_token })
}

/// Who did what to an allocation.
pub async fn history<C: ConnectionTrait>(db: &C, caller: &Caller, id: Uuid) -> Result<Vec<LogEntry>, Problem> {
    get(db, caller, id).await?;
    workflow::history(db, id).await
}

async fn document_of<C: ConnectionTrait>(db: &C, id: Uuid) -> Result<Document, Problem> {
    workflow::document(db, DOCUMENT, id).await?.ok_or_else(not_found)
}

fn not_found() -> Problem {
    Problem::not_found("拨款凭证", "the allocation")
}
