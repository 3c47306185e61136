//! 参数设置 (settings): whitelists, thresholds and switches by division, as dated data. A value is proposed by one person,
//! approved by another, in force from a day after that, and replaced by a later one; it is never edited.

use budget_execution_contract::{SettingChange, SettingDraft, SettingFilter, SettingInForce};
use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use common_types::{DivisionCode, FiscalYear, Money, Role};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use service_kit::{Caller, Page, PageQuery, Problem, clock::china_date, http::IfMatch};
use uuid::Uuid;
use workflow::{Act, ActionRequest, Document, LogEntry, NewDocument};

use crate::{CHAINS, RULES};

mod entity;
pub mod http;
mod model;
mod shelf;
mod store;

pub use model::{BondPurpose, MonthDay, Settings};
pub use shelf::Shelf;

const DOCUMENT: &str = "setting";
const MAKERS: [Role; 2] = [Role::M3, Role::M7];
const LONGEST_REASON: usize = 500;

/// The settings of a division on a day, in their own types.
pub async fn on<C: ConnectionTrait>(db: &C, division: &DivisionCode, day: NaiveDate) -> Result<Settings, Problem> {
    model::settings(in_force(db, division, day).await?)
}

/// The same with who set what and why.
pub async fn in_force<C: ConnectionTrait>(
    db: &C,
    division: &DivisionCode,
    day: NaiveDate,
) -> Result<Vec<SettingInForce>, Problem> {
    let lineage = model::lineage(division);
    let rows = store::begun(db, &lineage, day).await?;
    Ok(model::in_force(&lineage, &rows))
}

/// What holds for a division, for everybody in it and above it.
pub async fn list_in_force<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    division: &DivisionCode,
    day: NaiveDate,
) -> Result<Vec<SettingInForce>, Problem> {
    if caller.mof_div_code != *division {
        caller.require_readable(division, None, "参数", "the settings")?;
    }
    in_force(db, division, day).await
}

/// Records a draft.
pub async fn draft(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    draft: SettingDraft,
) -> Result<SettingChange, Problem> {
    let row = checked(now, caller, Uuid::now_v7(), draft)?;
    let new = NewDocument {
        document_id: row.setting_id,
        document_type: DOCUMENT,
        mof_div_code: row.mof_div_code.clone(),
        fiscal_year: row.fiscal_year,
        agency_code: None,
        chain: CHAINS.resolve(DOCUMENT, &row.mof_div_code, Money::ZERO),
    };
    let document = workflow::open(tx, now, caller, new).await?;
    store::insert(tx, row.clone()).await?;
    Ok(view(row, &document))
}

/// Changes a draft.
pub async fn revise(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    (setting_id, version): (Uuid, IfMatch),
    draft: SettingDraft,
) -> Result<SettingChange, Problem> {
    let before = document_of(tx, setting_id).await?;
    let earlier = store::find(tx, setting_id).await?.ok_or_else(not_found)?;
    if earlier.mof_div_code != draft.mof_div_code {
        return Err(not_found());
    }
    version.check(before.version)?;
    let mut row = checked(now, caller, setting_id, draft)?;
    row.create_time = earlier.create_time;
    let chain = CHAINS.resolve(DOCUMENT, &row.mof_div_code, Money::ZERO);
    let document = workflow::revise(tx, now, caller, &before, chain).await?;
    store::replace(tx, row.clone()).await?;
    Ok(view(row, &document))
}

fn checked(
    now: DateTime<Utc>,
    caller: &Caller,
    setting_id: Uuid,
    draft: SettingDraft,
) -> Result<entity::change::Model, Problem> {
    caller.require_in(&MAKERS, &draft.mof_div_code, None)?;
    model::require_value(&draft.setting_key, &draft.setting_value)?;
    model::require_later(draft.start_date, china_date(now))?;
    let length = draft.reason.trim().chars().count();
    if length == 0 || length > LONGEST_REASON {
        let zh = format!("请说明依据，不超过 {LONGEST_REASON} 字");
        return Err(Problem::field(
            "/reason",
            zh,
            format!("a reason of at most {LONGEST_REASON} characters is needed"),
        ));
    }
    let fiscal_year = FiscalYear::try_from(draft.start_date.year())
        .map_err(|error| Problem::field("/start_date", error.to_string(), error.to_string()))?;
    Ok(entity::change::Model {
        mof_div_code: draft.mof_div_code,
        setting_id,
        fiscal_year,
        setting_key: draft.setting_key,
        setting_value: draft.setting_value,
        start_date: draft.start_date,
        reason: draft.reason,
        create_time: now,
    })
}

