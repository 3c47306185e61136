//! A typed client of the service.

use common_types::{AccountNo, AgencyCode, DivisionCode, FiscalYear};
use service_kit::{Page, Peer, PeerError};

use crate::{Account, Agency, Grant, Parties, PartiesAnswer, PartiesQuestion, PartiesRequest, Payee, Person, Token};

const BASE: &str = "/api/base-info/v1";

/// `base-info` as its clients see it.
#[derive(Clone)]
pub struct BaseInfo(pub Peer);

impl BaseInfo {
    /// Signs a person or machine in.
    pub async fn sign_in(&self, grant: &Grant, key: &str) -> Result<Token, PeerError> {
        self.0.post(&format!("{BASE}/tokens"), grant, key).await
    }

    /// The unit of that division and year.
    pub async fn agency(
        &self,
        division: &DivisionCode,
        year: FiscalYear,
        agency: &AgencyCode,
    ) -> Result<Option<Agency>, PeerError> {
        self.0.find(&format!("{BASE}/agencies/{division}/{year}/{agency}")).await
    }

    /// The account of that number in the division.
    pub async fn account(&self, division: &DivisionCode, number: &AccountNo) -> Result<Option<Account>, PeerError> {
        let path = format!("{BASE}/accounts?mof_div_code={division}&account_no={number}");
        let page: Page<Account> = self.0.get(&path).await?;
        Ok(page.items.into_iter().next())
    }

    /// The units of that division and year that were stopped.
    pub async fn stopped_agencies(&self, division: &DivisionCode, year: FiscalYear) -> Result<Vec<Agency>, PeerError> {
        let first =
            format!("{BASE}/agencies?mof_div_code={division}&fiscal_year={year}&is_enabled=false&page_size=1000");
        let (mut stopped, mut path) = (Vec::new(), first.clone());
        loop {
            let page: Page<Agency> = self.0.get(&path).await?;
            stopped.extend(page.items);
            match page.next_page_token {
                Some(token) => path = format!("{first}&page_token={token}"),
                None => return Ok(stopped),
            }
        }
    }

    /// All persons of a unit, of every year.
    pub async fn persons(&self, division: &DivisionCode, agency: &AgencyCode) -> Result<Vec<Person>, PeerError> {
        let first = format!("{BASE}/persons?mof_div_code={division}&agency_code={agency}&page_size=1000");
        let (mut persons, mut path) = (Vec::new(), first.clone());
        loop {
            let page: Page<Person> = self.0.get(&path).await?;
            persons.extend(page.items.into_iter().filter(|person| person.agency_code == *agency));
            match page.next_page_token {
                Some(token) => path = format!("{first}&page_token={token}"),
                None => return Ok(persons),
            }
        }
    }

    /// What the division knows of the payee with that account.
    pub async fn payees(&self, division: &DivisionCode, number: &AccountNo) -> Result<Vec<Payee>, PeerError> {
        let path = format!("{BASE}/payees?mof_div_code={division}&payee_acct_no={number}");
        let page: Page<Payee> = self.0.get(&path).await?;
        Ok(page.items)
    }

    /// Who pays and who is paid, for many payments, in their order.
    pub async fn parties(&self, items: Vec<PartiesQuestion>) -> Result<Vec<Parties>, PeerError> {
        let answer: PartiesAnswer = self.0.ask(&format!("{BASE}/payment-parties"), &PartiesRequest { items }).await?;
        Ok(answer.items)
    }
}
