//! What `monitoring` can be told.

use serde::{Deserialize, Serialize};

/// Settings of the service.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// How often the clock is looked at for a new day, which the scheduled rules then scan.
    pub look_for_new_day_seconds: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self { look_for_new_day_seconds: 60 }
    }
}
