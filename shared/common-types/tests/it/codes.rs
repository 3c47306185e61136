use common_types::classification::Row;
use common_types::{
    AccountNo, AgencyCode, DepBgtEcoCode, DivisionCode, DivisionLevel, DocNo, ExpFuncCode, FundTypeCode, GovBgtEcoCode,
    IncomeSortCode, MofDepCode, ProCode, classification,
};
use proptest::prelude::*;

fn division(text: &str) -> DivisionCode {
    text.parse().unwrap()
}

fn division_codes() -> impl Strategy<Value = DivisionCode> {
    let groups = ("(1[1-9]|[2-8][0-9])", "(00|0[1-3]|11)", "(00|0[1-3]|21)", "(000|00[1-3]|400)");
    groups.prop_map(|(province, city, county, zone)| division(&format!("{province}{city}{county}{zone}")))
}

fn every_division() -> impl Iterator<Item = &'static Row> {
    let tables = [classification::divisions(), classification::townships(), classification::national()];
    tables.into_iter().flatten()
}

/// From the code itself up to the top.
fn chain<T>(start: T, parent: impl Fn(&T) -> Option<T>) -> Vec<T> {
    let mut codes = vec![start];
    while let Some(above) = codes.last().and_then(&parent) {
        codes.push(above);
    }
    codes
}

proptest! {
    #[test]
    fn a_division_contains_exactly_what_leads_up_to_it(a in division_codes(), b in division_codes()) {
        let ancestors = chain(b.clone(), DivisionCode::parent);
        prop_assert!(ancestors.len() <= 5);
        prop_assert_eq!(ancestors.last(), Some(&DivisionCode::central()));
        prop_assert_eq!(a.contains(&b), ancestors.contains(&a));
        prop_assert!(ancestors.iter().all(|ancestor| ancestor.contains(&b)));
    }

    #[test]
    fn a_division_stands_below_its_parent(code in division_codes()) {
        prop_assert!(code.parent().unwrap().level() < code.level());
    }

    #[test]
    fn an_agency_contains_exactly_what_leads_up_to_it(a in "([12]{3}){1,7}", b in "([12]{3}){1,7}") {
        let (a, b): (AgencyCode, AgencyCode) = (a.parse().unwrap(), b.parse().unwrap());
        let ancestors = chain(b.clone(), AgencyCode::parent);
        prop_assert_eq!(a.contains(&b), ancestors.contains(&a));
        prop_assert_eq!(ancestors.last(), Some(&b.department()));
    }

}

#[test]
fn every_division_of_the_tables_has_the_parent_its_digits_say() {
    for row in every_division() {
        let parent = division(&row.code).parent().map(|parent| parent.to_string());
        let stated = row.parent.clone().or_else(|| Some(DivisionCode::central().to_string()));
        assert_eq!(parent, stated, "{} {}", row.code, row.name);
    }
}

#[test]
fn every_division_of_the_tables_has_the_level_its_digits_say_except_zones() {
    for row in every_division() {
        let level = division(&row.code).level();
        if row.kind.as_deref() == Some("zone") {
            assert_eq!((level, row.level), (DivisionLevel::Township, 3), "{}", row.code);
        } else {
            assert_eq!(level.code(), row.level.to_string(), "{} {}", row.code, row.name);
        }
    }
}

#[test]
fn the_centre_stands_above_everything() {
    let centre = DivisionCode::central();
    assert_eq!(centre.as_str(), "109900000");
    assert_eq!((centre.level(), centre.parent()), (DivisionLevel::Central, None));
    assert!(centre.contains(&division("360902403")));
    assert!(!division("360000000").contains(&centre));
    assert!(!division("360100000").contains(&division("360200000")));
    assert_eq!(division("360902403").name(), Some("宜春市宜阳新区管理委员会"));
}

