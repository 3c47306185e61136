//! Settings of the service.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::jobs::Nightly;

/// What an operator may set for this service.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Hour of the day in China from which the books of the night are verified.
    pub nightly_hour: u32,
    /// How often it is looked at whether nightly work is due.
    pub look_for_due_work_seconds: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self { nightly_hour: 2, look_for_due_work_seconds: 60 }
    }
}

impl Config {
    /// When nightly work is due.
    pub fn nightly(&self) -> Nightly {
        Nightly { hour: self.nightly_hour, look_every: Duration::from_secs(self.look_for_due_work_seconds.max(1)) }
    }
}
