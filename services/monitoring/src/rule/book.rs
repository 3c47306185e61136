//! The rules in force. Which they are is read each time; what they say is kept, because a released version never
//! changes. So a rule that was just released or ended is in force, or no longer, for the very next payment.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use chrono::NaiveDate;
use common_types::{DivisionCode, TriggerClass};
use monitoring_contract::Rule;
use sea_orm::ConnectionTrait;
use service_kit::Problem;
use uuid::Uuid;

use super::store;

const MOST_KEPT: usize = 10_000;

/// What released versions of rules say.
#[derive(Default)]
pub struct Book(Mutex<HashMap<Uuid, Arc<Rule>>>);

impl Book {
    /// The rules in force for each division on a day: of each code the nearest division's latest version. A version
    /// that has ended does not bring the one before it back.
    pub async fn in_force<C: ConnectionTrait>(
        &self,
        db: &C,
        divisions: BTreeSet<DivisionCode>,
        day: NaiveDate,
        trigger_class: TriggerClass,
    ) -> Result<BTreeMap<DivisionCode, Vec<Arc<Rule>>>, Problem> {
        let started = self.started(db, day, trigger_class).await?;
        let of = |division: DivisionCode| {
            let rules = nearest(&started, &division, day);
            (division, rules)
        };
        Ok(divisions.into_iter().map(of).collect())
    }

    async fn started<C: ConnectionTrait>(
        &self,
        db: &C,
        day: NaiveDate,
        trigger_class: TriggerClass,
    ) -> Result<Vec<Arc<Rule>>, Problem> {
        let ids = store::started(db, day, trigger_class).await?;
        let absent: Vec<Uuid> = {
            let kept = self.kept();
            ids.iter().filter(|id| !kept.contains_key(id)).copied().collect()
        };
        let read = if absent.is_empty() { Vec::new() } else { store::released(db, absent).await? };
        let mut kept = self.kept();
        if kept.len().saturating_add(read.len()) > MOST_KEPT {
            kept.clear();
        }
        kept.extend(read.into_iter().map(|rule| (rule.rule_id, Arc::new(rule))));
        Ok(ids.iter().filter_map(|id| kept.get(id).cloned()).collect())
    }

    fn kept(&self) -> MutexGuard<'_, HashMap<Uuid, Arc<Rule>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn nearest(started: &[Arc<Rule>], division: &DivisionCode, day: NaiveDate) -> Vec<Arc<Rule>> {
    let mut latest = BTreeMap::<(&str, &DivisionCode), &Arc<Rule>>::new();
    for rule in started.iter().filter(|rule| rule.content.mof_div_code.contains(division)) {
        let key = (rule.content.rule_code.as_str(), &rule.content.mof_div_code);
        if latest.get(&key).is_none_or(|present| present.rule_version < rule.rule_version) {
            latest.insert(key, rule);
        }
    }
    let mut nearest = BTreeMap::<&str, &Arc<Rule>>::new();
    for rule in latest.into_values().filter(|rule| rule.content.end_date.is_none_or(|end| end >= day)) {
        let level = |rule: &Rule| rule.content.mof_div_code.level();
        if nearest.get(rule.content.rule_code.as_str()).is_none_or(|present| level(present) < level(rule)) {
            nearest.insert(&rule.content.rule_code, rule);
        }
    }
    nearest.into_values().cloned().collect()
}
