//! Fiscal divisions (财政区划), kept by the administrator of the province.

pub mod http;
pub mod store;

use std::collections::BTreeSet;

use base_info_contract::{Division, DivisionImport, ImportResult};
use common_types::{DivisionCode, Role};
use sea_orm::DatabaseTransaction;
use service_kit::{Caller, Problem};

use crate::BaseInfo;

/// Imports divisions; one that is there is brought up to date, so that an import may be repeated.
pub async fn import(
    tx: &DatabaseTransaction,
    caller: &Caller,
    import: DivisionImport,
) -> Result<ImportResult, Problem> {
    caller.require(&[Role::M7])?;
    let mut seen = BTreeSet::new();
    for (index, division) in import.items.iter().enumerate() {
        if !seen.insert(&division.mof_div_code) {
            let pointer = format!("/items/{index}/mof_div_code");
            return Err(Problem::field(pointer, "区划代码重复", "stands in this import twice"));
        }
        if !caller.mof_div_code.contains(&division.mof_div_code) {
            return Err(Problem::field(
                format!("/items/{index}/mof_div_code"),
                "不在本级管辖范围内",
                "lies outside your division",
            ));
        }
    }
    store::upsert(tx, &import.items).await?;
    Ok(ImportResult { imported: import.items.len() })
}

/// All divisions that the caller's division contains.
pub async fn list(base_info: &BaseInfo, caller: &Caller) -> Result<Vec<Division>, Problem> {
    let all = store::all(base_info.database.read()).await?;
    Ok(all.into_iter().filter(|one| caller.is_service() || caller.mof_div_code.contains(&one.mof_div_code)).collect())
}

/// One division.
pub async fn get(base_info: &BaseInfo, division: &DivisionCode) -> Result<Division, Problem> {
    store::find(base_info.database.read(), division).await?.ok_or_else(|| Problem::not_found("区划", "the division"))
}
