//! What a caller may see in lists: the own division and unit subtree, for whole-division staff also what lies below.

use common_types::{DivisionCode, DivisionLevel};
use sea_orm::{ColumnTrait, Condition};
use service_kit::Caller;

/// The condition that keeps a list within the caller's reach.
pub(crate) fn readable<C: ColumnTrait>(caller: &Caller, division: C, agency: C) -> Condition {
    if caller.is_service() {
        return Condition::all();
    }
    match &caller.agency_code {
        Some(own) => {
            Condition::all().add(division.eq(caller.mof_div_code.clone())).add(agency.starts_with(own.as_str()))
        }
        None => from_above(caller, division),
    }
}

/// The same for what belongs to no unit: finance staff only.
pub(crate) fn readable_by_finance<C: ColumnTrait>(caller: &Caller, division: C) -> Condition {
    if caller.is_service() {
        return Condition::all();
    }
    match &caller.agency_code {
        Some(_) => Condition::any().add(division.is_null()),
        None => from_above(caller, division),
    }
}

fn from_above<C: ColumnTrait>(caller: &Caller, division: C) -> Condition {
    Condition::all().add(division.starts_with(prefix(&caller.mof_div_code)))
}

/// What the codes of a division and all divisions below it start with.
fn prefix(division: &DivisionCode) -> &str {
    let length = match division.level() {
        DivisionLevel::Central => 0,
        DivisionLevel::Province => 2,
        DivisionLevel::City => 4,
        DivisionLevel::County => 6,
        DivisionLevel::Township => 9,
    };
    &division.as_str()[..length]
}
