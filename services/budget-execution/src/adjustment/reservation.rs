//! Library money of adjustments (AD-004, PM-010). It is written down before the library is asked and asked for before
//! the transaction of the last approval; that transaction keeps it. Whatever was not kept is given back: after a
//! refusal, a failure, or the voiding of a final document. Both ways the same twice is once.

use service_kit::Problem;
use uuid::Uuid;
use workflow::{Status, Work};

use super::coming::Coming;
use super::entity::reservation::{Model, Stage};
use super::{checks, document, pairs, store};
use crate::ledger::PostError;
use crate::peers::{self, project_library::Reservation};
use crate::{Execution, RULES};

/// Takes library money for what goes to another project; nothing is approved while the library does not answer.
pub async fn reserve(execution: &Execution, Coming { row, lines, .. }: &Coming) -> Result<(), Problem> {
    let (db, adj_id) = (execution.database.read(), row.adj_id);
    let pairs = pairs(db, row, lines).await?;
    checks::require_not_frozen(db, &pairs).await?;
    checks::require_available(db, &pairs).await?;
    finish_returns(execution, row).await?;
    for pair in &pairs {
        let (Some(pro_code), Some(line)) = (pair.reserves(), lines.get(pair.index)) else { continue };
        let asked = Model {
            mof_div_code: row.mof_div_code.clone(),
            adj_sub_id: line.adj_sub_id,
            adj_id,
            reservation_id: Uuid::now_v7(),
            pro_code: pro_code.clone(),
            amt: pair.amount.money(),
            stage: Stage::Asked,
        };
        let tx = execution.database.begin_write().await?;
        let asked = store::ask(&tx, asked).await?;
        tx.commit().await?;
        let taken = peers::project_library::reserve(&execution.peers.project_library, &reservation(row, &asked)).await;
        if let Err(error) = taken {
            let refused = Problem::from(error);
            if let Err(later) = release(execution, adj_id).await {
                tracing::warn!(%later, %adj_id, "library money waits to be given back");
            }
            return Err(refused);
        }
    }
    Ok(())
}

/// In the transaction that moves the money: what was taken stays. 409 when it was given back meanwhile.
pub async fn keep(work: Work<'_>, adj_id: Uuid, needed: usize) -> Result<(), Problem> {
    if work.is_dry_run {
        return Ok(());
    }
    let mut kept = 0_usize;
    for row in store::reservations(work.tx, adj_id).await? {
        if store::move_on(work.tx, &row, Stage::Asked, Stage::Kept).await? {
            kept = kept.saturating_add(1);
        }
    }
    if kept == needed {
        return Ok(());
    }
    Err(RULES.refuse(
        "AD-004",
        "项目库额度占用已变化，请重新审核",
        "library money was given back meanwhile; approve again",
    ))
}

/// Gives back what no final document keeps. While the library does not answer, it stays written down as to be returned,
/// and the next action on the document tries again.
pub async fn release(execution: &Execution, adj_id: Uuid) -> Result<(), Problem> {
    let db = execution.database.read();
    let (row, document) = document(db, adj_id).await?;
    if document.status != Status::Final {
        for asked in store::reservations(db, adj_id).await? {
            if matches!(asked.stage, Stage::Asked | Stage::Kept) {
                move_on(execution, &asked, Stage::Returning).await?;
            }
        }
    }
    finish_returns(execution, &row).await
}

async fn finish_returns(execution: &Execution, row: &super::Row) -> Result<(), Problem> {
    for asked in store::reservations(execution.database.read(), row.adj_id).await? {
        if asked.stage == Stage::Returning {
            give_back(execution, &reservation(row, &asked)).await?;
            move_on(execution, &asked, Stage::Returned).await?;
        }
    }
    Ok(())
}

async fn move_on(execution: &Execution, asked: &Model, to: Stage) -> Result<(), Problem> {
    let tx = execution.database.begin_write().await?;
    store::move_on(&tx, asked, asked.stage, to).await?;
    Ok(tx.commit().await?)
}

/// It may not be known whether the library gave: the same request again says so, and then its opposite undoes it.
async fn give_back(execution: &Execution, taken: &Reservation) -> Result<(), Problem> {
    let library = &execution.peers.project_library;
    match peers::project_library::reserve(library, taken).await.map_err(Problem::from) {
        Ok(()) => {}
        Err(refused) if refused.status().is_client_error() => return Ok(()),
        Err(unknown) => return Err(unknown),
    }
    let undone = Reservation {
        reservation_id: Uuid::new_v5(&taken.reservation_id, b"void"),
        amt: taken.amt.checked_neg().ok_or(PostError::Overflow)?,
        ..taken.clone()
    };
    Ok(peers::project_library::reserve(library, &undone).await?)
}

fn reservation(row: &super::Row, asked: &Model) -> Reservation {
    Reservation {
        reservation_id: asked.reservation_id,
        mof_div_code: row.mof_div_code.clone(),
        pro_code: asked.pro_code.clone(),
        fiscal_year: row.fiscal_year,
        amt: asked.amt,
    }
}
