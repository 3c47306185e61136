//! Day files of an agent bank (日终回单文件) on the wire: one receipt a line (NDJSON), taken while they stream.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Where a day file stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DayFileStatus {
    /// It is being taken, or was broken off: sending it again goes on.
    Running,
    Done,
}

/// A day file and what became of its lines: `POST /bank-day-files`, `GET /bank-day-files/{file_id}` while it runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DayFile {
    pub file_id: Uuid,
    pub status: DayFileStatus,
    pub line_count: u32,
    /// Settled their voucher now.
    pub settled_count: u32,
    /// Had settled it before.
    pub already_count: u32,
    /// For no voucher of ours (CLR-004).
    pub unmatched_count: u32,
    /// See `GET /bank-day-files/{file_id}/refusals`.
    pub refused_count: u32,
    pub create_time: DateTime<Utc>,
    pub update_time: DateTime<Utc>,
}

/// A line that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DayFileRefusal {
    /// The first line is 1.
    pub line_no: u32,
    pub pay_cert_no: String,
    pub code: String,
    pub detail: String,
}
