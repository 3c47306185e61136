//! The scheduled rules as days pass: once for every new day of the clock, division by division.

use std::time::Duration;

use chrono::{Datelike as _, NaiveDate};
use common_types::FiscalYear;
use monitoring_contract::ScanRequest;
use service_kit::Problem;

use crate::{Monitoring, fact};

/// Scans whenever the clock shows a new day, until the process ends. A failed day is tried again at the next look.
pub async fn run(monitoring: Monitoring, look_every: Duration) -> Result<(), Problem> {
    let mut scanned = monitoring.database.clock().today();
    loop {
        tokio::time::sleep(look_every).await;
        let today = monitoring.database.clock().today();
        if today == scanned {
            continue;
        }
        match scan_all(&monitoring, today).await {
            Ok(()) => scanned = today,
            Err(error) => tracing::warn!(%today, %error, "daily scan failed"),
        }
    }
}

async fn scan_all(monitoring: &Monitoring, today: NaiveDate) -> Result<(), Problem> {
    let fiscal_year = FiscalYear::try_from(today.year()).map_err(|error| Problem::internal(&error))?;
    for mof_div_code in fact::store::divisions(monitoring.database.read(), fiscal_year).await? {
        let request = ScanRequest { mof_div_code, fiscal_year, as_of: today };
        let tx = monitoring.database.begin_write().await?;
        let result = super::run(&tx, monitoring, &request).await?;
        tx.commit().await?;
        tracing::info!(mof_div_code = %request.mof_div_code, opened = result.opened, "scheduled rules evaluated");
    }
    Ok(())
}
