//! Library money of packages (PM-010). It is written down before it is asked for, and given back when its line or its
//! package is gone: whatever fails in between, nothing stays reserved for ever.

use std::{sync::Arc, time::Duration};

use common_types::Money;
use project_library_contract::ReserveAmount;
use sea_orm::DbErr;
use service_kit::{PeerError, Problem, store::failure};
use uuid::Uuid;

use crate::{
    Context,
    package::entity::{line, package},
};

const IDLE: Duration = Duration::from_secs(2);

mod store;

pub(crate) use store::exists;
use store::{entity, forget, note, orphans};

impl entity::Model {
    fn asked(&self) -> ReserveAmount {
        ReserveAmount {
            reservation_id: self.reservation_id,
            mof_div_code: self.mof_div_code.clone(),
            pro_code: self.pro_code.clone(),
            fiscal_year: self.fiscal_year,
            amt: self.amt,
            reason: format!("预算 {}", self.package_id),
        }
    }

    fn given_back(&self) -> ReserveAmount {
        ReserveAmount {
            reservation_id: Uuid::new_v5(&self.reservation_id, b"release"),
            amt: self.amt.checked_neg().unwrap_or(Money::ZERO),
            reason: format!("预算 {} 退回", self.package_id),
            ..self.asked()
        }
    }
}

/// Takes the library money of every line that changes something; the same lines twice take once.
pub(crate) async fn take(context: &Context, row: &package::Model, lines: &[line::Model]) -> Result<(), Problem> {
    let wanted: Vec<_> = lines
        .iter()
        .filter(|line| !line.difference().is_zero())
        .map(|line| entity::Model {
            mof_div_code: row.mof_div_code.clone(),
            reservation_id: line.reservation_id,
            package_id: row.package_id,
            pro_code: line.pro_code.clone(),
            fiscal_year: row.fiscal_year,
            amt: line.difference(),
            create_time: context.database.clock().now(),
        })
        .collect();
    let tx = context.database.begin_write().await?;
    for reservation in &wanted {
        note(&tx, reservation.clone()).await?;
    }
    tx.commit().await?;
    for reservation in &wanted {
        context.peers.reserve(&reservation.asked()).await?;
    }
    Ok(())
}

/// Gives back, until the process ends, what lines that are gone had taken.
pub(crate) async fn release_orphans(context: Arc<Context>) -> Result<(), DbErr> {
    failure::outlast("reservations", || release_as_they_come(&context)).await
}

async fn release_as_they_come(context: &Context) -> Result<(), DbErr> {
    loop {
        for orphan in orphans(context).await? {
            match release(context, &orphan).await {
                Ok(()) => forget(context, &orphan).await?,
                Err(error) => {
                    tracing::warn!(reservation = %orphan.reservation_id, %error, "reservation not released yet");
                }
            }
        }
        let _ = tokio::time::timeout(IDLE, context.release.notified()).await;
    }
}

/// Whether the first request arrived is not known, so it is repeated before it is undone.
async fn release(context: &Context, orphan: &entity::Model) -> Result<(), PeerError> {
    match context.peers.reserve(&orphan.asked()).await {
        Ok(()) => context.peers.reserve(&orphan.given_back()).await,
        Err(PeerError::Refused(problem)) if problem.status().is_client_error() => Ok(()),
        Err(error) => Err(error),
    }
}
