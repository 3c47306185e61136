//! Expenditure standards (支出标准): set from a day on, never edited (BI-008).

pub mod http;
pub mod store;

use base_info_contract::{Criterion, CriterionFilter, NewCriterion};
use sea_orm::DatabaseTransaction;
use service_kit::{Caller, Page, Problem};
use uuid::Uuid;

use crate::{BaseInfo, RULES, scope};

/// Sets a standard from a day on.
pub async fn create(tx: &DatabaseTransaction, caller: &Caller, new: NewCriterion) -> Result<Criterion, Problem> {
    scope::require_maintains(caller, &new.mof_div_code)?;
    let criterion = Criterion {
        exp_cri_id: Uuid::now_v7(),
        mof_div_code: new.mof_div_code,
        exp_cri_code: new.exp_cri_code,
        exp_cri_name: new.exp_cri_name,
        exp_cri_class: new.exp_cri_class,
        form: new.form,
        exp_cri_val: new.exp_cri_val.money(),
        unit: new.unit,
        dep_bgt_eco_code: new.dep_bgt_eco_code,
        start_date: new.start_date,
    };
    if store::insert(tx, &criterion).await? {
        return Ok(criterion);
    }
    let (code, day) = (&criterion.exp_cri_code, criterion.start_date);
    Err(RULES.refuse("BI-008", format!("标准 {code} 自 {day} 起已有版本"), format!("{code} has a version from {day}")))
}

/// Standards of a division.
pub async fn list(base_info: &BaseInfo, caller: &Caller, filter: &CriterionFilter) -> Result<Page<Criterion>, Problem> {
    let division = scope::division_of(caller, filter.mof_div_code.as_ref())?;
    store::list(base_info.database.read(), &division, filter).await
}
