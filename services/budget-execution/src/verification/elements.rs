//! Elements in use (§1.8, nightly checks): no unit that was stopped keeps money or is named by a setting. Which units
//! were stopped `base-info` says, asked before the books are read; what it does not say is not checked.

use std::collections::{BTreeMap, BTreeSet};

use budget_execution_contract::{Difference, InvariantCheck, VerificationRequest};
use chrono::{Datelike as _, NaiveDate};
use common_types::{AgencyCode, Money, ledger::Account};
use sea_orm::ConnectionTrait;
use service_kit::{Caller, Database, Peer, Problem};

use super::{
    documents,
    model::{Books, check},
    store,
};
use crate::{peers::base_info::BaseInfo, setting};

const ELEMENTS: i32 = 19;
/// Where money is that a unit may still use.
const KEPT: [Account; 4] = [Account::Executable, Account::InPayment, Account::Frozen, Account::Committed];

/// The units that were stopped, of open books.
pub type Stopped = BTreeMap<Books, BTreeSet<AgencyCode>>;

/// Asks which units were stopped; none while there is no answer.
pub async fn ask(
    database: &Database,
    base_info: &Peer,
    caller: &Caller,
    request: &VerificationRequest,
) -> Result<Option<Stopped>, Problem> {
    let base_info = BaseInfo(base_info.clone());
    let mut stopped = Stopped::new();
    for (division, year) in store::open_books(database.read(), caller, request).await? {
        match base_info.stopped_agencies(&division, year).await {
            Ok(agencies) => {
                let codes = agencies.into_iter().map(|agency| agency.agency_code).collect();
                stopped.insert((division, year), codes);
            }
            Err(error) => {
                tracing::warn!(%error, "stopped units are not known, elements in use are not checked");
                return Ok(None);
            }
        }
    }
    Ok(Some(stopped))
}

/// The check within one division.
pub async fn checks<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    request: &VerificationRequest,
    (stopped, today): (&Stopped, NaiveDate),
) -> Result<InvariantCheck, Problem> {
    let kept = documents::store::on_accounts(db, caller, request, &KEPT).await?;
    let is_stopped = |books: &Books, code: &AgencyCode| stopped.get(books).is_some_and(|codes| codes.contains(code));
    let mut checked = kept.len();
    let mut differences: Vec<Difference> = kept
        .iter()
        .filter(|sum| sum.amt != 0)
        .filter(|sum| {
            let books = (sum.mof_div_code.clone(), sum.fiscal_year);
            sum.agency_code.as_ref().is_some_and(|code| is_stopped(&books, code))
        })
        .map(|sum| Difference { subject: sum.subject(), expected: Money::ZERO, actual: Money::from_fen(sum.amt) })
        .collect();
    if let Some(division) = &request.mof_div_code {
        let settings = setting::on(db, division, today).await?;
        let named: BTreeSet<&AgencyCode> =
            settings.agent_agencies.iter().flat_map(|(centre, units)| [centre].into_iter().chain(units)).collect();
        checked = checked.saturating_add(named.len());
        let of_today = |books: &Books| books.0 == *division && i32::from(books.1.get()) == today.year();
        let gone: BTreeSet<&AgencyCode> =
            stopped.iter().filter(|(books, _)| of_today(books)).flat_map(|(_, codes)| codes).collect();
        differences.extend(named.intersection(&gone).map(|code| Difference {
            subject: format!("{division} agent_agencies {code}"),
            expected: Money::ZERO,
            actual: Money::ZERO,
        }));
    }
    let (zh, en) = ("停用单位不再使用", "what was stopped is not in use");
    Ok(check(ELEMENTS, zh, en, i64::try_from(checked).unwrap_or(i64::MAX), differences))
}
