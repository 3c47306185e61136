//! What this service asks of others: units of `base-info`, projects and their reserves of `project-library`.
//! Never called inside a transaction.

use std::collections::{BTreeMap, BTreeSet};

use base_info_contract::{Agency, BaseInfo};
use common_types::{AgencyCode, DivisionCode, FiscalYear, ProCode};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use project_library_contract::{ProjectHead, ProjectLibrary, ReserveAmount};
use service_kit::{PeerError, Problem, host::Surroundings};

use crate::RULES;

const ASKED_AT_ONCE: usize = 8;

/// The peers of this service.
#[derive(Clone)]
pub(crate) struct Peers {
    base_info: BaseInfo,
    projects: ProjectLibrary,
}

impl Peers {
    pub(crate) fn of(surroundings: &Surroundings) -> Self {
        Self {
            base_info: BaseInfo(surroundings.peer("base-info")),
            projects: ProjectLibrary(surroundings.peer("project-library")),
        }
    }

    /// A unit that exists in that division and year; refused otherwise (BG-102).
    pub(crate) async fn agency(
        &self,
        division: &DivisionCode,
        year: FiscalYear,
        agency_code: &AgencyCode,
    ) -> Result<Agency, Problem> {
        let found = self.base_info.agency(division, year, agency_code).await?;
        found.filter(|agency| agency.is_enabled).ok_or_else(|| {
            let zh = format!("{division} 在 {year} 年没有可用的单位 {agency_code}");
            let en = format!("{division} has no enabled unit {agency_code} in {year}");
            RULES.refuse("BG-102", zh.clone(), en.clone()).at("/agency_code", zh, en)
        })
    }

    /// The projects of these codes, as far as they exist.
    pub(crate) async fn projects(
        &self,
        division: &DivisionCode,
        codes: BTreeSet<ProCode>,
    ) -> Result<BTreeMap<ProCode, ProjectHead>, Problem> {
        let asked = codes.into_iter().map(|code| self.project(division, code));
        let found: Vec<_> = stream::iter(asked).buffer_unordered(ASKED_AT_ONCE).try_collect().await?;
        Ok(found.into_iter().flatten().collect())
    }

    async fn project(&self, division: &DivisionCode, code: ProCode) -> Result<Option<(ProCode, ProjectHead)>, Problem> {
        let found = self.projects.by_code(division, &code).await?;
        Ok(found.map(|project| (code, project.head)))
    }

    /// Takes or gives back library money, once per id (PM-010).
    pub(crate) async fn reserve(&self, reservation: &ReserveAmount) -> Result<(), PeerError> {
        self.projects.reserve(reservation).await.map(drop)
    }
}
