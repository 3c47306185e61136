//! The check of vouchers (验签): every stamped voucher is what was signed. Read in pages, however many there are.

use budget_execution_contract::{Difference, InvariantCheck, VerificationRequest};
use sea_orm::ConnectionTrait;
use service_kit::{Caller, Problem};
use uuid::Uuid;

use crate::voucher::signature;

const NUMBER: i32 = 11;
const PAGE: u64 = 500;
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
        invariant: NUMBER,
        name_zh: "凭证内容与签章一致".to_owned(),
        name_en: "vouchers are what was signed".to_owned(),
        ok: differences.is_empty(),
        checked,
        differences,
    })
}
