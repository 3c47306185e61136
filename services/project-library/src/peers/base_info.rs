//! Units, as `base-info` knows them.

use common_types::{AgencyCode, DivisionCode, FiscalYear, MofDepCode};
use serde::Deserialize;
use service_kit::{Peer, Problem};

use crate::RULES;

/// What a project takes over from its unit.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Unit {
    pub(crate) dept_code: Option<AgencyCode>,
    pub(crate) manage_mof_dep_code: Option<MofDepCode>,
    pub(crate) is_enabled: bool,
}

#[derive(Clone)]
pub(crate) struct BaseInfo(pub(crate) Peer);

impl BaseInfo {
    /// The enabled unit of this code in this division and year; PL-101 when there is none.
    pub(crate) async fn unit(
        &self,
        division: &DivisionCode,
        year: FiscalYear,
        agency: &AgencyCode,
    ) -> Result<Unit, Problem> {
        let path = format!("/api/base-info/v1/agencies/{division}/{year}/{agency}");
        let unit: Option<Unit> = self.0.find(&path).await?;
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
}
