//! Settings of the service.

use serde::{Deserialize, Serialize};

/// There are none of its own yet.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {}
