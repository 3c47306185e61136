//! Mechanisms that every service shares: configuration, telemetry, HTTP behaviour, identity, storage, hosting.
//! The kit knows no business noun; what it says about money and codes it says through `common-types`.

pub mod auth;
pub mod clock;
pub mod config;
pub mod context;
pub mod host;
pub mod http;
pub mod peer;
pub mod store;
pub mod telemetry;
pub mod together;
pub mod upstream;

pub use auth::Caller;
pub use clock::Clock;
pub use host::{Module, Worker};
pub use http::{Catalogue, Command, Page, PageQuery, Problem};
pub use peer::{Peer, PeerError};
pub use store::Database;
