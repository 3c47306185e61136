//! Vouchers that the platform makes itself: one per fact, posted at once (ACC-005). The books are held first, so that
//! numbers have no gaps and a fact that comes twice finds its voucher.

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use final_accounts_contract::VoucherLine;
use sea_orm::DatabaseTransaction;
use service_kit::{Caller, Problem};
use uuid::Uuid;

use super::{
    entity::{Source, Standing, head},
    model::{self, ADJUST_PERIOD, Totals},
    store,
};
use crate::{
    NAME, RULES,
    period::{self, Unit, entity::Model as Books},
};

const LONGEST_ABSTRACT: usize = 300;
const YEAR_END: &str = "年终结转";

/// Something that happened and is to be accounted for once.
pub struct Fact {
    pub unit: Unit,
    pub source: Source,
    pub source_id: String,
    pub pay_cert_no: String,
    pub date: NaiveDate,
    pub voucher_abs: String,
    pub lines: Vec<VoucherLine>,
}

/// Makes and posts the voucher of a fact; the same fact again changes nothing, other content is refused (ACC-005).
pub async fn post(tx: &DatabaseTransaction, now: DateTime<Utc>, fact: Fact) -> Result<(), Problem> {
    let totals = model::balanced(&fact.lines)?;
    let books = period::store::locked(tx, &fact.unit).await?;
    let present = store::by_source(tx, &fact.unit.mof_div_code, fact.source, &fact.source_id).await?;
    if let Some(present) = present {
        return require_same(&present, &totals, &fact);
    }
    let period = books.open_from(wanted_period(&fact.unit, fact.date))?;
    let red_of = match fact.source {
        Source::CorrectionRed => {
            store::by_source(tx, &fact.unit.mof_div_code, Source::Payment, &fact.pay_cert_no).await?
        }
        _ => None,
    };
    let row = head::Model {
        voucher_no: Some(next_number(&books)),
        acct_period: period,
        is_adjust_period: period == ADJUST_PERIOD,
        pay_cert_no: Some(fact.pay_cert_no),
        red_flag: fact.source == Source::CorrectionRed,
        red_vou_id: red_of.as_ref().map(|voucher| voucher.vou_id),
        red_vou_no: red_of.and_then(|voucher| voucher.voucher_no),
        ..posted(now, &fact.unit, fact.source, fact.source_id, &totals, fact.date, &fact.voucher_abs)
    };
    period::store::take_number(tx, &fact.unit).await?;
    store::insert(tx, &row, &fact.lines).await?;
    Ok(())
}

/// Makes and posts the voucher of the year end, in books that are held.
pub async fn carry_over(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    unit: &Unit,
    books: &Books,
    lines: Vec<VoucherLine>,
) -> Result<(), Problem> {
    let totals = model::balanced(&lines)?;
    let date = unit.fiscal_year.last_day();
    let row = head::Model {
        voucher_no: Some(next_number(books)),
        acct_period: ADJUST_PERIOD,
        is_adjust_period: true,
        is_carry_over: true,
        inputer: caller.subject.clone(),
        ..posted(now, unit, Source::YearEnd, year_end_id(unit), &totals, date, YEAR_END)
    };
    period::store::take_number(tx, unit).await?;
    store::insert(tx, &row, &lines).await?;
    Ok(())
}

/// Under what the voucher of the year end is kept.
pub fn year_end_id(unit: &Unit) -> String {
    format!("{}-{}", unit.agency_code, unit.fiscal_year)
}

/// The number that the next posted voucher takes.
pub fn next_number(books: &Books) -> String {
    format!("{}-{:06}", books.fiscal_year, books.last_vou_no.saturating_add(1))
}

fn posted(
    now: DateTime<Utc>,
    unit: &Unit,
    source: Source,
    source_id: String,
    totals: &Totals,
    date: NaiveDate,
    voucher_abs: &str,
) -> head::Model {
    head::Model {
        mof_div_code: unit.mof_div_code.clone(),
        vou_id: Uuid::now_v7(),
        fiscal_year: unit.fiscal_year,
        agency_code: unit.agency_code.clone(),
        acct_period: 0,
        voucher_no: None,
        voucher_abs: voucher_abs.chars().take(LONGEST_ABSTRACT).collect(),
        voucher_date: date,
        vou_cnt: 0,
        vou_status: Standing::Posted,
        source,
        source_id,
        pay_cert_no: None,
        inputer: NAME.to_owned(),
        poster: Some(NAME.to_owned()),
        red_flag: false,
        red_vou_id: None,
        red_vou_no: None,
        is_reversed: false,
        is_adjust_period: false,
        is_carry_over: false,
        dr_amt: totals.dr_amt,
        cr_amt: totals.cr_amt,
        dr_ys_amt: totals.dr_ys_amt,
        cr_ys_amt: totals.cr_ys_amt,
        post_time: Some(now),
        create_time: now,
    }
}

/// The month of the fact; what happened after the year belongs to its adjustment period (T5).
fn wanted_period(unit: &Unit, date: NaiveDate) -> i32 {
    let year = i32::from(unit.fiscal_year.get());
    match date.year().cmp(&year) {
        std::cmp::Ordering::Less => 1,
        std::cmp::Ordering::Equal => model::month(date),
        std::cmp::Ordering::Greater => ADJUST_PERIOD,
    }
}

fn require_same(present: &head::Model, totals: &Totals, fact: &Fact) -> Result<(), Problem> {
    let is_same = present.agency_code == fact.unit.agency_code
        && present.dr_amt == totals.dr_amt
        && present.dr_ys_amt == totals.dr_ys_amt;
    if is_same {
        return Ok(());
    }
    let (no, id) = (present.voucher_no.as_deref().unwrap_or_default(), &fact.source_id);
    Err(RULES.refuse(
        "ACC-005",
        format!("{id} 已生成凭证 {no}，金额或单位不同"),
        format!("{id} already made voucher {no} with another amount or unit"),
    ))
}
