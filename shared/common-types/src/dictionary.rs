//! The dictionary of field names (数据元): what a field on the wire or in a table may be called.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::standard;

/// One field of the standard.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Element {
    /// The name in lower snake case.
    pub field: String,
    /// The Chinese name.
    pub name_zh: String,
    /// The type as the standard writes it, such as `V(21)`.
    #[serde(rename = "type")]
    pub data_type: String,
    /// The value set the field draws from.
    pub value_set: Option<String>,
    /// The logical tables that have it, separated by blanks; empty for an accounting element of the ledger alone.
    pub tables: String,
}

/// The field of this name.
pub fn find(field: &str) -> Option<&'static Element> {
    static BY_FIELD: LazyLock<HashMap<&'static str, &'static Element>> =
        LazyLock::new(|| all().iter().map(|element| (element.field.as_str(), element)).collect());
    BY_FIELD.get(field).copied()
}

/// Every field, in the order of the file.
pub fn all() -> &'static [Element] {
    static ELEMENTS: LazyLock<Vec<Element>> = LazyLock::new(|| standard::records(standard::ELEMENTS));
    &ELEMENTS
}
