//! How every service behaves on the wire: problem documents, commands, pages, versions.

mod catalogue;
mod command;
mod etag;
pub mod group;
pub(crate) mod openapi;
mod page;
mod problem;
pub(crate) mod server;

pub use catalogue::{Catalogue, Rule};
pub use command::{BatchResult, Command, IDEMPOTENCY_KEY, IDEMPOTENT_REPLAYED, RowResult, idempotency_key};
pub use etag::{IfMatch, with_etag};
pub use page::{Page, PageQuery, Paged};
pub use problem::{FieldError, Problem, ProblemDocument};
pub use server::{Entrance, refuse_hidden_characters};

/// The rules of the kit itself.
pub static RULES: Catalogue = Catalogue::new(include_str!("../../errors.csv"));
