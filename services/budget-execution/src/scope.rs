//! What a caller's lists begin with: divisions and units within reach.

use common_types::DivisionCode;
use sea_orm::{ColumnTrait, Condition};
use service_kit::Caller;

/// Rows that the caller may read: the own division and unit subtree; for the whole-division staff of a finance bureau
/// also the divisions below. The platform's own machines read everything.
pub fn readable<C: ColumnTrait>(caller: &Caller, division: C, agency: C) -> Condition {
    if caller.is_service() {
        return Condition::all();
    }
    match &caller.agency_code {
        Some(own) => {
            Condition::all().add(division.eq(caller.mof_div_code.clone())).add(agency.starts_with(own.as_str()))
        }
        None => divisions(caller, division),
    }
}

/// The same for rows that belong to no unit: a unit sees none of them.
pub fn divisions<C: ColumnTrait>(caller: &Caller, division: C) -> Condition {
    if caller.is_service() {
        return Condition::all();
    }
    match &caller.agency_code {
        Some(_) => Condition::all().add(division.is_null()),
        None => Condition::all().add(division.starts_with(prefix(&caller.mof_div_code))),
    }
}

/// What this division and all below it start with.
fn prefix(division: &DivisionCode) -> &str {
    if division.parent().is_none() {
        return "";
    }
    let code = division.as_str();
    let ends_in_zeros = |length: &usize| code.bytes().skip(*length).all(|digit| digit == b'0');
    let length = [2, 4, 6].into_iter().find(ends_in_zeros).unwrap_or(code.len());
    code.get(..length).unwrap_or(code)
}
