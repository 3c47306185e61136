//! Adjustments (BA_ADJUSTMENT) and their pairs (BA_BGT_ADJSUB) as they stand in the database; their state is with the
//! workflow.

/// The document.
pub mod document {
    use chrono::{DateTime, Utc};
    use common_types::{AgencyCode, DivisionCode, DocNo, FiscalYear, Money};
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "ba_adjustment")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub mof_div_code: DivisionCode,
        #[sea_orm(primary_key, auto_increment = false)]
        pub adj_id: Uuid,
        pub fiscal_year: FiscalYear,
        pub adj_kind: String,
        pub agency_code: Option<AgencyCode>,
        pub cor_bgt_doc_no: DocNo,
        pub adj_reason: String,
        pub total_amt: Money,
        pub create_time: DateTime<Utc>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// One pair (AD-009).
pub mod line {
    use common_types::{DivisionCode, Money};
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "ba_bgt_adjsub")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub mof_div_code: DivisionCode,
        #[sea_orm(primary_key, auto_increment = false)]
        pub adj_sub_id: Uuid,
        pub adj_id: Uuid,
        pub ori_bgt_id: Uuid,
        /// For a new indicator: set when it is made.
        pub bgt_id: Option<Uuid>,
        pub target: Option<Json>,
        pub add_amount: Money,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
