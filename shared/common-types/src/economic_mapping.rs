//! Which government economic class a department economic class belongs to (BG-005). Decides nothing beyond that pair.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::codes::{DepBgtEcoCode, GovBgtEcoCode};
use crate::standard;
use crate::value_sets::AgencyType;

#[derive(Deserialize)]
struct Row {
    dep_bgt_eco_code: DepBgtEcoCode,
    gov_bgt_eco_code_administrative: Option<GovBgtEcoCode>,
    gov_bgt_eco_code_institution: Option<GovBgtEcoCode>,
}

/// The government class (政府支出经济分类) for a department class in this kind of unit; nothing when the pair is not allowed (BG-005).
/// Units that are neither administrative nor institutions have only the classes on which both agree.
pub fn gov_for(dep: &DepBgtEcoCode, kind: AgencyType) -> Option<GovBgtEcoCode> {
    static ROWS: LazyLock<HashMap<DepBgtEcoCode, Row>> = LazyLock::new(|| {
        standard::records::<Row>(standard::DEP_TO_GOV_ECO)
            .into_iter()
            .map(|row| (row.dep_bgt_eco_code.clone(), row))
            .collect()
    });
    let row = ROWS.get(dep)?;
    let (administrative, institution) = (&row.gov_bgt_eco_code_administrative, &row.gov_bgt_eco_code_institution);
    let found = match kind {
        AgencyType::Administrative
        | AgencyType::Party
        | AgencyType::PeoplesCongress
        | AgencyType::Government
        | AgencyType::ConsultativeConference
        | AgencyType::Supervisory
        | AgencyType::Court
        | AgencyType::Procuratorate
        | AgencyType::DemocraticPartyOrMassOrganisation
        | AgencyType::CivilServiceManaged => administrative,
        AgencyType::Institution
        | AgencyType::PublicWelfareOne
        | AgencyType::PublicWelfareTwo
        | AgencyType::ProductionAndBusiness
        | AgencyType::UnclassifiedInstitution => institution,
        AgencyType::Enterprise | AgencyType::SocialOrganisation | AgencyType::Other => {
            if administrative == institution { institution } else { &None }
        }
    };
    found.clone()
}
