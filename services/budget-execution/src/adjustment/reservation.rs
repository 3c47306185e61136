//! Library money of adjustments (PM-010): asked for before the transaction of the last approval, given back after a
//! final document was made void.

use service_kit::{Caller, Problem};
use uuid::Uuid;
use workflow::{ActionRequest, Status};

use super::{document, not_found, pairs, require_available, require_not_frozen, store};
use crate::Execution;
use crate::ledger::PostError;
use crate::peers::{self, project_library::Reservation};

/// Takes library money for new indicators of other projects before the last approval (PM-010); nothing is approved
/// while the library does not answer.
pub async fn reserve(
    execution: &Execution,
    caller: &Caller,
    adj_id: Uuid,
    request: &ActionRequest,
) -> Result<(), Problem> {
    let db = execution.database.read();
    let (row, before) = document(db, adj_id).await?;
    if !caller.acts_in(&row.mof_div_code, row.agency_code.as_ref()) {
        return Err(not_found());
    }
    let is_stale = request.version.is_some_and(|version| version != before.version);
    let becomes_final = before.after(request.action, caller, &request.opinion)?.status == Status::Final;
    if is_stale || !becomes_final || before.status == Status::Final {
        return Ok(());
    }
    let lines = store::lines(db, vec![adj_id]).await?;
    let pairs = pairs(db, &row, &lines).await?;
    require_not_frozen(db, &pairs).await?;
    require_available(db, &pairs).await?;
    for (line, pair) in lines.iter().zip(&pairs) {
        if let Some(pro_code) = pair.reserves() {
            let reservation = Reservation {
                reservation_id: line.adj_sub_id,
                mof_div_code: row.mof_div_code.clone(),
                pro_code: pro_code.clone(),
                fiscal_year: row.fiscal_year,
                amt: line.add_amount,
            };
            peers::project_library::reserve(&execution.peers.project_library, &reservation).await?;
        }
    }
    Ok(())
}

/// Gives library money back after a final document was made void; a repeat gives back once.
pub async fn release(execution: &Execution, adj_id: Uuid) -> Result<(), Problem> {
    let db = execution.database.read();
    let (row, document) = document(db, adj_id).await?;
    if document.status != Status::Void {
        return Ok(());
    }
    let lines = store::lines(db, vec![adj_id]).await?;
    for (line, pair) in lines.iter().zip(pairs(db, &row, &lines).await?) {
        if let Some(pro_code) = pair.reserves() {
            let reservation = Reservation {
                reservation_id: Uuid::new_v5(&line.adj_sub_id, b"void"),
                mof_div_code: row.mof_div_code.clone(),
                pro_code: pro_code.clone(),
                fiscal_year: row.fiscal_year,
                amt: line.add_amount.checked_neg().ok_or(PostError::Overflow)?,
            };
            peers::project_library::reserve(&execution.peers.project_library, &reservation).await?;
        }
    }
    Ok(())
}
