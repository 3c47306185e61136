//! The life of a difference (差异单): somebody explains it, another person settles it.

use budget_execution_contract::{BankDifference, DifferenceAction, DifferenceActionRequest};
use chrono::{DateTime, Utc};
use common_types::Role;
use sea_orm::DatabaseTransaction;
use service_kit::{Caller, Problem};
use uuid::Uuid;

use crate::{
    RULES,
    receipt::{
        self,
        entity::{Handling, difference},
    },
};

const LONGEST_OPINION: usize = 300;

/// Explains or settles a difference.
pub async fn act(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    diff_id: Uuid,
    request: &DifferenceActionRequest,
) -> Result<BankDifference, Problem> {
    let row = receipt::store::ticket(tx, diff_id).await?.ok_or_else(not_found)?;
    caller.require_in(&[Role::M3], &row.mof_div_code, None)?;
    let opinion = request.opinion.trim();
    if opinion.is_empty() || opinion.chars().count() > LONGEST_OPINION {
        return Err(Problem::field("/opinion", "应为 1 至 300 字", "1 to 300 characters are needed"));
    }
    let is_done = match request.action {
        DifferenceAction::Explain => receipt::store::explain(tx, now, diff_id, caller, opinion).await?,
        DifferenceAction::Settle => receipt::store::settle(tx, now, diff_id, caller, opinion).await?,
    };
    if !is_done {
        return Err(refused(&row, request.action, caller));
    }
    Ok(view(receipt::store::ticket(tx, diff_id).await?.ok_or_else(not_found)?))
}

fn refused(row: &difference::Model, action: DifferenceAction, caller: &Caller) -> Problem {
    let is_own = row.explained_person.as_ref() == Some(&caller.person);
    if action == DifferenceAction::Settle && row.diff_status == Handling::Explained && is_own {
        return RULES.refuse(
            "CLR-104",
            "差异须由说明人以外的人员核销",
            "another person than who explained the difference must settle it",
        );
    }
    Problem::conflict(
        format!("差异单的状态为 {:?}，不能进行此操作", row.diff_status),
        format!("the difference is {:?}, this is not possible", row.diff_status),
    )
}

fn not_found() -> Problem {
    Problem::not_found("差异单", "the difference")
}

/// The difference as callers see it.
pub fn view(row: difference::Model) -> BankDifference {
    BankDifference {
        diff_id: row.diff_id,
        kind: row.kind.into(),
        mof_div_code: row.mof_div_code,
        day: row.day,
        pay_cert_no: row.pay_cert_no,
        ours: row.ours,
        theirs: row.theirs,
        diff_status: row.diff_status.into(),
        explained_by: row.explained_by,
        explanation: row.explanation,
        settled_by: row.settled_by,
        opinion: row.opinion,
    }
}
