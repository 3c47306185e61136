//! How many payment applications are submitted per second through the gateway: token verified, monitored, reserved on
//! the ledger, committed. 32 clients, one indicator. Prints a table; judges nothing.
//!
//! `cargo bench -p integration-tests`, with `YITIHUA_TEST_DATABASE_URL` for PostgreSQL.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark fails by panicking and prints its figures")]

#[path = "../tests/it/platform.rs"]
mod platform;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use platform::Running;
use serde_json::{Value, json};
use service_kit::Peer;
use tokio::sync::Mutex;

const CLIENTS: usize = 32;
const SUBMISSIONS: usize = 640;
const EXECUTION: &str = "/api/budget-execution/v1";

async fn sign_in(platform: &Running, user: &str) -> Peer {
    let door = Peer::anonymous(platform.base.clone());
    let grant = json!({"grant_type": "password", "username": user, "password": story::PASSWORD});
    let granted: Value = door.post("/api/base-info/v1/tokens", &grant, &testkit::key()).await.unwrap();
    door.with_token(granted["access_token"].as_str().unwrap())
}

fn draft(indicator: &str, number: usize) -> Value {
    json!({
        "mof_div_code": "360121000", "fiscal_year": 2026, "agency_code": "205009", "bgt_id": indicator,
        "pay_app_amt": "10.00", "dep_bgt_eco_code": "30101", "pay_bus_type_code": "1", "set_mode_code": "1",
        "fund_traobj_type_code": "31", "use_des": format!("基准测试第{number}笔"), "pay_acct_no": "21360121205009",
        "payee_acct_name": "南昌县文华办公用品有限公司", "payee_acct_no": format!("6222{number:010}"),
        "payee_acct_bank_name": "中国银行南昌县支行", "payee_acct_bank_code": "104421000123",
    })
}

/// Runs all jobs on the clients; gives the time of each.
async fn on_clients<F, J>(jobs: Vec<J>, run: F) -> Vec<Duration>
where
    F: AsyncFn(J) + Clone + 'static,
    J: 'static,
{
    let queue = Arc::new(Mutex::new(jobs));
    let clients = (0..CLIENTS).map(|_| {
        let (queue, run) = (queue.clone(), run.clone());
        async move {
            let mut times = Vec::new();
            loop {
                let Some(job) = queue.lock().await.pop() else { return times };
                let started = Instant::now();
                run(job).await;
                times.push(started.elapsed());
            }
        }
    });
    futures::future::join_all(clients).await.concat()
}

#[tokio::main]
async fn main() {
    let platform = Running::start().await;
    story::furnish(platform.story(), Box::new(std::io::sink())).await.unwrap();
    let clerk = sign_in(&platform, "360121.205009.u1").await;
    let found: Value = clerk.get(&format!("{EXECUTION}/indicators?fiscal_year=2026&page_size=100")).await.unwrap();
    let salary = found["items"].as_array().unwrap().iter().find(|one| one["dep_bgt_eco_code"] == "30101").unwrap();
    let indicator = salary["bgt_id"].as_str().unwrap().to_owned();
    let drafts = Arc::new(Mutex::new(Vec::new()));
    let make = {
        let (clerk, drafts) = (clerk.clone(), drafts.clone());
        async move |number: usize| {
            let made: Value = clerk
                .post(&format!("{EXECUTION}/payments"), &draft(&indicator, number), &testkit::key())
                .await
                .unwrap();
            drafts.lock().await.push(made["pay_app_id"].as_str().unwrap().to_owned());
        }
    };
    on_clients((0..SUBMISSIONS).collect(), make).await;
    let submit = async move |application: String| {
        let body = json!({"action": "submit"});
        let path = format!("{EXECUTION}/payments/{application}/actions");
        let _submitted: Value = clerk.post(&path, &body, &testkit::key()).await.unwrap();
    };
    let jobs = drafts.lock().await.clone();
    let started = Instant::now();
    let mut times = on_clients(jobs, submit).await;
    report(started.elapsed(), &mut times);
}

fn report(took: Duration, times: &mut [Duration]) {
    times.sort();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100].as_millis();
    let per_second = u128::try_from(times.len()).unwrap() * 1000 / took.as_millis().max(1);
    let database = if std::env::var("YITIHUA_TEST_DATABASE_URL").is_ok() { "PostgreSQL" } else { "SQLite" };
    println!("submit through the gateway, {CLIENTS} clients, one indicator, {database}");
    println!("{:>10} {:>10} {:>8} {:>8}", "requests", "per second", "p50 ms", "p99 ms");
    println!("{:>10} {:>10} {:>8} {:>8}", times.len(), per_second, at(50), at(99));
}
