//! The services that this one asks. Never asked inside a transaction.

pub mod bank;
pub mod base_info;
pub mod monitoring;
pub mod project_library;

use service_kit::{Peer, host::Surroundings};

/// One client for each peer, each with the machine token of this service.
#[derive(Clone)]
pub struct Peers {
    pub base_info: Peer,
    pub project_library: Peer,
    pub monitoring: Peer,
    pub bank: Peer,
}

impl Peers {
    /// The peers as the surroundings place them.
    pub fn of(surroundings: &Surroundings) -> Self {
        Self {
            base_info: surroundings.peer("base-info"),
            project_library: surroundings.peer("project-library"),
            monitoring: surroundings.peer("monitoring"),
            bank: surroundings.peer("bank"),
        }
    }
}
