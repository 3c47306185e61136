//! Exchange rates (汇率, EST_RAT NUMBER(18,8)): exact, never a float.

use std::{fmt, str::FromStr};

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr,
        schema::{ObjectBuilder, Schema, Type},
    },
};

const PLACES: u32 = 8;
/// Ten digits before the point.
const BOUND: Decimal = Decimal::from_parts(1_410_065_408, 2, 0, false, 0);

/// Yuan for one unit of another currency, above zero, with at most eight places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ExchangeRate(Decimal);

/// Why a text is not a rate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExchangeRateError {
    #[error("a rate is written in ASCII digits with at most one point")]
    NotANumber,
    #[error("a rate has at most eight decimal places")]
    TooManyPlaces,
    #[error("a rate is above zero and below ten thousand million")]
    OutOfRange,
}

impl ExchangeRate {
    /// The rate as a number.
    pub const fn get(self) -> Decimal {
        self.0
    }
}

impl FromStr for ExchangeRate {
    type Err = ExchangeRateError;

    fn from_str(text: &str) -> Result<Self, ExchangeRateError> {
        let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let starts = text.bytes().next().is_some_and(|byte| byte.is_ascii_digit());
        if !is_plain || !starts || text.ends_with('.') {
            return Err(ExchangeRateError::NotANumber);
        }
        let rate = Decimal::from_str_exact(text).map_err(|_| ExchangeRateError::NotANumber)?;
        if rate.scale() > PLACES {
            return Err(ExchangeRateError::TooManyPlaces);
        }
        if rate <= Decimal::ZERO || rate >= BOUND {
            return Err(ExchangeRateError::OutOfRange);
        }
        Ok(Self(rate))
    }
}

impl TryFrom<String> for ExchangeRate {
    type Error = ExchangeRateError;

    fn try_from(text: String) -> Result<Self, ExchangeRateError> {
        text.parse()
    }
}

impl From<ExchangeRate> for String {
    fn from(rate: ExchangeRate) -> Self {
        rate.to_string()
    }
}

impl fmt::Display for ExchangeRate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0)
    }
}

impl PartialSchema for ExchangeRate {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("汇率: yuan for one unit of the currency, at most eight places"))
            .pattern(Some(r"^[0-9]{1,10}(\.[0-9]{1,8})?$"))
            .examples(["7.12340000"])
            .into()
    }
}

impl ToSchema for ExchangeRate {}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

    use super::*;

    #[test]
    fn a_rate_is_exact_and_bounded() {
        for text in ["7.1234", "0.00000001", "9999999999.99999999"] {
            assert_eq!(text.parse::<ExchangeRate>().unwrap().to_string(), text);
        }
        for text in ["", "0", "-1", "1e3", "7.123456789", "10000000000", "７", ".5", "5.", "1,000"] {
            assert!(text.parse::<ExchangeRate>().is_err(), "{text}");
        }
    }
}
