//! What a transaction writes, gathered while it decides and sent at its end: PostgreSQL is asked once for all of it, SQLite,
//! which is not far away, once for each.

use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, QueryTrait as _, SqlErr, Statement,
    UpdateMany,
};

use super::rows;
use crate::{Database, Problem};

/// Writes that do not see one another: each finds the tables as they were before all of them, and no two touch the same row.
/// They are carried out in the order in which they were added.
pub struct Writes {
    backend: DbBackend,
    parts: Vec<Part>,
    /// Parameters of all of them.
    parameters: usize,
}

struct Part {
    statements: Vec<Statement>,
    expected: Expected,
}

/// How many rows a part has to touch, when that matters, and what it means when it does not.
type Expected = Option<(u64, Option<Problem>)>;

/// Why nothing was written; the transaction must not be committed.
#[derive(Debug)]
pub enum Unwritten {
    /// A write did not touch the rows that it had to.
    Missed(Problem),
    Store(DbErr),
}

impl Unwritten {
    /// Whether a row stood in the way of one that was to be inserted.
    pub fn is_taken(&self) -> bool {
        matches!(self, Self::Store(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))))
    }
}

impl From<DbErr> for Unwritten {
    fn from(error: DbErr) -> Self {
        Self::Store(error)
    }
}

impl From<Unwritten> for Problem {
    fn from(unwritten: Unwritten) -> Self {
        match unwritten {
            Unwritten::Missed(problem) => problem,
            Unwritten::Store(error) => error.into(),
        }
    }
}

impl Writes {
    /// Nothing yet, for this transaction.
    pub fn of(tx: &DatabaseTransaction) -> Self {
        Self::new(tx.get_database_backend())
    }

    pub(super) const fn new(backend: DbBackend) -> Self {
        Self { backend, parts: Vec::new(), parameters: 0 }
    }

    /// Inserts rows that are not there yet; a row that stands in their way is an error.
    pub fn insert<A: ActiveModelTrait>(&mut self, rows: &[A]) -> Result<(), DbErr> {
        let statements = rows::insertions(self.backend, rows, false, self.next());
        let statements = statements.collect::<Result<_, _>>()?;
        self.add(statements, None);
        Ok(())
    }

    /// Inserts rows whose keys have to be free.
    pub fn insert_free<A: ActiveModelTrait>(
        &mut self,
        rows: &[A],
        otherwise: impl Into<Option<Problem>>,
    ) -> Result<(), DbErr> {
        let statements = rows::insertions(self.backend, rows, true, self.next());
        let statements = statements.collect::<Result<_, _>>()?;
        self.add(statements, Some((count(rows), otherwise.into())));
        Ok(())
    }

    /// Changes one row for each of these; without a refusal it is a fault of ours when one is not there. On PostgreSQL by
    /// what `sql` makes of them ([`rows::select`]), on SQLite one by one.
    pub fn update<A: ActiveModelTrait>(
        &mut self,
        rows: &[A],
        sql: impl FnOnce(&str) -> String,
        one_by_one: impl IntoIterator<Item = UpdateMany<A::Entity>>,
        otherwise: impl Into<Option<Problem>>,
    ) -> Result<(), DbErr> {
        if rows.is_empty() {
            return Ok(());
        }
        let statements = match self.backend {
            DbBackend::Postgres => vec![rows::statement(rows, sql, self.next())?],
            backend => one_by_one.into_iter().map(|update| update.build(backend)).collect(),
        };
        self.add(statements, Some((count(rows), otherwise.into())));
        Ok(())
    }

    /// The number of the next parameter.
    const fn next(&self) -> usize {
        self.parameters.saturating_add(1)
    }

    fn add(&mut self, statements: Vec<Statement>, expected: Expected) {
        if statements.is_empty() {
            return;
        }
        let values = statements.iter().filter_map(|statement| statement.values.as_ref()).map(|values| values.0.len());
        self.parameters = self.parameters.saturating_add(values.sum());
        self.parts.push(Part { statements, expected });
    }

    /// Carries them out; an error when one of them did not touch what it had to.
    pub async fn send(self, tx: &DatabaseTransaction) -> Result<(), Unwritten> {
        if self.parts.is_empty() {
            return Ok(());
        }
        if self.backend != DbBackend::Postgres {
            return one_by_one(tx, self.parts).await;
        }
        self.send_as_one(tx).await
    }

    /// Carries them out in a transaction of their own. One statement of PostgreSQL is one by itself, when no row that it
    /// touches has to be counted before it may stay.
    pub async fn commit(self, database: &Database) -> Result<(), Unwritten> {
        let is_counted = self.parts.iter().any(|part| part.expected.is_some());
        if self.backend == DbBackend::Postgres && !is_counted && !self.parts.is_empty() {
            return self.send_as_one(&database.write).await;
        }
        let tx = database.begin_write().await?;
        self.send(&tx).await?;
        Ok(tx.commit().await?)
    }

    async fn send_as_one<C: ConnectionTrait>(self, db: &C) -> Result<(), Unwritten> {
        let (mut written, mut counted, mut values, mut expected) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (place, part) in self.parts.into_iter().enumerate() {
            for Statement { sql, values: bound, .. } in part.statements {
                written.push(format!("w{place} AS ({sql} RETURNING 1)"));
                counted.push(format!("(SELECT count(*) FROM w{place}) AS w{place}"));
                values.extend(bound.into_iter().flat_map(|bound| bound.0));
            }
            expected.push(part.expected);
        }
        let sql = format!("WITH {} SELECT {}", written.join(", "), counted.join(", "));
        let statement = Statement::from_sql_and_values(self.backend, sql, values);
        let row = db.query_one_raw(statement).await?.ok_or(DbErr::RecordNotInserted)?;
        for (place, expected) in expected.into_iter().enumerate() {
            let touched: i64 = row.try_get("", &format!("w{place}"))?;
            require(u64::try_from(touched).unwrap_or(0), expected)?;
        }
        Ok(())
    }
}

async fn one_by_one(tx: &DatabaseTransaction, parts: Vec<Part>) -> Result<(), Unwritten> {
    for part in parts {
        let mut touched = 0_u64;
        for statement in part.statements {
            touched = touched.saturating_add(tx.execute_raw(statement).await?.rows_affected());
        }
        require(touched, part.expected)?;
    }
    Ok(())
}

fn require(touched: u64, expected: Expected) -> Result<(), Unwritten> {
    match expected {
        Some((expected, otherwise)) if touched != expected => {
            Err(otherwise.map_or(Unwritten::Store(DbErr::RecordNotUpdated), Unwritten::Missed))
        }
        _ => Ok(()),
    }
}

fn count<T>(rows: &[T]) -> u64 {
    u64::try_from(rows.len()).unwrap_or(u64::MAX)
}
