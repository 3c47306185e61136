//! What `monitoring` can be told.

use serde::{Deserialize, Serialize};

/// Settings of the service.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {}
