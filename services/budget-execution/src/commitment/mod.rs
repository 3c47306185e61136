//! Commitments (采购占用, 6103): a procurement plan or contract keeps an amount of an indicator for its payments, from its
//! submission on (E15). Each has a ledger key of its own, so that the ledger guards what its payments take together; it
//! is closed once, and what is left goes back to the indicator. Never pays: payments draw on it.

use budget_execution_contract::{Commitment, CommitmentClosing, CommitmentDraft, CommitmentFilter};
use chrono::{DateTime, Utc};
use common_types::ledger::Account;
use common_types::{Amount, Money, Role};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use service_kit::{Caller, Page, PageQuery, Problem, clock::china_date, http::IfMatch};
use uuid::Uuid;
use workflow::{Act, Action, ActionRequest, Document, NewDocument};

use crate::indicator::{self, Indicator};
use crate::ledger::{self, Entry, PostError, Posting};
use crate::{CHAINS, RULES};

pub mod drawing;
pub mod entity;
pub mod http;
mod model;
pub mod store;

use entity::{Model, Occupation};
pub use model::Standing;

const DOCUMENT_TYPE: &str = "commitment";
const MAKERS: &[Role] = &[Role::U1];
const CLOSERS: &[Role] = &[Role::U1, Role::U2];

/// Records a draft; nothing is kept yet.
pub async fn draft(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    draft: CommitmentDraft,
) -> Result<Commitment, Problem> {
    let (row, indicator) = check(tx, now, caller, Uuid::now_v7(), draft).await?;
    let document = workflow::open(tx, now, caller, new_document(&row)).await?;
    store::insert(tx, &row).await?;
    ledger::register_key(tx, row.commitment_id, &indicator.elements, Some(row.bgt_id)).await?;
    Ok(row.view(Money::ZERO, &document))
}

fn new_document(row: &Model) -> NewDocument<'static> {
    NewDocument {
        document_id: row.commitment_id,
        document_type: DOCUMENT_TYPE,
        mof_div_code: row.mof_div_code.clone(),
        fiscal_year: row.fiscal_year,
        agency_code: Some(row.agency_code.clone()),
        chain: CHAINS.resolve(DOCUMENT_TYPE, &row.mof_div_code, row.commitment_amt),
    }
}

/// Changes a draft; its indicator stays.
pub async fn revise(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    (commitment_id, version): (Uuid, IfMatch),
    draft: CommitmentDraft,
) -> Result<Commitment, Problem> {
    let before = document(tx, commitment_id).await?;
    version.check(before.version)?;
    let earlier = store::locked(tx, commitment_id).await?.ok_or_else(not_found)?;
    if (&earlier.mof_div_code, earlier.bgt_id) != (&draft.mof_div_code, draft.bgt_id) {
        return Err(Problem::field("/bgt_id", "指标不可变更", "the indicator cannot change"));
    }
    let (mut row, _) = check(tx, now, caller, commitment_id, draft).await?;
    row.create_time = earlier.create_time;
    row.posting_count = earlier.posting_count;
    let chain = CHAINS.resolve(DOCUMENT_TYPE, &row.mof_div_code, row.commitment_amt);
    let document = workflow::revise(tx, now, caller, &before, chain).await?;
    store::replace(tx, &row).await?;
    Ok(row.view(Money::ZERO, &document))
}

async fn check(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    commitment_id: Uuid,
    draft: CommitmentDraft,
) -> Result<(Model, Indicator), Problem> {
    model::require_content(&draft)?;
    let indicator = indicator::of_books(tx, draft.bgt_id, &draft.mof_div_code, draft.fiscal_year).await?;
    let agency_code = indicator.elements.agency_code.clone().ok_or_else(|| {
        RULES.refuse("BA-007", "待分指标不能登记采购占用", "an indicator that waits takes no commitment")
    })?;
    caller.require_in(MAKERS, &draft.mof_div_code, Some(&agency_code))?;
    if !indicator.is_executable() {
        return Err(indicator::executable(tx, draft.bgt_id).await.err().unwrap_or_else(not_found));
    }
    if let Some(ori_commitment_id) = draft.ori_commitment_id {
        let amended = store::find(tx, ori_commitment_id).await?.ok_or_else(not_found)?;
        if amended.bgt_id != draft.bgt_id || amended.ori_commitment_id.is_some() {
            let (zh, en) = ("应为同一指标的原合同占用", "must be a commitment of the same indicator");
            return Err(Problem::field("/ori_commitment_id", zh, en));
        }
        amended.require_in_force()?;
    }
    if !draft.is_reduction {
        indicator::require_available(tx, &indicator, draft.commitment_amt).await?;
    }
    let row = Model {
        mof_div_code: draft.mof_div_code,
        commitment_id,
        fiscal_year: draft.fiscal_year,
        agency_code,
        bgt_id: draft.bgt_id,
        contract_no: draft.contract_no,
        contract_name: draft.contract_name,
        payee_acct_name: draft.payee_acct_name,
        payee_acct_no: draft.payee_acct_no,
        commitment_amt: draft.commitment_amt.money(),
        contract_amt: draft.commitment_amt.money(),
        released_amt: Money::ZERO,
        prepay_percent: draft.prepay_percent,
        ori_commitment_id: draft.ori_commitment_id,
        is_reduction: draft.is_reduction,
        carried_from: None,
        commitment_status: Occupation::Free,
        closing_pay_app_id: None,
        posting_count: 0,
        create_time: now,
    };
    Ok((row, indicator))
}

