//! Commitments (采购占用, 6103): a procurement plan or contract keeps an amount of an indicator for its payments, from its
//! submission on (E15). Each has a ledger key of its own, so that the ledger guards what its payments take together; it
//! is closed once, and what is left goes back to the indicator. Never pays: payments draw on it.

use budget_execution_contract::{Commitment, CommitmentClosing, CommitmentDraft, CommitmentFilter};
use chrono::{DateTime, Utc};
use common_types::ledger::Account;
use common_types::{Amount, Money, Role};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use service_kit::{Caller, Problem, clock::china_date, http::Paged};
use uuid::Uuid;
use workflow::{Act, Action, ActionRequest, Document, Heading, NewDocument, Noun, Transition, Work};

use crate::indicator::{self, Indicator};
use crate::ledger::{self, Entry, PostError, Posting};
use crate::{CHAINS, Execution, RULES};

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

/// A commitment with what it still keeps.
#[derive(Clone)]
pub struct Kept {
    row: Model,
    remaining: Money,
}

/// 采购占用.
pub struct Commitments;

impl Noun for Commitments {
    type Service = Execution;
    type Draft = CommitmentDraft;
    type Known = ();
    type Row = Kept;
    type View = Commitment;
    type Filter = CommitmentFilter;

    const COLLECTION: &'static str = "commitments";
    const ID: &'static str = "commitment_id";
    const NAME: [&'static str; 2] = ["采购占用", "the commitment"];

    async fn check(work: Work<'_>, commitment_id: Uuid, draft: CommitmentDraft, (): ()) -> Result<Kept, Problem> {
        Ok(Kept { row: check(work, commitment_id, draft).await?, remaining: Money::ZERO })
    }

    fn heading(Kept { row, .. }: &Kept) -> Heading {
        Heading {
            document_type: DOCUMENT_TYPE,
            mof_div_code: row.mof_div_code.clone(),
            fiscal_year: row.fiscal_year,
            agency_code: Some(row.agency_code.clone()),
            chain: CHAINS.resolve(DOCUMENT_TYPE, &row.mof_div_code, row.commitment_amt),
        }
    }

    async fn insert(tx: &DatabaseTransaction, Kept { row, .. }: Kept) -> Result<(), Problem> {
        let indicator = indicator::of_books(tx, row.bgt_id, &row.mof_div_code, row.fiscal_year).await?;
        store::insert(tx, &row).await?;
        Ok(ledger::register_key(tx, row.commitment_id, &indicator.elements, Some(row.bgt_id)).await?)
    }

    /// The indicator stays: the ledger key of the commitment is under it.
    async fn replace(tx: &DatabaseTransaction, earlier: Kept, kept: Kept) -> Result<Kept, Problem> {
        let Model { bgt_id, create_time, posting_count, .. } = earlier.row;
        if kept.row.bgt_id != bgt_id {
            return Err(Problem::field("/bgt_id", "指标不可变更", "the indicator cannot change"));
        }
        let row = Model { create_time, posting_count, ..kept.row };
        store::replace(tx, &row).await?;
        Ok(Kept { row, ..kept })
    }

    async fn find<C: ConnectionTrait>(db: &C, commitment_id: Uuid) -> Result<Option<Kept>, Problem> {
        let Some(row) = store::find(db, commitment_id).await? else { return Ok(None) };
        let balances = ledger::balances(db, &row.mof_div_code, row.fiscal_year, commitment_id).await?;
        Ok(Some(Kept { row, remaining: balances.get(&Account::Committed).copied().unwrap_or_default() }))
    }

    async fn page<C: ConnectionTrait>(
        db: &C,
        caller: &Caller,
        filter: &CommitmentFilter,
        paged: &Paged,
    ) -> Result<Vec<Kept>, Problem> {
        let rows = store::page(db, caller, filter, paged.after_as()?, paged).await?;
        let balances = ledger::balances_of_keys(db, rows.iter().map(|row| row.commitment_id).collect()).await?;
        let remaining = |id: Uuid| balances.get(&id).and_then(|own| own.get(&Account::Committed)).copied();
        let kept = |row: Model| Kept { remaining: remaining(row.commitment_id).unwrap_or_default(), row };
        Ok(rows.into_iter().map(kept).collect())
    }

    fn id(kept: &Kept) -> Uuid {
        kept.row.commitment_id
    }

    fn view(Kept { row, remaining }: Kept, document: &Document) -> Result<Commitment, Problem> {
        Ok(row.view(remaining, document))
    }

    /// Submission occupies, coming back gives back, the last approval puts it in force.
    async fn effect(work: Work<'_>, Kept { row, .. }: Kept, transition: &Transition) -> Result<Kept, Problem> {
        let (tx, commitment_id) = (work.tx, row.commitment_id);
        // Older rows first: an amendment locks the commitment that it amends before itself.
        let amended = match row.ori_commitment_id {
            Some(id) => Some(locked(tx, id).await?),
            None => None,
        };
        if transition.was_submitted() {
            occupy(work, commitment_id, amended.as_ref()).await?;
        }
        if transition.went_back() {
            give_back(work, commitment_id).await?;
        }
        if transition.became_final() {
            take_effect(work, commitment_id, amended.as_ref()).await?;
        }
        if transition.became_void() {
            void(work, commitment_id).await?;
        }
        Self::find(tx, commitment_id).await?.ok_or_else(not_found)
    }
}

async fn check(work: Work<'_>, commitment_id: Uuid, draft: CommitmentDraft) -> Result<Model, Problem> {
    let Work { tx, now, caller, .. } = work;
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
        if amended.payee_acct_no != draft.payee_acct_no {
            let (zh, en) = ("合同变更不改变供应商账户", "an amendment keeps the supplier's account");
            return Err(Problem::field("/payee_acct_no", zh, en));
        }
        amended.require_in_force()?;
    }
    if !draft.is_reduction {
        indicator::require_available(tx, &indicator, draft.commitment_amt).await?;
    }
    Ok(Model {
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
    })
}

