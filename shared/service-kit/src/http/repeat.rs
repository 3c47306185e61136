//! Whether commands were carried out before, looked up for many requests at once.

use std::sync::Arc;

use super::Problem;
use crate::{Database, Gather, Worker, gather::Limits, store::idempotency};

/// Commands that are looked up in one query.
const LIMITS: Limits = Limits { waiting: 4096, together: 128, requests: 2 };

/// Subject and key of a command.
type Name = (String, String);

/// The records of commands.
#[derive(Clone)]
pub struct Repeats(Gather<Name, Option<idempotency::Model>>);

impl Repeats {
    /// Over the records of this database.
    pub fn start(database: Database) -> (Self, Worker) {
        let (gather, worker) = Gather::start("repeated commands", LIMITS, move |asked: Vec<Arc<Name>>| {
            let database = database.clone();
            async move { find(&database, &asked).await }
        });
        (Self(gather), worker)
    }

    pub(super) async fn find(&self, subject: &str, key: &str) -> Result<Option<idempotency::Model>, Problem> {
        self.0.ask((subject.to_owned(), key.to_owned())).await
    }
}

async fn find(database: &Database, asked: &[Arc<Name>]) -> Result<Vec<Option<idempotency::Model>>, Problem> {
    let names: Vec<(&str, &str)> = asked.iter().map(|name| (name.0.as_str(), name.1.as_str())).collect();
    let found = idempotency::find_many(database.read(), &names).await?;
    Ok(names.iter().map(|name| found.iter().find(|record| record.name() == *name).cloned()).collect())
}
