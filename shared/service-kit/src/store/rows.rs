//! Many rows in one statement. PostgreSQL takes them as one JSON parameter, so that the statement reads the same for any
//! number of rows and is planned once; SQLite takes them as values.

use std::fmt::Write as _;

use sea_orm::{
    ActiveModelTrait, ActiveValue, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityName as _,
    EntityTrait, IdenStatic as _, Iterable as _, Statement, Value, sea_query::OnConflict,
};

/// Values that SQLite binds in one statement.
const SQLITE_VALUES: usize = 32_000;

type Column<A> = <<A as ActiveModelTrait>::Entity as EntityTrait>::Column;

/// Inserts rows that are not there yet; a row that stands in their way is an error.
pub async fn insert<A: ActiveModelTrait>(tx: &DatabaseTransaction, rows: Vec<A>) -> Result<u64, DbErr> {
    insert_with(tx, rows, false).await
}

/// Inserts the rows whose keys are free and passes over the others; gives how many it inserted.
pub async fn insert_absent<A: ActiveModelTrait>(tx: &DatabaseTransaction, rows: Vec<A>) -> Result<u64, DbErr> {
    insert_with(tx, rows, true).await
}

async fn insert_with<A: ActiveModelTrait>(
    tx: &DatabaseTransaction,
    rows: Vec<A>,
    passes_over: bool,
) -> Result<u64, DbErr> {
    let Some(first) = rows.first() else { return Ok(0) };
    if tx.get_database_backend() == DbBackend::Postgres {
        let columns: Vec<String> = set_columns(first).map(|column| format!("\"{}\"", column.as_str())).collect();
        let (table, columns) = (A::Entity::default().table_name().to_owned(), columns.join(", "));
        let on_conflict = if passes_over { " ON CONFLICT DO NOTHING" } else { "" };
        let sql =
            format!("INSERT INTO \"{table}\" ({columns}) SELECT {columns} FROM {}{on_conflict}", recordset(&table));
        return Ok(execute(tx, sql, &rows).await?.rows_affected());
    }
    let chunk = SQLITE_VALUES.checked_div(set_columns(first).count()).unwrap_or(1).max(1);
    let mut inserted = 0_u64;
    for rows in rows.chunks(chunk) {
        let mut insert = A::Entity::insert_many(rows.to_vec());
        if passes_over {
            insert = insert.on_conflict(OnConflict::new().do_nothing().to_owned());
        }
        inserted = inserted.saturating_add(insert.exec_without_returning(tx).await?);
    }
    Ok(inserted)
}

/// The rows of a table's shape that the JSON parameter `$1` holds, for statements written for PostgreSQL.
pub fn recordset(table: &str) -> String {
    format!("json_populate_recordset(NULL::\"{table}\", CAST($1 AS json))")
}

/// Carries out a statement of PostgreSQL whose parameter `$1` is these rows.
pub async fn execute<A: ActiveModelTrait>(
    tx: &DatabaseTransaction,
    sql: String,
    rows: &[A],
) -> Result<sea_orm::ExecResult, DbErr> {
    tx.execute_raw(statement(sql, rows)).await
}

/// A statement of PostgreSQL whose parameter `$1` is these rows.
pub fn statement<A: ActiveModelTrait>(sql: String, rows: &[A]) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, sql, [json_of(rows).into()])
}

fn set_columns<A: ActiveModelTrait>(row: &A) -> impl Iterator<Item = Column<A>> {
    Column::<A>::iter().filter(|column| row.get(*column).is_set())
}

fn json_of<A: ActiveModelTrait>(rows: &[A]) -> String {
    let mut text = String::from("[");
    for (index, row) in rows.iter().enumerate() {
        text.push_str(if index == 0 { "{" } else { ",{" });
        let mut is_first = true;
        for column in Column::<A>::iter() {
            let ActiveValue::Set(value) = row.get(column) else { continue };
            if !is_first {
                text.push(',');
            }
            is_first = false;
            let _ = write!(text, "\"{}\":", column.as_str());
            write_value(&mut text, &value);
        }
        text.push('}');
    }
    text.push(']');
    text
}

fn write_value(text: &mut String, value: &Value) {
    let _ = match value {
        Value::Bool(Some(flag)) => write!(text, "{flag}"),
        Value::Int(Some(number)) => write!(text, "{number}"),
        Value::BigInt(Some(number)) => write!(text, "{number}"),
        Value::Uuid(Some(id)) => write!(text, "\"{id}\""),
        Value::ChronoDate(Some(day)) => write!(text, "\"{day}\""),
        Value::ChronoDateTimeUtc(Some(instant)) => write!(text, "\"{}\"", instant.to_rfc3339()),
        Value::String(Some(string)) => write!(text, "{}", serde_json::Value::from(string.as_str())),
        Value::Json(Some(json)) => write!(text, "{json}"),
        other => write!(text, "{}", sea_orm::sea_query::sea_value_to_json_value(other)),
    };
}
