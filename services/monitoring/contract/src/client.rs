//! A typed client of the service.

use service_kit::{Peer, PeerError};

use crate::{EvaluationRequest, Verdict};

/// `monitoring` as its clients see it.
#[derive(Clone)]
pub struct Monitoring(pub Peer);

impl Monitoring {
    /// Whether a document may go on. `key` is the same for the same content of the document.
    pub async fn evaluate(&self, request: &EvaluationRequest, key: &str) -> Result<Verdict, PeerError> {
        self.0.post("/api/monitoring/v1/evaluations", request, key).await
    }
}
