//! Nightly work and the reports of the verifier.

use sea_orm_migration::prelude::*;

use crate::shape::{
    create, day, flag, id, id_null, index, instant, instant_null, json, mof_div_code, table, text, unique,
};

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0030_jobs"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let indexes = vec![
            unique("glb_verification", &["mof_div_code", "day"]),
            index("glb_verification", &["ok", "verification_id"]),
        ];
        create(manager, vec![job_run(), verification()], indexes).await
    }
}

fn job_run() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        text("job", 40),
        day("day"),
        instant("claimed_until"),
        instant_null("done_time"),
        id_null("result_id"),
    ];
    table("exe_job_run", columns, &["mof_div_code", "job", "day"])
}

fn verification() -> TableCreateStatement {
    let columns =
        vec![mof_div_code(), id("verification_id"), day("day"), flag("ok"), json("report"), instant("verify_time")];
    table("glb_verification", columns, &["mof_div_code", "verification_id"])
}
