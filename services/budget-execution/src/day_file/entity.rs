//! PAY_DAY_FILE: day files of the bank and their refused lines.

use budget_execution_contract::DayFileStatus;
use chrono::{DateTime, Utc};
use common_types::DivisionCode;
use sea_orm::entity::prelude::*;

use crate::payment::status::stored_status;

stored_status! {
    /// Where a day file stands.
    Progress stores DayFileStatus { Running, Done, }
}

/// A day file.
pub mod file {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "pay_day_file")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub mof_div_code: DivisionCode,
        #[sea_orm(primary_key, auto_increment = false)]
        pub file_id: Uuid,
        /// The bank that sent it.
        pub holder: String,
        pub file_key: String,
        /// The sending that is being taken; an earlier one gives way to it.
        pub run_id: Uuid,
        pub status: Progress,
        pub content_hash: Option<String>,
        pub line_count: i32,
        pub settled_count: i32,
        pub already_count: i32,
        pub unmatched_count: i32,
        pub refused_count: i32,
        pub create_time: DateTime<Utc>,
        pub update_time: DateTime<Utc>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// A refused line of one sending.
pub mod refusal {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "pay_day_file_refusal")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub mof_div_code: DivisionCode,
        #[sea_orm(primary_key, auto_increment = false)]
        pub run_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub line_no: i32,
        pub pay_cert_no: String,
        pub code: String,
        pub detail: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
