//! Where the advances of a unit are found before one of its indicators is first used (IG-005).

use sea_orm_migration::prelude::*;

use crate::shape::index;

pub(crate) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0033_advances"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_index(index("ba_bgt_info", &["mof_div_code", "fiscal_year", "bgt_type_code", "agency_code"]))
            .await
    }
}
