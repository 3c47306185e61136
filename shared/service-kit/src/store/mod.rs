//! Databases: one per service, SQLite or PostgreSQL. Writes begin through one door.

pub mod audit;
mod delivery;
pub mod failure;
pub mod idempotency;
pub mod inbox;
pub mod outbox;
pub mod relay;
pub mod rows;
mod writes;

use std::time::Duration;

use sea_orm::{
    ConnectOptions, ConnectionTrait, DatabaseConnection, DatabaseExecutor, DatabaseTransaction, DbBackend, DbErr,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use sea_orm_migration::MigratorTrait;

pub use writes::{Unwritten, Writes};

use crate::{Clock, config::DatabaseSettings};

/// Each has a thread with memory of its own.
const SQLITE_READERS: u32 = 3;
/// Pages that a connection keeps, in KiB; there is a handful of connections for each of the services of a process.
const SQLITE_CACHE: &str = "-512";
/// A connection that rested this long is asked whether it is still there before it is used. Asking each time would cost as
/// much as the query; one that broke meanwhile fails its query (503), and is not used again.
const RESTED: Duration = Duration::from_secs(1);
const MIGRATION_LOCK: i64 = 7_405_360;
/// Set for every session, whatever the server's default is.
const ISOLATION: &str = "default_transaction_isolation";
/// Services join tables only with the rows of a parameter, by key. Such a set looks large to the planner, which would
/// rather read a table whole.
const BY_KEY: [(&str, &str); 2] = [("enable_hashjoin", "off"), ("enable_mergejoin", "off")];
/// What a write or a look-up by key asks for does not change its plan, nor does the size of a table at that moment: it reads
/// by key, also where a table is so small that reading it whole looks cheaper. Without scans costs say nothing, so nothing is
/// compiled for them.
const PLANNED_ONCE: [(&str, &str); 3] =
    [("plan_cache_mode", "force_generic_plan"), ("enable_seqscan", "off"), ("jit", "off")];

/// The database of one service, with the clock that stamps its rows.
#[derive(Clone)]
pub struct Database {
    read: DatabaseConnection,
    write: DatabaseConnection,
    clock: Clock,
}

impl Database {
    /// Opens the database of a service: a schema of its own in PostgreSQL, or a file of its own for SQLite.
    /// SQLite has one writer; writers queue for it instead of failing. Readers have connections of their own, so that a
    /// writer who looks something up never waits for other writers.
    pub async fn open(settings: &DatabaseSettings, service: &str, clock: Clock) -> Result<Self, DbErr> {
        if settings.url.is_empty() {
            Self::open_sqlite(settings, service, clock).await
        } else {
            Self::open_postgres(settings, service, clock).await
        }
    }

    async fn open_sqlite(settings: &DatabaseSettings, service: &str, clock: Clock) -> Result<Self, DbErr> {
        let (data_dir, patience) = (&settings.data_dir, Duration::from_secs(settings.acquire_seconds));
        std::fs::create_dir_all(data_dir).map_err(|error| DbErr::Custom(format!("{}: {error}", data_dir.display())))?;
        let url = format!("sqlite://{}/{service}.sqlite?mode=rwc", data_dir.display());
        let options = |connections: u32| {
            let mut options = ConnectOptions::new(&url);
            options
                .max_connections(connections)
                .acquire_timeout(patience)
                .test_before_acquire_if_idle_for(RESTED)
                .sqlx_logging(false);
            options.map_sqlx_sqlite_opts(move |sqlite| {
                sqlite
                    .pragma("journal_mode", "WAL")
                    .pragma("synchronous", "FULL")
                    .pragma("foreign_keys", "ON")
                    .pragma("cache_size", SQLITE_CACHE)
                    .busy_timeout(patience)
            });
            options
        };
        let write = sea_orm::Database::connect(options(1)).await?;
        let read = sea_orm::Database::connect(options(SQLITE_READERS)).await?;
        Ok(Self { read, write, clock })
    }

    async fn open_postgres(settings: &DatabaseSettings, service: &str, clock: Clock) -> Result<Self, DbErr> {
        let schema = service.replace('-', "_");
        let url = settings.url.reveal();
        let admin = sea_orm::Database::connect(ConnectOptions::new(url).max_connections(1).to_owned()).await?;
        create_schema(&admin, &schema).await?;
        admin.close().await?;
        let isolation = (ISOLATION, settings.isolation.name());
        let connect = |connections: u32, planning: &'static [(&str, &str)]| {
            let mut options = ConnectOptions::new(url);
            options
                .max_connections(connections.max(1))
                .acquire_timeout(Duration::from_secs(settings.acquire_seconds))
                .test_before_acquire_if_idle_for(RESTED)
                .sqlx_logging(false)
                .set_schema_search_path(&schema)
                .set_application_name(format!("yitihua-{service}"))
                .map_sqlx_postgres_opts(move |postgres| {
                    postgres.options([isolation]).options(BY_KEY).options(planning.iter().copied())
                });
            sea_orm::Database::connect(options)
        };
        let writers = settings.max_connections.div_ceil(2);
        let write = connect(writers, &PLANNED_ONCE).await?;
        let read = connect(settings.max_connections.saturating_sub(writers), &[]).await?;
        Ok(Self { read, write, clock })
    }

    /// Brings the schema up to date; instances that start together wait for each other.
    pub async fn migrate<M: MigratorTrait>(&self) -> Result<(), DbErr> {
        if self.backend() != DbBackend::Postgres {
            return M::up(&self.write, None).await;
        }
        let lock = self.read.begin().await?;
        lock.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")).await?;
        M::up(&self.write, None).await?;
        lock.commit().await
    }

    /// The connection for queries outside a transaction.
    pub fn read(&self) -> &DatabaseConnection {
        &self.read
    }

    /// A connection for what is looked up by key, again and again: planned once, as what is written is. It is taken once
    /// for all look-ups that follow each other, and given back when this is dropped: before peers are asked. SQLite has one
    /// writer, who is not to wait for it.
    pub async fn look(&self) -> Result<DatabaseExecutor<'_>, DbErr> {
        match self.backend() {
            DbBackend::Postgres => Ok(DatabaseExecutor::OwnedTransaction(self.write.begin().await?)),
            _ => Ok(DatabaseExecutor::Connection(&self.read)),
        }
    }

    /// Begins a write transaction: IMMEDIATE on SQLite, read committed on PostgreSQL unless its settings say otherwise.
    pub async fn begin_write(&self) -> Result<DatabaseTransaction, DbErr> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        self.write.begin_with_options(options).await
    }

    /// Nothing yet, for a transaction of its own ([`Writes::commit`]).
    pub fn writes(&self) -> Writes {
        Writes::new(self.backend())
    }

    /// The clock that stamps rows.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// SQLite or PostgreSQL.
    pub fn backend(&self) -> DbBackend {
        self.write.get_database_backend()
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), DbErr> {
        self.read.ping().await
    }
}

async fn create_schema(admin: &DatabaseConnection, schema: &str) -> Result<(), DbErr> {
    let tx = admin.begin().await?;
    tx.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")).await?;
    tx.execute_unprepared(&format!("CREATE SCHEMA IF NOT EXISTS \"{schema}\"")).await?;
    tx.commit().await
}
