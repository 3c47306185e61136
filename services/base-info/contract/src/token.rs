//! Sign-in of people and machines.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Body of `POST /tokens`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(tag = "grant_type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Grant {
    /// A person.
    Password { username: String, password: String },
    /// A machine.
    ClientCredentials { client_id: String, client_secret: String },
}

/// A token to send as `Authorization: Bearer …`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Token {
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: String,
    /// Seconds.
    pub expires_in: u64,
}
