//! What the bank said, and where it and we differ.

use budget_execution_contract::{BankResult, DifferenceKind, DifferenceStatus};
use chrono::{DateTime, NaiveDate, Utc};
use common_types::{DivisionCode, Money};
use sea_orm::entity::prelude::*;

use crate::payment::status::stored_status;

stored_status! {
    /// How a payment ended at the bank (回单结果).
    Ended stores BankResult { Paid, Failed, Returned, }
}

stored_status! {
    /// How our books and the bank's differ (差异类型).
    Kind stores DifferenceKind { MissingHere, MissingAtBank, Amount, Status, Contradiction, Unmatched, }
}

stored_status! {
    /// Where a difference stands (差异处理状态).
    Handling stores DifferenceStatus { Open, Explained, Settled, }
}

/// PAY_BANK_RECEIPT: a receipt that settled something (回单).
pub mod receipt {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "pay_bank_receipt")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub mof_div_code: DivisionCode,
        #[sea_orm(primary_key, auto_increment = false)]
        pub receipt_id: Uuid,
        pub pay_cert_no: String,
        pub result: Ended,
        pub xpay_amt: Money,
        pub xpay_date: NaiveDate,
        pub agent_business_no: String,
        pub receipt_add_word: String,
        pub create_time: DateTime<Utc>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// FRBS_DIFF: a difference that somebody must settle (差异单).
pub mod difference {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "frbs_diff")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub mof_div_code: DivisionCode,
        #[sea_orm(primary_key, auto_increment = false)]
        pub diff_id: Uuid,
        pub recon_id: Option<Uuid>,
        pub day: NaiveDate,
        pub pay_cert_no: String,
        pub kind: Kind,
        pub ours: String,
        pub theirs: String,
        pub diff_status: Handling,
        pub explained_by: Option<String>,
        pub explained_person: Option<String>,
        pub explanation: String,
        pub settled_by: Option<String>,
        pub opinion: String,
        pub create_time: DateTime<Utc>,
        pub update_time: Option<DateTime<Utc>>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
