//! Settings of the service.

use std::path::PathBuf;
use std::time::Duration;

pub use budget_execution_contract::SignAlgorithm;
use common_types::DivisionCode;
use serde::{Deserialize, Serialize};

use crate::jobs::Nightly;

/// What an operator may set for this service.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Seals the private keys of signers, 32 bytes, the same for all instances; `seal-key` in the data folder when
    /// absent, made at first start.
    pub seal_key_file: Option<PathBuf>,
    /// Banks whose receipts are taken from the start; more are added with `POST /certificates`.
    pub banks: Vec<TrustedBank>,
    /// Hour of the day in China from which the books of the night are verified.
    pub nightly_hour: u32,
    /// How often it is looked at whether nightly work is due.
    pub look_for_due_work_seconds: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self { seal_key_file: None, banks: Vec::new(), nightly_hour: 2, look_for_due_work_seconds: 60 }
    }
}

impl Config {
    /// When nightly work is due.
    pub fn nightly(&self) -> Nightly {
        Nightly { hour: self.nightly_hour, look_every: Duration::from_secs(self.look_for_due_work_seconds.max(1)) }
    }
}

/// A bank and the key with which it signs its receipts.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrustedBank {
    /// Client id of the bank.
    pub holder: String,
    pub mof_div_code: DivisionCode,
    pub sign_algorithm: SignAlgorithm,
    /// Base64.
    pub public_key: String,
}
