//! Rows of `bgt_package` and `bgt_package_line`.

use budget_compilation_contract::Stage;
use sea_orm::{DeriveActiveEnum, EnumIter, prelude::StringLen};

/// What kind of package it is: the stage of a unit's package, or one that finance makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(12))", rename_all = "snake_case")]
pub(crate) enum Kind {
    /// 一上
    OneUp,
    /// 二上
    TwoUp,
    /// 年初待分配
    Unallocated,
    /// 转移支付
    Transfer,
}

impl Kind {
    /// The document type in the workflow.
    pub(crate) fn document_type(self) -> &'static str {
        match self {
            Self::OneUp => "package-one-up",
            Self::TwoUp => "package-two-up",
            Self::Unallocated => "package-unallocated",
            Self::Transfer => "transfer-package",
        }
    }

    /// The stage on the wire.
    pub(crate) fn stage(self) -> Stage {
        match self {
            Self::OneUp => Stage::OneUp,
            Self::TwoUp | Self::Unallocated | Self::Transfer => Stage::TwoUp,
        }
    }

    /// Whether its lines are approved in the end, and so take library money.
    pub(crate) fn is_approvable(self) -> bool {
        match self {
            Self::OneUp => false,
            Self::TwoUp | Self::Unallocated | Self::Transfer => true,
        }
    }
}

pub(crate) mod package {
    use chrono::{DateTime, Utc};
    use common_types::{AgencyCode, DivisionCode, FiscalYear, Money};
    use sea_orm::entity::prelude::*;

    use super::Kind;

    /// A package (预算包).
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "bgt_package")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub mof_div_code: DivisionCode,
        #[sea_orm(primary_key, auto_increment = false)]
        pub package_id: Uuid,
        pub fiscal_year: FiscalYear,
        pub agency_code: Option<AgencyCode>,
        pub dept_code: Option<AgencyCode>,
        pub stage: Kind,
        pub version: i64,
        pub income_amt: Option<Money>,
        pub apply_up: Money,
        pub fin_audit_money: Money,
        pub live_key: Option<String>,
        pub content_version: i64,
        pub is_final: bool,
        pub is_void: bool,
        pub approval_id: Option<Uuid>,
        pub create_time: DateTime<Utc>,
        pub update_time: DateTime<Utc>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod line {
    use common_types::{
        DepBgtEcoCode, DirectFlag, DivisionCode, ExpFuncCode, FoundTypeCode, FundTypeCode, GovBgtEcoCode, MofDepCode,
        Money, ProCatCode, ProCode, TraType,
    };
    use sea_orm::entity::prelude::*;

    /// A line of a package; the last five columns are of transfers.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "bgt_package_line")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub mof_div_code: DivisionCode,
        #[sea_orm(primary_key, auto_increment = false)]
        pub line_id: Uuid,
        pub package_id: Uuid,
        pub bgt_pman_id: Uuid,
        pub pro_code: ProCode,
        pub pro_name: String,
        pub pro_kind_code: ProCatCode,
        pub exp_func_code: ExpFuncCode,
        pub dep_bgt_eco_code: Option<DepBgtEcoCode>,
        pub gov_bgt_eco_code: GovBgtEcoCode,
        pub fund_type_code: FundTypeCode,
        pub manage_mof_dep_code: MofDepCode,
        pub apply_up: Money,
        pub fin_audit_money: Option<Money>,
        /// What earlier approvals granted under the same `bgt_pman_id`.
        pub prior_amt: Money,
        pub reservation_id: Uuid,
        pub is_gov_pur: bool,
        pub is_scientific: bool,
        pub is_capital: bool,
        pub is_debt: bool,
        pub is_three_ensure: bool,
        pub found_type_code: FoundTypeCode,
        pub sub_mof_div_code: Option<DivisionCode>,
        pub tp_func_code: Option<ExpFuncCode>,
        pub tra_type: Option<TraType>,
        pub is_track: bool,
        pub direct_flag: DirectFlag,
    }

    impl ActiveModelBehavior for ActiveModel {}

    impl Model {
        /// The amount that counts: audited, or as applied for.
        pub fn amount(&self) -> Money {
            self.fin_audit_money.unwrap_or(self.apply_up)
        }

        /// What the line changes against earlier approvals.
        pub fn difference(&self) -> Money {
            self.amount().checked_sub(self.prior_amt).unwrap_or(Money::ZERO)
        }
    }
}
