use common_types::{Amount, AmountError, Money, MoneyError};
use proptest::prelude::*;
use rust_decimal::Decimal;

fn money(text: &str) -> Money {
    text.parse().unwrap()
}

proptest! {
    #[test]
    fn what_is_written_reads_back(fen in any::<i64>()) {
        let amount = Money::from_fen(fen);
        prop_assert_eq!(amount.to_string().parse::<Money>(), Ok(amount));
        let json = serde_json::to_string(&amount).unwrap();
        prop_assert_eq!(serde_json::from_str::<Money>(&json).unwrap(), amount);
    }

    #[test]
    fn any_text_either_reads_or_is_refused(text in "[-+0-9.eE ,０-９]{0,24}") {
        if let Ok(amount) = text.parse::<Money>() {
            prop_assert_eq!(amount.to_string().parse::<Money>(), Ok(amount));
        }
    }

    #[test]
    fn sums_are_exact_or_refused(left in any::<i64>(), right in any::<i64>()) {
        let (a, b) = (Money::from_fen(left), Money::from_fen(right));
        prop_assert_eq!(a.checked_add(b).map(Money::fen), left.checked_add(right));
        prop_assert_eq!(a.checked_sub(b).map(Money::fen), left.checked_sub(right));
        prop_assert_eq!(Money::try_sum([a, b]), a.checked_add(b));
    }
}

#[test]
fn amounts_show_two_places_and_their_sign() {
    for (fen, text) in [(123_450, "1234.50"), (-5, "-0.05"), (0, "0.00"), (7, "0.07"), (-100, "-1.00")] {
        assert_eq!(Money::from_fen(fen).to_string(), text);
    }
    assert_eq!(Money::from_fen(i64::MIN).to_string(), "-92233720368547758.08");
}

#[test]
fn short_forms_are_understood() {
    for (text, fen) in [("12", 1200), ("12.3", 1230), ("-0.05", -5), ("0", 0), ("-0", 0), ("007.10", 710)] {
        assert_eq!(text.parse(), Ok(Money::from_fen(fen)), "{text}");
    }
}

#[test]
fn everything_else_is_refused_with_its_own_reason() {
    let refusals = [
        ("", MoneyError::Empty),
        ("-", MoneyError::MissingYuan),
        (".50", MoneyError::MissingYuan),
        ("5.", MoneyError::MissingFraction),
        ("1.234", MoneyError::TooManyPlaces),
        ("1.000", MoneyError::TooManyPlaces),
        ("1e3", MoneyError::Exponent),
        ("1E3", MoneyError::Exponent),
        ("+1.00", MoneyError::PlusSign),
        (" 1.00", MoneyError::Blank),
        ("1.00\n", MoneyError::Blank),
        ("1 000.00", MoneyError::Blank),
        ("１２", MoneyError::ForeignDigit('１')),
        ("٣", MoneyError::ForeignDigit('٣')),
        ("1,000.00", MoneyError::UnexpectedCharacter(',')),
        ("--1", MoneyError::UnexpectedCharacter('-')),
        ("1.2.3", MoneyError::UnexpectedCharacter('.')),
        ("NaN", MoneyError::UnexpectedCharacter('N')),
        ("￥5", MoneyError::UnexpectedCharacter('￥')),
        ("92233720368547758.08", MoneyError::OutOfRange),
        ("-92233720368547758.09", MoneyError::OutOfRange),
        ("99999999999999999999999", MoneyError::OutOfRange),
    ];
    for (text, reason) in refusals {
        assert_eq!(text.parse::<Money>(), Err(reason), "{text:?}");
    }
}

#[test]
fn a_json_number_is_not_money() {
    for json in ["12.5", "12", "-3", "null", "true"] {
        let error = serde_json::from_str::<Money>(json).unwrap_err().to_string();
        assert!(error.contains("an amount in yuan as a string"), "{error}");
    }
    assert!(serde_json::from_str::<Amount>("12").is_err());
}

#[test]
fn a_rate_rounds_half_away_from_zero_to_the_fen() {
    let half = Decimal::new(5, 1);
    assert_eq!(Money::from_fen(3).checked_mul_decimal(half), Some(Money::from_fen(2)));
    assert_eq!(Money::from_fen(-3).checked_mul_decimal(half), Some(Money::from_fen(-2)));
    assert_eq!(money("1234.56").checked_mul_decimal(Decimal::new(16, 2)), Some(money("197.53")));
    assert_eq!(Money::from_fen(i64::MAX).checked_mul_decimal(Decimal::TWO), None);
}

#[test]
fn overflow_is_nothing_rather_than_a_wrong_amount() {
    let (least, most, fen) = (Money::from_fen(i64::MIN), Money::from_fen(i64::MAX), Money::from_fen(1));
    assert_eq!(most.checked_add(fen), None);
    assert_eq!(least.checked_sub(fen), None);
    assert_eq!(least.checked_neg(), None);
    assert_eq!(Money::try_sum([most, fen, least]), None);
    assert_eq!(Money::try_sum([]), Some(Money::ZERO));
}

#[test]
fn an_amount_is_above_zero() {
    for text in ["0", "0.00", "-0.01"] {
        assert!(matches!(text.parse::<Amount>(), Err(AmountError::NotPositive(_))), "{text}");
    }
    let amount: Amount = "0.01".parse().unwrap();
    assert_eq!(amount.money(), Money::from_fen(1));
    assert_eq!(serde_json::to_string(&amount).unwrap(), "\"0.01\"");
    let error = serde_json::from_str::<Amount>("\"-1.00\"").unwrap_err().to_string();
    assert!(error.starts_with("amount is -1.00, more than zero is needed"), "{error}");
}