/// Carries out an action: submission occupies, coming back gives back, the last approval puts it in force.
pub async fn act(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    commitment_id: Uuid,
    request: &ActionRequest,
) -> Result<Commitment, Problem> {
    let act = Act { document_type: DOCUMENT_TYPE, document_id: commitment_id, request };
    let transition = workflow::act(tx, now, caller, act).await?;
    let row = store::find(tx, commitment_id).await?.ok_or_else(not_found)?;
    // Older rows first: an amendment locks the commitment that it amends before itself.
    let amended = match row.ori_commitment_id {
        Some(id) => Some(store::locked(tx, id).await?.ok_or_else(not_found)?),
        None => None,
    };
    if transition.was_submitted() {
        occupy(tx, now, commitment_id, amended.as_ref()).await?;
    }
    if transition.went_back() {
        give_back(tx, now, commitment_id).await?;
    }
    if transition.became_final() {
        take_effect(tx, now, commitment_id, amended.as_ref()).await?;
    }
    if transition.became_void() {
        void(tx, now, commitment_id).await?;
    }
    shown(tx, commitment_id, &transition.after).await
}

/// E15; a reduction occupies nothing.
async fn occupy(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    commitment_id: Uuid,
    amended: Option<&Model>,
) -> Result<(), Problem> {
    let row = locked(tx, commitment_id).await?;
    if let Some(amended) = amended {
        amended.require_in_force()?;
    }
    if !row.is_reduction {
        let entry = row.occupying(amount_of(row.commitment_amt)?);
        post(tx, now, &row, entry).await?;
    }
    Ok(store::stand(tx, &row, Occupation::Occupied).await?)
}

/// E15 reversed, for one that came back to its maker.
async fn give_back(tx: &DatabaseTransaction, now: DateTime<Utc>, commitment_id: Uuid) -> Result<(), Problem> {
    let row = locked(tx, commitment_id).await?;
    row.require_occupied()?;
    if !row.is_reduction {
        let entry = row.releasing(amount_of(row.commitment_amt)?);
        post(tx, now, &row, entry).await?;
    }
    Ok(store::stand(tx, &row, Occupation::Free).await?)
}

/// A commitment is in force; an amendment changes the one that it amends and is done.
async fn take_effect(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    commitment_id: Uuid,
    amended: Option<&Model>,
) -> Result<(), Problem> {
    let row = locked(tx, commitment_id).await?;
    row.require_occupied()?;
    let Some(amended) = amended else {
        return Ok(store::stand(tx, &row, Occupation::InForce).await?);
    };
    amended.require_in_force()?;
    let amount = amount_of(row.commitment_amt)?;
    let (entry, by) = match row.is_reduction {
        true => (amended.releasing(amount), row.commitment_amt.checked_neg().ok_or(PostError::Overflow)?),
        false => (Entry::new(amended.committed(), row.committed(), amount), row.commitment_amt),
    };
    post(tx, now, &row, entry).await?;
    store::amend(tx, amended, by).await?;
    Ok(store::stand(tx, &row, Occupation::Closed).await?)
}

/// Voids one that nothing was paid from; one that was paid from is closed instead.
async fn void(tx: &DatabaseTransaction, now: DateTime<Utc>, commitment_id: Uuid) -> Result<(), Problem> {
    let row = locked(tx, commitment_id).await?;
    if row.ori_commitment_id.is_some() {
        return Err(Problem::conflict("变更已生效，请另行变更", "an amendment took effect; amend again"));
    }
    row.require_in_force()?;
    let rest = remaining(tx, &row).await?;
    if rest != row.contract_amt {
        return Err(row.refuse("BE-113", "已用于支付，请办理关闭", "was paid from, close it instead"));
    }
    release_rest(tx, now, &row, (rest, None)).await
}

/// Closes a commitment: what is left goes back to the indicator, once.
pub async fn close(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    commitment_id: Uuid,
    closing: &CommitmentClosing,
) -> Result<Commitment, Problem> {
    let row = store::locked(tx, commitment_id)
        .await?
        .filter(|row| caller.acts_in(&row.mof_div_code, Some(&row.agency_code)))
        .ok_or_else(not_found)?;
    caller.require(CLOSERS)?;
    if closing.opinion.trim().is_empty() {
        return Err(Problem::field("/opinion", "请说明关闭原因", "a reason is needed"));
    }
    row.require_in_force()?;
    let rest = remaining(tx, &row).await?;
    release_rest(tx, now, &row, (rest, None)).await?;
    let document = document(tx, commitment_id).await?;
    shown(tx, commitment_id, &document).await
}

