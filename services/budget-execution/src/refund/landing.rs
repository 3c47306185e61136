//! Where refunded money goes. Within the year of its payment it is on the indicator that bears the payment (E20). After
//! it, the books of that year stay as they are: the money is carried over into the year in which it came (E30), or it is
//! the treasury's.

use chrono::{DateTime, Utc};
use common_types::{
    BgtTypeCode, FiscalYear, FoundTypeCode, SourceTypeCode,
    ledger::{Account, Template},
};
use sea_orm::DatabaseTransaction;
use service_kit::Problem;
use uuid::Uuid;

use super::entity::{Landing, Model};
use crate::{
    indicator::{self, Indicator},
    ledger::{self, Entry, Posting, Slot},
    payment::{
        self,
        posting::{self, amount},
    },
    voucher::{self, entity::Model as VoucherRow},
    year_end,
};

/// Where money goes that the bank sends back by itself: home while the books of its year are open.
pub async fn of_return(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    voucher: &VoucherRow,
) -> Result<(Landing, FiscalYear), Problem> {
    if year_end::is_closed(tx, &voucher.mof_div_code, voucher.fiscal_year).await? {
        return Ok((Landing::CarryOver, year_of(now, voucher)));
    }
    Ok((Landing::Indicator, voucher.fiscal_year))
}

/// The year in which the money comes back, when it is after that of the payment.
pub fn year_of(now: DateTime<Utc>, voucher: &VoucherRow) -> FiscalYear {
    let today = service_kit::clock::china_date(now);
    let mut year = voucher.fiscal_year;
    while today > year.last_day()
        && let Some(next) = year.next()
    {
        year = next;
    }
    year
}

/// Puts the money where it goes; gives the indicator that holds it.
pub async fn land(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    voucher: &VoucherRow,
    row: &Model,
) -> Result<Option<Uuid>, Problem> {
    match row.landing {
        Landing::Indicator => back_home(tx, now, voucher, row).await.map(Some),
        Landing::CarryOver => carry_over(tx, now, voucher, row).await.map(Some),
        Landing::Treasury => Ok(None),
    }
}

async fn back_home(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    voucher: &VoucherRow,
    row: &Model,
) -> Result<Uuid, Problem> {
    let bgt_id = voucher::model::charged_to(voucher)?.bgt_id;
    let application = payment::store::application(tx, voucher.pay_app_id).await?.ok_or_else(voucher::not_found)?;
    let entries = posting::refund(tx, &application, bgt_id, amount(row.ref_amt)?).await?;
    ledger::post(tx, now, &[posting_of(now, row, Template::E20, entries)]).await?;
    Ok(bgt_id)
}

async fn carry_over(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    voucher: &VoucherRow,
    row: &Model,
) -> Result<Uuid, Problem> {
    let paid_from = voucher::model::charged_to(voucher)?.bgt_id;
    let unknown = || Problem::internal(&"a paid voucher has no indicator");
    let given = indicator::find(tx, paid_from).await?.ok_or_else(unknown)?;
    let mut elements = given.elements.clone();
    elements.fiscal_year = row.fiscal_year;
    elements.bgt_type_code = BgtTypeCode::CarriedOver;
    let next = Indicator {
        bgt_id: Uuid::now_v7(),
        elements,
        amount: row.ref_amt,
        ori_bgt_id: Some(given.bgt_id),
        bgt_pman_id: None,
        adj_batch_no: None,
        source_type_code: SourceTypeCode::CarriedOver,
        found_type_code: Some(FoundTypeCode::CarriedOver),
        origin_id: row.ref_id,
        ..given
    };
    indicator::create(tx, now, &next).await?;
    let source = ledger::budget_slot(tx, Account::CarryOverSource, &next.elements).await?;
    let entry = Entry::new(Slot::new(Account::Executable, next.bgt_id), source, amount(row.ref_amt)?);
    ledger::post(tx, now, &[posting_of(now, row, Template::E30, vec![entry])]).await?;
    Ok(next.bgt_id)
}

fn posting_of(now: DateTime<Utc>, row: &Model, template: Template, entries: Vec<Entry>) -> Posting {
    Posting {
        event_id: row.ref_id,
        template,
        line: 1,
        mof_div_code: row.mof_div_code.clone(),
        fiscal_year: row.fiscal_year,
        vou_date: service_kit::clock::china_date(now).min(row.fiscal_year.last_day()),
        source_doc: format!("refunds/{}", row.ref_id),
        entries,
    }
}
