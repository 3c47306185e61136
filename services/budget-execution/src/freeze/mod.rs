//! 冻结 (freeze): an amount of an indicator is set aside and cannot be used, moved or reduced until it is thawed by the
//! same or a higher authority (BA-002, BA-004). Each amount is thawed once.

use budget_execution_contract::{Freeze, FreezeDraft, ThawRequest};
use chrono::{DateTime, Utc};
use common_types::ledger::{Account, Template};
use common_types::{Amount, Money, Role};
use rust_decimal::Decimal;
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use service_kit::{Caller, Problem, clock::china_date, http::Paged};
use uuid::Uuid;
use workflow::{BooksFilter, Document, Heading, Noun, Transition, Work};

use crate::indicator;
use crate::ledger::{self, Entry, Posting, Slot};
use crate::{CHAINS, Execution, RULES};

mod entity;
pub mod http;
mod store;

use entity::Model;

const DOCUMENT_TYPE: &str = "freeze";
const MAKERS: &[Role] = &[Role::M1, Role::M5];
/// Who may thaw, from the lowest authority to the highest; a freeze has at least that of its approver.
const AUTHORITY: [Role; 2] = [Role::M2, Role::M5];

/// 冻结单.
pub struct Freezes;

impl Noun for Freezes {
    type Service = Execution;
    type Draft = FreezeDraft;
    type Known = ();
    type Row = Model;
    type View = Freeze;
    type Filter = BooksFilter;

