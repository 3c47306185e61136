//! Settings of the service.

use std::path::PathBuf;

pub use budget_execution_contract::SignAlgorithm;
use common_types::DivisionCode;
use serde::{Deserialize, Serialize};

/// What an operator may set for this service.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Seals the private keys of signers, 32 bytes, the same for all instances; `seal-key` in the data folder when
    /// absent, made at first start.
    pub seal_key_file: Option<PathBuf>,
    /// Banks whose receipts are taken from the start; more are added with `POST /certificates`.
    pub banks: Vec<TrustedBank>,
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
