//! 直达资金 (direct funds): money of the higher level that must reach the units that use it within the days that its
//! division sets, thirty as shipped (BA-011).

use std::collections::BTreeMap;

use budget_execution_contract::DirectFund;
use chrono::{DateTime, Days, NaiveDate, Utc};
use common_types::ledger::Account;
use common_types::{DivisionCode, Money};
use sea_orm::ConnectionTrait;
use service_kit::{Caller, Page, PageQuery, Problem, clock::china_date};
use uuid::Uuid;
use workflow::BooksFilter;

use super::{entity, store};
use crate::{
    ledger::{self, PostError},
    setting,
};

/// Accepted direct funds within reach, each with what waits and the days that are left.
pub async fn list<C: ConnectionTrait>(
    db: &C,
    now: DateTime<Utc>,
    caller: &Caller,
    filter: &BooksFilter,
    page: &PageQuery,
) -> Result<Page<DirectFund>, Problem> {
    let paged = page.paged()?;
    let rows = store::direct_funds(db, caller, filter, &paged, paged.after_as()?).await?;
    let page = Page::of(rows, &paged, |row| row.bgt_id.to_string());
    let (mut items, mut known) = (Vec::with_capacity(page.items.len()), Terms::new());
    for row in page.items {
        let waiting_amt = waiting(db, row.bgt_id).await?;
        let days = days_of(db, &row, &mut known).await?;
        items.push(view(now, row, waiting_amt, days)?);
    }
    Ok(Page { items, next_page_token: page.next_page_token })
}

/// Days that a division gives to what it accepts on a day.
type Terms = BTreeMap<(DivisionCode, NaiveDate), Days>;

/// The days that an acceptance was given; a later setting does not move the day that it must meet.
async fn days_of<C: ConnectionTrait>(db: &C, row: &entity::Model, known: &mut Terms) -> Result<Days, Problem> {
    let accepted = (row.mof_div_code.clone(), china_date(row.create_time));
    if let Some(days) = known.get(&accepted) {
        return Ok(*days);
    }
    let settings = setting::on(db, &accepted.0, accepted.1).await?;
    let days = Days::new(settings.direct_fund_days.into());
    known.insert(accepted, days);
    Ok(days)
}

/// What stands on the indicator itself, and on its children before they are issued.
async fn waiting<C: ConnectionTrait>(db: &C, bgt_id: Uuid) -> Result<Money, Problem> {
    let children = store::children(db, vec![bgt_id]).await?;
    let keys = std::iter::once(bgt_id).chain(children.iter().map(|child| child.bgt_id)).collect();
    let balances: BTreeMap<Uuid, BTreeMap<Account, Money>> = ledger::balances_of_keys(db, keys).await?;
    let of_account = |account| balances.values().filter_map(move |of_key| of_key.get(&account).copied());
    let waiting = of_account(Account::UnallocatedIndicator).chain(of_account(Account::PendingIssue));
    Ok(Money::try_sum(waiting).ok_or(PostError::Overflow)?)
}

fn view(now: DateTime<Utc>, row: entity::Model, waiting_amt: Money, days: Days) -> Result<DirectFund, Problem> {
    let accept_date = china_date(row.create_time);
    let beyond = || Problem::internal(&"a day beyond the calendar");
    let due_date = accept_date.checked_add_days(days).ok_or_else(beyond)?;
    Ok(DirectFund {
        bgt_id: row.bgt_id,
        mof_div_code: row.mof_div_code,
        fiscal_year: row.fiscal_year,
        sup_bgt_doc_no: row.sup_bgt_doc_no,
        pro_code: row.pro_code,
        pro_name: row.pro_name,
        amount: row.amount,
        waiting_amt,
        accept_date,
        due_date,
        days_left: due_date.signed_duration_since(china_date(now)).num_days(),
    })
}
