//! What a submission takes beside its money on the indicator: the salary of a person and month, a collection notice, an
//! amount of the unit's own account. Taken with the reservation, given back when the application comes back, kept when it
//! is paid; of a payroll that the bank paid in part, the persons it did not pay are given back.

use std::collections::BTreeSet;

use budget_execution_contract::PaymentDraft;
use common_types::{AccountNo, DivisionCode, Money, PayBusTypeCode};
use sea_orm::DatabaseTransaction;
use service_kit::Problem;
use uuid::Uuid;

use super::{
    entity::{Variant, application},
    rules,
    store::claim as store,
};
use crate::{RULES, unit_fund};

/// Salaries by month, item and person (PAY-021).
pub const SALARY: &str = "salary";
/// Collection notices by number.
pub const COLLECTION: &str = "collection";

/// Takes what the application claims, or refuses because another one has it.
pub async fn take(tx: &DatabaseTransaction, row: &application::Model, content: &PaymentDraft) -> Result<(), Problem> {
    if row.pay_variant == Variant::UnitFunds {
        unit_fund::reserve(tx, account(row), row.pay_app_amt).await?;
    }
    let (kind, keys) = claimed(content);
    if keys.is_empty() {
        return Ok(());
    }
    let wanted = u64::try_from(keys.len()).unwrap_or(u64::MAX);
    if store::insert(tx, row, kind, keys).await? == wanted {
        return Ok(());
    }
    Err(if kind == SALARY {
        let (zh, en) = ("有人员本月此项工资已发放或在途", "a salary of the month is paid or on its way");
        RULES.refuse("PAY-021", zh, en).at("/details", zh, en)
    } else {
        let (zh, en) = ("该托收通知已办理或已撤销", "the notice is answered or withdrawn");
        RULES.refuse("PAY-111", zh, en).at("/entpay_app_no", zh, en)
    })
}

/// Whether the application claims anything.
pub fn is_claiming(row: &application::Model) -> bool {
    row.pay_variant == Variant::UnitFunds
        || matches!(row.pay_bus_type_code, PayBusTypeCode::Salary | PayBusTypeCode::Collection)
}

/// The account of the unit paid so much of what was reserved on it.
pub async fn spend(tx: &DatabaseTransaction, row: &application::Model, paid: Money) -> Result<(), Problem> {
    if row.pay_variant == Variant::UnitFunds {
        unit_fund::end(tx, account(row), (row.pay_app_amt, paid)).await?;
    }
    Ok(())
}

/// What came back of a payment from a unit's account is on that account again.
pub async fn take_back(tx: &DatabaseTransaction, row: &application::Model, refunded: Money) -> Result<(), Problem> {
    if row.pay_variant == Variant::UnitFunds {
        unit_fund::take_back(tx, account(row), refunded).await?;
    }
    Ok(())
}

fn account(row: &application::Model) -> (&DivisionCode, &AccountNo) {
    (&row.mof_div_code, &row.pay_acct_no)
}

/// Gives back what the application claimed.
pub async fn give_back(tx: &DatabaseTransaction, row: &application::Model) -> Result<(), Problem> {
    if row.pay_variant == Variant::UnitFunds {
        unit_fund::end(tx, account(row), (row.pay_app_amt, Money::ZERO)).await?;
    }
    if matches!(row.pay_bus_type_code, PayBusTypeCode::Salary | PayBusTypeCode::Collection) {
        store::delete(tx, row).await?;
    }
    Ok(())
}

/// Gives back the month of the persons of a payroll whom the bank did not pay; another payroll may pay them.
pub async fn give_back_unpaid(
    tx: &DatabaseTransaction,
    row: &application::Model,
    unpaid: &BTreeSet<Uuid>,
) -> Result<(), Problem> {
    if row.pay_bus_type_code != PayBusTypeCode::Salary || unpaid.is_empty() {
        return Ok(());
    }
    let details = super::store::detail_rows(tx, row.pay_app_id).await?;
    let persons = details.iter().filter(|detail| unpaid.contains(&detail.pay_detail_id));
    let persons = persons.filter_map(|detail| detail.receiver_code.as_deref());
    let key = |person| rules::salary_key(row.pay_month.as_deref(), &row.dep_bgt_eco_code, person);
    Ok(store::delete_keys(tx, row, SALARY, &persons.map(key).collect::<Vec<_>>()).await?)
}

fn claimed(content: &PaymentDraft) -> (&'static str, Vec<String>) {
    match content.pay_bus_type_code {
        PayBusTypeCode::Salary => {
            let persons = content.details.iter().filter_map(|detail| detail.receiver_code.as_deref());
            (SALARY, persons.map(|person| rules::month_key(content, person)).collect())
        }
        PayBusTypeCode::Collection => (COLLECTION, content.entpay_app_no.iter().cloned().collect()),
        _ => (COLLECTION, Vec::new()),
    }
}
