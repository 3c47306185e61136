//! What the indicator ledger says was paid, to which reports must tie (RP-001).

use common_types::{AgencyCode, DivisionCode, ExpFuncCode, FiscalYear, FundTypeCode, Money, ProCode};
use serde::Deserialize;
use service_kit::{Peer, PeerError};

/// Paid on one unit's indicators, less refunds, by class, project and kind of funds.
#[derive(Debug, Clone, Deserialize)]
pub struct PaidTotal {
    pub agency_code: AgencyCode,
    #[serde(rename = "exp_func_code")]
    pub _exp_func_code: ExpFuncCode,
    #[serde(rename = "pro_code")]
    pub _pro_code: ProCode,
    pub fund_type_code: FundTypeCode,
    pub paid: Money,
}

#[derive(Deserialize)]
struct PaidTotals {
    items: Vec<PaidTotal>,
}

/// The indicator ledger as this service sees it.
#[derive(Clone)]
pub struct IndicatorLedger(pub Peer);

impl IndicatorLedger {
    /// What was paid by a unit with those below it, or by the whole division.
    pub async fn paid_totals(
        &self,
        division: &DivisionCode,
        year: FiscalYear,
        agency: Option<&AgencyCode>,
    ) -> Result<Vec<PaidTotal>, PeerError> {
        let of_agency = agency.map(|code| format!("&agency_code={code}")).unwrap_or_default();
        let path = "/api/budget-execution/v1/ledger/paid-totals";
        let totals: PaidTotals =
            self.0.get(&format!("{path}?mof_div_code={division}&fiscal_year={year}{of_agency}")).await?;
        Ok(totals.items)
    }
}
