//! What other services know of `monitoring`: evaluations, rules, warning cases, and a typed client.

mod client;
mod evaluation;
mod rule;
mod warning;

pub use client::Monitoring;
pub use evaluation::*;
pub use rule::*;
pub use warning::*;
