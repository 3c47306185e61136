//! What is looked at before a submission is put to others: the application with its details, its document and
//! the indicator that bears it. Read for many submissions at once; decided by the ledger later, under its locks.

use std::sync::Arc;

use budget_execution_contract::PaymentDetail;
use service_kit::{Database, Gather, Problem, Worker, gather::Limits};
use uuid::Uuid;
use workflow::Document;

use super::{entity::application, model::Bearer, not_found, store};
use crate::indicator;

/// Submissions that are looked at in one set of queries: few, because each may bring ten thousand details.
const LIMITS: Limits = Limits { waiting: 4096, together: 32, requests: 2 };

/// An application as it stands, and what bears it.
#[derive(Debug, Clone)]
pub struct Sight {
    pub row: application::Model,
    pub document: Document,
    pub bearer: Bearer,
    pub details: Vec<PaymentDetail>,
}

/// Where applications are looked at; none for one that is not there.
pub type Sights = Gather<Uuid, Option<Sight>>;

/// Looks at applications of many requests together.
pub fn gather(database: Database) -> (Sights, Worker) {
    Gather::start("payment sights", LIMITS, move |asked: Vec<Arc<Uuid>>| {
        let database = database.clone();
        async move { look(&database, asked.iter().map(|id| **id).collect()).await }
    })
}

async fn look(database: &Database, ids: Vec<Uuid>) -> Result<Vec<Option<Sight>>, Problem> {
    let db = database.read();
    let rows = store::applications(db, &ids).await?;
    let bearers: Vec<Uuid> = rows.values().map(|row| row.bgt_id).collect();
    let documents = workflow::documents(db, ids.clone()).await?;
    let indicators = indicator::find_many(db, bearers).await?;
    let details = store::details_of(db, &ids).await?;
    let sight = |id: &Uuid| -> Result<Option<Sight>, Problem> {
        let Some(row) = rows.get(id).cloned() else { return Ok(None) };
        let document = documents.get(id).cloned().ok_or_else(not_found)?;
        let bearer = indicators.get(&row.bgt_id).cloned().map(Bearer::from).ok_or_else(not_found)?;
        let details = details.get(id).cloned().unwrap_or_default();
        Ok(Some(Sight { row, document, bearer, details }))
    };
    ids.iter().map(sight).collect()
}
