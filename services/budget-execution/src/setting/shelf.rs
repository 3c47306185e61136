//! The settings that requests of a day use: read once, because those of a day do not change during it (BE-121). For a
//! while after midnight they are read anew, so that a decision that was committed at the very end of a day is seen.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
};

use chrono::{DateTime, Duration, NaiveDate, Utc};
use common_types::DivisionCode;
use service_kit::{Database, Problem, clock::china_date};

use super::Settings;

const SETTLED_AFTER: Duration = Duration::minutes(2);
/// Divisions of a province for today and yesterday are some hundreds.
const MAX_KEPT: usize = 2_000;

type Kept = BTreeMap<(DivisionCode, NaiveDate), Arc<Settings>>;

/// Settings by division and day.
#[derive(Debug, Clone, Default)]
pub struct Shelf(Arc<RwLock<Kept>>);

impl Shelf {
    /// The settings of a division today.
    pub async fn today(&self, database: &Database, division: &DivisionCode) -> Result<Arc<Settings>, Problem> {
        let now = database.clock().now();
        let key = (division.clone(), china_date(now));
        let kept = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some(settings) = kept {
            return Ok(settings);
        }
        let settings = Arc::new(super::on(database.read(), division, key.1).await?);
        if is_settled(now) {
            let mut shelf = self.0.write().unwrap_or_else(PoisonError::into_inner);
            if shelf.len() >= MAX_KEPT {
                shelf.clear();
            }
            shelf.insert(key, settings.clone());
        }
        Ok(settings)
    }
}

fn is_settled(now: DateTime<Utc>) -> bool {
    china_date(now) == china_date(now - SETTLED_AFTER)
}
