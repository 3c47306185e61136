//! Adjustments (BA_ADJUSTMENT) and their pairs (BA_BGT_ADJSUB) as they stand in the database; their state is with the
//! workflow.

/// The document.
pub mod document {
    use chrono::{DateTime, NaiveDate, Utc};
    use common_types::{AgencyCode, DivisionCode, DocNo, FiscalYear, Money};
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
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
        pub adj_batch_no: Option<String>,
        pub approval_doc_no: Option<DocNo>,
        pub approval_doc_date: Option<NaiveDate>,
        pub perf_goals: Option<Json>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// One pair (AD-009).
pub mod line {
    use chrono::NaiveDate;
    use common_types::{DivisionCode, DocNo, Money, SourceTypeCode};
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
        /// None while an addition is not arranged, and for a raise of the total.
        pub ori_bgt_id: Option<Uuid>,
        /// For a new indicator: set when it is made.
        pub bgt_id: Option<Uuid>,
        pub target: Option<Json>,
        pub add_amount: Money,
        pub is_all: bool,
        pub cor_bgt_doc_no: Option<DocNo>,
        /// 调整批次号, that of its document.
        pub bat_num: Option<String>,
        pub adj_date: Option<NaiveDate>,
        pub source_type_code: Option<SourceTypeCode>,
        pub rec_div_code: Option<DivisionCode>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// BA_ADJ_RESERVATION: library money that a pair takes, and whether it may keep it.
pub mod reservation {
    use common_types::{DivisionCode, Money, ProCode};
    use sea_orm::entity::prelude::*;

    /// Where a reservation stands.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
    #[sea_orm(rs_type = "String", db_type = "String(StringLen::N(12))", rename_all = "snake_case")]
    pub enum Stage {
        /// Written down before the library is asked.
        Asked,
        /// The pair has moved: it stays.
        Kept,
        /// To be given back.
        Returning,
        /// Given back; another attempt takes a new one.
        Returned,
    }

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "ba_adj_reservation")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub mof_div_code: DivisionCode,
        #[sea_orm(primary_key, auto_increment = false)]
        pub adj_sub_id: Uuid,
        pub adj_id: Uuid,
        pub reservation_id: Uuid,
        pub pro_code: ProCode,
        pub amt: Money,
        pub stage: Stage,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
