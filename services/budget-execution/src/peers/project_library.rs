//! What this service asks `project-library`: money of a stored project (PM-010).

use common_types::{DivisionCode, FiscalYear, Money, ProCode};
use serde_json::{Value, json};
use service_kit::{Peer, PeerError};
use uuid::Uuid;

/// What a project gives, or gets back when the amount is below zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reservation {
    /// The same twice is once.
    pub reservation_id: Uuid,
    pub mof_div_code: DivisionCode,
    pub pro_code: ProCode,
    pub fiscal_year: FiscalYear,
    pub amt: Money,
}

/// Takes library money of a project, once per reservation.
pub async fn reserve(peer: &Peer, reservation: &Reservation) -> Result<(), PeerError> {
    let body = json!({
        "reservation_id": reservation.reservation_id, "mof_div_code": reservation.mof_div_code,
        "pro_code": reservation.pro_code, "fiscal_year": reservation.fiscal_year, "amt": reservation.amt,
    });
    let key = format!("reservation-{}", reservation.reservation_id);
    peer.post::<_, Value>("/api/project-library/v1/reservations", &body, &key).await?;
    Ok(())
}
