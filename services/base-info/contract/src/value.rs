//! Value sets (值集, ELE_*): the standard's values and what a division added below them.

use common_types::{DivisionCode, FiscalYear};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Adds a local value below a standard one (T2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewValue {
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub ele_code: String,
    pub ele_name: String,
    /// The value above it.
    pub parent: String,
}

/// A value of a set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Value {
    pub ele_catalog_code: String,
    pub ele_code: String,
    pub ele_name: String,
    pub parent: Option<String>,
    pub is_leaf: bool,
    /// National standard, not to be changed locally.
    pub is_standard: bool,
}

/// Filters of `GET /value-sets/{set}`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ValueFilter {
    #[param(value_type = Option<String>)]
    pub mof_div_code: Option<DivisionCode>,
    #[param(value_type = Option<i32>)]
    pub fiscal_year: Option<FiscalYear>,
}