async fn release_rest(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    row: &Model,
    (rest, by): (Money, Option<Uuid>),
) -> Result<(), Problem> {
    if let Ok(amount) = Amount::try_from(rest) {
        post(tx, now, row, row.releasing(amount)).await?;
    }
    Ok(store::close(tx, row, by, rest).await?)
}

/// A contract goes on in the next year on the indicator that was carried for it: its E15, in force at once.
pub async fn carry(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    (given, bearer): (&Model, &Indicator),
    amount: Amount,
) -> Result<Posting, Problem> {
    let row = Model {
        commitment_id: Uuid::now_v7(),
        fiscal_year: bearer.elements.fiscal_year,
        bgt_id: bearer.bgt_id,
        commitment_amt: amount.money(),
        contract_amt: amount.money(),
        released_amt: Money::ZERO,
        carried_from: Some(given.commitment_id),
        commitment_status: Occupation::InForce,
        posting_count: 0,
        create_time: now,
        ..given.clone()
    };
    let new = NewDocument { chain: Vec::new(), ..new_document(&row) };
    workflow::open(tx, now, caller, new).await?;
    let request = ActionRequest { action: Action::Submit, opinion: "年终结转".to_owned(), version: None };
    let act = Act { document_type: DOCUMENT_TYPE, document_id: row.commitment_id, request: &request };
    workflow::act(tx, now, caller, act).await?;
    ledger::register_key(tx, row.commitment_id, &bearer.elements, Some(row.bgt_id)).await?;
    let posting = row.posting(row.fiscal_year.first_day(), row.occupying(amount));
    store::insert(tx, &Model { posting_count: posting.line, ..row }).await?;
    Ok(posting)
}

/// What it still keeps; nobody takes from it until this transaction ends.
async fn remaining(tx: &DatabaseTransaction, row: &Model) -> Result<Money, Problem> {
    let places = [row.place(row.executable()), row.place(row.committed())];
    let held = ledger::hold(tx, &places).await?;
    Ok(held.get(&row.committed()).copied().unwrap_or_default())
}

async fn post(tx: &DatabaseTransaction, now: DateTime<Utc>, row: &Model, entry: Entry) -> Result<(), Problem> {
    match ledger::post(tx, now, &[row.posting(china_date(now), entry)]).await {
        Ok(_) => Ok(()),
        Err(error) => Err(indicator::refusal::explained(tx, error, "BA-001").await),
    }
}

async fn locked(tx: &DatabaseTransaction, commitment_id: Uuid) -> Result<Model, Problem> {
    store::locked(tx, commitment_id).await?.ok_or_else(not_found)
}

fn amount_of(money: Money) -> Result<Amount, Problem> {
    Amount::try_from(money).map_err(|error| Problem::internal(&error))
}

async fn document<C: ConnectionTrait>(db: &C, commitment_id: Uuid) -> Result<Document, Problem> {
    workflow::document(db, DOCUMENT_TYPE, commitment_id).await?.ok_or_else(not_found)
}

async fn shown<C: ConnectionTrait>(db: &C, commitment_id: Uuid, document: &Document) -> Result<Commitment, Problem> {
    let row = store::find(db, commitment_id).await?.ok_or_else(not_found)?;
    let balances = ledger::balances(db, &row.mof_div_code, row.fiscal_year, commitment_id).await?;
    let remaining = balances.get(&Account::Committed).copied().unwrap_or_default();
    Ok(row.view(remaining, document))
}

/// One commitment within reach.
pub async fn get<C: ConnectionTrait>(db: &C, caller: &Caller, commitment_id: Uuid) -> Result<Commitment, Problem> {
    let row = store::find(db, commitment_id).await?.ok_or_else(not_found)?;
    caller.require_readable(&row.mof_div_code, Some(&row.agency_code), "采购占用", "the commitment")?;
    shown(db, commitment_id, &document(db, commitment_id).await?).await
}

/// A page of commitments within reach.
pub async fn list<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    filter: &CommitmentFilter,
    page: &PageQuery,
) -> Result<Page<Commitment>, Problem> {
    let paged = page.paged()?;
    let rows = store::page(db, caller, filter, paged.after_as()?, &paged).await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.commitment_id).collect();
    let documents = workflow::documents(db, ids.clone()).await?;
    let balances = ledger::balances_of_keys(db, ids).await?;
    let page = Page::of(rows, &paged, |row| row.commitment_id.to_string());
    let views = page.items.into_iter().map(|row| {
        let own = balances.get(&row.commitment_id).and_then(|own| own.get(&Account::Committed));
        let document = documents.get(&row.commitment_id).ok_or_else(not_found)?;
        Ok(row.view(own.copied().unwrap_or_default(), document))
    });
    Ok(Page { items: views.collect::<Result<_, Problem>>()?, next_page_token: page.next_page_token })
}

fn not_found() -> Problem {
    Problem::not_found("采购占用", "the commitment")
}
