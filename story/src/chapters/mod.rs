//! The chapters of the year, in the order in which a finance bureau lives them.

mod accounts;
mod base_data;
mod changes;
mod compilation;
mod indicators;
mod monitoring;
mod payments;
mod projects;
mod transfer;
mod verification;
mod year_end;

use std::collections::BTreeMap;

use serde_json::json;

use crate::stage::{Stage, StoryError};

/// What later chapters need of earlier ones: codes and ids by a short name.
#[derive(Default)]
pub(crate) struct Thread {
    /// Project codes.
    pub projects: BTreeMap<&'static str, String>,
    /// Indicator ids.
    pub indicators: BTreeMap<&'static str, String>,
    /// Voucher ids.
    pub vouchers: BTreeMap<&'static str, String>,
}

impl Thread {
    pub(crate) fn project(&self, name: &str) -> String {
        self.projects.get(name).cloned().unwrap_or_default()
    }

    pub(crate) fn indicator(&self, name: &str) -> String {
        self.indicators.get(name).cloned().unwrap_or_default()
    }

    pub(crate) fn voucher(&self, name: &str) -> String {
        self.vouchers.get(name).cloned().unwrap_or_default()
    }
}

/// From an empty platform to open indicators.
pub(crate) async fn until_indicators(stage: &mut Stage) -> Result<Thread, StoryError> {
    let mut thread = Thread::default();
    base_data::tell(stage).await?;
    set_clock(stage, "2025-08-15T01:00:00Z").await?;
    projects::tell(stage, &mut thread).await?;
    set_clock(stage, "2025-09-20T01:00:00Z").await?;
    compilation::tell(stage, &thread).await?;
    set_clock(stage, "2026-01-20T01:00:00Z").await?;
    indicators::tell(stage, &mut thread).await?;
    Ok(thread)
}

/// The whole year, from an empty platform to closed books.
pub(crate) async fn whole_year(stage: &mut Stage) -> Result<(), StoryError> {
    let mut thread = until_indicators(stage).await?;
    set_clock(stage, "2026-03-10T01:30:00Z").await?;
    payments::tell(stage, &mut thread).await?;
    set_clock(stage, "2026-05-12T02:00:00Z").await?;
    changes::tell(stage, &mut thread).await?;
    transfer::tell(stage, &mut thread).await?;
    set_clock(stage, "2026-07-08T02:00:00Z").await?;
    monitoring::tell(stage, &thread).await?;
    set_clock(stage, "2026-12-31T12:00:00Z").await?;
    year_end::tell(stage, &thread).await?;
    set_clock(stage, "2027-01-15T02:00:00Z").await?;
    accounts::tell(stage, &thread).await?;
    verification::tell(stage, &thread).await
}

/// Moves the rehearsal clock, as the administrator.
async fn set_clock(stage: &mut Stage, now: &str) -> Result<(), StoryError> {
    let admin = stage.admin();
    stage.put(&admin, "/clock", &json!({"now": now}), None).await?;
    let day = &now[..10];
    stage.say(&format!("〔演练时钟：{day}〕"), &format!("[rehearsal clock: {day}]"));
    Ok(())
}
