//! The rows of a year end.

use chrono::{DateTime, Utc};
use common_types::{
    AgencyCode, BgtExeFlag, BgtTypeCode, BudgetLevelCode, DivisionCode, DocNo, ExpFuncCode, FiscalYear, FundTypeCode,
    GovBgtEcoCode, MofDepCode, Money, ProCode,
};
use sea_orm::entity::prelude::*;

/// BA_YEAR_END: one closed year of one division.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "ba_year_end")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub mof_div_code: DivisionCode,
    #[sea_orm(primary_key, auto_increment = false)]
    pub fiscal_year: FiscalYear,
    pub year_end_id: Uuid,
    pub close_time: DateTime<Utc>,
    pub report: Json,
}

impl ActiveModelBehavior for ActiveModel {}

/// BA_BGT_CARRYOVERS: what was carried over (结转).
pub mod carried {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "ba_bgt_carryovers")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub mof_div_code: DivisionCode,
        #[sea_orm(primary_key, auto_increment = false)]
        pub carryovers_bgt_id: Uuid,
        pub approve_amt: Money,
        pub carryovers_amt: Money,
        pub fiscal_year: FiscalYear,
        pub ori_bgt_id: Uuid,
        pub cor_bgt_doc_no: Option<DocNo>,
        pub bgt_dec: Option<String>,
        pub pro_code: Option<ProCode>,
        pub agency_code: Option<AgencyCode>,
        pub exp_func_code: Option<ExpFuncCode>,
        pub gov_bgt_eco_code: Option<GovBgtEcoCode>,
        pub fund_type_code: FundTypeCode,
        pub manage_mof_dep_code: Option<MofDepCode>,
        pub bgt_mof_dep_code: Option<MofDepCode>,
        pub bgt_type_code: BgtTypeCode,
        pub budget_level_code: BudgetLevelCode,
        pub bgt_exe_flag: BgtExeFlag,
        pub is_gov_pur: bool,
        pub is_track: bool,
        pub create_time: DateTime<Utc>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// BA_BGT_BALANCE: what was left and taken back (结余).
pub mod recovered {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "ba_bgt_balance")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub mof_div_code: DivisionCode,
        #[sea_orm(primary_key, auto_increment = false)]
        pub balance_bgt_id: Uuid,
        pub approve_amt: Money,
        pub balance: Money,
        pub back_balance: Money,
        pub is_rec_exp: bool,
        pub carryovers_bgt_id: Option<Uuid>,
        pub fiscal_year: FiscalYear,
        pub ori_bgt_id: Uuid,
        pub cor_bgt_doc_no: Option<DocNo>,
        pub bgt_dec: Option<String>,
        pub pro_code: Option<ProCode>,
        pub agency_code: Option<AgencyCode>,
        pub exp_func_code: Option<ExpFuncCode>,
        pub gov_bgt_eco_code: Option<GovBgtEcoCode>,
        pub fund_type_code: FundTypeCode,
        pub manage_mof_dep_code: Option<MofDepCode>,
        pub bgt_mof_dep_code: Option<MofDepCode>,
        pub bgt_type_code: BgtTypeCode,
        pub budget_level_code: BudgetLevelCode,
        pub bgt_exe_flag: BgtExeFlag,
        pub is_gov_pur: bool,
        pub is_track: bool,
        pub create_time: DateTime<Utc>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
