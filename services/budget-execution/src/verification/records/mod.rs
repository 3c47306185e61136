//! Records in themselves (§1.8, nightly checks): sums are those of their lines, a code is given once.

use budget_execution_contract::{InvariantCheck, VerificationRequest};
use sea_orm::{ConnectionTrait, DbErr};
use service_kit::Caller;

use super::model::check;

mod store;

const SUMMARIES: i32 = 17;
const CODES: i32 = 18;

/// The checks of records within reach.
pub async fn checks<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    request: &VerificationRequest,
) -> Result<Vec<InvariantCheck>, DbErr> {
    let (mut checked, mut differing) = (0_u64, Vec::new());
    for (records, differences) in [
        store::batches(db, caller, request).await?,
        store::clearings(db, caller, request).await?,
        store::notices(db, caller, request).await?,
        store::adjustments(db, caller, request).await?,
    ] {
        checked = checked.saturating_add(records);
        differing.extend(differences);
    }
    let (codes, repeated) = store::repeated(db, caller, request).await?;
    let (zh, en) = ("汇总数等于明细合计", "what is summed up is the sum of its lines");
    Ok(vec![
        check(SUMMARIES, zh, en, number(checked), differing),
        check(CODES, "编号唯一", "a number is given once", number(codes), repeated),
    ])
}

fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
