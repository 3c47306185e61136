//! The key with which the bank signs its receipts.

use aws_lc_rs::{
    digest::{SHA256, digest},
    signature::{Ed25519KeyPair, KeyPair as _},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use budget_execution_contract::BankReceipt;

use crate::Config;

const PURPOSE: &str = "receipts of the simulated bank:";

/// Signs receipts; derived from the bank's secret, so that it is the same after a restart.
pub struct Seal(Ed25519KeyPair);

impl Seal {
    /// The seal of a bank with these settings.
    pub fn of(config: &Config) -> Self {
        let seed = digest(&SHA256, format!("{PURPOSE}{}", config.client_secret.reveal()).as_bytes());
        Self(Ed25519KeyPair::from_seed_unchecked(seed.as_ref()).expect("a SHA-256 digest is as long as a seed"))
    }

    /// What the platform must know to trust the receipts, base64.
    pub fn public_key(&self) -> String {
        STANDARD.encode(self.0.public_key().as_ref())
    }

    /// The receipt with the bank's signature.
    pub fn sign(&self, receipt: BankReceipt) -> BankReceipt {
        let signature = STANDARD.encode(self.0.sign(receipt.signed_content().as_bytes()).as_ref());
        BankReceipt { signature: Some(signature), ..receipt }
    }
}
