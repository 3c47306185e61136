//! 冻结 (freeze): an amount of an indicator is set aside and cannot be used, moved or reduced until it is thawed by the
//! same or a higher authority (BA-002, BA-004). Each amount is thawed once.

use budget_execution_contract::{Freeze, FreezeDraft, ThawRequest};
use chrono::{DateTime, Utc};
use common_types::ledger::{Account, Template};
use common_types::{Amount, DivisionCode, FiscalYear, Money, Role};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use service_kit::{Caller, Page, PageQuery, Problem, clock::china_date, http::IfMatch};
use uuid::Uuid;
use workflow::{Act, ActionRequest, Document, NewDocument};

use crate::indicator;
use crate::ledger::{self, Entry, Posting, Slot};
use crate::{CHAINS, RULES};

mod entity;
pub mod http;
mod store;

const DOCUMENT_TYPE: &str = "freeze";
const MAKERS: &[Role] = &[Role::M1, Role::M5];
/// Who may thaw, from the lowest authority to the highest; a freeze has at least that of its approver.
const AUTHORITY: [Role; 2] = [Role::M2, Role::M5];

/// Records a draft.
pub async fn draft(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    draft: FreezeDraft,
) -> Result<Freeze, Problem> {
    let row = check(tx, now, caller, Uuid::now_v7(), draft).await?;
    let document = workflow::open(
        tx,
        now,
        caller,
        NewDocument {
            document_id: row.freeze_id,
            document_type: DOCUMENT_TYPE,
            mof_div_code: row.mof_div_code.clone(),
            fiscal_year: row.fiscal_year,
            agency_code: row.agency_code.clone(),
            chain: CHAINS.resolve(DOCUMENT_TYPE, &row.mof_div_code, row.freeze_amt),
        },
    )
    .await?;
    store::insert(tx, row.clone()).await?;
    view(row, &document)
}

/// Changes a draft.
pub async fn revise(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    (freeze_id, version): (Uuid, IfMatch),
    draft: FreezeDraft,
) -> Result<Freeze, Problem> {
    let before = workflow::document(tx, DOCUMENT_TYPE, freeze_id)
        .await?
        .filter(|document| document.mof_div_code == draft.mof_div_code)
        .ok_or_else(not_found)?;
    version.check(before.version)?;
    let earlier = store::find(tx, freeze_id).await?.ok_or_else(not_found)?;
    let mut row = check(tx, now, caller, freeze_id, draft).await?;
    row.create_time = earlier.create_time;
    let chain = CHAINS.resolve(DOCUMENT_TYPE, &row.mof_div_code, row.freeze_amt);
    let document = workflow::revise(tx, now, caller, &before, chain).await?;
    store::replace(tx, row.clone()).await?;
    view(row, &document)
}

async fn check(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    freeze_id: Uuid,
    draft: FreezeDraft,
) -> Result<entity::Model, Problem> {
    caller.require_in(MAKERS, &draft.mof_div_code, None)?;
    let indicator = indicator::of_books(tx, draft.bgt_id, &draft.mof_div_code, draft.fiscal_year).await?;
    if !indicator.is_executable() {
        return Err(indicator::executable(tx, draft.bgt_id).await.err().unwrap_or_else(not_found));
    }
    if draft.reason.trim().is_empty() {
        return Err(Problem::field("/reason", "请说明冻结原因", "a reason is needed"));
    }
    Ok(entity::Model {
        mof_div_code: draft.mof_div_code,
        freeze_id,
        fiscal_year: draft.fiscal_year,
        bgt_id: draft.bgt_id,
        agency_code: indicator.elements.agency_code,
        freeze_amt: draft.freeze_amt.money(),
        reason: draft.reason,
        freeze_role: if caller.has_any(&[Role::M5]) { Role::M5 } else { Role::M2 },
        is_frozen: false,
        thaw_amt: Money::ZERO,
        thaw_count: 0,
        create_time: now,
    })
}

/// Carries out an action; the last approval freezes. A final freeze ends by thawing, not by voiding.
pub async fn act(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    freeze_id: Uuid,
    request: &ActionRequest,
) -> Result<Freeze, Problem> {
    let act = Act { document_type: DOCUMENT_TYPE, document_id: freeze_id, request };
    let transition = workflow::act(tx, now, caller, act).await?;
    if transition.became_void() {
        return Err(Problem::conflict("冻结单请通过解冻结束", "a freeze ends by thawing"));
    }
    let row = store::find(tx, freeze_id).await?.ok_or_else(not_found)?;
    if transition.became_final() {
        let amount = amount_of(row.freeze_amt)?;
        let entry =
            Entry::new(Slot::new(Account::Frozen, row.bgt_id), Slot::new(Account::Executable, row.bgt_id), amount);
        if let Err(error) = ledger::post(tx, now, &[posting(now, &row, 0, entry)]).await {
            return Err(indicator::refusal::explained(tx, error, "BA-002").await);
        }
        store::mark_frozen(tx, &row).await?;
    }
    view(row, &transition.after)
}

