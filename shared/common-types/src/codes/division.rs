//! Fiscal divisions: a tree written in nine digits, two for the province, two for the city, two for the county, three below.

use super::{code, digits, exact_length};
use crate::classification;
use crate::value_sets::DivLevel;

/// The level of a division (区划级次), the value set DIV_LEVEL.
pub type DivisionLevel = DivLevel;

const CENTRAL: &str = "109900000";

code! {
    /// A fiscal division (财政区划), 9 digits; 109900000 is the central government.
    DivisionCode, "财政区划代码", |field, text| {
        digits(field, text)?;
        exact_length(field, text, 9, "9 digits")
    }
}

impl DivisionCode {
    /// The central government (中央).
    pub fn central() -> Self {
        Self(CENTRAL.to_owned())
    }

    /// The Chinese name, where one of the division files has it.
    pub fn name(&self) -> Option<&'static str> {
        let tables = [classification::divisions(), classification::townships(), classification::national()];
        tables.into_iter().find_map(|table| table.find(&self.0)).map(|row| row.name.as_str())
    }

    /// The level its digits say (T3); a zone is written like a township.
    pub fn level(&self) -> DivisionLevel {
        match self.prefix().len() {
            0 => DivisionLevel::Central,
            2 => DivisionLevel::Province,
            4 => DivisionLevel::City,
            6 => DivisionLevel::County,
            _ => DivisionLevel::Township,
        }
    }

    /// The division one level up; the centre has none. A zone stands below the county it lies in.
    pub fn parent(&self) -> Option<Self> {
        match self.prefix().len() {
            0 => None,
            2 => Some(Self::central()),
            4 => Some(self.shortened(2)),
            6 => Some(self.shortened(4)),
            _ => Some(self.shortened(6)),
        }
    }

    /// Whether the other is this division or below it; the centre contains every division.
    pub fn contains(&self, other: &Self) -> bool {
        other.0.starts_with(self.prefix())
    }

    /// The first six digits, as document numbers carry them (N3).
    pub fn six(&self) -> &str {
        &self.0[..6]
    }

    /// What every division below starts with; empty for the centre.
    fn prefix(&self) -> &str {
        if self.0 == CENTRAL {
            return "";
        }
        let lengths = [2, 4, 6];
        let shortest = lengths.into_iter().find(|&length| self.0[length..].bytes().all(|digit| digit == b'0'));
        &self.0[..shortest.unwrap_or(9)]
    }

    fn shortened(&self, length: usize) -> Self {
        Self(format!("{:0<9}", &self.0[..length]))
    }
}
