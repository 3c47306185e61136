//! Settings of the service.

use serde::{Deserialize, Serialize};

/// What an operator may set for this service.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {}
