//! Persons (人员) of units. An identity number is shown only by its last four characters.

pub mod http;
pub mod store;

use std::collections::{BTreeMap, btree_map::Entry};

use base_info_contract::{NewPerson, Person, PersonFilter};
use common_types::{PerSta, Role};
use sea_orm::DatabaseTransaction;
use service_kit::{Caller, Page, Problem};
use uuid::Uuid;

use crate::{BaseInfo, RULES, agency, scope};

const SHOWN_CHARACTERS: usize = 4;

/// Records a person (BI-003); tells when the unit is over its staffing (BI-004).
pub async fn create(tx: &DatabaseTransaction, caller: &Caller, new: NewPerson) -> Result<Person, Problem> {
    caller.require(&[Role::U1, Role::M7])?;
    let is_own = caller.acts_in(&new.mof_div_code, Some(&new.agency_code));
    let is_above = caller.roles.contains(&Role::M7) && caller.mof_div_code.contains(&new.mof_div_code);
    if !is_own && !is_above {
        return Err(Problem::not_found("单位", "the agency"));
    }
    if new.is_uni_sala && new.sala_card_no.as_deref().unwrap_or_default().is_empty() {
        let (zh, en) = ("工资统发人员须有工资卡号", "unified salary needs a card number");
        return Err(RULES.refuse("BI-003", zh, en).at("/sala_card_no", zh, en));
    }
    let owner = agency::store::find(tx, &new.mof_div_code, new.fiscal_year, &new.agency_code).await?;
    let owner = owner.ok_or_else(|| Problem::not_found("单位", "the agency"))?;
    let per_id = Uuid::now_v7();
    if !store::insert(tx, per_id, &new).await? {
        let number = masked(&new.iden_no);
        return Err(RULES.refuse(
            "BI-003",
            format!("证件号 {number} 已登记"),
            format!("{number} is registered already"),
        ));
    }
    let is_over_staffed = store::is_over_staffed(tx, &owner).await?;
    Ok(Person {
        per_id,
        mof_div_code: new.mof_div_code,
        fiscal_year: new.fiscal_year,
        agency_code: new.agency_code,
        per_name: new.per_name,
        iden_type_code: new.iden_type_code,
        iden_no: masked(&new.iden_no),
        per_sta_code: new.per_sta_code,
        is_uni_sala: new.is_uni_sala,
        is_over_staffed,
    })
}

/// Whether a person in this state counts as active over the province.
pub(crate) fn is_active(state: PerSta) -> bool {
    state == PerSta::Serving
}

/// All but the last characters hidden.
pub(crate) fn masked(number: &str) -> String {
    let hidden = number.chars().count().saturating_sub(SHOWN_CHARACTERS);
    number.chars().enumerate().map(|(index, character)| if index < hidden { '*' } else { character }).collect()
}

/// Persons that the caller reaches.
pub async fn list(base_info: &BaseInfo, caller: &Caller, filter: &PersonFilter) -> Result<Page<Person>, Problem> {
    let division = scope::division_of(caller, filter.mof_div_code.as_ref())?;
    let db = base_info.database.read();
    let mut page = store::list(db, &division, caller.agency_code.as_ref(), filter).await?;
    let mut over_staffed = BTreeMap::new();
    for person in &mut page.items {
        person.is_over_staffed = match over_staffed.entry((person.fiscal_year, person.agency_code.clone())) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(free) => {
                let owner = agency::store::find(db, &division, free.key().0, &free.key().1).await?;
                *free.insert(match owner {
                    Some(owner) => store::is_over_staffed(db, &owner).await?,
                    None => false,
                })
            }
        };
    }
    Ok(page)
}
