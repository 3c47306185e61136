//! Kept reports of the verifier (校验报告): one for each division and day, never changed.

use budget_execution_contract::{KeptVerification, Verification, VerificationFilter};
use chrono::NaiveDate;
use common_types::DivisionCode;
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use service_kit::{Caller, Page, PageQuery, Problem};
use uuid::Uuid;

use super::VERIFIERS;

mod entity;
mod store;

/// Keeps the report of a division for a day.
pub async fn keep(
    tx: &DatabaseTransaction,
    division: &DivisionCode,
    day: NaiveDate,
    report: &Verification,
) -> Result<(), Problem> {
    let json = serde_json::to_value(report).map_err(|error| Problem::internal(&error))?;
    Ok(store::insert(tx, (division, day), report, json).await?)
}

/// Reports within the caller's reach: failing ones first, then the latest.
pub async fn list<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    filter: &VerificationFilter,
) -> Result<Page<KeptVerification>, Problem> {
    caller.require(VERIFIERS)?;
    let query = PageQuery { page_size: filter.page_size, page_token: filter.page_token.clone() };
    let paged = query.paged()?;
    let rows = store::page(db, caller, filter, paged.after_as::<Position>()?, &paged).await?;
    let page = Page::of(rows, &paged, |row| Position { ok: row.ok, verification_id: row.verification_id }.to_string());
    let items = page.items.into_iter().map(view).collect::<Result<_, _>>()?;
    Ok(Page { items, next_page_token: page.next_page_token })
}

/// One report within the caller's reach.
pub async fn get<C: ConnectionTrait>(db: &C, caller: &Caller, id: Uuid) -> Result<KeptVerification, Problem> {
    caller.require(VERIFIERS)?;
    let unknown = || Problem::not_found("校验报告", "the verification");
    let row = store::find(db, id).await?.ok_or_else(unknown)?;
    caller.require_readable(&row.mof_div_code, None, "校验报告", "the verification")?;
    view(row)
}

fn view(row: entity::Model) -> Result<KeptVerification, Problem> {
    let report = serde_json::from_value(row.report).map_err(|error| Problem::internal(&error))?;
    Ok(KeptVerification { mof_div_code: row.mof_div_code, day: row.day, report })
}

/// Where a page ended.
struct Position {
    ok: bool,
    verification_id: Uuid,
}

impl std::fmt::Display for Position {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}/{}", self.ok, self.verification_id)
    }
}

impl std::str::FromStr for Position {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (ok, id) = text.split_once('/').ok_or("no position")?;
        let ok = ok.parse().map_err(|_| "no position")?;
        Ok(Self { ok, verification_id: id.parse().map_err(|_| "no position")? })
    }
}