/// Gives a frozen amount back (E14 reversed); 409 when that much is not frozen any more.
pub async fn thaw(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    freeze_id: Uuid,
    request: ThawRequest,
) -> Result<Freeze, Problem> {
    let row = store::find(tx, freeze_id).await?.ok_or_else(not_found)?;
    if !caller.acts_in(&row.mof_div_code, row.agency_code.as_ref()) {
        return Err(not_found());
    }
    require_authority(caller, row.freeze_role)?;
    if request.opinion.trim().is_empty() {
        return Err(Problem::field("/opinion", "请说明解冻原因", "a reason is needed"));
    }
    if !store::thaw(tx, &row, request.thaw_amt.money()).await? {
        return Err(not_frozen(&row, request.thaw_amt));
    }
    let after = store::find(tx, freeze_id).await?.ok_or_else(not_found)?;
    let entry = Entry::new(
        Slot::new(Account::Executable, row.bgt_id),
        Slot::new(Account::Frozen, row.bgt_id),
        request.thaw_amt,
    );
    ledger::post(tx, now, &[posting(now, &after, after.thaw_count, entry)]).await?;
    let document = workflow::document(tx, DOCUMENT_TYPE, freeze_id).await?.ok_or_else(not_found)?;
    view(after, &document)
}

fn require_authority(caller: &Caller, freeze_role: Role) -> Result<(), Problem> {
    let least = AUTHORITY.iter().position(|role| *role == freeze_role).unwrap_or(0);
    let roles = AUTHORITY.get(least..).unwrap_or(&AUTHORITY);
    if caller.has_any(roles) {
        return Ok(());
    }
    Err(RULES
        .refuse(
            "BA-004",
            format!("解冻须由{}或更高权限办理", freeze_role.name_zh()),
            format!("thawing needs the authority of {freeze_role} or higher"),
        )
        .with("required_roles", roles))
}

fn not_frozen(row: &entity::Model, requested: Amount) -> Problem {
    let frozen = if row.is_frozen { row.freeze_amt.checked_sub(row.thaw_amt).unwrap_or_default() } else { Money::ZERO };
    RULES
        .refuse(
            "BE-105",
            format!("冻结单尚冻结 {frozen}，本次解冻 {requested}"),
            format!("{frozen} of this freeze is still frozen, {requested} was to be thawed"),
        )
        .with("frozen", frozen)
        .with("requested", requested)
}

fn amount_of(money: Money) -> Result<Amount, Problem> {
    Amount::try_from(money).map_err(|error| Problem::internal(&error))
}

fn posting(now: DateTime<Utc>, row: &entity::Model, line: i32, entry: Entry) -> Posting {
    Posting {
        event_id: row.freeze_id,
        template: Template::E14,
        line,
        mof_div_code: row.mof_div_code.clone(),
        fiscal_year: row.fiscal_year,
        vou_date: china_date(now),
        source_doc: format!("freezes/{}", row.freeze_id),
        entries: vec![entry],
    }
}

fn view(row: entity::Model, document: &Document) -> Result<Freeze, Problem> {
    Ok(Freeze {
        freeze_id: row.freeze_id,
        mof_div_code: row.mof_div_code,
        fiscal_year: row.fiscal_year,
        bgt_id: row.bgt_id,
        agency_code: row.agency_code,
        freeze_amt: row.freeze_amt,
        thaw_amt: row.thaw_amt,
        reason: row.reason,
        create_time: row.create_time,
        state: document.state(),
    })
}

/// One document within reach.
pub async fn get<C: ConnectionTrait>(db: &C, caller: &Caller, freeze_id: Uuid) -> Result<Freeze, Problem> {
    let row = store::find(db, freeze_id).await?.ok_or_else(not_found)?;
    caller.require_readable(&row.mof_div_code, row.agency_code.as_ref(), "冻结单", "the freeze")?;
    let document = workflow::document(db, DOCUMENT_TYPE, freeze_id).await?.ok_or_else(not_found)?;
    view(row, &document)
}

/// A page of documents within reach.
pub async fn list<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    mof_div_code: Option<DivisionCode>,
    fiscal_year: Option<FiscalYear>,
    page: &PageQuery,
) -> Result<Page<Freeze>, Problem> {
    let paged = page.paged()?;
    let rows = store::page(db, caller, mof_div_code, fiscal_year, paged.after_as()?, &paged).await?;
    let documents = workflow::documents(db, rows.iter().map(|row| row.freeze_id).collect()).await?;
    let page = Page::of(rows, &paged, |row| row.freeze_id.to_string());
    let views = page.items.into_iter().map(|row| {
        let document = documents.get(&row.freeze_id).ok_or_else(not_found)?;
        view(row, document)
    });
    Ok(Page { items: views.collect::<Result<_, _>>()?, next_page_token: page.next_page_token })
}

fn not_found() -> Problem {
    Problem::not_found("冻结单", "the freeze")
}
