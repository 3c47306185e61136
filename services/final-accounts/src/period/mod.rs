//! Accounting periods and the year end of a unit's books (会计期间、年终结转). Closing never undoes itself; what comes
//! late goes to the next open period.

use common_types::{AgencyCode, DivisionCode, FiscalYear, Role};
use chrono::{DateTime, Utc};
use final_accounts_contract::{Books, PeriodClosing, YearEndClosed, YearEndClosing};
use sea_orm::DatabaseTransaction;
use service_kit::{Caller, Problem};

use crate::{
    RULES,
    voucher::{self, model::ADJUST_PERIOD},
};

pub mod closing;
pub mod entity;
pub mod http;
pub mod store;

use entity::Model;

/// Whose books, of which year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub agency_code: AgencyCode,
}

impl Unit {
    fn new_books(&self) -> Model {
        Model {
            mof_div_code: self.mof_div_code.clone(),
            fiscal_year: self.fiscal_year,
            agency_code: self.agency_code.clone(),
            closed_period: 0,
            is_year_closed: false,
            last_vou_no: 0,
        }
    }
}

impl Model {
    /// 409 unless the period is open (ACC-002).
    pub fn require_open(&self, period: i32) -> Result<(), Problem> {
        if self.is_year_closed || period <= self.closed_period { Err(self.closed(period)) } else { Ok(()) }
    }

    /// The period itself, or the next open one for what comes late.
    pub fn open_from(&self, period: i32) -> Result<i32, Problem> {
        let open = period.max(self.closed_period.saturating_add(1));
        if self.is_year_closed || open > ADJUST_PERIOD { Err(self.closed(period)) } else { Ok(open) }
    }

    fn closed(&self, period: i32) -> Problem {
        let (agency, year) = (&self.agency_code, self.fiscal_year);
        RULES
            .refuse(
                "ACC-002",
                format!("单位 {agency} {year} 年第 {period} 期已结账"),
                format!("period {period} of {year} is closed for unit {agency}"),
            )
            .with("closed_period", self.closed_period)
            .with("is_year_closed", self.is_year_closed)
    }

    fn view(&self) -> Books {
        Books {
            mof_div_code: self.mof_div_code.clone(),
            fiscal_year: self.fiscal_year,
            agency_code: self.agency_code.clone(),
            closed_period: self.closed_period,
            is_year_closed: self.is_year_closed,
        }
    }
}

/// Closes a period and all before it; closing again changes nothing (结账).
pub async fn close(tx: &DatabaseTransaction, caller: &Caller, closing: PeriodClosing) -> Result<Books, Problem> {
    let PeriodClosing { mof_div_code, fiscal_year, agency_code, period } = closing;
    caller.require_in(&[Role::U3], &mof_div_code, Some(&agency_code))?;
    if !(1..=ADJUST_PERIOD).contains(&period) {
        return Err(Problem::field("/period", "期间为 1 至 13", "a period is 1 to 13"));
    }
    let unit = Unit { mof_div_code, fiscal_year, agency_code };
    let mut books = store::locked(tx, &unit).await?;
    if books.closed_period < period {
        store::close_period(tx, &unit, period).await?;
        books.closed_period = period;
    }
    Ok(books.view())
}

/// Carries the year's income and expenses to the balances and closes the books, once (年终结转).
pub async fn close_year(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    closing: YearEndClosing,
) -> Result<YearEndClosed, Problem> {
    let YearEndClosing { mof_div_code, fiscal_year, agency_code } = closing;
    caller.require_in(&[Role::U3], &mof_div_code, Some(&agency_code))?;
    let unit = Unit { mof_div_code, fiscal_year, agency_code };
    let mut books = store::locked(tx, &unit).await?;
    if !books.is_year_closed {
        let balances = voucher::store::balances(tx, &unit).await?;
        let lines = closing::lines(balances)?;
        if !lines.is_empty() {
            voucher::posting::carry_over(tx, now, caller, &unit, &books, lines).await?;
        }
        store::close_period(tx, &unit, ADJUST_PERIOD).await?;
        store::close_year(tx, &unit).await?;
        (books.closed_period, books.is_year_closed) = (ADJUST_PERIOD, true);
    }
    let voucher = voucher::carried_over(tx, &unit).await?;
    Ok(YearEndClosed { books: books.view(), voucher })
}
