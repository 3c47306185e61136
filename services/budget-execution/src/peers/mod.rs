//! The services that this one asks. Never asked inside a transaction.

pub mod bank;
pub mod base_info;
pub mod monitoring;
pub mod project_library;

use monitoring_contract::{Verdict, VersionedEvaluation};
use service_kit::{Gather, Peer, Worker, gather::Limits, host::Surroundings};

use base_info::{Parties, PartiesQuestion};

/// Submissions arrive one by one and are many: what each asks travels with what the others ask.
const TOGETHER: Limits = Limits { waiting: 4096, together: 128, requests: 2 };

/// One client for each peer, each with the machine token of this service.
#[derive(Clone)]
pub struct Peers {
    pub base_info: Peer,
    pub project_library: Peer,
    pub monitoring: Peer,
    pub bank: Peer,
    /// The sides of payments, asked of `base-info`.
    pub parties: Gather<PartiesQuestion, Parties>,
    /// Verdicts on payments, asked of `monitoring`.
    pub verdicts: Gather<VersionedEvaluation, Verdict>,
}

impl Peers {
    /// The peers as the surroundings place them, and the workers that carry questions to them.
    pub fn of(surroundings: &Surroundings) -> (Self, Vec<Worker>) {
        let (base_info, monitoring) = (surroundings.peer("base-info"), surroundings.peer("monitoring"));
        let (parties, carrying_parties) = base_info::gather(base_info.clone(), TOGETHER);
        let (verdicts, carrying_verdicts) = monitoring::gather(monitoring.clone(), TOGETHER);
        let peers = Self {
            base_info,
            project_library: surroundings.peer("project-library"),
            monitoring,
            bank: surroundings.peer("bank"),
            parties,
            verdicts,
        };
        (peers, vec![carrying_parties, carrying_verdicts])
    }
}
