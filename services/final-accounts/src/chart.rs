//! The chart of unit accounts (单位会计科目) and what each account must be kept by (ACC-004). Data, parsed once.

use std::{collections::BTreeMap, sync::LazyLock};

use common_types::standard;
use final_accounts_contract::{Auxiliary, EntryGroup};
use serde::{Deserialize, de::DeserializeOwned};

static ACCOUNTS: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    rows::<Account>(standard::AGENCY_ACCOUNTS).into_iter().map(|row| (row.code, row.name)).collect()
});
static AUXILIARIES: LazyLock<Vec<Requirement>> = LazyLock::new(|| rows(include_str!("../auxiliaries.csv")));

#[derive(Deserialize)]
struct Account {
    code: String,
    name: String,
}

#[derive(Deserialize)]
struct Requirement {
    accounts: String,
    elements: String,
}

/// The rows of one of the service's data files, which are part of the program.
pub fn rows<T: DeserializeOwned>(file: &'static str) -> Vec<T> {
    let mut reader = csv::Reader::from_reader(file.as_bytes());
    reader.deserialize().map(|row| row.expect("data files are part of the program and well formed")).collect()
}

/// Whether the code starts with one of the blank-separated prefixes; every code does when there are none.
pub fn starts_with_any(code: &str, prefixes: &str) -> bool {
    prefixes.is_empty() || prefixes.split_whitespace().any(|prefix| code.starts_with(prefix))
}

/// The name of an account; none when the chart lacks it. A detail account is named by the account above it.
pub fn name(code: &str) -> Option<&'static str> {
    let digits = code.bytes().all(|byte| byte.is_ascii_digit());
    let is_account = digits && (4..=20).contains(&code.len());
    if is_account { ACCOUNTS.get(code).or_else(|| ACCOUNTS.get(code.get(..4)?)).map(String::as_str) } else { None }
}

/// The group of an account: 6 to 8 are budget accounts.
pub fn group(code: &str) -> EntryGroup {
    if code.starts_with(['6', '7', '8']) { EntryGroup::Budget } else { EntryGroup::Financial }
}

/// The elements that the account needs and the line lacks (ACC-004).
pub fn missing(code: &str, auxiliary: &Auxiliary) -> Vec<&'static str> {
    let needed = AUXILIARIES.iter().filter(|row| starts_with_any(code, &row.accounts));
    needed.flat_map(|row| row.elements.split_whitespace()).filter(|element| !has(auxiliary, element)).collect()
}

fn has(auxiliary: &Auxiliary, element: &str) -> bool {
    match element {
        "pro_code" => auxiliary.pro_code.is_some(),
        "pro_kind_code" => auxiliary.pro_kind_code.is_some(),
        "exp_func_code" => auxiliary.exp_func_code.is_some(),
        "gov_bgt_eco_code" => auxiliary.gov_bgt_eco_code.is_some(),
        "dep_bgt_eco_code" => auxiliary.dep_bgt_eco_code.is_some(),
        "fund_type_code" => auxiliary.fund_type_code.is_some(),
        "bgt_type_code" => auxiliary.bgt_type_code.is_some(),
        "fund_tra_obj_name" => auxiliary.fund_tra_obj_name.as_ref().is_some_and(|name| !name.trim().is_empty()),
        _ => false,
    }
}
