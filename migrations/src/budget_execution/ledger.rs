//! The indicator ledger: keys, entries, balances, years. Entries refuse change and deletion in the database itself.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::shape::{
    create, day, fen, fiscal_year, id, id_null, index, instant, instant_null, json, mof_div_code, number, table, text,
    text_null, unique,
};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0002_ledger"
    }
}

const APPEND_ONLY: [&str; 2] = ["glb_vou_head", "glb_vou_detail"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = vec![element_key(), voucher_head(), voucher_detail(), balance(), year()];
        let indexes = vec![
            index("glb_element_key", &["mof_div_code", "fiscal_year", "agency_code"]),
            unique("glb_vou_head", &["mof_div_code", "event_id", "template", "line"]),
            index("glb_vou_head", &["mof_div_code", "fiscal_year", "vou_date"]),
            index("glb_vou_detail", &["mof_div_code", "fiscal_year", "key_id"]),
            index("glb_bal", &["key_id"]),
        ];
        create(manager, tables, indexes).await?;
        refuse_changes(manager).await
    }
}

fn element_key() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        id("key_id"),
        fiscal_year(),
        id_null("bgt_id"),
        text_null("agency_code", 21),
        json("elements"),
    ];
    table("glb_element_key", columns, &["mof_div_code", "key_id"])
}

fn voucher_head() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        id("vou_id"),
        fiscal_year(),
        day("vou_date"),
        id("event_id"),
        text("template", 3),
        number("line"),
        text("source_doc", 200),
        text("content_hash", 64),
        instant("post_time"),
    ];
    table("glb_vou_head", columns, &["mof_div_code", "vou_id"])
}

fn voucher_detail() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        id("vou_id"),
        number("seq"),
        fiscal_year(),
        text("acct_cls_code", 4),
        id("key_id"),
        number("dr_cr").check(Expr::col("dr_cr").is_in([1, -1])).take(),
        fen("amt").check(Expr::col("amt").gt(0)).take(),
        text("template", 3),
        day("vou_date"),
        instant("post_time"),
    ];
    table("glb_vou_detail", columns, &["mof_div_code", "vou_id", "seq"])
}

fn balance() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        fiscal_year(),
        text("acct_cls_code", 4),
        id("key_id"),
        fen("bal_amt"),
        fen("dr_amt").check(Expr::col("dr_amt").gte(0)).take(),
        fen("cr_amt").check(Expr::col("cr_amt").gte(0)).take(),
        number("ctrl_level"),
    ];
    let mut statement = table("glb_bal", columns, &["mof_div_code", "fiscal_year", "acct_cls_code", "key_id"]);
    statement.check(Expr::col("ctrl_level").ne(2).or(Expr::col("bal_amt").gte(0)));
    statement
}

fn year() -> TableCreateStatement {
    let columns = vec![mof_div_code(), fiscal_year(), instant_null("close_time")];
    table("glb_year", columns, &["mof_div_code", "fiscal_year"])
}

async fn refuse_changes(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    let is_postgres = manager.get_database_backend() == DbBackend::Postgres;
    if is_postgres {
        connection
            .execute_unprepared(
                "CREATE FUNCTION glb_append_only() RETURNS trigger LANGUAGE plpgsql AS \
                 $$ BEGIN RAISE EXCEPTION 'ledger entries are never changed or deleted'; END $$",
            )
            .await?;
    }
    for name in APPEND_ONLY {
        if is_postgres {
            let trigger = format!(
                "CREATE TRIGGER {name}_append_only BEFORE UPDATE OR DELETE ON {name} \
                 FOR EACH ROW EXECUTE FUNCTION glb_append_only()"
            );
            connection.execute_unprepared(&trigger).await?;
            continue;
        }
        for change in ["UPDATE", "DELETE"] {
            let trigger = format!(
                "CREATE TRIGGER {name}_no_{} BEFORE {change} ON {name} \
                 BEGIN SELECT RAISE(ABORT, 'ledger entries are never changed or deleted'); END",
                change.to_lowercase()
            );
            connection.execute_unprepared(&trigger).await?;
        }
    }
    Ok(())
}
