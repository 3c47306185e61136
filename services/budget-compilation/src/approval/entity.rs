//! Rows of `bgt_approval`, `bgt_pm_annual` and `bgt_tra`.

pub(crate) mod approval {
    use chrono::{DateTime, NaiveDate, Utc};
    use common_types::{DivisionCode, DocNo, FiscalYear, Money};
    use sea_orm::entity::prelude::*;

    /// An approval (批复文).
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "bgt_approval")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub mof_div_code: DivisionCode,
        #[sea_orm(primary_key, auto_increment = false)]
        pub approval_id: Uuid,
        pub fiscal_year: FiscalYear,
        pub version: i64,
        pub cor_bgt_doc_no: DocNo,
        pub bgt_doc_title: String,
        pub doc_date: NaiveDate,
        pub annual_line_count: i64,
        pub transfer_line_count: i64,
        pub reply_amt: Money,
        pub open_key: Option<String>,
        pub doc_key: Option<String>,
        pub create_time: DateTime<Utc>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod annual {
    use common_types::{
        AgencyCode, BudgetLevelCode, DepBgtEcoCode, DivisionCode, ExpFuncCode, FiscalYear, FoundTypeCode, FundTypeCode,
        GovBgtEcoCode, MofDepCode, Money, ProCatCode, ProCode,
    };
    use sea_orm::entity::prelude::*;

    /// An annual line in one version (BGT_PM_ANNUAL).
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "bgt_pm_annual")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub mof_div_code: DivisionCode,
        #[sea_orm(primary_key, auto_increment = false)]
        pub bgt_pman_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub version: i64,
        pub fiscal_year: FiscalYear,
        pub approval_id: Uuid,
        pub is_granted: bool,
        pub agency_code: Option<AgencyCode>,
        pub dept_code: Option<AgencyCode>,
        pub pro_code: ProCode,
        pub pro_name: String,
        pub pro_kind_code: ProCatCode,
        pub exp_func_code: ExpFuncCode,
        pub gov_bgt_eco_code: GovBgtEcoCode,
        pub dep_bgt_eco_code: Option<DepBgtEcoCode>,
        pub fund_type_code: FundTypeCode,
        pub manage_mof_dep_code: MofDepCode,
        pub apply_up: Money,
        pub fin_audit_money: Option<Money>,
        pub reply_amt: Money,
        pub is_gov_pur: bool,
        pub is_scientific: bool,
        pub is_capital: bool,
        pub is_debt: bool,
        pub is_three_ensure: bool,
        pub budget_level_code: BudgetLevelCode,
        pub found_type_code: FoundTypeCode,
        pub is_assigned: bool,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod transfer {
    use common_types::{
        DirectFlag, DivisionCode, ExpFuncCode, FiscalYear, FundTypeCode, GovBgtEcoCode, MofDepCode, Money, ProCatCode,
        ProCode, TraType,
    };
    use sea_orm::entity::prelude::*;

    /// A transfer line in one version (BGT_TRA).
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "bgt_tra")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub mof_div_code: DivisionCode,
        #[sea_orm(primary_key, auto_increment = false)]
        pub bgt_pman_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub version: i64,
        pub fiscal_year: FiscalYear,
        pub approval_id: Uuid,
        pub is_granted: bool,
        pub pro_code: ProCode,
        pub pro_name: String,
        pub pro_kind_code: ProCatCode,
        pub sub_mof_div_code: DivisionCode,
        pub tp_func_code: ExpFuncCode,
        pub exp_func_code: ExpFuncCode,
        pub gov_bgt_eco_code: GovBgtEcoCode,
        pub fund_type_code: FundTypeCode,
        pub manage_mof_dep_code: MofDepCode,
        pub tra_type: TraType,
        pub apply_up: Money,
        pub reply_amt: Money,
        pub is_track: bool,
        pub direct_flag: DirectFlag,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
