//! GLA_ACCT_SET: the books of one unit and year (账套).

use common_types::{AgencyCode, DivisionCode, FiscalYear};
use sea_orm::entity::prelude::*;

/// The books of one unit and year.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "gla_acct_set")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub mof_div_code: DivisionCode,
    #[sea_orm(primary_key, auto_increment = false)]
    pub fiscal_year: FiscalYear,
    #[sea_orm(primary_key, auto_increment = false)]
    pub agency_code: AgencyCode,
    /// The last closed period; 0 when all are open.
    pub closed_period: i32,
    pub is_year_closed: bool,
    pub last_vou_no: i32,
}

impl ActiveModelBehavior for ActiveModel {}
