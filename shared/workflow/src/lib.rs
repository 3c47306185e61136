//! The one document workflow (domain rules W1–W6): every business document is drafted, submitted, approved node by
//! node, returned, recalled, discarded, hung and resumed here, with an immutable log. The workflow knows documents,
//! nodes and people; what a document means stays with its service.

mod chain;
mod document;
pub mod http;
mod log;
mod model;
pub mod noun;
mod store;

pub use chain::{Chains, Node};
pub use document::{Act, ActionRequest, BatchRequest, NewDocument, Row, act, decide, lock, open, record_many, revise};
pub use log::{LogEntry, history};
pub use model::{Action, Document, State, Status, Transition};
pub use noun::{BooksFilter, Heading, Noun, Service, Work};
pub use store::{document, documents};

use service_kit::Catalogue;

/// The refusals of the workflow.
pub static RULES: Catalogue = Catalogue::new(include_str!("../errors.csv"));
