//! When nightly work is due. Pure.

use chrono::{DateTime, FixedOffset, NaiveDate, Timelike as _, Utc};
use service_kit::clock::china_date;

const CHINA_OFFSET_SECONDS: i32 = 8 * 3600;

/// The business day whose nightly work is due at this instant: today, once the hour has come in China.
pub fn due(now: DateTime<Utc>, hour: u32) -> Option<NaiveDate> {
    let china = FixedOffset::east_opt(CHINA_OFFSET_SECONDS)?;
    (now.with_timezone(&china).hour() >= hour).then(|| china_date(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_due_from_its_hour_in_china_until_its_end() {
        let at = |instant: &str| due(instant.parse().unwrap(), 2).map(|day| day.to_string());
        assert_eq!(at("2026-03-09T17:59:59Z"), None);
        assert_eq!(at("2026-03-09T18:00:00Z").as_deref(), Some("2026-03-10"));
        assert_eq!(at("2026-03-10T15:59:59Z").as_deref(), Some("2026-03-10"));
        assert_eq!(at("2026-03-10T16:00:00Z"), None);
    }
}
