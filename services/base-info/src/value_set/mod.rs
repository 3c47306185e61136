//! Value sets (值集): the standard's own values, and what a division added below them for a year (T2).

pub mod http;
pub mod store;

use base_info_contract::{NewValue, Value, ValueFilter};
use common_types::{
    classification::{self, Table},
    standard,
};
use sea_orm::DatabaseTransaction;
use serde::Deserialize;
use service_kit::{Caller, Problem};

use crate::{BaseInfo, RULES, scope};

#[derive(Deserialize)]
struct StandardValue {
    set: String,
    code: String,
    name: String,
    parent: Option<String>,
}

/// The values of a set, standard and local; 404 for an unknown set.
pub async fn list(
    base_info: &BaseInfo,
    caller: &Caller,
    set: &str,
    filter: &ValueFilter,
) -> Result<Vec<Value>, Problem> {
    let mut values = standard_values(set)?;
    let division = scope::division_of(caller, filter.mof_div_code.as_ref())?;
    if let Some(year) = filter.fiscal_year {
        values.extend(store::of(base_info.database.read(), &division, year, set).await?);
    }
    let parents: Vec<String> = values.iter().filter_map(|value| value.parent.clone()).collect();
    for value in &mut values {
        value.is_leaf = !parents.contains(&value.ele_code);
    }
    Ok(values)
}

/// Adds a local value below one that exists; a standard value is not changed.
pub async fn add(tx: &DatabaseTransaction, caller: &Caller, set: &str, new: NewValue) -> Result<Value, Problem> {
    scope::require_maintains(caller, &new.mof_div_code)?;
    let mut known = standard_values(set)?;
    if known.iter().any(|value| value.ele_code == new.ele_code) {
        let code = &new.ele_code;
        return Err(RULES.refuse("BI-120", format!("{code} 是标准值"), format!("{code} is a standard value")));
    }
    known.extend(store::of(tx, &new.mof_div_code, new.fiscal_year, set).await?);
    if !known.iter().any(|value| value.ele_code == new.parent) {
        return Err(Problem::field(
            "/parent",
            format!("上级值 {} 不存在", new.parent),
            format!("there is no {}", new.parent),
        ));
    }
    if !store::insert(tx, set, &new).await? {
        let code = &new.ele_code;
        return Err(Problem::field("/ele_code", format!("{code} 已存在"), format!("{code} exists already")));
    }
    Ok(Value {
        ele_catalog_code: set.to_owned(),
        ele_code: new.ele_code,
        ele_name: new.ele_name,
        parent: Some(new.parent),
        is_leaf: true,
        is_standard: false,
    })
}

fn standard_values(set: &str) -> Result<Vec<Value>, Problem> {
    let values = match set {
        "VD10004" => of_table(set, classification::exp_func()),
        "GOV_BGT_ECO" => of_table(set, classification::gov_bgt_eco()),
        "DEP_BGT_ECO" => of_table(set, classification::dep_bgt_eco()),
        "VD10003" => of_table(set, classification::income_sort()),
        _ => short_set(set)?,
    };
    if values.is_empty() { Err(Problem::not_found("值集", "the value set")) } else { Ok(values) }
}

fn of_table(set: &str, table: &Table) -> Vec<Value> {
    table.iter().map(|row| standard_value(set, &row.code, &row.name, row.parent.clone())).collect()
}

fn short_set(set: &str) -> Result<Vec<Value>, Problem> {
    let mut values = Vec::new();
    for row in csv::Reader::from_reader(standard::VALUE_SETS.as_bytes()).deserialize::<StandardValue>() {
        let row = row.map_err(|error| Problem::internal(&error))?;
        if row.set == set {
            values.push(standard_value(set, &row.code, &row.name, row.parent));
        }
    }
    Ok(values)
}

fn standard_value(set: &str, code: &str, name: &str, parent: Option<String>) -> Value {
    Value {
        ele_catalog_code: set.to_owned(),
        ele_code: code.to_owned(),
        ele_name: name.to_owned(),
        parent,
        is_leaf: true,
        is_standard: true,
    }
}
