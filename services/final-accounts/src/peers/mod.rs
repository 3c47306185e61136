//! The service that this one asks: `budget-execution` for its ledger of indicators.

use common_types::{AgencyCode, DivisionCode, FiscalYear, Money};
use serde::Deserialize;
use service_kit::{Peer, PeerError};

/// What the indicator ledger counts as paid for one unit, class, project and fund, net of refunds.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct PaidTotal {
    pub(crate) agency_code: AgencyCode,
    pub(crate) fund_type_code: String,
    pub(crate) paid: Money,
}

#[derive(Deserialize)]
struct PaidTotals {
    items: Vec<PaidTotal>,
}

/// The indicator ledger (预算指标账).
#[derive(Clone)]
pub(crate) struct Ledger(pub(crate) Peer);

impl Ledger {
    /// Paid totals of one unit's year.
    pub(crate) async fn paid_totals(
        &self,
        division: &DivisionCode,
        year: FiscalYear,
        agency: &AgencyCode,
    ) -> Result<Vec<PaidTotal>, PeerError> {
        let year = year.get();
        let query = format!("mof_div_code={division}&fiscal_year={year}&agency_code={agency}");
        let path = format!("/api/budget-execution/v1/ledger/paid-totals?{query}");
        let totals: PaidTotals = self.0.get(&path).await?;
        Ok(totals.items.into_iter().filter(|total| total.agency_code == *agency).collect())
    }
}
