//! Units, as `base-info` knows them.

use base_info_contract::{Agency, BaseInfo};
use common_types::{AgencyCode, DivisionCode, FiscalYear};
use service_kit::Problem;

use crate::RULES;

/// The enabled unit of this code in this division and year; PL-101 when there is none.
pub(crate) async fn unit(
    base_info: &BaseInfo,
    division: &DivisionCode,
    year: FiscalYear,
    agency: &AgencyCode,
) -> Result<Agency, Problem> {
    let unit = base_info.agency(division, year, agency).await?;
    unit.filter(|unit| unit.is_enabled).ok_or_else(|| {
        RULES
            .refuse(
                "PL-101",
                format!("{year} 年度区划 {division} 没有启用的单位 {agency}"),
                format!("division {division} has no enabled unit {agency} in {year}"),
            )
            .at("/agency_code", "单位不存在或已停用", "unit is unknown or disabled")
    })
}
