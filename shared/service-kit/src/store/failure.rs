//! What a failure of the database means for whoever asked.

use std::{future::Future, time::Duration};

use sea_orm::{DbErr, RuntimeErr, SqlxError};

/// `string_data_right_truncation`.
const TOO_LONG: [&str; 1] = ["22001"];
/// `serialization_failure`, `deadlock_detected` and `lock_not_available` of PostgreSQL; SQLite's `SQLITE_BUSY`,
/// `SQLITE_LOCKED` and their variants.
const GIVEN_UP: [&str; 8] = ["40001", "40P01", "55P03", "5", "6", "261", "262", "517"];
/// `admin_shutdown`, `crash_shutdown`, `cannot_connect_now`, `too_many_connections`, and the `read_only_sql_transaction` of
/// a server that does not lead yet; besides the whole class 08, `connection_exception`.
const OUT_OF_REACH: [&str; 5] = ["57P01", "57P02", "57P03", "53300", "25006"];
const CONNECTION_EXCEPTION: &str = "08";
const BEFORE_ANOTHER_TRY: Duration = Duration::from_millis(500);

/// What kind of failure it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// A text is longer than its column.
    TooLong,
    /// Somebody else was in the way; nothing was done.
    GivenUp,
    /// The database cannot be reached for the moment; whether a commit on its way arrived is not known.
    OutOfReach,
    /// It would be the same at another try.
    Lasting,
}

impl Failure {
    /// By the code that the database gave, never by its words: they depend on its language.
    pub fn of(error: &DbErr) -> Self {
        match error {
            DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => Self::OutOfReach,
            DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause)) => {
                Self::of_cause(cause)
            }
            _ => Self::Lasting,
        }
    }

    fn of_cause(cause: &SqlxError) -> Self {
        match cause {
            SqlxError::Io(_)
            | SqlxError::Tls(_)
            | SqlxError::WorkerCrashed
            | SqlxError::PoolClosed
            | SqlxError::PoolTimedOut => Self::OutOfReach,
            SqlxError::Database(told) => told.code().map_or(Self::Lasting, |code| Self::of_code(&code)),
            _ => Self::Lasting,
        }
    }

    fn of_code(code: &str) -> Self {
        if TOO_LONG.contains(&code) {
            Self::TooLong
        } else if GIVEN_UP.contains(&code) {
            Self::GivenUp
        } else if OUT_OF_REACH.contains(&code) || code.starts_with(CONNECTION_EXCEPTION) {
            Self::OutOfReach
        } else {
            Self::Lasting
        }
    }

    /// Whether the same may succeed a moment later.
    pub fn passes(self) -> bool {
        matches!(self, Self::GivenUp | Self::OutOfReach)
    }
}

/// Work without end that begins anew after a failure that passes; another failure ends it.
pub async fn outlast<W>(name: &str, work: impl Fn() -> W) -> Result<(), DbErr>
where
    W: Future<Output = Result<(), DbErr>>,
{
    loop {
        match work().await {
            Err(error) if Failure::of(&error).passes() => {
                tracing::warn!(name, %error, "interrupted for want of the database");
                tokio::time::sleep(BEFORE_ANOTHER_TRY).await;
            }
            ended => return ended,
        }
    }
}
