//! What a caller reaches, as conditions on rows.

use common_types::DivisionCode;
use sea_orm::{ColumnTrait, Condition};
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

/// Rows of the caller's unit and those below it; all rows for callers of a whole division.
pub(crate) fn of_agency<C: ColumnTrait>(caller: &Caller, agency: C) -> Condition {
    Condition::all().add_option(caller.agency_code.as_ref().map(|own| agency.starts_with(own.as_str())))
}
