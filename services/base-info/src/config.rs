//! What `base-info` can be told.

use std::path::PathBuf;

use common_types::{DivisionCode, Role};
use serde::{Deserialize, Serialize};
use service_kit::config::Secret;

/// Identity settings.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Ed25519 key in PKCS#8; `signing-key.der` in the data folder when absent, made at first start.
    pub signing_key_file: Option<PathBuf>,
    /// Lifetime of a token.
    pub token_seconds: u64,
    /// Wrong passwords in a row before an account is locked.
    pub lock_after_failures: i32,
    pub lock_minutes: i64,
    pub bootstrap_admin: BootstrapAdmin,
    /// Machines that may sign in.
    pub clients: Vec<MachineClient>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            signing_key_file: None,
            token_seconds: 900,
            lock_after_failures: 5,
            lock_minutes: 15,
            bootstrap_admin: BootstrapAdmin::default(),
            clients: Vec::new(),
        }
    }
}

/// The first administrator; made only while there is no user at all, and only when a password is set.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BootstrapAdmin {
    pub username: String,
    pub password: Secret,
}

/// A machine and what it may do.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MachineClient {
    pub client_id: String,
    pub client_secret: Secret,
    pub roles: Vec<Role>,
    pub mof_div_code: DivisionCode,
}
