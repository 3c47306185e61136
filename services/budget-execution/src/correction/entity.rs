//! PAY_CORRECT: another indicator bears a paid voucher (更正).

use chrono::{DateTime, Utc};
use common_types::{AgencyCode, CorrectType, DivisionCode, FiscalYear, Money};
use sea_orm::entity::prelude::*;

/// One correction.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "pay_correct")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub mof_div_code: DivisionCode,
    #[sea_orm(primary_key, auto_increment = false)]
    pub correct_id: Uuid,
    pub fiscal_year: FiscalYear,
    pub pay_cert_id: Uuid,
    pub pay_cert_no: String,
    pub agency_code: AgencyCode,
    pub old_charge: Json,
    pub new_charge: Json,
    pub amount: Money,
    pub correct_type: CorrectType,
    pub reason: String,
    pub create_time: DateTime<Utc>,
    pub update_time: DateTime<Utc>,
}

impl ActiveModelBehavior for ActiveModel {}
