//! What this service asks `base-info`: the unit, its accounts, what is known of a payee. Nothing of it is kept here: an
//! account that was stopped a moment ago pays nothing, whichever instance is asked.

use std::sync::Arc;

pub use base_info_contract::{Account, Agency, BaseInfo, Parties, PartiesQuestion, Person};
use common_types::{AgencyCode, DivisionCode, FiscalYear};
use service_kit::{Gather, Peer, PeerError, Worker, gather::Limits};

/// The sides of payments, asked for many payments at once.
pub fn gather(peer: Peer, limits: Limits) -> (Gather<PartiesQuestion, Parties>, Worker) {
    let base_info = BaseInfo(peer);
    Gather::start("payment parties", limits, move |asked: Vec<Arc<PartiesQuestion>>| {
        let base_info = base_info.clone();
        async move { Ok(base_info.parties(asked.into_iter().map(Arc::unwrap_or_clone).collect()).await?) }
    })
}

/// The unit of that division and year.
pub async fn agency(
    peer: &Peer,
    division: &DivisionCode,
    year: FiscalYear,
    agency: &AgencyCode,
) -> Result<Option<Agency>, PeerError> {
    BaseInfo(peer.clone()).agency(division, year, agency).await
}

/// All persons of a unit, of every year.
pub async fn persons(peer: &Peer, division: &DivisionCode, agency: &AgencyCode) -> Result<Vec<Person>, PeerError> {
    BaseInfo(peer.clone()).persons(division, agency).await
}
