//! A running service with the people who keep its data.

use base_info::{BootstrapAdmin, Config, MachineClient};
use common_types::Role;
use reqwest::{Method, Response, header};
use sea_orm::{EntityTrait as _, PaginatorTrait as _};
use serde_json::{Value, json};
use service_kit::{
    Database, Peer,
    config::Secret,
    host::Start,
    http::{IDEMPOTENCY_KEY, IDEMPOTENT_REPLAYED},
    store::audit,
};
use testkit::{Server, key};

pub const BASE: &str = "/api/base-info/v1";
pub const PROVINCE: &str = "360000000";
/// Nanchang county, the division of most tests.
pub const COUNTY: &str = "360121000";
pub const OTHER_COUNTY: &str = "360481000";
pub const UNIT: &str = "205007";
pub const OTHER_UNIT: &str = "206001";
pub const PASSWORD: &str = "correct horse battery";

pub struct World {
    pub server: Server,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub replayed: bool,
    pub etag: Option<String>,
    pub allow: Option<String>,
    pub content_type: String,
    pub authenticate: Option<String>,
    pub body: Value,
}

impl Answer {
    async fn of(response: Response) -> Self {
        let header = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        let status = response.status().as_u16();
        let (replayed, etag, allow) = (header(IDEMPOTENT_REPLAYED).is_some(), header("etag"), header("allow"));
        let (content_type, authenticate) = (header("content-type").unwrap_or_default(), header("www-authenticate"));
        let body = serde_json::from_str(&response.text().await.unwrap()).unwrap_or(Value::Null);
        Self { status, replayed, etag, allow, content_type, authenticate, body }
    }

    /// Status and code of a refusal.
    pub fn refusal(&self) -> (u16, &str) {
        (self.status, self.body["code"].as_str().unwrap_or("none"))
    }

    /// The first field that was not acceptable.
    pub fn pointer(&self) -> &str {
        self.body["errors"][0]["pointer"].as_str().unwrap_or("none")
    }

    pub fn items(&self) -> &[Value] {
        self.body["items"].as_array().unwrap()
    }

    /// One field of every item.
    pub fn column(&self, name: &str) -> Vec<&str> {
        self.items().iter().map(|item| item[name].as_str().unwrap()).collect()
    }
}

impl World {
    pub async fn start() -> Self {
        Self::with(Config::default()).await
    }

    /// With the first administrator and one machine.
    pub async fn with_identities() -> Self {
        Self::with(Config {
            bootstrap_admin: BootstrapAdmin { username: "admin".into(), password: Secret::new(PASSWORD) },
            clients: vec![machine("execution", "a secret of the machine"), machine("unset", "")],
            ..Config::default()
        })
        .await
    }

    pub async fn with(config: Config) -> Self {
        let server = Server::start(|surroundings, database| async move {
            Ok(vec![base_info::start(Start { surroundings, database, config }).await?])
        })
        .await;
        Self { server }
    }

    pub fn person(&self, subject: &str, role: Role, division: &str, agency: Option<&str>) -> Peer {
        self.server.client(&self.server.identity.token(subject, &[role], division, agency)).with_language("en")
    }

    /// The administrator of the province.
    pub fn admin(&self) -> Peer {
        self.person("admin", Role::M7, PROVINCE, None)
    }

    /// The clerk of the unit.
    pub fn clerk(&self) -> Peer {
        self.person("clerk", Role::U1, COUNTY, Some(UNIT))
    }

    pub fn anonymous(&self) -> Peer {
        Peer::anonymous(self.server.base.clone()).with_language("en")
    }

    /// Audited writes so far.
    pub async fn audited(&self) -> Vec<audit::Model> {
        audit::Entity::find().all(self.database().await.read()).await.unwrap()
    }

    pub async fn audit_count(&self) -> u64 {
        audit::Entity::find().count(self.database().await.read()).await.unwrap()
    }

    async fn database(&self) -> Database {
        Database::open(&self.server.database, base_info::NAME, self.server.clock.clone()).await.unwrap()
    }
}

fn machine(client_id: &str, secret: &str) -> MachineClient {
    MachineClient {
        client_id: client_id.to_owned(),
        client_secret: Secret::new(secret),
        roles: vec![Role::S1],
        mof_div_code: PROVINCE.parse().unwrap(),
    }
}

pub async fn get(peer: &Peer, path: &str) -> Answer {
    let request = peer.request(Method::GET, &format!("{BASE}{path}")).unwrap();
    Answer::of(peer.send(request).await.unwrap()).await
}

/// POST under a fresh key.
pub async fn post(peer: &Peer, path: &str, body: &Value) -> Answer {
    post_as(peer, path, body, &key()).await
}

/// POST under this key.
pub async fn post_as(peer: &Peer, path: &str, body: &Value, key: &str) -> Answer {
    let request = peer.request(Method::POST, &format!("{BASE}{path}")).unwrap();
    Answer::of(peer.send(request.header(IDEMPOTENCY_KEY, key).json(body)).await.unwrap()).await
}

pub async fn put(peer: &Peer, path: &str, body: &Value, if_match: Option<&str>) -> Answer {
    let mut request = peer.request(Method::PUT, &format!("{BASE}{path}")).unwrap().json(body);
    if let Some(version) = if_match {
        request = request.header(header::IF_MATCH, version);
    }
    Answer::of(peer.send(request).await.unwrap()).await
}

/// A request that the test completes itself.
pub async fn send(peer: &Peer, request: reqwest::RequestBuilder) -> Answer {
    Answer::of(peer.send(request).await.unwrap()).await
}

/// The same body with one field set.
pub fn but(mut body: Value, field: &str, value: impl Into<Value>) -> Value {
    body[field] = value.into();
    body
}

/// An acceptable unit; its credit code follows its agency code.
pub fn agency(division: &str, code: &str) -> Value {
    json!({
        "mof_div_code": division, "fiscal_year": 2026, "agency_code": code, "agency_name": "第一中学",
        "agency_type_code": "22", "unifsoc_cred_code": format!("{}{code:0>12}", &division[..6]),
        "manage_mof_dep_code": "005", "exp_func_code": "2050204", "fund_sup_code": "1", "admin_staf_num": 1,
    })
}

pub fn agency_path(division: &str, code: &str) -> String {
    format!("/agencies/{division}/2026/{code}")
}

pub fn user(username: &str, person: &str, roles: &[Role]) -> Value {
    json!({
        "username": username, "name": "张三", "person": person, "password": PASSWORD, "roles": roles,
        "mof_div_code": COUNTY, "agency_code": UNIT,
    })
}

pub fn person(iden_no: &str) -> Value {
    json!({
        "mof_div_code": COUNTY, "fiscal_year": 2026, "agency_code": UNIT, "per_name": "李某", "iden_type_code": "1",
        "iden_no": iden_no, "per_sta_code": "1",
    })
}

pub fn account(number: &str) -> Value {
    json!({
        "mof_div_code": COUNTY, "agency_code": UNIT, "account_no": number, "account_name": "第一中学",
        "bank_code": "102421000011", "bank_name": "工商银行南昌县支行", "acc_type_code": "21",
        "approve_no": "南财库〔2026〕1号",
    })
}

pub fn payee(number: &str) -> Value {
    json!({
        "mof_div_code": COUNTY, "payee_acct_name": "南昌某商贸公司", "payee_acct_no": number,
        "payee_acct_bank_name": "建设银行", "payee_acct_bank_code": "105421000012",
    })
}
