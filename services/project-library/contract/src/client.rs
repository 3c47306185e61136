//! The typed client of the project library.

use std::fmt::Write as _;

use common_types::{AgencyCode, DivisionCode, FiscalYear, ProCatCode, ProCode};
use serde::{Deserialize, Serialize};
use service_kit::{Page, Peer, PeerError, http::BatchResult};
use utoipa::IntoParams;
use uuid::Uuid;
use workflow::{ActionRequest, BatchRequest, LogEntry};

use crate::{
    GenerateProjects, GenerationResult, Project, ProjectDraft, ProjectHead, ProjectStatus, Reservation, ReserveAmount,
    ReviewAmount, TerminateProject,
};

const BASE: &str = "/api/project-library/v1";

/// Filters of `GET /projects`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ProjectFilter {
    pub mof_div_code: Option<DivisionCode>,
    /// This unit and those below it.
    pub agency_code: Option<AgencyCode>,
    #[param(inline)]
    pub status: Option<ProjectStatus>,
    /// This category and those below it.
    pub pro_cat_code: Option<ProCatCode>,
    /// Projects whose term includes the year.
    pub fiscal_year: Option<FiscalYear>,
    pub pro_code: Option<ProCode>,
}

/// The project library as its peers see it.
#[derive(Clone)]
pub struct ProjectLibrary(pub Peer);

impl ProjectLibrary {
    /// The project of this code; `None` when there is none within reach.
    pub async fn by_code(&self, division: &DivisionCode, pro_code: &ProCode) -> Result<Option<Project>, PeerError> {
        self.0.find(&format!("{BASE}/projects/by-code/{division}/{pro_code}")).await
    }

    /// Takes library money for a budget or gives it back; once per `reservation_id` (PM-010).
    pub async fn reserve(&self, reservation: &ReserveAmount) -> Result<Reservation, PeerError> {
        let key = format!("reservation-{}", reservation.reservation_id);
        self.0.post(&format!("{BASE}/reservations"), reservation, &key).await
    }

    /// Records a draft.
    pub async fn create(&self, draft: &ProjectDraft, idempotency_key: &str) -> Result<Project, PeerError> {
        self.0.post(&format!("{BASE}/projects"), draft, idempotency_key).await
    }

    /// Replaces the content of a draft.
    pub async fn update(&self, id: Uuid, draft: &ProjectDraft, version: i64) -> Result<Project, PeerError> {
        self.0.put(&format!("{BASE}/projects/{id}"), draft, Some(version)).await
    }

    /// Generates personnel and public-use projects (PM-011).
    pub async fn generate(
        &self,
        request: &GenerateProjects,
        idempotency_key: &str,
    ) -> Result<GenerationResult, PeerError> {
        self.0.post(&format!("{BASE}/projects/generations"), request, idempotency_key).await
    }

    /// The project with this id.
    pub async fn project(&self, id: Uuid) -> Result<Project, PeerError> {
        self.0.get(&format!("{BASE}/projects/{id}")).await
    }

    /// One page of the projects within the caller's reach; `page_token` continues an earlier page.
    pub async fn projects(
        &self,
        filter: &ProjectFilter,
        page_size: u64,
        page_token: Option<&str>,
    ) -> Result<Page<ProjectHead>, PeerError> {
        let mut query = format!("{BASE}/projects?page_size={page_size}");
        for (name, value) in parameters(filter) {
            let _ = write!(query, "&{name}={value}");
        }
        if let Some(token) = page_token {
            let _ = write!(query, "&page_token={token}");
        }
        self.0.get(&query).await
    }

    /// One workflow action on one project.
    pub async fn act(&self, id: Uuid, request: &ActionRequest, idempotency_key: &str) -> Result<Project, PeerError> {
        self.0.post(&format!("{BASE}/projects/{id}/actions"), request, idempotency_key).await
    }

    /// The same action on many projects, each on its own (W4).
    pub async fn act_on_many(&self, request: &BatchRequest, idempotency_key: &str) -> Result<BatchResult, PeerError> {
        self.0.post(&format!("{BASE}/projects/actions"), request, idempotency_key).await
    }

    /// Enters the reviewed amount at the node of the review centre (PM-003).
    pub async fn review(&self, id: Uuid, review: &ReviewAmount, version: i64) -> Result<Project, PeerError> {
        self.0.put(&format!("{BASE}/projects/{id}/review"), review, Some(version)).await
    }

    /// Ends a stored project and releases its unused reserve (PM-009).
    pub async fn terminate(
        &self,
        id: Uuid,
        request: &TerminateProject,
        idempotency_key: &str,
    ) -> Result<Project, PeerError> {
        self.0.post(&format!("{BASE}/projects/{id}/terminations"), request, idempotency_key).await
    }

    /// Who did what to the project, oldest first.
    pub async fn history(&self, id: Uuid) -> Result<Vec<LogEntry>, PeerError> {
        self.0.get(&format!("{BASE}/projects/{id}/history")).await
    }
}

/// The parameters of a filter; all of them are codes and need no escaping.
fn parameters(filter: &ProjectFilter) -> Vec<(String, String)> {
    let value = serde_json::to_value(filter).unwrap_or_default();
    let present = value.as_object().into_iter().flatten();
    present
        .filter_map(|(name, value)| match value {
            serde_json::Value::String(text) => Some((name.clone(), text.clone())),
            serde_json::Value::Number(number) => Some((name.clone(), number.to_string())),
            _ => None,
        })
        .collect()
}