/// E15; a reduction occupies nothing.
async fn occupy(work: Work<'_>, commitment_id: Uuid, amended: Option<&Model>) -> Result<(), Problem> {
    let row = locked(work.tx, commitment_id).await?;
    if let Some(amended) = amended {
        amended.require_in_force()?;
    }
    if !row.is_reduction {
        let entry = row.occupying(amount_of(row.commitment_amt)?);
        post(work, &row, entry).await?;
    }
    Ok(store::stand(work.tx, &row, Occupation::Occupied).await?)
}

/// E15 reversed, for one that came back to its maker.
async fn give_back(work: Work<'_>, commitment_id: Uuid) -> Result<(), Problem> {
    let row = locked(work.tx, commitment_id).await?;
    row.require_occupied()?;
    if !row.is_reduction {
        let entry = row.releasing(amount_of(row.commitment_amt)?);
        post(work, &row, entry).await?;
    }
    Ok(store::stand(work.tx, &row, Occupation::Free).await?)
}

/// A commitment is in force; an amendment changes the one that it amends and is done.
async fn take_effect(work: Work<'_>, commitment_id: Uuid, amended: Option<&Model>) -> Result<(), Problem> {
    let row = locked(work.tx, commitment_id).await?;
    row.require_occupied()?;
    let Some(amended) = amended else {
        return Ok(store::stand(work.tx, &row, Occupation::InForce).await?);
    };
    amended.require_in_force()?;
    let amount = amount_of(row.commitment_amt)?;
    let (entry, by) = match row.is_reduction {
        true => (amended.releasing(amount), row.commitment_amt.checked_neg().ok_or(PostError::Overflow)?),
        false => (Entry::new(amended.committed(), row.committed(), amount), row.commitment_amt),
    };
    post(work, &row, entry).await?;
    store::amend(work.tx, amended, by).await?;
    Ok(store::stand(work.tx, &row, Occupation::Closed).await?)
}

/// Voids one that nothing was paid from; one that was paid from is closed instead.
async fn void(work: Work<'_>, commitment_id: Uuid) -> Result<(), Problem> {
    let row = locked(work.tx, commitment_id).await?;
    if row.ori_commitment_id.is_some() {
        return Err(Problem::conflict("变更已生效，请另行变更", "an amendment took effect; amend again"));
    }
    row.require_in_force()?;
    let rest = remaining(work.tx, &row).await?;
    if rest != row.contract_amt {
        return Err(row.refuse("BE-113", "已用于支付，请办理关闭", "was paid from, close it instead"));
    }
    release_rest(work, &row, rest).await
}

/// Closes a commitment: what is left goes back to the indicator, once.
pub async fn close(work: Work<'_>, commitment_id: Uuid, closing: &CommitmentClosing) -> Result<Commitment, Problem> {
    let Work { tx, caller, .. } = work;
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
    release_rest(work, &row, rest).await?;
    let document = workflow::document(tx, DOCUMENT_TYPE, commitment_id).await?.ok_or_else(not_found)?;
    let kept = Commitments::find(tx, commitment_id).await?.ok_or_else(not_found)?;
    Commitments::view(kept, &document)
}

async fn release_rest(work: Work<'_>, row: &Model, rest: Money) -> Result<(), Problem> {
    if let Ok(amount) = Amount::try_from(rest) {
        post(work, row, row.releasing(amount)).await?;
    }
    Ok(store::close(work.tx, row, None, rest).await?)
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
    let new = NewDocument {
        document_id: row.commitment_id,
        document_type: DOCUMENT_TYPE,
        mof_div_code: row.mof_div_code.clone(),
        fiscal_year: row.fiscal_year,
        agency_code: Some(row.agency_code.clone()),
        chain: Vec::new(),
    };
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

async fn post(Work { tx, now, .. }: Work<'_>, row: &Model, entry: Entry) -> Result<(), Problem> {
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

fn not_found() -> Problem {
    workflow::noun::not_found::<Commitments>()
}
