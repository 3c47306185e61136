//! The documents against the ledger (§1.8, nightly checks): what applications, vouchers and indicators say must be what
//! the accounts hold. Checked by unit, so that payments from contracts and corrections between indicators count alike.

use std::collections::{BTreeMap, BTreeSet};

use budget_execution_contract::{Difference, InvariantCheck, VerificationRequest};
use common_types::{Money, ledger::Account};
use sea_orm::{ConnectionTrait, DbErr};
use service_kit::Caller;

use super::model::{Books, check};
use crate::allocation::entity::Standing;

pub(super) mod store;

use store::ByUnit;

/// The checks of documents within reach; books that are closed hold nothing any more and are passed over.
pub async fn checks<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    request: &VerificationRequest,
    closed: &BTreeSet<Books>,
) -> Result<Vec<InvariantCheck>, DbErr> {
    let open = |sums: Vec<ByUnit>| -> Vec<ByUnit> {
        sums.into_iter().filter(|sum| !closed.contains(&(sum.mof_div_code.clone(), sum.fiscal_year))).collect()
    };
    let in_payment = open(store::on_accounts(db, caller, request, &[Account::InPayment]).await?);
    let mut under_way = open(store::under_way(db, caller, request).await?);
    under_way.extend(open(store::allocations(db, caller, request, Standing::Reserved).await?));
    let (vouchers, unlike) = store::unlike_their_applications(db, caller, request).await?;
    let (indicators, rootless) = store::without_origin(db, caller, request).await?;
    let (applications, adrift) = store::adrift(db, caller, request).await?;
    Ok(vec![
        check(
            13,
            "支付占用等于在办申请",
            "what is in payment equals the applications under way",
            count(under_way.len()),
            differing(in_payment, under_way),
        ),
        check(14, "凭证与申请一致", "a voucher is as its application, and alone", vouchers, unlike),
        check(15, "指标层级完整", "every indicator has its origin", indicators, rootless),
        check(16, "没有悬空占用", "only applications under way keep money reserved", applications, adrift),
    ])
}

fn count(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

/// Units for which the ledger and the documents say different amounts.
fn differing(ledger: Vec<ByUnit>, documents: Vec<ByUnit>) -> Vec<Difference> {
    let mut sums = BTreeMap::<String, (i64, i64)>::new();
    for sum in ledger {
        let (ours, _) = sums.entry(sum.subject()).or_default();
        *ours = ours.saturating_add(sum.amt);
    }
    for sum in documents {
        let (_, theirs) = sums.entry(sum.subject()).or_default();
        *theirs = theirs.saturating_add(sum.amt);
    }
    let unlike = sums.into_iter().filter(|(_, (ours, theirs))| ours != theirs);
    unlike
        .map(|(subject, (ours, theirs))| Difference {
            subject,
            expected: Money::from_fen(theirs),
            actual: Money::from_fen(ours),
        })
        .collect()
}
