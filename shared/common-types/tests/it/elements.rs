use std::collections::{BTreeMap, BTreeSet};

use common_types::{AgencyCode, BgtExeFlag, Elements, dictionary, standard};
use serde_json::{Value, json};

fn wire() -> Value {
    json!({
        "fiscal_year": 2026, "mof_div_code": "360000000", "cor_bgt_doc_no": "赣财预〔2026〕1号",
        "pro_code": "360000260000000000001", "agency_code": "219007", "fund_type_code": "111",
        "manage_mof_dep_code": "05", "bgt_mof_dep_code": "05", "income_sort_code": null, "tp_func_code": null,
        "exp_func_code": "2050202", "gov_bgt_eco_code": "50502", "dep_bgt_eco_code": "30201",
        "bgt_type_code": "21", "bgt_source_code": "1", "is_advance": false, "rec_div_code": null,
        "budget_level_code": "2", "sup_bgt_doc_no": null, "is_gov_pur": false, "pay_type_code": "1",
        "is_uni_sala": false, "direct_flag": "09", "is_scientific": false, "is_debt": false, "is_capital": false,
    })
}

fn without(fields: &[&str]) -> Elements {
    let mut wire = wire();
    for field in fields {
        wire[*field] = Value::Null;
    }
    serde_json::from_value(wire).unwrap()
}

#[test]
fn there_are_26_elements_and_they_travel_unchanged() {
    assert_eq!(wire().as_object().unwrap().len(), 26);
    let elements = without(&[]);
    assert_eq!(serde_json::to_value(&elements).unwrap(), wire());
    assert_eq!(elements.agency_code.as_ref().map(AgencyCode::as_str), Some("219007"));
}

#[test]
fn unknown_and_invalid_elements_are_refused() {
    let mut unknown = wire();
    unknown["agency"] = json!("219007");
    assert!(serde_json::from_value::<Elements>(unknown).unwrap_err().to_string().contains("unknown field `agency`"));
    for (field, value) in [("pay_type_code", "2x"), ("fund_type_code", "4"), ("mof_div_code", "36"), ("is_debt", "1")] {
        let mut invalid = wire();
        invalid[field] = json!(value);
        assert!(serde_json::from_value::<Elements>(invalid).is_err(), "{field}");
    }
}

#[test]
fn a_missing_mandatory_element_is_named() {
    assert!(without(&["dep_bgt_eco_code"]).missing_mandatory(BgtExeFlag::Executable).is_empty());
    let bare = without(&["exp_func_code", "gov_bgt_eco_code", "pro_code", "manage_mof_dep_code", "agency_code"]);
    let common = ["exp_func_code", "gov_bgt_eco_code", "pro_code", "manage_mof_dep_code"];
    assert_eq!(bare.missing_mandatory(BgtExeFlag::Unallocated), common);
    assert_eq!(bare.missing_mandatory(BgtExeFlag::Executable), [&common[..], &["agency_code"]].concat());
}

#[test]
fn every_element_is_in_the_dictionary() {
    let absent: Vec<_> =
        wire().as_object().unwrap().keys().filter(|field| dictionary::find(field).is_none()).cloned().collect();
    assert!(absent.is_empty(), "the dictionary lacks {absent:?}");
}

/// Elements of the ledger's key that no logical table lists.
const ONLY_IN_THE_LEDGER: [&str; 7] =
    ["bgt_source_code", "direct_flag", "income_sort_code", "is_advance", "is_capital", "is_debt", "is_uni_sala"];

#[test]
fn the_dictionary_and_the_tables_say_the_same() {
    let mut by_field = BTreeMap::<String, BTreeSet<String>>::new();
    let mut reader = csv::Reader::from_reader(standard::TABLES.as_bytes());
    for row in reader.deserialize::<BTreeMap<String, String>>() {
        let row = row.unwrap();
        let element =
            dictionary::find(&row["field"]).unwrap_or_else(|| panic!("{} is not in the dictionary", row["field"]));
        let tables: Vec<_> = element.tables.split(' ').collect();
        assert!(tables.contains(&row["table"].as_str()), "{} of {}", row["field"], row["table"]);
        by_field.entry(row["field"].clone()).or_default().insert(row["table"].clone());
    }
    for element in dictionary::all() {
        if element.tables.is_empty() {
            assert!(ONLY_IN_THE_LEDGER.contains(&element.field.as_str()), "{}", element.field);
            continue;
        }
        let tables: BTreeSet<String> = element.tables.split(' ').map(str::to_owned).collect();
        assert_eq!(Some(&tables), by_field.get(&element.field), "{}", element.field);
    }
}
