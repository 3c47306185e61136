//! The rows of a voucher.

/// GLA_VOU_HEAD.
pub mod head {
    use chrono::{DateTime, NaiveDate, Utc};
    use common_types::{AgencyCode, DivisionCode, FiscalYear, Money};
    use sea_orm::entity::prelude::*;

    /// A row of `gla_vou_head`.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "gla_vou_head")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub mof_div_code: DivisionCode,
        #[sea_orm(primary_key, auto_increment = false)]
        pub vou_id: Uuid,
        pub fiscal_year: FiscalYear,
        pub agency_code: AgencyCode,
        pub acct_period: i32,
        pub voucher_no: Option<i32>,
        pub voucher_abs: String,
        pub voucher_date: NaiveDate,
        pub source_kind: String,
        pub source_id: Uuid,
        pub pay_cert_no: Option<String>,
        pub vou_status: String,
        pub red_flag: bool,
        pub is_adjust_period: bool,
        pub is_carry_over: bool,
        pub inputer: String,
        pub poster: Option<String>,
        pub dr_amt: Money,
        pub cr_amt: Money,
        pub dr_ys_amt: Money,
        pub cr_ys_amt: Money,
        pub create_time: DateTime<Utc>,
        pub post_time: Option<DateTime<Utc>>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// GLA_VOU_DETAIL.
pub mod detail {
    use common_types::{
        BgtTypeCode, DepBgtEcoCode, DivisionCode, ExpFuncCode, FundTypeCode, GovBgtEcoCode, Money, ProCatCode, ProCode,
    };
    use sea_orm::entity::prelude::*;

    /// A row of `gla_vou_detail`.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "gla_vou_detail")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub mof_div_code: DivisionCode,
        #[sea_orm(primary_key, auto_increment = false)]
        pub vou_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub vou_seq: i32,
        pub vou_det_desc: String,
        pub gov_acct_cls_code: String,
        pub dr_cr: String,
        pub amt: Money,
        pub pro_code: Option<ProCode>,
        pub pro_kind_code: Option<ProCatCode>,
        pub exp_func_code: Option<ExpFuncCode>,
        pub gov_bgt_eco_code: Option<GovBgtEcoCode>,
        pub dep_bgt_eco_code: Option<DepBgtEcoCode>,
        pub fund_type_code: Option<FundTypeCode>,
        pub bgt_type_code: Option<BgtTypeCode>,
        pub fund_tra_obj_name: Option<String>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
