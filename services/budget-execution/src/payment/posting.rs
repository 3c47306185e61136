//! The postings of a payment's life (E16, E17, E18): reserve, then settle or release, exactly once. All three carry the
//! reservation's id, so that the ledger itself refuses a second end of the same reservation.

use chrono::NaiveDate;
use common_types::{
    Amount, Money,
    ledger::{Account, Template},
};
use service_kit::Problem;
use uuid::Uuid;

use super::entity::application;
use crate::ledger::{Entry, Posting, Slot};

/// What happens to reserved money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Movement {
    /// 支付申请占用, E16
    Reserve,
    /// 退回、作废、银行拒付, E17
    Release,
    /// 支付成功, E18
    Settle,
}

/// The posting of this movement of all or, where the bank paid only some payees of a batch, part of the reservation.
pub fn posting(
    row: &application::Model,
    reservation_id: Uuid,
    (movement, moved): (Movement, Money),
    today: NaiveDate,
) -> Result<Posting, Problem> {
    let (template, debit, credit) = match movement {
        Movement::Reserve => (Template::E16, Account::InPayment, Account::Executable),
        Movement::Release => (Template::E17, Account::Executable, Account::InPayment),
        Movement::Settle => (Template::E18, Account::Paid, Account::InPayment),
    };
    let slot = |account| Slot::new(account, row.bgt_id);
    Ok(Posting {
        event_id: reservation_id,
        template,
        line: 1,
        mof_div_code: row.mof_div_code.clone(),
        fiscal_year: row.fiscal_year,
        vou_date: today.min(row.fiscal_year.last_day()),
        source_doc: format!("payments/{}", row.pay_app_id),
        entries: vec![Entry::new(slot(debit), slot(credit), amount(moved)?)],
    })
}

/// An amount that a CHECK keeps above zero.
pub fn amount(money: Money) -> Result<Amount, Problem> {
    Amount::try_from(money).map_err(|error| Problem::internal(&error))
}
