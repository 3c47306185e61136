//! The binary in a process of its own, furnished with a demonstration province and one approval of many lines.

use std::{
    io::{BufRead as _, BufReader},
    net::{SocketAddr, TcpListener},
    process::{Child, Command, Stdio},
};

use chrono::NaiveDate;
use serde_json::{Value, json};
use service_kit::{Peer, config::DatabaseSettings};
use testkit::key;
use uuid::Uuid;

pub const DIVISION: &str = "360121000";
pub const AGENCY: &str = "205009";
const EXECUTION: &str = "/api/budget-execution/v1";
/// Lines of one approval: an event stays within the limit of a body.
const LINES: usize = 1_000;
const MACHINE: &str = "platform";
const SECRET: &str = "of this run only";

pub struct Platform {
    process: Child,
    address: SocketAddr,
    pub database: DatabaseSettings,
}

impl Platform {
    pub async fn start(database: DatabaseSettings) -> Self {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let file = database.data_dir.join("bench.toml");
        std::fs::write(&file, settings(&database, address)).unwrap();
        let binary = std::env::var("YITIHUA_BIN").unwrap_or_else(|_| "target/release/yitihua".to_owned());
        let binary = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(binary);
        let mut process = Command::new(binary).arg("--config").arg(&file).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().contains("Yitihua is up")), "the binary did not come up");
        std::thread::spawn(move || lines.count());
        Self { process, address, database }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The most memory that the process ever had.
    pub fn peak_mebibytes(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
    }

    fn door(&self) -> Peer {
        Peer::anonymous(format!("http://{}", self.address).parse().unwrap())
    }

    async fn token(&self, grant: Value) -> String {
        let granted: Value = self.door().post("/api/base-info/v1/tokens", &grant, &key()).await.unwrap();
        granted["access_token"].as_str().unwrap().to_owned()
    }

    /// The day of its books, by which a draft is dated.
    pub async fn today(&self, clerk: &Peer, bgt_id: Uuid) -> NaiveDate {
        let drafted = recorded(clerk, &draft(bgt_id)).await;
        let made: Value = clerk.get(&format!("{EXECUTION}/payments/{drafted}")).await.unwrap();
        made["create_date"].as_str().unwrap().parse().unwrap()
    }

    /// The clerk who drafts.
    pub async fn clerk(&self) -> Peer {
        self.door().with_token(&self.clerk_token().await)
    }

    pub async fn clerk_token(&self) -> String {
        let username = format!("{}.{AGENCY}.u1", &DIVISION[..6]);
        self.token(json!({"grant_type": "password", "username": username, "password": story::PASSWORD})).await
    }

    /// New executable indicators of the unit, by approved budgets.
    pub async fn indicators(&self, count: usize) -> Vec<Uuid> {
        self.approved(count, "基准测试", &json!({})).await
    }

    /// New executable indicators whose lines differ from the usual ones.
    pub async fn approved(&self, count: usize, pro_name: &str, changes: &Value) -> Vec<Uuid> {
        let grant = json!({"grant_type": "client_credentials", "client_id": MACHINE, "client_secret": SECRET});
        let machine = self.door().with_token(&self.token(grant).await);
        for lines in (0..count).step_by(LINES).map(|done| LINES.min(count - done)) {
            let event = json!({
                "specversion": "1.0", "id": key(), "source": "budget-compilation", "subject": "x",
                "type": "budget-compilation.approval.granted", "time": "2026-01-05T00:00:00Z", "data": approval(lines, pro_name, changes),
            });
            let _taken: Value = machine.post(&format!("{EXECUTION}/events"), &event, &key()).await.unwrap();
        }
        let (mut found, mut page) = (Vec::new(), String::new());
        loop {
            let path = format!("{EXECUTION}/indicators?mof_div_code={DIVISION}&fiscal_year=2026&page_size=1000{page}");
            let answer: Value = machine.get(&path).await.unwrap();
            let ours = |one: &&Value| one["pro_name"] == pro_name;
            found.extend(answer["items"].as_array().unwrap().iter().filter(ours).map(|one| id(&one["bgt_id"])));
            match answer["next_page_token"].as_str() {
                Some(token) => page = format!("&page_token={token}"),
                None => break,
            }
        }
        assert_eq!(found.len(), count);
        found
    }

    /// A draft of the clerk's, the model of all others.
    pub async fn draft(&self, bgt_id: Uuid) -> Uuid {
        recorded(&self.clerk().await, &draft(bgt_id)).await
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        let _ended = self.process.kill().and_then(|()| self.process.wait());
    }
}

