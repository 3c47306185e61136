//! The rows of the ledger.

use chrono::{DateTime, NaiveDate, Utc};
use common_types::ledger::{Account, Template};
use common_types::{AgencyCode, DivisionCode, FiscalYear, Money};
use sea_orm::entity::prelude::*;

/// GLB_ELEMENT_KEY: the elements that a key stands for.
pub mod key {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "glb_element_key")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub mof_div_code: DivisionCode,
        #[sea_orm(primary_key, auto_increment = false)]
        pub key_id: Uuid,
        pub fiscal_year: FiscalYear,
        pub bgt_id: Option<Uuid>,
        pub agency_code: Option<AgencyCode>,
        pub elements: Json,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// GLB_VOU_HEAD: one posting.
pub mod head {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "glb_vou_head")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub mof_div_code: DivisionCode,
        #[sea_orm(primary_key, auto_increment = false)]
        pub vou_id: Uuid,
        pub fiscal_year: FiscalYear,
        pub vou_date: NaiveDate,
        pub event_id: Uuid,
        pub template: Template,
        pub line: i32,
        pub source_doc: String,
        pub content_hash: String,
        pub post_time: DateTime<Utc>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// GLB_VOU_DETAIL: one side of an entry.
pub mod detail {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "glb_vou_detail")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub mof_div_code: DivisionCode,
        #[sea_orm(primary_key, auto_increment = false)]
        pub vou_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub seq: i32,
        pub fiscal_year: FiscalYear,
        pub acct_cls_code: Account,
        pub key_id: Uuid,
        /// 1 debit, -1 credit.
        pub dr_cr: i32,
        pub amt: Money,
        pub template: Template,
        pub vou_date: NaiveDate,
        pub post_time: DateTime<Utc>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// GLB_BAL: the entries of one account and key, added up.
pub mod balance {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "glb_bal")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub mof_div_code: DivisionCode,
        #[sea_orm(primary_key, auto_increment = false)]
        pub fiscal_year: FiscalYear,
        #[sea_orm(primary_key, auto_increment = false)]
        pub acct_cls_code: Account,
        #[sea_orm(primary_key, auto_increment = false)]
        pub key_id: Uuid,
        /// On the normal side of the account.
        pub bal_amt: Money,
        pub dr_amt: Money,
        pub cr_amt: Money,
        pub ctrl_level: i32,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// The state of the books of one division and year.
pub mod year {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "glb_year")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub mof_div_code: DivisionCode,
        #[sea_orm(primary_key, auto_increment = false)]
        pub fiscal_year: FiscalYear,
        pub close_time: Option<DateTime<Utc>>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
