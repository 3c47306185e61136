//! Drafts in bulk: copies of one that was made properly. What is measured begins with the submission.

use sea_orm::{ConnectOptions, ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use uuid::Uuid;

use crate::platform::Platform;

const CHUNK: usize = 1000;

pub struct Stock(DatabaseConnection);

impl Stock {
    pub async fn open(platform: &Platform) -> Self {
        let database = &platform.database;
        let mut options = if database.url.is_empty() {
            ConnectOptions::new(format!("sqlite://{}/budget-execution.sqlite", database.data_dir.display()))
        } else {
            ConnectOptions::new(database.url.reveal())
        };
        options.max_connections(1).sqlx_logging(false).set_schema_search_path("budget_execution");
        Self(sea_orm::Database::connect(options).await.unwrap())
    }

    /// New drafts over these indicators in turn.
    pub async fn drafts(&self, template: Uuid, indicators: &[Uuid], count: usize) -> Vec<Uuid> {
        let ids: Vec<Uuid> = (0..count).map(|_| Uuid::now_v7()).collect();
        let over = indicators.iter().cycle();
        let pairs: Vec<(Uuid, Uuid)> = ids.iter().copied().zip(over.copied()).collect();
        for chunk in pairs.chunks(CHUNK) {
            let row = |(id, bgt_id): &(Uuid, Uuid)| {
                let digits = id.as_u128() % 1_000_000_000_000;
                vec![self.literal(*id), self.literal(*bgt_id), format!("'SQ-{id}'"), format!("'6222{digits:012}'")]
            };
            let rows: Vec<_> = chunk.iter().map(row).collect();
            self.copy(
                "pay_voucher",
                "pay_app_id",
                template,
                &["pay_app_id", "bgt_id", "pay_app_no", "payee_acct_no"],
                &rows,
            )
            .await;
            self.copy("workflow_document", "document_id", template, &["document_id"], &rows).await;
        }
        if self.0.get_database_backend() == DbBackend::Postgres {
            self.0.execute_unprepared("ANALYZE").await.unwrap();
        }
        ids
    }

    /// Copies one row once for each of `rows`, with the named columns from there.
    async fn copy(&self, table: &str, key: &str, of: Uuid, changed: &[&str], rows: &[Vec<String>]) {
        let columns = self.columns(table).await;
        let source = |column: &String| match changed.iter().position(|one| one == column) {
            Some(position) => format!("x.column{}", position + 1),
            None => format!("t.{column}"),
        };
        let selected: Vec<_> = columns.iter().map(source).collect();
        let values: Vec<_> = rows.iter().map(|row| format!("({})", row[..changed.len()].join(","))).collect();
        let sql = format!(
            "INSERT INTO {table} ({}) SELECT {} FROM {table} t CROSS JOIN (VALUES {}) AS x WHERE t.{key} = {}",
            columns.join(","),
            selected.join(","),
            values.join(","),
            self.literal(of),
        );
        self.0.execute_unprepared(&sql).await.unwrap();
    }

    async fn columns(&self, table: &str) -> Vec<String> {
        let backend = self.0.get_database_backend();
        let sql = match backend {
            DbBackend::Postgres => format!(
                "SELECT column_name::text AS name FROM information_schema.columns \
                 WHERE table_schema = 'budget_execution' AND table_name = '{table}'"
            ),
            _ => format!("SELECT name FROM pragma_table_info('{table}')"),
        };
        let rows = self.0.query_all_raw(Statement::from_string(backend, sql)).await.unwrap();
        rows.iter().map(|row| row.try_get("", "name").unwrap()).collect()
    }

    fn literal(&self, id: Uuid) -> String {
        match self.0.get_database_backend() {
            DbBackend::Postgres => format!("'{id}'::uuid"),
            _ => format!("x'{}'", id.simple()),
        }
    }
}
