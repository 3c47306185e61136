//! Which division a list is about.

use common_types::DivisionCode;
use service_kit::{Caller, Problem};

/// The division asked for, or the caller's own; 404 out of reach.
pub(crate) fn division_of(caller: &Caller, asked: Option<&DivisionCode>) -> Result<DivisionCode, Problem> {
    let division = asked.unwrap_or(&caller.mof_div_code);
    let looks_down = caller.agency_code.is_none() && caller.mof_div_code.contains(division);
    if caller.is_service() || caller.mof_div_code == *division || looks_down {
        Ok(division.clone())
    } else {
        Err(Problem::not_found("区划", "the division"))
    }
}