/// Carries out an action; the last approval puts the value in force. It ends by a later value, not by voiding.
pub async fn act(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    setting_id: Uuid,
    request: &ActionRequest,
) -> Result<SettingChange, Problem> {
    let act = Act { document_type: DOCUMENT, document_id: setting_id, request };
    let transition = workflow::act(tx, now, caller, act).await?;
    if transition.became_void() {
        return Err(Problem::conflict("参数请以新值替换", "a setting ends by a later one"));
    }
    let row = store::find(tx, setting_id).await?.ok_or_else(not_found)?;
    if transition.became_final() {
        put_in_force(tx, now, &row, &transition.after).await?;
    }
    Ok(view(row, &transition.after))
}

async fn put_in_force(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    row: &entity::change::Model,
    document: &Document,
) -> Result<(), Problem> {
    model::require_later(row.start_date, china_date(now))?;
    let value = entity::value::Model {
        mof_div_code: row.mof_div_code.clone(),
        setting_key: row.setting_key.clone(),
        start_date: row.start_date,
        setting_value: row.setting_value.clone(),
        setting_id: row.setting_id,
        set_by: document.maker.clone(),
        reason: row.reason.clone(),
        create_time: now,
    };
    if store::put_in_force(tx, value).await? {
        return Ok(());
    }
    Err(RULES.refuse(
        "BE-122",
        format!("参数 {} 自 {} 起已有取值", row.setting_key, row.start_date),
        format!("{} has a value from {} on", row.setting_key, row.start_date),
    ))
}

/// One document within reach.
pub async fn get<C: ConnectionTrait>(db: &C, caller: &Caller, setting_id: Uuid) -> Result<SettingChange, Problem> {
    let row = store::find(db, setting_id).await?.ok_or_else(not_found)?;
    caller.require_readable(&row.mof_div_code, None, "参数单", "the setting")?;
    Ok(view(row, &document_of(db, setting_id).await?))
}

/// A page of documents within reach: the history of the settings.
pub async fn list<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    filter: SettingFilter,
) -> Result<Page<SettingChange>, Problem> {
    let paged = PageQuery { page_size: filter.page_size, page_token: filter.page_token }.paged()?;
    let of = (filter.mof_div_code, filter.setting_key);
    let rows = store::page(db, caller, of, paged.after_as()?, &paged).await?;
    let documents = workflow::documents(db, rows.iter().map(|row| row.setting_id).collect()).await?;
    let page = Page::of(rows, &paged, |row| row.setting_id.to_string());
    let views = page.items.into_iter().map(|row| {
        let document = documents.get(&row.setting_id).ok_or_else(not_found)?;
        Ok(view(row, document))
    });
    Ok(Page { items: views.collect::<Result<_, Problem>>()?, next_page_token: page.next_page_token })
}

/// Who did what to a document.
pub async fn history<C: ConnectionTrait>(db: &C, caller: &Caller, setting_id: Uuid) -> Result<Vec<LogEntry>, Problem> {
    get(db, caller, setting_id).await?;
    workflow::history(db, setting_id).await
}

async fn document_of<C: ConnectionTrait>(db: &C, setting_id: Uuid) -> Result<Document, Problem> {
    workflow::document(db, DOCUMENT, setting_id).await?.ok_or_else(not_found)
}

fn view(row: entity::change::Model, document: &Document) -> SettingChange {
    SettingChange {
        setting_id: row.setting_id,
        mof_div_code: row.mof_div_code,
        setting_key: row.setting_key,
        setting_value: row.setting_value,
        start_date: row.start_date,
        reason: row.reason,
        create_time: row.create_time,
        workflow: document.state(),
    }
}

fn not_found() -> Problem {
    Problem::not_found("参数单", "the setting")
}
