//! What the gateway can be told.

use serde::{Deserialize, Serialize};

/// Limits of the door.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Requests per second that one client may send on average.
    pub requests_per_second: u32,
    /// Requests that one client may send at once.
    pub burst: u32,
    /// How long a service elsewhere may take to answer.
    pub timeout_seconds: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self { requests_per_second: 2000, burst: 4000, timeout_seconds: 30 }
    }
}
