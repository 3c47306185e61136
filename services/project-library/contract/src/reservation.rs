//! Reservations of library money by budgets (PM-010).

use common_types::{DivisionCode, FiscalYear, Money, ProCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Body of `POST /reservations`, for machines of the platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReserveAmount {
    /// The caller's id: the same twice is once, the same with other content is refused.
    pub reservation_id: Uuid,
    pub mof_div_code: DivisionCode,
    pub pro_code: ProCode,
    pub fiscal_year: FiscalYear,
    /// Above zero takes, below zero gives back.
    pub amt: Money,
    #[serde(default)]
    pub reason: String,
}

/// What the project has after the reservation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reservation {
    pub reservation_id: Uuid,
    pub mof_div_code: DivisionCode,
    pub pro_code: ProCode,
    pub fiscal_year: FiscalYear,
    pub amt: Money,
    pub library_amt: Money,
    pub reserved_amt: Money,
    pub remaining_amt: Money,
}
