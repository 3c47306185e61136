//! 入账 (bookings): the unit's accountant has booked the receipt of a voucher. Units that leave receipts unbooked are
//! reminded when they enter the next payment (PAY-014).

use budget_execution_contract::Booking;
use chrono::{DateTime, Days, NaiveDate, Utc};
use common_types::{AgencyCode, DivisionCode, Role};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr};
use service_kit::{Caller, Problem, clock::china_date};
use uuid::Uuid;

use crate::voucher::{self, model::SPENT};

pub mod http;
mod store;

/// Books the receipt of a paid voucher, once.
pub async fn book(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    pay_cert_id: Uuid,
) -> Result<Booking, Problem> {
    let voucher = voucher::store::voucher(tx, pay_cert_id).await?.ok_or_else(voucher::not_found)?;
    caller.require_in(&[Role::U3], &voucher.mof_div_code, Some(&voucher.agency_code))?;
    if !SPENT.contains(&voucher.voucher_status) {
        return Err(voucher::model::not_possible(&voucher));
    }
    let row = store::Model {
        mof_div_code: voucher.mof_div_code,
        pay_cert_id,
        pay_cert_no: voucher.pay_cert_no,
        agency_code: voucher.agency_code,
        book_date: china_date(now),
        booked_by: caller.subject.clone(),
    };
    if !store::insert(tx, row.clone()).await? {
        return Err(Problem::conflict("回单已入账", "the receipt was booked before"));
    }
    Ok(Booking {
        pay_cert_id: row.pay_cert_id,
        pay_cert_no: row.pay_cert_no,
        mof_div_code: row.mof_div_code,
        agency_code: row.agency_code,
        book_date: row.book_date,
        booked_by: row.booked_by,
    })
}

/// The day of the oldest receipt of a unit that is not booked after so many days; 0 asks for none.
pub async fn unbooked_since<C: ConnectionTrait>(
    db: &C,
    (division, agency): (&DivisionCode, &AgencyCode),
    today: NaiveDate,
    days: u32,
) -> Result<Option<NaiveDate>, DbErr> {
    match today.checked_sub_days(Days::new(u64::from(days))) {
        Some(before) if days > 0 => store::unbooked_since(db, division, agency, before).await,
        _ => Ok(None),
    }
}
