//! What is asked of base data once more when an application is approved: a payer's account that was stopped, or a payee
//! that was blacklisted since the submission, lets nothing pass (PAY-005, PAY-006).

use std::collections::BTreeMap;

use service_kit::{Caller, Problem};
use uuid::Uuid;
use workflow::Action;

use super::{rules, sight, store, submission::TOGETHER};
use crate::Execution;

/// Those of these applications that may not be approved any more, of what the caller acts on; none when that is not asked.
pub async fn refused(
    execution: &Execution,
    caller: &Caller,
    action: Action,
    ids: &[Uuid],
) -> Result<BTreeMap<Uuid, Problem>, Problem> {
    let mut refused = BTreeMap::new();
    if action != Action::Approve {
        return Ok(refused);
    }
    for some in ids.chunks(TOGETHER) {
        refused.extend(refused_of(execution, caller, some).await?);
    }
    Ok(refused)
}

async fn refused_of(execution: &Execution, caller: &Caller, ids: &[Uuid]) -> Result<BTreeMap<Uuid, Problem>, Problem> {
    let db = execution.database.look().await?;
    let mut rows = store::applications(&db, ids).await?;
    rows.retain(|_, row| caller.acts_in(&row.mof_div_code, Some(&row.agency_code)));
    let details = store::details_of(&db, &Vec::from_iter(rows.keys().copied())).await?;
    drop(db);
    let told = sight::parties(execution, &rows, &details).await?;
    let refusal = |told: Result<_, Problem>| match told {
        Ok(parties) => rules::since_submission(&parties).map(rules::refusal),
        Err(problem) => Some(problem),
    };
    Ok(told.into_iter().filter_map(|(id, parties)| Some((id, refusal(parties)?))).collect())
}