#[test]
fn malformed_codes_are_refused() {
    for text in ["", "36000000", "3600000000", "36000000a", "３６０００００００", " 36000000"] {
        assert!(text.parse::<DivisionCode>().is_err(), "{text}");
    }
    for text in ["", "2", "2190", "219007a", "0123456789012345678901234"] {
        assert!(text.parse::<AgencyCode>().is_err(), "{text}");
    }
    for text in ["", "20", "2010", "205020", "205020201", "20a"] {
        assert!(text.parse::<ExpFuncCode>().is_err(), "{text}");
    }
    for text in ["", "0", "4", "15", "1111"] {
        assert!(text.parse::<FundTypeCode>().is_err(), "{text}");
    }
    for text in ["", "42000024219P00700005", "42000024219P0070000511", "42000024219-007000051"] {
        assert!(text.parse::<ProCode>().is_err(), "{text}");
    }
    for text in ["", "1234567", "处"] {
        assert!(text.parse::<MofDepCode>().is_err(), "{text}");
    }
    for text in ["", "12 34", &"1".repeat(41)] {
        assert!(text.parse::<AccountNo>().is_err(), "{text}");
    }
    for text in ["", " ", "赣财\n预", &"字".repeat(101)] {
        assert!(text.parse::<DocNo>().is_err(), "{text}");
    }
}

#[test]
fn well_formed_codes_travel_as_text() {
    let document: DocNo = serde_json::from_str("\"赣财预〔2024〕12号\"").unwrap();
    assert_eq!(serde_json::to_string(&document).unwrap(), "\"赣财预〔2024〕12号\"");
    assert!("字".repeat(100).parse::<DocNo>().is_ok());
    assert!("1502-0101".parse::<AccountNo>().is_ok());
    assert!(serde_json::from_str::<DivisionCode>("360000000").is_err());
    let error = serde_json::from_str::<DivisionCode>("\"36\"").unwrap_err().to_string();
    assert!(error.starts_with("财政区划代码 \"36\" has the wrong length, 9 digits needed"), "{error}");
}

#[test]
fn a_document_number_loses_its_outer_blanks() {
    assert_eq!(" 赣财预 ".parse::<DocNo>().unwrap().as_str(), "赣财预");
}

#[test]
fn classified_codes_know_their_name_and_place() {
    let school: ExpFuncCode = "2050202".parse().unwrap();
    assert_eq!(school.name(), "小学教育");
    assert!(school.is_leaf());
    let above = school.parent().unwrap();
    assert_eq!(above.as_str(), "20502");
    assert!(!above.is_leaf() && above.contains(&school) && !school.contains(&above));
    let debt: IncomeSortCode = "1050401".parse().unwrap();
    assert_eq!((debt.name(), debt.is_leaf()), ("一般债务收入", true));
}

#[test]
fn a_class_the_standard_does_not_have_is_refused() {
    for text in ["50298", "999", "5"] {
        assert!(text.parse::<GovBgtEcoCode>().is_err(), "{text}");
    }
    let error = "30198".parse::<DepBgtEcoCode>().unwrap_err().to_string();
    assert_eq!(error, "部门支出经济分类代码 \"30198\" is not in the standard");
}

#[test]
fn every_class_of_the_tables_stands_below_its_parent() {
    for row in classification::exp_func() {
        let code: ExpFuncCode = row.code.parse().unwrap();
        assert!(code.parent().is_none_or(|parent| parent.contains(&code)), "{code}");
    }
    for row in classification::income_sort() {
        let code: IncomeSortCode = row.code.parse().unwrap();
        assert!(code.parent().is_none_or(|parent| parent.contains(&code)), "{code}");
    }
}

#[test]
fn fund_types_form_the_tree_of_the_value_set() {
    let bonds: FundTypeCode = "122".parse().unwrap();
    let funds: FundTypeCode = "12".parse().unwrap();
    assert_eq!((bonds.name(), bonds.parent(), bonds.is_leaf()), ("专项债券", Some(funds.clone()), true));
    assert!(funds.contains(&bonds) && !bonds.contains(&funds) && !funds.is_leaf());
    for row in classification::fund_types() {
        let code: FundTypeCode = row.code.parse().unwrap();
        assert!(code.parent().is_none_or(|parent| parent.contains(&code)));
    }
}
