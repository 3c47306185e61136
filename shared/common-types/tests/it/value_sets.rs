use std::collections::{BTreeMap, BTreeSet};

use common_types::value_sets::generated_source;
use common_types::{
    AgencyType, BgtExeFlag, BgtTypeCode, CtrlType, KpiLv1, KpiLv2, PayTypeCode, ProCatCode, RefundType, RelOp, TraType,
    standard,
};

fn records(file: &str) -> Vec<BTreeMap<String, String>> {
    csv::Reader::from_reader(file.as_bytes()).deserialize().map(Result::unwrap).collect()
}

#[test]
fn the_generated_file_is_fresh() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/value_sets/generated.rs");
    let on_disk = std::fs::read_to_string(path).unwrap();
    assert!(on_disk == generated_source(), "run cargo run -p common-types --bin generate-value-sets");
}

/// Booleans, the fund type newtype, and lists that are only read from old data or belong to the workflow.
const NOT_ENUMS: [&str; 5] = ["VD00001", "VD10001", "IS_ADVANCE_36", "PAY_TYPE_OLD", "WF_LIST_STATUS"];

#[test]
fn every_closed_set_is_an_enum() {
    let sets: BTreeSet<_> = records(standard::VALUE_SETS).into_iter().map(|row| row["set"].clone()).collect();
    let named: BTreeSet<_> = records(standard::VARIANT_NAMES).into_iter().map(|row| row["set"].clone()).collect();
    let left_out: BTreeSet<_> = sets.difference(&named).map(String::as_str).collect();
    assert_eq!(left_out, BTreeSet::from(NOT_ENUMS));
}

#[test]
fn values_read_back_by_code_and_unknown_ones_are_refused() {
    for value in BgtTypeCode::ALL {
        assert_eq!(value.code().parse(), Ok(*value));
        let json = serde_json::to_string(value).unwrap();
        assert_eq!(serde_json::from_str::<BgtTypeCode>(&json).unwrap(), *value);
    }
    for unknown in ["", "1", "99", "011", "Advance"] {
        assert!(unknown.parse::<BgtTypeCode>().is_err(), "{unknown}");
    }
    let error = serde_json::from_str::<PayTypeCode>("\"3\"").unwrap_err().to_string();
    assert_eq!(error, "支付方式 \"3\" is not in the standard");
    assert!(serde_json::from_str::<PayTypeCode>("1").is_err());
}

#[test]
fn the_named_variants_are_the_codes_meant() {
    assert_eq!(BgtTypeCode::SurplusArranged.code(), "23");
    assert_eq!(BgtExeFlag::Unallocated.name(), "待分");
    assert_eq!(CtrlType::Intercept.to_string(), "3");
    assert_eq!(PayTypeCode::Other.code(), "9");
    assert_eq!(RelOp::NotIn.code(), "12");
    assert_eq!(RefundType::ALL, [RefundType::Returned, RefundType::ByPayee, RefundType::CrossYear]);
    assert_eq!(BgtTypeCode::TITLE, "指标类型");
}

#[test]
fn sets_with_levels_know_what_is_above() {
    assert_eq!(ProCatCode::PublicUse.parent(), Some(ProCatCode::Operating));
    assert_eq!(ProCatCode::Operating.parent(), None);
    assert_eq!(AgencyType::Court.parent(), Some(AgencyType::Administrative));
    assert_eq!(TraType::Equalisation.parent(), Some(TraType::General));
    assert_eq!(KpiLv2::Quality.parent(), Some(KpiLv1::Output));
}
