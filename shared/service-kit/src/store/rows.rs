//! Many rows in one statement. PostgreSQL takes them as one array by column, so that the statement reads the same for any
//! number of rows and is planned once; SQLite takes them as values.

use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait as _, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr,
    EntityName as _, EntityTrait, FromQueryResult, IdenStatic as _, Iterable as _, Statement, Value,
    sea_query::{ArrayType, OnConflict},
};

/// Values that SQLite binds in one statement; a connection keeps what it has prepared, and larger ones are hardly faster.
const SQLITE_VALUES: usize = 2_000;

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
        let sql = |r: &str| format!("INSERT INTO \"{table}\" ({columns}) SELECT {columns} FROM {r}{on_conflict}");
        return execute(tx, &rows, sql).await;
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

/// Carries out a statement of PostgreSQL that takes these rows, if there are any; gives how many rows it touched. `sql` is
/// told how to name them behind FROM or JOIN, where they are `r` with the columns that the first row sets. An error when
/// another row leaves one of them out.
pub async fn execute<A: ActiveModelTrait>(
    tx: &DatabaseTransaction,
    rows: &[A],
    sql: impl FnOnce(&str) -> String,
) -> Result<u64, DbErr> {
    if rows.is_empty() {
        return Ok(0);
    }
    Ok(tx.execute_raw(statement(rows, sql)?).await?.rows_affected())
}

/// What a query of PostgreSQL finds for these rows, which it takes as [`execute`] does; nothing for none.
pub async fn select<M: FromQueryResult, A: ActiveModelTrait, C: ConnectionTrait>(
    db: &C,
    rows: &[A],
    sql: impl FnOnce(&str) -> String,
) -> Result<Vec<M>, DbErr> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    M::find_by_statement(statement(rows, sql)?).all(db).await
}

fn statement<A: ActiveModelTrait>(rows: &[A], sql: impl FnOnce(&str) -> String) -> Result<Statement, DbErr> {
    let (mut arrays, mut shown, mut values) = (Vec::new(), Vec::new(), Vec::new());
    for column in rows.first().into_iter().flat_map(set_columns) {
        let name = column.as_str();
        let given: Vec<Value> = rows.iter().map(|row| value_of(row, column)).collect::<Result<_, _>>()?;
        let mut value = format!("\"{name}\"");
        if given.first().is_some_and(|value| matches!(value, Value::Json(_))) {
            value = format!("CAST({value} AS json)");
        }
        arrays.push(format!("\"{name}\""));
        // an array that is bound holds no NULL, so another one tells where values are
        if column.def().is_null() {
            arrays.push(format!("\"has {name}\""));
            value = format!("CASE WHEN \"has {name}\" THEN {value} END");
            values.push(array(given.iter().map(present).collect()));
            values.push(array(given.iter().map(|value| Value::from(!is_null(value))).collect()));
        } else {
            values.push(array(given.iter().map(present).collect()));
        }
        shown.push(format!("{value} AS \"{name}\""));
    }
    let parameters: Vec<String> = (1..=arrays.len()).map(|number| format!("${number}")).collect();
    let (shown, parameters, arrays) = (shown.join(", "), parameters.join(", "), arrays.join(", "));
    let r = format!("(SELECT {shown} FROM unnest({parameters}) AS given({arrays})) r");
    Ok(Statement::from_sql_and_values(DbBackend::Postgres, sql(&r), values))
}

fn set_columns<A: ActiveModelTrait>(row: &A) -> impl Iterator<Item = Column<A>> {
    Column::<A>::iter().filter(|column| row.get(*column).is_set())
}

fn value_of<A: ActiveModelTrait>(row: &A, column: Column<A>) -> Result<Value, DbErr> {
    match row.get(column) {
        ActiveValue::Set(value) | ActiveValue::Unchanged(value) => Ok(value),
        ActiveValue::NotSet => Err(DbErr::Custom(format!("a row without {}", column.as_str()))),
    }
}

fn is_null(value: &Value) -> bool {
    *value == value.as_null()
}

/// The value itself, or any of its type; JSON as text, whose letter stays as it is.
fn present(value: &Value) -> Value {
    match value {
        Value::Json(json) => Value::from(json.as_ref().map_or_else(|| "null".to_owned(), ToString::to_string)),
        value if is_null(value) => value.dummy_value(),
        value => value.clone(),
    }
}

fn array(values: Vec<Value>) -> Value {
    let of = values.first().map_or(ArrayType::String, Value::array_type);
    Value::Array(of, Some(Box::new(values)))
}
