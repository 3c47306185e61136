//! A typed client of the service.

use service_kit::{Peer, PeerError};

use crate::{
    EvaluationBatch, EvaluationRequest, OpenWarning, OpenWarnings, OpenWarningsQuestion, Verdict, Verdicts,
    VersionedEvaluation,
};

const BATCHES: &str = "/api/monitoring/v1/evaluation-batches";

/// `monitoring` as its clients see it.
#[derive(Clone)]
pub struct Monitoring(pub Peer);

impl Monitoring {
    /// Whether a document may go on. `key` is the same for the same content of the document.
    pub async fn evaluate(&self, request: &EvaluationRequest, key: &str) -> Result<Verdict, PeerError> {
        self.0.post("/api/monitoring/v1/evaluations", request, key).await
    }

    /// Whether many documents may go on, in their order. Each version of a document is evaluated once.
    pub async fn evaluate_batch(&self, items: Vec<VersionedEvaluation>, key: &str) -> Result<Vec<Verdict>, PeerError> {
        let verdicts: Verdicts = self.0.post(BATCHES, &EvaluationBatch { items }, key).await?;
        Ok(verdicts.items)
    }

    /// The warnings of these documents that are not settled yet.
    pub async fn open_warnings(&self, question: &OpenWarningsQuestion) -> Result<Vec<OpenWarning>, PeerError> {
        let open: OpenWarnings = self.0.ask("/api/monitoring/v1/open-warnings", question).await?;
        Ok(open.items)
    }

    /// What would be said of a document; nothing of it is kept.
    pub async fn rehearse(&self, item: VersionedEvaluation) -> Result<Verdict, PeerError> {
        let batch = EvaluationBatch { items: vec![item] };
        let verdicts: Verdicts = self.0.ask(&format!("{BATCHES}?dry_run=true"), &batch).await?;
        let none = || PeerError::Unreadable("no verdict for a document".to_owned());
        verdicts.items.into_iter().next().ok_or_else(none)
    }
}
