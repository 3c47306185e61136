//! A typed client of the service.

use common_types::{AgencyCode, DivisionCode, FiscalYear};
use service_kit::{Page, Peer, PeerError};
use uuid::Uuid;
use workflow::{ActionRequest, LogEntry};

use crate::{
    Books, PeriodClosing, Report, ReportDefinition, ReportDraft, ReportRevision, ReportVersion, ReversalRequest,
    UnitTrialBalance, UnitVoucher, UnitVoucherDraft, YearEndClosed, YearEndClosing,
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

    /// Replaces the content of a draft.
    pub async fn revise_voucher(
        &self,
        vou_id: Uuid,
        draft: &UnitVoucherDraft,
        version: i64,
    ) -> Result<UnitVoucher, PeerError> {
        self.0.put(&format!("{BASE}/unit-vouchers/{vou_id}"), draft, Some(version)).await
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

    /// Drafts the red voucher of a posted manual one (ACC-003).
    pub async fn reverse_voucher(
        &self,
        vou_id: Uuid,
        request: &ReversalRequest,
        key: &str,
    ) -> Result<UnitVoucher, PeerError> {
        self.0.post(&format!("{BASE}/unit-vouchers/{vou_id}/reversals"), request, key).await
    }

    /// One voucher.
    pub async fn voucher(&self, vou_id: Uuid) -> Result<UnitVoucher, PeerError> {
        self.0.get(&format!("{BASE}/unit-vouchers/{vou_id}")).await
    }

    /// Vouchers; `query` as in `UnitVoucherFilter`, for example `fiscal_year=2026&pay_cert_no=…`.
    pub async fn vouchers(&self, query: &str) -> Result<Page<UnitVoucher>, PeerError> {
        self.0.get(&format!("{BASE}/unit-vouchers?{query}")).await
    }

    /// Closes a period and all before it.
    pub async fn close_period(&self, closing: &PeriodClosing, key: &str) -> Result<Books, PeerError> {
        self.0.post(&format!("{BASE}/periods/closings"), closing, key).await
    }

    /// Carries income and expenses of a unit's year to its balances.
    pub async fn close_year(&self, closing: &YearEndClosing, key: &str) -> Result<YearEndClosed, PeerError> {
        self.0.post(&format!("{BASE}/year-end-closings"), closing, key).await
    }

    /// The trial balance of a unit, of one period or the whole year.
    pub async fn trial_balance(
        &self,
        division: &DivisionCode,
        year: FiscalYear,
        agency: &AgencyCode,
        period: Option<i32>,
    ) -> Result<UnitTrialBalance, PeerError> {
        let of_period = period.map(|period| format!("&period={period}")).unwrap_or_default();
        let unit = format!("mof_div_code={division}&fiscal_year={year}&agency_code={agency}");
        self.0.get(&format!("{BASE}/trial-balances?{unit}{of_period}")).await
    }

    /// The reports that can be made.
    pub async fn report_definitions(&self) -> Result<Vec<ReportDefinition>, PeerError> {
        self.0.get(&format!("{BASE}/report-definitions")).await
    }

    /// Makes a report with its figures.
    pub async fn create_report(&self, draft: &ReportDraft, key: &str) -> Result<Report, PeerError> {
        self.0.post(&format!("{BASE}/reports"), draft, key).await
    }

    /// Takes a new explanation and computes the figures again.
    pub async fn revise_report(
        &self,
        report_id: Uuid,
        revision: &ReportRevision,
        version: i64,
    ) -> Result<Report, PeerError> {
        self.0.put(&format!("{BASE}/reports/{report_id}"), revision, Some(version)).await
    }

    /// Submits, approves, returns … a report.
    pub async fn act_on_report(&self, report_id: Uuid, request: &ActionRequest, key: &str) -> Result<Report, PeerError> {
        self.0.post(&format!("{BASE}/reports/{report_id}/actions"), request, key).await
    }

    /// One report.
    pub async fn report(&self, report_id: Uuid) -> Result<Report, PeerError> {
        self.0.get(&format!("{BASE}/reports/{report_id}")).await
    }

    /// A report as it was submitted, every time (RP-003).
    pub async fn report_versions(&self, report_id: Uuid) -> Result<Vec<ReportVersion>, PeerError> {
        self.0.get(&format!("{BASE}/reports/{report_id}/versions")).await
    }

    /// What happened to a report.
    pub async fn report_history(&self, report_id: Uuid) -> Result<Vec<LogEntry>, PeerError> {
        self.0.get(&format!("{BASE}/reports/{report_id}/history")).await
    }
}
