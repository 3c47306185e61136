//! What other services may know of the project library (项目库): its documents, reservations, events and its client.

mod client;
mod draft;
mod generation;
mod reservation;
mod view;

pub use client::{ProjectFilter, ProjectLibrary};
pub use draft::{
    AnnualPlan, AssetLine, Detail, ExAnteEvaluation, PerfGoal, PerfIndicator, ProjectDraft, PurchaseLine, YearFlag,
};
pub use generation::{GenerateProjects, GenerationItem, GenerationResult};
pub use reservation::{Reservation, ReserveAmount};
pub use view::{Project, ProjectHead, ProjectStatus, ProjectWarning, ReviewAmount, TerminateProject};

/// Sent when a project enters the library; data: [`ProjectHead`].
pub const PROJECT_STORED: &str = "project-library.project.stored";
/// Sent when a stored project is terminated (终止); data: [`ProjectTerminated`].
pub const PROJECT_TERMINATED: &str = "project-library.project.terminated";

/// A stored project came to its end before its money was all arranged (PM-009).
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct ProjectTerminated {
    pub project: ProjectHead,
    /// The reserve that no budget had taken, released now.
    pub released_amt: common_types::Money,
    pub reason: String,
}
