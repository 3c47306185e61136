//! Rows of `bgt_control_number`, `bgt_control_usage` and `bgt_three_public_limit`.

pub(crate) mod number {
    use common_types::{AgencyCode, DivisionCode, FiscalYear, FundTypeCode, Money, ProCatCode};
    use sea_orm::entity::prelude::*;

    /// A control number (控制数).
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "bgt_control_number")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub mof_div_code: DivisionCode,
        #[sea_orm(primary_key, auto_increment = false)]
        pub control_id: Uuid,
        pub fiscal_year: FiscalYear,
        pub dept_code: AgencyCode,
        pub agency_code: Option<AgencyCode>,
        pub pro_kind_code: ProCatCode,
        pub fund_type_code: FundTypeCode,
        pub control_key: String,
        pub control_amt: Money,
        pub used_amt: Money,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod usage {
    use common_types::{DivisionCode, Money};
    use sea_orm::entity::prelude::*;

    /// What a submitted package takes of a control number.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "bgt_control_usage")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub mof_div_code: DivisionCode,
        #[sea_orm(primary_key, auto_increment = false)]
        pub package_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub control_id: Uuid,
        pub amt: Money,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod three_public {
    use common_types::{AgencyCode, DivisionCode, FiscalYear, Money};
    use sea_orm::entity::prelude::*;

    /// Last year's 三公经费 of a unit.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "bgt_three_public_limit")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub mof_div_code: DivisionCode,
        #[sea_orm(primary_key, auto_increment = false)]
        pub fiscal_year: FiscalYear,
        #[sea_orm(primary_key, auto_increment = false)]
        pub agency_code: AgencyCode,
        pub last_year_amt: Money,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
