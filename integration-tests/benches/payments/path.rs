//! (c) and (d) The full path: client → gateway → budget-execution → commit, token verified, monitored by all rules that
//! the platform brings. The binary runs in a process of its own, so that its memory is its own; in it the service answers on
//! the gateway's listener (ADR 1), and is reached by its peers over HTTP. Clients are as lean as can be, because here they
//! share the processors with it.

use std::sync::{Arc, Mutex};

use service_kit::config::DatabaseSettings;
use uuid::Uuid;

use crate::{
    books::INDICATORS,
    clients,
    http::Connection,
    many,
    platform::Platform,
    stock::Stock,
    table::{Figures, Line, Load, Table},
};

/// A folder of its own.
pub fn sqlite() -> DatabaseSettings {
    DatabaseSettings { data_dir: testkit::folder(), ..DatabaseSettings::default() }
}

/// Measures all loads and numbers of clients; gives the lines that tell of many payees and of the peak of memory.
pub async fn measure(way: &'static str, database: DatabaseSettings, table: &mut Table) -> Vec<String> {
    let platform = Platform::start(database).await;
    let stock = Stock::open(&platform).await;
    let indicators = platform.indicators(INDICATORS).await;
    let template = platform.draft(indicators[0]).await;
    let token = platform.clerk_token().await;
    for load in [Load::Spread, Load::Hot] {
        let over = if load == Load::Hot { &indicators[..1] } else { &indicators[..] };
        for clients in clients::counts() {
            let drafts = stock.drafts(template, over, enough(clients)).await;
            let figures = submit(&platform, &token, drafts, clients).await;
            table.add(Line { way, load, clients, figures });
        }
    }
    let mut told = many::measure(way, &platform, indicators[0]).await;
    told.push(format!("{way}: peak resident memory of the binary {} MiB", platform.peak_mebibytes()));
    told
}

/// Enough drafts for the time of one measurement.
const fn enough(clients: usize) -> usize {
    if clients == 1 { 4_000 } else { 20_000 }
}

/// Each client keeps a connection of its own; every answer must be a success.
async fn submit(platform: &Platform, token: &str, drafts: Vec<Uuid>, clients: usize) -> Figures {
    let mut idle = Vec::new();
    for _ in 0..clients {
        idle.push(Connection::open(platform.address(), token).await);
    }
    let idle = Arc::new(Mutex::new(idle));
    clients::run(clients, drafts, move |draft| {
        let idle = idle.clone();
        async move {
            let mut connection = idle.lock().unwrap().pop().unwrap();
            let path = format!("/api/budget-execution/v1/payments/{draft}/actions");
            let (status, body) = connection.post(&path, r#"{"action":"submit"}"#).await;
            assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
            idle.lock().unwrap().push(connection);
        }
    })
    .await
}
