//! Settings of divisions: documents that propose a value from a day on, and the values in force. A value in force is
//! never changed or deleted; a later day replaces it.

use sea_orm::DbBackend;
use sea_orm_migration::prelude::*;

use crate::shape::{create, day, fiscal_year, id, index, instant, json, mof_div_code, table, text};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0010_setting"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let indexes = vec![
            index("sys_param_change", &["mof_div_code", "setting_key"]),
            index("sys_param_change", &["setting_id"]),
        ];
        create(manager, vec![change(), value()], indexes).await?;
        refuse_changes(manager).await
    }
}

fn change() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        id("setting_id"),
        fiscal_year(),
        text("setting_key", 64),
        json("setting_value"),
        day("start_date"),
        text("reason", 500),
        instant("create_time"),
    ];
    table("sys_param_change", columns, &["mof_div_code", "setting_id"])
}

fn value() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        text("setting_key", 64),
        day("start_date"),
        json("setting_value"),
        id("setting_id"),
        text("set_by", 64),
        text("reason", 500),
        instant("create_time"),
    ];
    table("sys_param", columns, &["mof_div_code", "setting_key", "start_date"])
}

async fn refuse_changes(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    let statements = match manager.get_database_backend() {
        DbBackend::Postgres => vec![
            "CREATE FUNCTION sys_param_append_only() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN RAISE EXCEPTION 'a setting in force is never changed'; END $$",
            "CREATE TRIGGER sys_param_append_only BEFORE UPDATE OR DELETE ON sys_param \
             FOR EACH ROW EXECUTE FUNCTION sys_param_append_only()",
        ],
        _ => vec![
            "CREATE TRIGGER sys_param_no_update BEFORE UPDATE ON sys_param \
             BEGIN SELECT RAISE(ABORT, 'a setting in force is never changed'); END",
            "CREATE TRIGGER sys_param_no_delete BEFORE DELETE ON sys_param \
             BEGIN SELECT RAISE(ABORT, 'a setting in force is never changed'); END",
        ],
    };
    for statement in statements {
        connection.execute_unprepared(statement).await?;
    }
    Ok(())
}
