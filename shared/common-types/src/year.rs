//! The fiscal year. Always given explicitly, never read from the clock (T5).

use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// A fiscal year (预算年度), which is the calendar year, from 2000 to 2100.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct FiscalYear(u16);

impl FiscalYear {
    /// The earliest year that can be kept.
    pub const MIN: Self = Self(2000);
    /// The latest year that can be kept.
    pub const MAX: Self = Self(2100);

    /// The year as a number.
    pub const fn get(self) -> u16 {
        self.0
    }

    /// The following year, or nothing after 2100.
    pub fn next(self) -> Option<Self> {
        Self::try_from(self.0 + 1).ok()
    }

    /// The year before, or nothing before 2000.
    pub fn previous(self) -> Option<Self> {
        Self::try_from(self.0 - 1).ok()
    }

    /// The first of January.
    pub fn first_day(self) -> NaiveDate {
        NaiveDate::from_ymd_opt(i32::from(self.0), 1, 1).expect("every year has a first of January")
    }

    /// The last of December, the last day payments belong to the year.
    pub fn last_day(self) -> NaiveDate {
        NaiveDate::from_ymd_opt(i32::from(self.0), 12, 31).expect("every year has a last of December")
    }
}

/// Why something is not a fiscal year.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FiscalYearError {
    /// Too early or too late.
    #[error("fiscal year is {0}, from 2000 to 2100 is needed")]
    OutOfRange(i64),
    /// Not a whole number.
    #[error("fiscal year is not a whole number: {0}")]
    NotANumber(#[from] ParseIntError),
}

impl TryFrom<u16> for FiscalYear {
    type Error = FiscalYearError;

    fn try_from(year: u16) -> Result<Self, FiscalYearError> {
        Self::try_from(i64::from(year))
    }
}

impl TryFrom<i32> for FiscalYear {
    type Error = FiscalYearError;

    fn try_from(year: i32) -> Result<Self, FiscalYearError> {
        Self::try_from(i64::from(year))
    }
}

impl TryFrom<i64> for FiscalYear {
    type Error = FiscalYearError;

    fn try_from(year: i64) -> Result<Self, FiscalYearError> {
        match u16::try_from(year) {
            Ok(known @ 2000..=2100) => Ok(Self(known)),
            _ => Err(FiscalYearError::OutOfRange(year)),
        }
    }
}

impl From<FiscalYear> for u16 {
    fn from(year: FiscalYear) -> Self {
        year.0
    }
}

impl FromStr for FiscalYear {
    type Err = FiscalYearError;

    fn from_str(text: &str) -> Result<Self, FiscalYearError> {
        Self::try_from(text.parse::<u16>()?)
    }
}

impl fmt::Display for FiscalYear {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}
