//! BA_BGT_INFO as it stands in the database.

use chrono::{DateTime, NaiveDate, Utc};
use common_types::{
    AgencyCode, BgtExeFlag, BgtSource, BgtTypeCode, BudgetLevelCode, DepBgtEcoCode, DirectFlag, DivisionCode, DocNo,
    ExpFuncCode, FiscalYear, FoundTypeCode, FundTypeCode, GovBgtEcoCode, IncomeSortCode, MofDepCode, Money,
    PayTypeCode, ProCatCode, ProCode, SourceTypeCode,
};
use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ba_bgt_info")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub mof_div_code: DivisionCode,
    #[sea_orm(primary_key, auto_increment = false)]
    pub bgt_id: Uuid,
    pub fiscal_year: FiscalYear,
    pub bgt_doc_title: Option<String>,
    pub doc_date: Option<NaiveDate>,
    pub bgt_dec: Option<String>,
    pub bgt_exe_flag: BgtExeFlag,
    pub amount: Money,
    pub ori_bgt_id: Option<Uuid>,
    pub bgt_pman_id: Option<String>,
    pub adj_batch_no: Option<String>,
    pub is_track: bool,
    pub track_pro_code: Option<ProCode>,
    pub source_type_code: SourceTypeCode,
    pub is_three_ensure: bool,
    pub pro_kind_code: Option<ProCatCode>,
    pub found_type_code: Option<FoundTypeCode>,
    pub pro_name: Option<String>,
    pub agency_name: Option<String>,
    pub origin_id: Uuid,
    pub create_time: DateTime<Utc>,
    pub cor_bgt_doc_no: Option<DocNo>,
    pub pro_code: Option<ProCode>,
    pub agency_code: Option<AgencyCode>,
    pub fund_type_code: FundTypeCode,
    pub manage_mof_dep_code: Option<MofDepCode>,
    pub bgt_mof_dep_code: Option<MofDepCode>,
    pub income_sort_code: Option<IncomeSortCode>,
    pub tp_func_code: Option<ExpFuncCode>,
    pub exp_func_code: Option<ExpFuncCode>,
    pub gov_bgt_eco_code: Option<GovBgtEcoCode>,
    pub dep_bgt_eco_code: Option<DepBgtEcoCode>,
    pub bgt_type_code: BgtTypeCode,
    pub bgt_source_code: BgtSource,
    pub is_advance: bool,
    pub rec_div_code: Option<DivisionCode>,
    pub budget_level_code: BudgetLevelCode,
    pub sup_bgt_doc_no: Option<DocNo>,
    pub is_gov_pur: bool,
    pub pay_type_code: PayTypeCode,
    pub is_uni_sala: bool,
    pub direct_flag: DirectFlag,
    pub is_scientific: bool,
    pub is_debt: bool,
    pub is_capital: bool,
}

impl ActiveModelBehavior for ActiveModel {}

/// BA_BGT_DOC_NO: which division and year a document number belongs to (BA-005).
pub mod doc_no {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "ba_bgt_doc_no")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub cor_bgt_doc_no: DocNo,
        pub mof_div_code: DivisionCode,
        pub fiscal_year: FiscalYear,
        pub create_time: DateTime<Utc>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