    const COLLECTION: &'static str = "freezes";
    const ID: &'static str = "freeze_id";
    const NAME: [&'static str; 2] = ["冻结单", "the freeze"];

    async fn check(work: Work<'_>, freeze_id: Uuid, draft: FreezeDraft, (): ()) -> Result<Model, Problem> {
        check(work, freeze_id, draft).await
    }

    fn heading(row: &Model) -> Heading {
        Heading {
            document_type: DOCUMENT_TYPE,
            mof_div_code: row.mof_div_code.clone(),
            fiscal_year: row.fiscal_year,
            agency_code: row.agency_code.clone(),
            chain: CHAINS.resolve(DOCUMENT_TYPE, &row.mof_div_code, row.freeze_amt),
        }
    }

    async fn insert(tx: &DatabaseTransaction, row: Model) -> Result<(), Problem> {
        Ok(store::insert(tx, row).await?)
    }

    async fn replace(tx: &DatabaseTransaction, earlier: Model, row: Model) -> Result<Model, Problem> {
        let row = Model { create_time: earlier.create_time, ..row };
        store::replace(tx, row.clone()).await?;
        Ok(row)
    }

    async fn find<C: ConnectionTrait>(db: &C, freeze_id: Uuid) -> Result<Option<Model>, Problem> {
        Ok(store::find(db, freeze_id).await?)
    }

    async fn page<C: ConnectionTrait>(
        db: &C,
        caller: &Caller,
        filter: &BooksFilter,
        paged: &Paged,
    ) -> Result<Vec<Model>, Problem> {
        Ok(store::page(db, caller, filter, paged.after_as()?, paged).await?)
    }

    fn id(row: &Model) -> Uuid {
        row.freeze_id
    }

    fn view(row: Model, document: &Document) -> Result<Freeze, Problem> {
        Ok(view(row, document))
    }

    /// The last approval freezes. A final freeze ends by thawing, not by voiding.
    async fn effect(work: Work<'_>, row: Model, transition: &Transition) -> Result<Model, Problem> {
        if transition.became_void() {
            return Err(Problem::conflict("冻结单请通过解冻结束", "a freeze ends by thawing"));
        }
        if transition.became_final() {
            freeze(work, &row).await?;
        }
        Ok(row)
    }
}

async fn check(work: Work<'_>, freeze_id: Uuid, draft: FreezeDraft) -> Result<Model, Problem> {
    let Work { tx, now, caller, .. } = work;
    caller.require_in(MAKERS, &draft.mof_div_code, None)?;
    let indicator = indicator::of_books(tx, draft.bgt_id, &draft.mof_div_code, draft.fiscal_year).await?;
    if !indicator.is_executable() {
        return Err(indicator::executable(tx, draft.bgt_id).await.err().unwrap_or_else(not_found));
    }
    if draft.reason.trim().is_empty() {
        return Err(Problem::field("/reason", "请说明冻结原因", "a reason is needed"));
    }
    let whole = indicator::authority(tx, &indicator).await?;
    let freeze_amt = amount_or_ratio(draft.freeze_amt, draft.freeze_ratio, whole, "/freeze_amt")?;
    Ok(Model {
        mof_div_code: draft.mof_div_code,
        freeze_id,
        fiscal_year: draft.fiscal_year,
        bgt_id: draft.bgt_id,
        agency_code: indicator.elements.agency_code,
        freeze_amt: freeze_amt.money(),
        freeze_ratio: draft.freeze_ratio.map(|ratio| ratio.to_string()),
        reason: draft.reason,
        freeze_role: if caller.has_any(&[Role::M5]) { Role::M5 } else { Role::M2 },
        is_frozen: false,
        thaw_amt: Money::ZERO,
        thaw_count: 0,
        create_time: now,
    })
}

/// E14: Dr 6102 / Cr 6101.
async fn freeze(work: Work<'_>, row: &Model) -> Result<(), Problem> {
    let slot = |account| Slot::new(account, row.bgt_id);
    let entry = Entry::new(slot(Account::Frozen), slot(Account::Executable), amount_of(row.freeze_amt)?);
    let posting = posting(work.now, row, 0, entry);
    if let Err(error) = ledger::post(work.tx, work.now, &[posting]).await {
        return Err(indicator::refusal::explained(work.tx, error, "BA-002").await);
    }
    Ok(store::mark_frozen(work.tx, row).await?)
}

/// Gives a frozen amount back (E14 reversed); 409 when that much is not frozen any more.
pub async fn thaw(work: Work<'_>, freeze_id: Uuid, request: ThawRequest) -> Result<Freeze, Problem> {
    let Work { tx, now, caller, .. } = work;
    let row = store::find(tx, freeze_id).await?.ok_or_else(not_found)?;
    if !caller.acts_in(&row.mof_div_code, row.agency_code.as_ref()) {
        return Err(not_found());
    }
    require_authority(caller, row.freeze_role)?;
    if request.opinion.trim().is_empty() {
        return Err(Problem::field("/opinion", "请说明解冻原因", "a reason is needed"));
    }
    let thaw_amt = amount_or_ratio(request.thaw_amt, request.thaw_ratio, row.freeze_amt, "/thaw_amt")?;
    if !store::thaw(tx, &row, thaw_amt.money()).await? {
        return Err(not_frozen(&row, thaw_amt));
    }
    let after = store::find(tx, freeze_id).await?.ok_or_else(not_found)?;
    let entry =
        Entry::new(Slot::new(Account::Executable, row.bgt_id), Slot::new(Account::Frozen, row.bgt_id), thaw_amt);
    ledger::post(tx, now, &[posting(now, &after, after.thaw_count, entry)]).await?;
    let document = workflow::document(tx, DOCUMENT_TYPE, freeze_id).await?.ok_or_else(not_found)?;
    Ok(view(after, &document))
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

fn not_frozen(row: &Model, requested: Amount) -> Problem {
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

/// The amount itself, or this percent of the whole.
fn amount_or_ratio(
    amount: Option<Amount>,
    ratio: Option<Decimal>,
    whole: Money,
    pointer: &str,
) -> Result<Amount, Problem> {
    let by_ratio = match (amount, ratio) {
        (Some(amount), None) => return Ok(amount),
        (None, Some(ratio)) if ratio > Decimal::ZERO && ratio <= Decimal::ONE_HUNDRED => {
            whole.checked_mul_decimal(ratio / Decimal::ONE_HUNDRED)
        }
        _ => None,
    };
    by_ratio.and_then(|amount| Amount::try_from(amount).ok()).ok_or_else(|| {
        let en = "either an amount or a ratio above 0 and up to 100 is needed";
        Problem::field(pointer, "请填写金额，或大于 0 不超过 100 的比例", en)
    })
}

fn amount_of(money: Money) -> Result<Amount, Problem> {
    Amount::try_from(money).map_err(|error| Problem::internal(&error))
}

fn posting(now: DateTime<Utc>, row: &Model, line: i32, entry: Entry) -> Posting {
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

fn view(row: Model, document: &Document) -> Freeze {
    Freeze {
        freeze_id: row.freeze_id,
        mof_div_code: row.mof_div_code,
        fiscal_year: row.fiscal_year,
        bgt_id: row.bgt_id,
        agency_code: row.agency_code,
        freeze_amt: row.freeze_amt,
        freeze_ratio: row.freeze_ratio.and_then(|ratio| ratio.parse().ok()),
        thaw_amt: row.thaw_amt,
        reason: row.reason,
        create_time: row.create_time,
        state: document.state(),
    }
}

fn not_found() -> Problem {
    workflow::noun::not_found::<Freezes>()
}
