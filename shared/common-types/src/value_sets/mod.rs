//! The closed value sets (值集) as enums, generated from `standard/value_sets.csv`. Holds no set that a division may extend.

mod closed_set;
mod generated;
mod source;

pub(crate) use closed_set::{closed_set, closed_set_parents};
pub use generated::*;
#[doc(hidden)]
pub use source::generated_source;
