//! Fiscal divisions (财政区划, BAS_DIV).

use common_types::DivisionCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A fiscal division.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Division {
    pub mof_div_code: DivisionCode,
    pub mof_div_name: String,
    #[serde(default)]
    pub parent: Option<DivisionCode>,
    /// 1 province, 2 city, 3 county or zone, 4 township.
    pub level: i32,
    /// `province`, `city`, `county`, `zone`, `township`.
    pub kind: String,
}

/// Body of `POST /divisions/imports`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DivisionImport {
    pub items: Vec<Division>,
}

/// What an import did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportResult {
    pub imported: usize,
}
