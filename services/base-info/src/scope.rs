//! Which divisions a list shows: the caller's own, or one that the caller may read.

use common_types::DivisionCode;
use service_kit::{Caller, Problem};

/// The division that a list is about; 404 for one out of reach.
pub(crate) fn division_of(caller: &Caller, asked: Option<&DivisionCode>) -> Result<DivisionCode, Problem> {
    let division = asked.unwrap_or(&caller.mof_div_code);
    let is_readable = caller.is_service()
        || caller.mof_div_code == *division
        || (caller.agency_code.is_none() && caller.mof_div_code.contains(division));
    if is_readable { Ok(division.clone()) } else { Err(Problem::not_found("区划", "the division")) }
}

/// 404 unless the caller maintains base data of this division: an administrator above it, or its own finance bureau.
pub(crate) fn require_maintains(caller: &Caller, division: &DivisionCode) -> Result<(), Problem> {
    caller.require(&[common_types::Role::M7, common_types::Role::M2])?;
    let is_above = caller.roles.contains(&common_types::Role::M7) && caller.mof_div_code.contains(division);
    if is_above || (caller.mof_div_code == *division && caller.agency_code.is_none()) {
        Ok(())
    } else {
        Err(Problem::not_found("区划", "the division"))
    }
}
