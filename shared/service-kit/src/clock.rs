//! Business time is injected. Installations run on the system clock; a rehearsal (training, demonstration, test)
//! may run on a manual clock that an administrator sets. Token lifetimes never follow the manual clock.

use std::sync::{Arc, RwLock};

use chrono::{DateTime, FixedOffset, NaiveDate, SubsecRound as _, Utc};
use serde::{Deserialize, Serialize};

const CHINA_OFFSET_SECONDS: i32 = 8 * 3600;
const MICROSECONDS: u16 = 6;

/// Which clock the process runs on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockMode {
    #[default]
    System,
    Manual,
}

/// The source of business time.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    #[default]
    System,
    Manual(Arc<RwLock<DateTime<Utc>>>),
}

impl Clock {
    /// A clock that stands at the given instant until it is set again.
    pub fn manual(start: DateTime<Utc>) -> Self {
        Self::Manual(Arc::new(RwLock::new(start)))
    }

    /// The present instant, as exact as both databases keep it: what is answered is what is read again.
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            Self::System => Utc::now().trunc_subsecs(MICROSECONDS),
            Self::Manual(instant) => *instant.read().unwrap_or_else(|poisoned| poisoned.into_inner()),
        }
    }

    /// The present calendar day in China (UTC+8).
    pub fn today(&self) -> NaiveDate {
        china_date(self.now())
    }

    /// Whether an administrator may set this clock.
    pub fn is_manual(&self) -> bool {
        matches!(self, Self::Manual(_))
    }

    /// Sets a manual clock; false on the system clock, which nobody sets.
    pub fn set(&self, to: DateTime<Utc>) -> bool {
        match self {
            Self::System => false,
            Self::Manual(instant) => {
                *instant.write().unwrap_or_else(|poisoned| poisoned.into_inner()) = to;
                true
            }
        }
    }
}

/// The calendar day of an instant in China (UTC+8).
pub fn china_date(instant: DateTime<Utc>) -> NaiveDate {
    let china = FixedOffset::east_opt(CHINA_OFFSET_SECONDS).expect("eight hours is a valid offset");
    instant.with_timezone(&china).date_naive()
}
