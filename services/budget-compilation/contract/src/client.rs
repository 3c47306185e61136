//! A typed client of the service.

use common_types::{DivisionCode, FiscalYear};
use service_kit::{Page, Peer, PeerError};
use uuid::Uuid;
use workflow::{ActionRequest, LogEntry};

use crate::{
    AnnualLineView, Approval, ApprovalRequest, AuditRequest, BudgetTable, ControlNumberRequest, ControlNumbers,
    Package, PackageRequest, PackageSummary, TransferLineView, TransferPackage, TransferPackageRequest,
};

const BASE: &str = "/api/budget-compilation/v1";

/// `budget-compilation` as its clients see it.
#[derive(Clone)]
pub struct BudgetCompilation(pub Peer);

impl BudgetCompilation {
    /// Drafts a package (一上, 二上 or 待分配).
    pub async fn create_package(&self, request: &PackageRequest, key: &str) -> Result<Package, PeerError> {
        self.0.post(&format!("{BASE}/packages"), request, key).await
    }

    /// Replaces the content of a draft or returned package.
    pub async fn revise_package(&self, id: Uuid, request: &PackageRequest, version: i64) -> Result<Package, PeerError> {
        self.0.put(&format!("{BASE}/packages/{id}"), request, Some(version)).await
    }

    /// Sets audited amounts at a finance node.
    pub async fn audit_package(&self, id: Uuid, request: &AuditRequest, version: i64) -> Result<Package, PeerError> {
        self.0.put(&format!("{BASE}/packages/{id}/audit"), request, Some(version)).await
    }

    /// One package.
    pub async fn package(&self, id: Uuid) -> Result<Package, PeerError> {
        self.0.get(&format!("{BASE}/packages/{id}")).await
    }

    /// Packages; `query` as in `PackageQuery`, for example `fiscal_year=2026&stage=two_up`.
    pub async fn packages(&self, query: &str) -> Result<Page<PackageSummary>, PeerError> {
        self.0.get(&format!("{BASE}/packages?{query}")).await
    }

    /// Submits, approves, returns … a package.
    pub async fn act_on_package(&self, id: Uuid, request: &ActionRequest, key: &str) -> Result<Package, PeerError> {
        self.0.post(&format!("{BASE}/packages/{id}/actions"), request, key).await
    }

    /// What happened to a package.
    pub async fn package_history(&self, id: Uuid) -> Result<Vec<LogEntry>, PeerError> {
        self.0.get(&format!("{BASE}/packages/{id}/history")).await
    }

    /// Drafts a transfer package.
    pub async fn create_transfer_package(
        &self,
        request: &TransferPackageRequest,
        key: &str,
    ) -> Result<TransferPackage, PeerError> {
        self.0.post(&format!("{BASE}/transfer-packages"), request, key).await
    }

    /// One transfer package.
    pub async fn transfer_package(&self, id: Uuid) -> Result<TransferPackage, PeerError> {
        self.0.get(&format!("{BASE}/transfer-packages/{id}")).await
    }

    /// Submits, approves, returns … a transfer package.
    pub async fn act_on_transfer_package(
        &self,
        id: Uuid,
        request: &ActionRequest,
        key: &str,
    ) -> Result<TransferPackage, PeerError> {
        self.0.post(&format!("{BASE}/transfer-packages/{id}/actions"), request, key).await
    }

    /// Issues control numbers (一下).
    pub async fn issue_control_numbers(
        &self,
        request: &ControlNumberRequest,
        key: &str,
    ) -> Result<ControlNumbers, PeerError> {
        self.0.post(&format!("{BASE}/control-numbers"), request, key).await
    }

    /// Drafts an approval over everything that is final and not yet approved.
    pub async fn create_approval(&self, request: &ApprovalRequest, key: &str) -> Result<Approval, PeerError> {
        self.0.post(&format!("{BASE}/approvals"), request, key).await
    }

    /// One approval.
    pub async fn approval(&self, id: Uuid) -> Result<Approval, PeerError> {
        self.0.get(&format!("{BASE}/approvals/{id}")).await
    }

    /// Submits, approves, returns … an approval.
    pub async fn act_on_approval(&self, id: Uuid, request: &ActionRequest, key: &str) -> Result<Approval, PeerError> {
        self.0.post(&format!("{BASE}/approvals/{id}/actions"), request, key).await
    }

    /// Granted annual lines; `query` as in `AnnualLineQuery`.
    pub async fn annual_lines(&self, query: &str) -> Result<Page<AnnualLineView>, PeerError> {
        self.0.get(&format!("{BASE}/annual-lines?{query}")).await
    }

    /// Granted transfer lines; `query` as in `TransferLineQuery`.
    pub async fn transfer_lines(&self, query: &str) -> Result<Page<TransferLineView>, PeerError> {
        self.0.get(&format!("{BASE}/transfer-lines?{query}")).await
    }

    /// The approved budget in one table.
    pub async fn budget(&self, division: &DivisionCode, year: FiscalYear) -> Result<BudgetTable, PeerError> {
        self.0.get(&format!("{BASE}/budgets/{division}/{year}")).await
    }
}
