//! 参数设置 (settings): whitelists, thresholds and switches by division, as dated data. A value is proposed by one person,
//! approved by another, in force from a day after that, and replaced by a later one; it is never edited.

use budget_execution_contract::{SettingChange, SettingDraft, SettingFilter, SettingInForce};
use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use common_types::{DivisionCode, FiscalYear, Money, Role};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use service_kit::{Caller, Problem, clock::china_date, http::Paged};
use uuid::Uuid;
use workflow::{Document, Heading, Noun, Transition, Work};

use crate::{CHAINS, Execution, RULES};

mod entity;
pub mod http;
mod model;
mod shelf;
mod store;

use entity::{change::Model, value};
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

/// 参数单: a proposed value.
pub struct SettingChanges;

impl Noun for SettingChanges {
    type Service = Execution;
    type Draft = SettingDraft;
    type Known = ();
    type Row = Model;
    type View = SettingChange;
    type Filter = SettingFilter;

    const COLLECTION: &'static str = "setting-changes";
    const ID: &'static str = "setting_id";
    const NAME: [&'static str; 2] = ["参数单", "the setting"];

    async fn check(work: Work<'_>, setting_id: Uuid, draft: SettingDraft, (): ()) -> Result<Model, Problem> {
        let row = checked(work, setting_id, draft)?;
        // The day may move into another year; the document stays in that of its first draft.
        let earlier = store::find(work.tx, setting_id).await?;
        let fiscal_year = earlier.map_or(row.fiscal_year, |earlier| earlier.fiscal_year);
        Ok(Model { fiscal_year, ..row })
    }

    fn heading(row: &Model) -> Heading {
        Heading {
            document_type: DOCUMENT,
            mof_div_code: row.mof_div_code.clone(),
            fiscal_year: row.fiscal_year,
            agency_code: None,
            chain: CHAINS.resolve(DOCUMENT, &row.mof_div_code, Money::ZERO),
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

    async fn find<C: ConnectionTrait>(db: &C, setting_id: Uuid) -> Result<Option<Model>, Problem> {
        Ok(store::find(db, setting_id).await?)
    }

    async fn page<C: ConnectionTrait>(
        db: &C,
        caller: &Caller,
        filter: &SettingFilter,
        paged: &Paged,
    ) -> Result<Vec<Model>, Problem> {
        Ok(store::page(db, caller, filter, paged.after_as()?, paged).await?)
    }

    fn id(row: &Model) -> Uuid {
        row.setting_id
    }

    fn view(row: Model, document: &Document) -> Result<SettingChange, Problem> {
        Ok(view(row, document))
    }

    /// The last approval puts the value in force. It ends by a later value, not by voiding.
    async fn effect(work: Work<'_>, row: Model, transition: &Transition) -> Result<Model, Problem> {
        if transition.became_void() {
            return Err(Problem::conflict("参数请以新值替换", "a setting ends by a later one"));
        }
        if transition.became_final() {
            put_in_force(work.tx, work.now, &row, &transition.after).await?;
        }
        Ok(row)
    }
}

fn checked(work: Work<'_>, setting_id: Uuid, draft: SettingDraft) -> Result<Model, Problem> {
    let Work { now, caller, .. } = work;
    caller.require_in(&MAKERS, &draft.mof_div_code, None)?;
    model::require_value(&draft.setting_key, &draft.setting_value)?;
    model::require_later(draft.start_date, china_date(now))?;
    let length = draft.reason.trim().chars().count();
    if length == 0 || length > LONGEST_REASON {
        let zh = format!("请说明依据，不超过 {LONGEST_REASON} 字");
        let en = format!("a reason of at most {LONGEST_REASON} characters is needed");
        return Err(Problem::field("/reason", zh, en));
    }
    let fiscal_year = FiscalYear::try_from(draft.start_date.year())
        .map_err(|error| Problem::field("/start_date", error.to_string(), error.to_string()))?;
    Ok(Model {
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

async fn put_in_force(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    row: &Model,
    document: &Document,
) -> Result<(), Problem> {
    model::require_later(row.start_date, china_date(now))?;
    let value = value::Model {
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

fn view(row: Model, document: &Document) -> SettingChange {
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
