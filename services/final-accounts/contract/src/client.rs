//! A typed client of the service.

use common_types::{AgencyCode, DivisionCode, FiscalYear};
use service_kit::{Page, Peer, PeerError};
use uuid::Uuid;
use workflow::{ActionRequest, LogEntry};

use crate::{
    Report, ReportDraft, ReportExplanation, TrialBalance, UnitVoucher, UnitVoucherDraft, YearEndClosed, YearEndClosing,
};

const BASE: &str = "/api/final-accounts/v1";

/// `final-accounts` as its clients see it.
#[derive(Clone)]
pub struct FinalAccounts(pub Peer);

impl FinalAccounts {
    /// Drafts a manual voucher (手工凭证).
    pub async fn create_voucher(&self, draft: &UnitVoucherDraft, key: &str) -> Result<UnitVoucher, PeerError> {
        self.0.post(&format!("{BASE}/unit-vouchers"), draft, key).await
    }

    /// Submits, approves, returns … a manual voucher.
    pub async fn act_on_voucher(
        &self,
        vou_id: Uuid,
        request: &ActionRequest,
        key: &str,
    ) -> Result<UnitVoucher, PeerError> {
        self.0.post(&format!("{BASE}/unit-vouchers/{vou_id}/actions"), request, key).await
    }

    /// One voucher.
    pub async fn voucher(&self, vou_id: Uuid) -> Result<UnitVoucher, PeerError> {
        self.0.get(&format!("{BASE}/unit-vouchers/{vou_id}")).await
    }

    /// Vouchers; `query` as in `UnitVoucherFilter`, for example `fiscal_year=2026&pay_cert_no=…`.
    pub async fn vouchers(&self, query: &str) -> Result<Page<UnitVoucher>, PeerError> {
        self.0.get(&format!("{BASE}/unit-vouchers?{query}")).await
    }

    /// The trial balance of a unit's year.
    pub async fn trial_balance(
        &self,
        division: &DivisionCode,
        year: FiscalYear,
        agency: &AgencyCode,
    ) -> Result<TrialBalance, PeerError> {
        let year = year.get();
        let query = format!("mof_div_code={division}&fiscal_year={year}&agency_code={agency}");
        self.0.get(&format!("{BASE}/trial-balances?{query}")).await
    }

    /// Carries income and expenses of a unit's year to its balances and locks the year.
    pub async fn close_year(&self, closing: &YearEndClosing, key: &str) -> Result<YearEndClosed, PeerError> {
        self.0.post(&format!("{BASE}/year-end-closings"), closing, key).await
    }

    /// Makes a report with its figures.
    pub async fn create_report(&self, draft: &ReportDraft, key: &str) -> Result<Report, PeerError> {
        self.0.post(&format!("{BASE}/reports"), draft, key).await
    }

    /// Says why the report differs from the ledger (RP-001).
    pub async fn explain_report(
        &self,
        report_id: Uuid,
        explanation: &ReportExplanation,
        version: i64,
    ) -> Result<Report, PeerError> {
        self.0.put(&format!("{BASE}/reports/{report_id}/explanation"), explanation, Some(version)).await
    }

    /// Submits, approves, returns … a report.
    pub async fn act_on_report(
        &self,
        report_id: Uuid,
        request: &ActionRequest,
        key: &str,
    ) -> Result<Report, PeerError> {
        self.0.post(&format!("{BASE}/reports/{report_id}/actions"), request, key).await
    }

    /// One report.
    pub async fn report(&self, report_id: Uuid) -> Result<Report, PeerError> {
        self.0.get(&format!("{BASE}/reports/{report_id}")).await
    }

    /// What happened to a report.
    pub async fn report_history(&self, report_id: Uuid) -> Result<Vec<LogEntry>, PeerError> {
        self.0.get(&format!("{BASE}/reports/{report_id}/history")).await
    }
}
