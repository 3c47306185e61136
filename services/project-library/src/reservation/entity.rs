//! The row of a reservation.

use chrono::{DateTime, Utc};
use common_types::{DivisionCode, FiscalYear, Money, ProCode};
use sea_orm::entity::prelude::*;

/// A row of `pm_reservation`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "pm_reservation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub mof_div_code: DivisionCode,
    #[sea_orm(primary_key, auto_increment = false)]
    pub reservation_id: Uuid,
    pub pro_code: ProCode,
    pub fiscal_year: FiscalYear,
    pub amt: Money,
    pub reason: String,
    pub create_time: DateTime<Utc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
