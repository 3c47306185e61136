//! What this service asks `base-info`: the unit, its accounts, what is known of a payee.

pub use base_info_contract::{Account, Agency, BaseInfo};
use common_types::{AgencyCode, DivisionCode, FiscalYear};
use service_kit::{Peer, PeerError};

/// The unit of that division and year.
pub async fn agency(
    peer: &Peer,
    division: &DivisionCode,
    year: FiscalYear,
    agency: &AgencyCode,
) -> Result<Option<Agency>, PeerError> {
    BaseInfo(peer.clone()).agency(division, year, agency).await
}
