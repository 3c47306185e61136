//! Certificates (签章证书) and stamps (签章) on the wire: who signs with which key, and what was signed.

use chrono::{DateTime, NaiveDate, Utc};
use common_types::DivisionCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// How a signature is made (签名算法).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SignAlgorithm {
    /// GB/T 32918 over SM3, with the default distinguishing identifier `1234567812345678`; a signature is `r` then `s`, 32
    /// bytes each
    Sm2,
    /// RFC 8032; a signature is 64 bytes
    Ed25519,
}

/// What a certificate is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CertificateUsage {
    /// A person of the unit or the treasury division signs vouchers.
    Signer,
    /// An agent bank signs its receipts.
    Bank,
}

/// Body of `POST /certificates` (发放签章证书).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CertificateDraft {
    pub mof_div_code: DivisionCode,
    /// User name of the signer, client id of the bank.
    pub holder: String,
    pub holder_name: String,
    pub usage: CertificateUsage,
    pub sign_algorithm: SignAlgorithm,
    /// The bank's public key, base64: an uncompressed SEC1 point for SM2 (65 bytes, `04` first), 32 bytes for Ed25519; absent
    /// for a signer, whose key the platform makes and keeps.
    #[serde(default)]
    pub public_key: Option<String>,
    pub valid_from: NaiveDate,
    pub valid_to: NaiveDate,
}

/// A certificate as it stands; its private key never leaves the platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Certificate {
    pub cert_id: Uuid,
    pub mof_div_code: DivisionCode,
    pub holder: String,
    pub holder_name: String,
    pub usage: CertificateUsage,
    pub sign_algorithm: SignAlgorithm,
    /// Base64: an uncompressed SEC1 point for SM2, 32 bytes for Ed25519.
    pub public_key: String,
    pub valid_from: NaiveDate,
    pub valid_to: NaiveDate,
    pub revoke_date: Option<NaiveDate>,
    pub create_time: DateTime<Utc>,
}

/// Body of `POST /certificates/{cert_id}/revocations` (吊销).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RevocationRequest {}

/// Filters of `GET /certificates`.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CertificateFilter {
    #[param(value_type = String)]
    pub mof_div_code: DivisionCode,
    pub holder: Option<String>,
    /// Rows per page, 1 to 1000; 50 when absent.
    pub page_size: Option<u64>,
    /// `next_page_token` of the page before.
    pub page_token: Option<String>,
}

/// A signature beside what it signs (SignStamp).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignStamp {
    pub cert_id: Uuid,
    pub sign_algorithm: SignAlgorithm,
    /// Base64: 64 bytes.
    pub signature: String,
}

/// Which of a voucher's two stamps (签章类型).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum StampKind {
    /// 签名 (qm)
    Sign,
    /// 复核签章 (gz)
    Seal,
}

/// One stamp of a voucher.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VoucherStamp {
    pub stamp_kind: StampKind,
    pub signer: String,
    pub stamp: SignStamp,
    pub sign_time: DateTime<Utc>,
}

/// Answer to `GET /vouchers/{pay_cert_id}/signatures`: whether the voucher is what was signed (验签).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VoucherSignatures {
    pub pay_cert_id: Uuid,
    pub pay_cert_no: String,
    /// SM3 of the content as it stands now.
    pub present_hash: String,
    /// SM3 of the content at the first signature.
    pub content_hash: Option<String>,
    pub is_intact: bool,
    pub stamps: Vec<VoucherStamp>,
}
