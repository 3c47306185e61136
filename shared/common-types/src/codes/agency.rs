//! Unit codes: a tree written in groups of three digits.

use super::{CodeError, code, digits};

code! {
    /// A unit code (单位代码): three digits per level, up to 21 (N5).
    AgencyCode, "单位代码", |field, text| {
        digits(field, text)?;
        match text.len() {
            3..=21 if text.len().is_multiple_of(3) => Ok(()),
            _ => Err(CodeError::WrongLength { field, text: text.to_owned(), needed: "3 to 21 digits in threes" }),
        }
    }
}

impl AgencyCode {
    /// The department (部门) at the top of the tree.
    pub fn department(&self) -> Self {
        Self(self.0[..3].to_owned())
    }

    /// The unit one level up; none for a department.
    pub fn parent(&self) -> Option<Self> {
        let length = self.0.len() - 3;
        (length > 0).then(|| Self(self.0[..length].to_owned()))
    }

    /// Whether the other is this unit or below it.
    pub fn contains(&self, other: &Self) -> bool {
        other.0.starts_with(&self.0)
    }
}
