use common_types::classification::{self, Table};
use common_types::economic_mapping::gov_for;
use common_types::{AgencyType, DepBgtEcoCode, standard};

fn assert_is_a_tree(table: &Table) {
    assert!(!table.is_empty());
    for row in table {
        let Some(parent) = &row.parent else { continue };
        let above = table.find(parent).unwrap_or_else(|| panic!("{} has no parent {parent}", row.code));
        assert_eq!(above.level + 1, row.level, "{}", row.code);
        assert!(!table.is_leaf(parent));
        assert!(table.children(parent).any(|child| child.code == row.code));
    }
}

#[test]
fn every_classification_is_a_tree() {
    assert_is_a_tree(classification::exp_func());
    assert_is_a_tree(classification::gov_bgt_eco());
    assert_is_a_tree(classification::dep_bgt_eco());
    assert_is_a_tree(classification::income_sort());
    assert_is_a_tree(classification::agency_accounts());
    assert_is_a_tree(classification::fund_types());
}

#[test]
fn there_are_142_divisions() {
    let divisions = classification::divisions();
    let count = |kind: &str| divisions.iter().filter(|row| row.kind.as_deref() == Some(kind)).count();
    assert_eq!(divisions.len(), 142);
    assert_eq!([count("province"), count("city"), count("county"), count("zone")], [1, 11, 100, 30]);
    assert_eq!(divisions.children("360000000").count(), 11);
}

#[test]
fn townships_and_the_whole_country_are_tables_of_their_own() {
    assert_eq!(classification::townships().len(), 1767);
    assert_eq!(classification::national().len(), 373);
    let beijing = classification::national().find("110000000");
    assert_eq!(beijing.map(|row| row.name.as_str()), Some("北京市"));
    assert!(classification::divisions().find("110000000").is_none());
}

#[test]
fn the_economic_mapping_follows_the_kind_of_unit() {
    let samples = [
        ("30101", AgencyType::Government, Some("50101")),
        ("30101", AgencyType::PublicWelfareOne, Some("50501")),
        ("30201", AgencyType::CivilServiceManaged, Some("50201")),
        ("30201", AgencyType::Institution, Some("50502")),
        ("30107", AgencyType::Administrative, None),
        ("30107", AgencyType::PublicWelfareTwo, Some("50501")),
        ("31002", AgencyType::Court, Some("50306")),
        ("30301", AgencyType::Institution, Some("50905")),
        ("30101", AgencyType::Enterprise, None),
        ("301", AgencyType::Administrative, None),
    ];
    for (dep, kind, gov) in samples {
        let mapped = gov_for(&dep.parse().unwrap(), kind);
        assert_eq!(mapped.as_ref().map(AsRef::as_ref), gov, "{dep} {kind:?}");
    }
}

#[test]
fn the_economic_mapping_covers_every_leaf_with_known_codes() {
    let leaves = classification::dep_bgt_eco().iter().filter(|row| row.parent.is_some());
    for row in leaves {
        let dep: DepBgtEcoCode = row.code.parse().unwrap();
        assert!(gov_for(&dep, AgencyType::Institution).is_some(), "{}", row.code);
    }
    assert!(standard::DEP_TO_GOV_ECO.lines().count() > 90);
}
