//! PAY_CERTIFICATE: who may sign with which key, and until when (签章证书).

use budget_execution_contract::{CertificateUsage, SignAlgorithm};
use chrono::{DateTime, NaiveDate, Utc};
use common_types::DivisionCode;
use sea_orm::entity::prelude::*;

use crate::payment::status::stored_status;

stored_status! {
    /// How a signature is made.
    Algorithm stores SignAlgorithm { Sm2, Ed25519, }
}

stored_status! {
    /// What a certificate is for.
    Usage stores CertificateUsage { Signer, Bank, }
}

/// One certificate.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "pay_certificate")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub mof_div_code: DivisionCode,
    #[sea_orm(primary_key, auto_increment = false)]
    pub cert_id: Uuid,
    pub holder: String,
    pub holder_name: String,
    pub usage: Usage,
    pub sign_algorithm: Algorithm,
    pub public_key: String,
    /// Sealed with the seal key of the installation; none when the holder keeps the key.
    pub sealed_key: Option<String>,
    pub valid_from: NaiveDate,
    pub valid_to: NaiveDate,
    pub revoke_date: Option<NaiveDate>,
    pub create_time: DateTime<Utc>,
}

impl ActiveModelBehavior for ActiveModel {}
