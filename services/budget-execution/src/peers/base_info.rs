//! What this service asks `base-info`: the unit, its accounts, what is known of a payee. Nothing of it is kept here: an
//! account that was stopped a moment ago pays nothing, whichever instance is asked.

pub use base_info_contract::{Account, Agency, BaseInfo, Parties, PartiesQuestion, Person};
use common_types::{AgencyCode, DivisionCode, FiscalYear};
use service_kit::{Peer, PeerError, Problem};

/// The sides of many payments.
pub async fn parties(peer: &Peer, questions: Vec<PartiesQuestion>) -> Result<Vec<Parties>, Problem> {
    Ok(BaseInfo(peer.clone()).parties(questions).await?)
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
