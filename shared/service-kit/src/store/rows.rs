//! Many rows, or many values of a column, in one statement. PostgreSQL takes them as one array by column, so that the
//! statement reads the same for any number of rows and is planned once; SQLite takes them as values.

use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr,
    EntityName as _, EntityTrait, ExprTrait as _, FromQueryResult, IdenStatic as _, Iterable as _, QueryTrait as _,
    Statement, Value,
    sea_query::{ArrayType, Expr, Func, FunctionCall, OnConflict, extension::postgres::PgFunc},
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
    let mut inserted = 0_u64;
    for statement in insertions(tx.get_database_backend(), &rows, passes_over, 1) {
        inserted = inserted.saturating_add(tx.execute_raw(statement?).await?.rows_affected());
    }
    Ok(inserted)
}

/// The statements that insert these rows, made one by one; the parameters of PostgreSQL are numbered from `first`.
pub(super) fn insertions<A: ActiveModelTrait>(
    backend: DbBackend,
    rows: &[A],
    passes_over: bool,
    first: usize,
) -> impl Iterator<Item = Result<Statement, DbErr>> {
    let columns = rows.first().map_or(0, |row| set_columns(row).count());
    let chunk = match backend {
        DbBackend::Postgres => rows.len(),
        _ => SQLITE_VALUES.checked_div(columns).unwrap_or(1),
    };
    rows.chunks(chunk.max(1)).map(move |rows| match backend {
        DbBackend::Postgres => insertion_of_arrays(rows, passes_over, first),
        _ => {
            let mut insert = A::Entity::insert_many(rows.to_vec());
            if passes_over {
                insert = insert.on_conflict(OnConflict::new().do_nothing().to_owned());
            }
            Ok(insert.build(backend))
        }
    })
}

fn insertion_of_arrays<A: ActiveModelTrait>(rows: &[A], passes_over: bool, first: usize) -> Result<Statement, DbErr> {
    let columns = rows.first().into_iter().flat_map(set_columns).map(|column| format!("\"{}\"", column.as_str()));
    let (table, columns) = (A::Entity::default().table_name().to_owned(), columns.collect::<Vec<_>>().join(", "));
    let on_conflict = if passes_over { " ON CONFLICT DO NOTHING" } else { "" };
    let sql = |r: &str| format!("INSERT INTO \"{table}\" ({columns}) SELECT {columns} FROM {r}{on_conflict}");
    statement(rows, sql, first)
}

/// What a query of PostgreSQL finds for these rows, if there are any. `sql` is told how to name them behind FROM or JOIN,
/// where they are `r` with the columns that the first row sets. An error when another row leaves one of them out.
pub async fn select<M: FromQueryResult, A: ActiveModelTrait, C: ConnectionTrait>(
    db: &C,
    rows: &[A],
    sql: impl FnOnce(&str) -> String,
) -> Result<Vec<M>, DbErr> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    M::find_by_statement(statement(rows, sql, 1)?).all(db).await
}

/// A statement of PostgreSQL that takes these rows, as [`select`] says, with its parameters numbered from `first`.
pub(super) fn statement<A: ActiveModelTrait>(
    rows: &[A],
    sql: impl FnOnce(&str) -> String,
    first: usize,
) -> Result<Statement, DbErr> {
    let (mut arrays, mut shown, mut values) = (Vec::new(), Vec::new(), Vec::new());
    for column in rows.first().into_iter().flat_map(set_columns) {
        let name = column.as_str();
        let given: Vec<Value> = rows.iter().map(|row| value_of(row, column)).collect::<Result<_, _>>()?;
        let mut value = format!("\"{name}\"");
        if given.first().is_some_and(|value| matches!(value, Value::Json(_))) {
            value = format!("CAST({value} AS json)");
        }
        arrays.push(format!("\"{name}\""));
        values.push(array(given.iter().map(present).collect()));
        // an array that is bound holds no NULL, so another one tells where values are
        if column.def().is_null() {
            arrays.push(format!("\"has {name}\""));
            value = format!("CASE WHEN \"has {name}\" THEN {value} END");
            values.push(array(given.iter().map(|value| Value::from(!is_null(value))).collect()));
        }
        shown.push(format!("{value} AS \"{name}\""));
    }
    let parameters: Vec<String> = (first..).take(arrays.len()).map(|number| format!("${number}")).collect();
    let (shown, parameters, arrays) = (shown.join(", "), parameters.join(", "), arrays.join(", "));
    let r = format!("(SELECT {shown} FROM unnest({parameters}) AS given({arrays})) r");
    Ok(Statement::from_sql_and_values(DbBackend::Postgres, sql(&r), values))
}

/// Whether a column holds one of these values.
pub fn one_of<C, V>(db: &impl ConnectionTrait, column: C, values: impl IntoIterator<Item = V>) -> Expr
where
    C: ColumnTrait,
    V: Into<Value>,
{
    let values: Vec<Value> = values.into_iter().map(Into::into).collect();
    if db.get_database_backend() == DbBackend::Postgres && !values.is_empty() {
        return Expr::col(column.as_column_ref()).eq(PgFunc::any(Expr::val(array(values))));
    }
    column.is_in(values)
}

/// Rows of values as a table that a query of PostgreSQL reads; none of them is NULL.
pub fn of_table(rows: impl Iterator<Item = Vec<Value>>) -> FunctionCall {
    let mut columns = Vec::<Vec<Value>>::new();
    for row in rows {
        columns.resize_with(row.len(), Vec::new);
        columns.iter_mut().zip(row).for_each(|(column, value)| column.push(value));
    }
    Func::cust("unnest").args(columns.into_iter().map(|values| Expr::val(array(values))))
}

/// A query of PostgreSQL that finds for these rows what `sql` says ([`select`]); others whose keys are free are inserted
/// behind it.
pub async fn select_then_insert_absent<M: FromQueryResult, A: ActiveModelTrait, B: ActiveModelTrait>(
    tx: &DatabaseTransaction,
    (rows, sql): (&[A], impl FnOnce(&str) -> String),
    absent: &[B],
) -> Result<Vec<M>, DbErr> {
    if absent.is_empty() || rows.is_empty() {
        insert_with(tx, absent.to_vec(), true).await?;
        return select(tx, rows, sql).await;
    }
    let Statement { sql, values, .. } = statement(rows, sql, 1)?;
    let mut values = values.map(|values| values.0).unwrap_or_default();
    let insertion = insertion_of_arrays(absent, true, values.len().saturating_add(1))?;
    values.extend(insertion.values.into_iter().flat_map(|values| values.0));
    let sql = format!("WITH inserted AS ({}) {sql}", insertion.sql);
    M::find_by_statement(Statement::from_sql_and_values(DbBackend::Postgres, sql, values)).all(tx).await
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
