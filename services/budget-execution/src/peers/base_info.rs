//! What this service asks `base-info`: the unit, its accounts, what is known of a payee. Nothing of it is kept here: an
//! account that was stopped a moment ago pays nothing, whichever instance is asked.

use base_info_contract::MOST_PAYEES;
pub use base_info_contract::{Account, Agency, BaseInfo, Parties, PartiesQuestion, Person};
use common_types::{AgencyCode, DivisionCode, FiscalYear};
use service_kit::{Peer, PeerError, Problem};

/// The sides of many payments.
pub async fn parties(peer: &Peer, questions: Vec<PartiesQuestion>) -> Result<Vec<Parties>, Problem> {
    let base_info = BaseInfo(peer.clone());
    if questions.iter().map(|question| question.payee_acct_nos.len()).fold(0, usize::saturating_add) <= MOST_PAYEES {
        return Ok(base_info.parties(questions).await?);
    }
    let mut told = Vec::with_capacity(questions.len());
    for question in questions {
        told.push(in_parts(&base_info, question).await?);
    }
    Ok(told)
}

/// The sides of a payment with more payees than are asked about at once.
async fn in_parts(base_info: &BaseInfo, question: PartiesQuestion) -> Result<Parties, Problem> {
    let PartiesQuestion { mof_div_code, pay_acct_no, payee_acct_nos } = question;
    let mut whole: Option<Parties> = None;
    for part in Vec::from_iter(payee_acct_nos).chunks(MOST_PAYEES) {
        let asked = PartiesQuestion {
            mof_div_code: mof_div_code.clone(),
            pay_acct_no: pay_acct_no.clone(),
            payee_acct_nos: part.iter().cloned().collect(),
        };
        for Parties { payer, blacklisted, owners } in base_info.parties(vec![asked]).await? {
            let whole = whole.get_or_insert_with(|| Parties { payer, ..Parties::default() });
            whole.blacklisted.extend(blacklisted);
            whole.owners.extend(owners);
        }
    }
    whole.ok_or_else(|| Problem::internal(&"a payment without a payee"))
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
