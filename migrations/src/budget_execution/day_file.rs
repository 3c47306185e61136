//! Day files of the bank and their refused lines.

use sea_orm_migration::prelude::*;

use crate::shape::{create, id, index, instant, mof_div_code, number, table, text, text_null, unique};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0007_day_file"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let indexes = vec![
            unique("pay_day_file", &["mof_div_code", "holder", "file_key"]),
            index("pay_day_file", &["file_id"]),
            index("pay_day_file_refusal", &["run_id", "line_no"]),
        ];
        create(manager, vec![file(), refusal()], indexes).await
    }
}

fn file() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        id("file_id"),
        text("holder", 64),
        text("file_key", 190),
        id("run_id"),
        text("status", 20),
        text_null("content_hash", 64),
        number("line_count"),
        number("settled_count"),
        number("already_count"),
        number("unmatched_count"),
        number("refused_count"),
        instant("create_time"),
        instant("update_time"),
    ];
    table("pay_day_file", columns, &["mof_div_code", "file_id"])
}

fn refusal() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        id("run_id"),
        number("line_no"),
        text("pay_cert_no", 100),
        text("code", 20),
        text("detail", 500),
    ];
    table("pay_day_file_refusal", columns, &["mof_div_code", "run_id", "line_no"])
}
