//! Which control numbers a line falls under. Pure.

use std::collections::BTreeMap;

use common_types::{AgencyCode, FundTypeCode, Money, ProCatCode};
use uuid::Uuid;

use super::entity::number;
use crate::package::{control_kind, entity::line};

/// What a package takes of each control number, or the dimension that has none.
pub(crate) fn usage_of(
    numbers: &[number::Model],
    agency: &AgencyCode,
    lines: &[line::Model],
) -> Result<BTreeMap<Uuid, Money>, (ProCatCode, FundTypeCode)> {
    let mut usage: BTreeMap<Uuid, Money> = BTreeMap::new();
    for line in lines.iter().filter(|line| !line.difference().is_zero()) {
        let kind = control_kind(line.pro_kind_code);
        let of_agency = closest(numbers, Some(agency), kind, &line.fund_type_code);
        let of_department = closest(numbers, None, kind, &line.fund_type_code);
        if of_agency.is_none() && of_department.is_none() {
            return Err((kind, line.fund_type_code.clone()));
        }
        for number in of_agency.into_iter().chain(of_department) {
            let sum = usage.entry(number.control_id).or_default();
            *sum = sum.checked_add(line.difference()).unwrap_or(Money::from_fen(i64::MAX));
        }
    }
    usage.retain(|_, amount| amount.is_positive());
    Ok(usage)
}

/// The number for this kind whose fund nature is the closest above the line's.
fn closest<'a>(
    numbers: &'a [number::Model],
    agency: Option<&AgencyCode>,
    kind: ProCatCode,
    fund: &FundTypeCode,
) -> Option<&'a number::Model> {
    numbers
        .iter()
        .filter(|number| number.agency_code.as_ref() == agency)
        .filter(|number| number.pro_kind_code == kind && number.fund_type_code.contains(fund))
        .max_by_key(|number| number.fund_type_code.as_str().len())
}
