//! Amounts. Integer fen inside, yuan with two places outside; never a float and never rounded on the way in.

use std::fmt;
use std::str::FromStr;

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::de::{Deserialize, Deserializer, Error as _, Visitor};
use serde::ser::{Serialize, Serializer};

/// A signed amount (金额) in fen; negative in refunds, corrections and reductions (N2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(i64);

impl Money {
    /// No money at all; also the default.
    pub const ZERO: Self = Self(0);

    /// An amount counted in fen.
    pub const fn from_fen(fen: i64) -> Self {
        Self(fen)
    }

    /// The amount counted in fen.
    pub const fn fen(self) -> i64 {
        self.0
    }

    /// The sum, or nothing when it does not fit.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The difference, or nothing when it does not fit.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// The same amount the other way round, or nothing when it does not fit.
    pub fn checked_neg(self) -> Option<Self> {
        self.0.checked_neg().map(Self)
    }

    /// The amount times a rate, rounded half up (away from zero) to the fen.
    pub fn checked_mul_decimal(self, rate: Decimal) -> Option<Self> {
        let fen = Decimal::from(self.0).checked_mul(rate)?;
        fen.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero).to_i64().map(Self)
    }

    /// The sum of many amounts, or nothing when it does not fit.
    pub fn try_sum(amounts: impl IntoIterator<Item = Self>) -> Option<Self> {
        amounts.into_iter().try_fold(Self::ZERO, Self::checked_add)
    }

    /// More than zero.
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// Less than zero.
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// Exactly zero.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }
}

/// Why a text is not an amount in yuan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Nothing was written.
    #[error("amount is empty")]
    Empty,
    /// A blank anywhere in the text.
    #[error("amount contains a blank")]
    Blank,
    /// A leading or inner plus sign.
    #[error("amount contains a plus sign")]
    PlusSign,
    /// Digits of another script, such as the full-width ones an input method makes.
    #[error("amount contains {0}, which is not an ASCII digit")]
    ForeignDigit(char),
    /// Scientific notation.
    #[error("amount is written with an exponent")]
    Exponent,
    /// Anything else that is not a digit, such as a thousands separator.
    #[error("amount contains {0:?}")]
    UnexpectedCharacter(char),
    /// No digit before the point.
    #[error("amount has no digit before the point")]
    MissingYuan,
    /// A point with nothing behind it.
    #[error("amount has no digit behind the point")]
    MissingFraction,
    /// Less than a fen; refused, not rounded.
    #[error("amount has more than two decimal places")]
    TooManyPlaces,
    /// Beyond what fen can count.
    #[error("amount is out of range")]
    OutOfRange,
}

impl FromStr for Money {
    type Err = MoneyError;

    fn from_str(text: &str) -> Result<Self, MoneyError> {
        if text.is_empty() {
            return Err(MoneyError::Empty);
        }
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        if let Some(error) = unsigned.chars().find_map(refusal) {
            return Err(error);
        }
        let (yuan, places) = match unsigned.split_once('.') {
            Some((_, "")) => return Err(MoneyError::MissingFraction),
            Some(parts) => parts,
            None => (unsigned, ""),
        };
        if yuan.is_empty() {
            return Err(MoneyError::MissingYuan);
        }
        if places.contains('.') {
            return Err(MoneyError::UnexpectedCharacter('.'));
        }
        if places.len() > 2 {
            return Err(MoneyError::TooManyPlaces);
        }
        let digits = yuan.bytes().chain(places.bytes()).chain(std::iter::repeat_n(b'0', 2 - places.len()));
        let fen = magnitude(digits).ok_or(MoneyError::OutOfRange)?;
        let signed = if negative { 0_i64.checked_sub_unsigned(fen) } else { 0_i64.checked_add_unsigned(fen) };
        signed.map(Self).ok_or(MoneyError::OutOfRange)
    }
}

/// What is wrong with one character of the unsigned part, if anything.
fn refusal(character: char) -> Option<MoneyError> {
    match character {
        '0'..='9' | '.' => None,
        '+' => Some(MoneyError::PlusSign),
        'e' | 'E' => Some(MoneyError::Exponent),
        blank if blank.is_whitespace() => Some(MoneyError::Blank),
        digit if digit.is_numeric() => Some(MoneyError::ForeignDigit(digit)),
        other => Some(MoneyError::UnexpectedCharacter(other)),
    }
}

fn magnitude(digits: impl Iterator<Item = u8>) -> Option<u64> {
    digits.into_iter().try_fold(0_u64, |sum, digit| sum.checked_mul(10)?.checked_add(u64::from(digit - b'0')))
}

impl fmt::Display for Money {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fen = self.0.unsigned_abs();
        let sign = if self.is_negative() { "-" } else { "" };
        formatter.pad(&format!("{sign}{}.{:02}", fen / 100, fen % 100))
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(YuanText)
    }
}

struct YuanText;

impl Visitor<'_> for YuanText {
    type Value = Money;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an amount in yuan as a string such as \"1234.50\", not a number")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Money, E> {
        text.parse().map_err(E::custom)
    }
}

/// An amount above zero: what a posting moves and what an application asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(Money);

impl Amount {
    /// The amount as plain money.
    pub const fn money(self) -> Money {
        self.0
    }

    /// The amount counted in fen.
    pub const fn fen(self) -> i64 {
        self.0.fen()
    }
}

/// Why something is not an amount above zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// Zero or less.
    #[error("amount is {0}, more than zero is needed")]
    NotPositive(Money),
    /// Not money in the first place.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

impl TryFrom<Money> for Amount {
    type Error = AmountError;

    fn try_from(money: Money) -> Result<Self, AmountError> {
        if money.is_positive() { Ok(Self(money)) } else { Err(AmountError::NotPositive(money)) }
    }
}

impl From<Amount> for Money {
    fn from(amount: Amount) -> Self {
        amount.0
    }
}

impl FromStr for Amount {
    type Err = AmountError;

    fn from_str(text: &str) -> Result<Self, AmountError> {
        Self::try_from(text.parse::<Money>()?)
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::try_from(Money::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}
