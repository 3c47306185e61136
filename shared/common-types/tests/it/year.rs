use common_types::{FiscalYear, FiscalYearError};

#[test]
fn a_year_outside_the_century_is_refused() {
    for year in [0_u16, 1999, 2101, u16::MAX] {
        assert_eq!(FiscalYear::try_from(year), Err(FiscalYearError::OutOfRange(i64::from(year))));
    }
    assert!(serde_json::from_str::<FiscalYear>("\"2026\"").is_err());
    assert!(serde_json::from_str::<FiscalYear>("1999").is_err());
}

#[test]
fn a_year_is_a_number_on_the_wire() {
    let year: FiscalYear = serde_json::from_str("2026").unwrap();
    assert_eq!(serde_json::to_string(&year).unwrap(), "2026");
    assert_eq!("2026".parse(), Ok(year));
}

#[test]
fn years_follow_each_other_and_end() {
    let year = FiscalYear::try_from(2026_u16).unwrap();
    assert_eq!(year.next().and_then(FiscalYear::previous), Some(year));
    assert_eq!(FiscalYear::MAX.next(), None);
    assert_eq!(FiscalYear::MIN.previous(), None);
    assert_eq!(year.first_day().to_string(), "2026-01-01");
    assert_eq!(year.last_day().to_string(), "2026-12-31");
}
