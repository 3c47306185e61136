//! The check of vouchers (验签): every stamped voucher is what was signed. Read in pages, however many there are.

use std::collections::BTreeMap;

use budget_execution_contract::{Difference, InvariantCheck, VerificationRequest};
use common_types::{Money, ledger::Account};
use sea_orm::ConnectionTrait;
use service_kit::{Caller, Problem};
use uuid::Uuid;

use super::documents::store::allocations;
use super::model::{Books, Figures};
use crate::allocation::entity::Standing;
use crate::voucher::signature;

const SIGNED: i32 = 11;
const SPENT: i32 = 12;
const PAGE: u64 = 500;
/// Where money is that a bank paid: centrally, by direct allocation, from unit funds.
const PAID: [Account; 3] = [Account::Paid, Account::Allocated, Account::UnitFundsSpent];
/// How many differences a report shows.
const SHOWN: usize = 20;

/// Checks content and stamps of all stamped vouchers within reach.
pub async fn signed<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    request: &VerificationRequest,
) -> Result<InvariantCheck, Problem> {
    let (mut checked, mut differences, mut after) = (0_i64, Vec::new(), None::<Uuid>);
    loop {
        let rows = super::store::stamped_vouchers(db, caller, request, after, PAGE).await?;
        let Some(last) = rows.last().map(|row| row.pay_cert_id) else { break };
        checked = checked.saturating_add(i64::try_from(rows.len()).unwrap_or(i64::MAX));
        for row in signature::changed_of(db, rows).await? {
            let subject = format!("{} {}", row.mof_div_code, row.pay_cert_no);
            differences.push(Difference { subject, expected: row.pay_amt, actual: row.pay_amt });
        }
        after = Some(last);
    }
    differences.truncate(SHOWN);
    Ok(InvariantCheck {
        invariant: SIGNED,
        name_zh: "凭证内容与签章一致".to_owned(),
        name_en: "vouchers are what was signed".to_owned(),
        ok: differences.is_empty(),
        checked,
        differences,
    })
}

/// CLR-003: what the ledger says was paid is what vouchers and direct allocations paid, less what came back, whoever cleared it when.
pub async fn spent<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    request: &VerificationRequest,
    figures: &Figures,
) -> Result<InvariantCheck, Problem> {
    let mut said = BTreeMap::<Books, Money>::new();
    for (books, paid) in super::store::paid_by_vouchers(db, caller, request).await? {
        said.insert(books, paid);
    }
    for (books, refunded) in super::store::refunded_to_indicators(db, caller, request).await? {
        let paid = said.entry(books).or_default();
        *paid = paid.checked_sub(refunded).unwrap_or_default();
    }
    for sum in allocations(db, caller, request, Standing::Allocated).await? {
        let paid = said.entry((sum.mof_div_code, sum.fiscal_year)).or_default();
        *paid = paid.checked_add(Money::from_fen(sum.amt)).unwrap_or(*paid);
    }
    let mut booked = BTreeMap::<Books, Money>::new();
    for row in figures.recomputed.iter().filter(|row| PAID.contains(&row.account)) {
        let sum = booked.entry(row.books.clone()).or_default();
        *sum = row.dr_amt.checked_sub(row.cr_amt).and_then(|paid| sum.checked_add(paid)).unwrap_or(*sum);
    }
    let all: std::collections::BTreeSet<&Books> = said.keys().chain(booked.keys()).collect();
    let open = all.into_iter().filter(|books| !figures.closed.contains(books));
    let (mut checked, mut differences) = (0_i64, Vec::new());
    for books in open {
        checked = checked.saturating_add(1);
        let [expected, actual] = [&booked, &said].map(|sums| sums.get(books).copied().unwrap_or_default());
        if expected != actual {
            differences.push(Difference { subject: format!("{} {}", books.0, books.1), expected, actual });
        }
    }
    differences.truncate(SHOWN);
    Ok(InvariantCheck {
        invariant: SPENT,
        name_zh: "指标支出等于凭证实付减退款".to_owned(),
        name_en: "what indicators spent is what vouchers paid less refunds".to_owned(),
        ok: differences.is_empty(),
        checked,
        differences,
    })
}