/// Records a draft.
pub async fn recorded(clerk: &Peer, draft: &Value) -> Uuid {
    let made: Value = clerk.post(&format!("{EXECUTION}/payments"), draft, &key()).await.unwrap();
    id(&made["pay_app_id"])
}

/// Submits an application.
pub async fn submitted(clerk: &Peer, pay_app_id: Uuid) {
    let path = format!("{EXECUTION}/payments/{pay_app_id}/actions");
    let _posted: Value = clerk.post(&path, &json!({"action": "submit"}), &key()).await.unwrap();
}

pub fn draft(bgt_id: Uuid) -> Value {
    json!({
            "mof_div_code": DIVISION, "fiscal_year": 2026, "agency_code": AGENCY, "bgt_id": bgt_id,
            "pay_app_amt": "1.00", "dep_bgt_eco_code": "30201", "pay_bus_type_code": "1", "set_mode_code": "1",
            "fund_traobj_type_code": "31", "use_des": "购买办公用纸", "explanation": "基准测试", "pay_acct_no": format!("21{}{AGENCY}", &DIVISION[..6]),
            "payee_acct_name": "南昌县文华办公用品有限公司", "payee_acct_no": "6222000000000000",
            "payee_acct_bank_name": "中国银行南昌县支行", "payee_acct_bank_code": "104421000123",
    })
}

/// The value with other fields.
pub fn changed(mut value: Value, changes: &Value) -> Value {
    for (field, change) in changes.as_object().unwrap() {
        value[field] = change.clone();
    }
    value
}

pub fn id(value: &Value) -> Uuid {
    value.as_str().unwrap().parse().unwrap()
}

fn settings(database: &DatabaseSettings, address: SocketAddr) -> String {
    format!(
        r#"
[server]
listen = "{address}"
[telemetry]
filter = "warn"
[database]
url = "{}"
data_dir = "{}"
[service.gateway]
requests_per_second = 1000000
burst = 1000000
[identity]
client_id = "{MACHINE}"
client_secret = "{SECRET}"
[[service.base_info.clients]]
client_id = "{MACHINE}"
client_secret = "{SECRET}"
roles = ["S1"]
mof_div_code = "360000000"
"#,
        database.url.reveal(),
        database.data_dir.display(),
    )
}

fn approval(lines: usize, pro_name: &str, changes: &Value) -> Value {
    let line = |_| {
        let usual = json!({
            "bgt_pman_id": Uuid::now_v7(), "agency_code": AGENCY, "dept_code": "205", "pro_name": pro_name,
            "pro_code": "360121261000000000001", "pro_kind_code": "31", "exp_func_code": "2050202",
            "gov_bgt_eco_code": "50502", "dep_bgt_eco_code": "30201", "fund_type_code": "11",
            "manage_mof_dep_code": "005", "reply_amt": "1000000.00", "is_gov_pur": false, "is_scientific": false,
            "is_capital": false, "is_debt": false, "is_three_ensure": true, "budget_level_code": "4",
            "found_type_code": "11", "is_assigned": false,
        });
        changed(usual, changes)
    };
    json!({
        "approval_id": Uuid::now_v7(), "version": 1, "mof_div_code": DIVISION, "fiscal_year": 2026,
        "cor_bgt_doc_no": format!("南财预〔2026〕{}号", Uuid::now_v7()), "bgt_doc_title": "基准测试", "doc_date": "2026-01-05",
        "annual_lines": (0..lines).map(line).collect::<Vec<_>>(), "transfer_lines": [],
    })
}
