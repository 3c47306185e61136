//! Column shapes that every table uses alike.

use sea_orm_migration::{prelude::*, schema};

/// `mof_div_code V(9)`, not null.
pub(crate) fn mof_div_code() -> ColumnDef {
    schema::string_len("mof_div_code", 9).take()
}

/// `fiscal_year`, not null.
pub(crate) fn fiscal_year() -> ColumnDef {
    schema::integer("fiscal_year").take()
}

/// Text up to `length`, not null.
pub(crate) fn text(name: &'static str, length: u32) -> ColumnDef {
    schema::string_len(name, length).take()
}

/// Text up to `length`, or null.
pub(crate) fn text_null(name: &'static str, length: u32) -> ColumnDef {
    schema::string_len_null(name, length).take()
}

/// Money in fen, not null.
pub(crate) fn fen(name: &'static str) -> ColumnDef {
    schema::big_integer(name).take()
}

/// Money in fen, or null.
pub(crate) fn fen_null(name: &'static str) -> ColumnDef {
    schema::big_integer_null(name).take()
}

/// A UUID, not null.
pub(crate) fn id(name: &'static str) -> ColumnDef {
    schema::uuid(name).take()
}

/// A UUID, or null.
pub(crate) fn id_null(name: &'static str) -> ColumnDef {
    schema::uuid_null(name).take()
}

/// A whole number (32 bit), not null.
pub(crate) fn number(name: &'static str) -> ColumnDef {
    schema::integer(name).take()
}

/// A whole number (64 bit), not null.
pub(crate) fn big_number(name: &'static str) -> ColumnDef {
    schema::big_integer(name).take()
}

/// A whole number (64 bit), or null.
pub(crate) fn big_number_null(name: &'static str) -> ColumnDef {
    schema::big_integer_null(name).take()
}

/// A flag, not null.
pub(crate) fn flag(name: &'static str) -> ColumnDef {
    schema::boolean(name).take()
}

/// An instant, not null.
pub(crate) fn instant(name: &'static str) -> ColumnDef {
    schema::timestamp_with_time_zone(name).take()
}

/// An instant, or null.
pub(crate) fn instant_null(name: &'static str) -> ColumnDef {
    schema::timestamp_with_time_zone_null(name).take()
}

/// A calendar day, not null.
pub(crate) fn day(name: &'static str) -> ColumnDef {
    schema::date(name).take()
}

/// A calendar day, or null.
pub(crate) fn day_null(name: &'static str) -> ColumnDef {
    schema::date_null(name).take()
}

/// A JSON document, not null.
pub(crate) fn json(name: &'static str) -> ColumnDef {
    schema::json(name).take()
}

/// A JSON document, or null.
pub(crate) fn json_null(name: &'static str) -> ColumnDef {
    schema::json_null(name).take()
}

/// A table from its columns and its primary key.
pub(crate) fn table(name: &'static str, columns: Vec<ColumnDef>, key: &[&'static str]) -> TableCreateStatement {
    let mut statement = Table::create();
    statement.table(Alias::new(name));
    for column in columns {
        statement.col(column);
    }
    let mut primary = Index::create();
    for column in key {
        primary.col(Alias::new(*column));
    }
    statement.primary_key(&mut primary);
    statement
}

/// A unique index, named after its table and columns.
pub(crate) fn unique(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut statement = index(table, columns);
    statement.unique();
    statement
}

/// An index, named after its table and columns.
pub(crate) fn index(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut statement = Index::create();
    statement.name(format!("{table}__{}", columns.join("_"))).table(Alias::new(table));
    for column in columns {
        statement.col(Alias::new(*column));
    }
    statement
}

/// Creates tables and indexes in order.
pub(crate) async fn create(
    manager: &SchemaManager<'_>,
    tables: Vec<TableCreateStatement>,
    indexes: Vec<IndexCreateStatement>,
) -> Result<(), DbErr> {
    for statement in tables {
        manager.create_table(statement).await?;
    }
    for statement in indexes {
        manager.create_index(statement).await?;
    }
    Ok(())
}
