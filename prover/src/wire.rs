//! How the prover speaks to the platform: one request at a time on a connection of its own, until there is an answer.
//! What got no answer is sent again under its key, as a careful client would.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use reqwest::Method;
use serde::Serialize;
use serde_json::Value;
use url::Url;
use uuid::Uuid;

use crate::{ProveError, people::People};

pub(crate) const BASE: &str = "/api/budget-execution/v1";
const ONE_TRY_WITHIN: Duration = Duration::from_secs(35);
const BETWEEN_TRIES: Duration = Duration::from_millis(150);
/// A key whose first sending is still being carried out is asked about this often.
const MOST_BUSY: u32 = 40;
/// A token that is no longer good is renewed so often for one request.
const MOST_RENEWALS: u32 = 3;

/// What one person asks.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub user: String,
    pub method: Method,
    /// Below `/api/budget-execution/v1`, for example `/payments`.
    pub path: String,
    pub body: Value,
    pub key: Option<String>,
    pub version: Option<i64>,
    /// The indicator that bears it, where the answer does not say so.
    pub indicator: Option<Uuid>,
    pub expected: Expected,
}

/// What must come of a request, whatever else happens meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expected {
    Anything,
    /// It must not be carried out.
    Refusal,
    /// It must not be carried out, for exactly this reason.
    Code(&'static str),
}

impl Request {
    pub(crate) fn get(user: &str, path: String) -> Self {
        Self {
            user: user.to_owned(),
            method: Method::GET,
            path,
            body: Value::Null,
            key: None,
            version: None,
            indicator: None,
            expected: Expected::Anything,
        }
    }

    pub(crate) fn post(user: &str, path: String, body: Value) -> Self {
        Self { method: Method::POST, body, key: Some(Uuid::now_v7().to_string()), ..Self::get(user, path) }
    }

    pub(crate) fn act(user: &str, document: &str, action: &str) -> Self {
        let body = serde_json::json!({"action": action, "opinion": "核验演练"});
        Self::post(user, format!("{document}/actions"), body)
    }

    #[must_use]
    pub(crate) fn expecting(mut self, expected: Expected) -> Self {
        self.expected = expected;
        self
    }

    /// Whether it only asks what would happen.
    pub(crate) fn is_rehearsal(&self) -> bool {
        self.path.ends_with("?dry_run=true")
    }

    #[must_use]
    pub(crate) fn about(mut self, indicator: Uuid) -> Self {
        self.indicator = Some(indicator);
        self
    }
}

/// What came back.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Answer {
    pub status: u16,
    #[serde(skip)]
    pub text: String,
    pub body: Value,
    pub is_problem: bool,
    pub is_replay: bool,
}

impl Answer {
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    pub(crate) fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }
}

/// A request with its answer and the time between, in nanoseconds since the run began.
#[derive(Debug, Clone)]
pub(crate) struct Exchange {
    pub request: Request,
    pub begun: u64,
    pub ended: u64,
    /// Sendings without an answer before this one.
    pub silences: u32,
    pub answer: Option<Answer>,
}

/// A client with its own connections.
#[derive(Clone)]
pub(crate) struct Wire {
    http: reqwest::Client,
    base: Url,
    people: Arc<People>,
    began: Instant,
    patience: Duration,
}

impl Wire {
    pub(crate) fn new(base: Url, people: Arc<People>, patience: Duration) -> Self {
        Self { http: reqwest::Client::new(), base, people, began: Instant::now(), patience }
    }

    /// Another client of the same run: other connections, the same clock.
    pub(crate) fn other(&self) -> Self {
        Self { http: reqwest::Client::new(), ..self.clone() }
    }

    pub(crate) fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    pub(crate) fn verifier(&self) -> &str {
        self.people.verifier()
    }

    /// Asks until there is an answer, or patience ends.
    pub(crate) async fn ask(&self, request: Request) -> Exchange {
        let begun = self.now();
        let deadline = Instant::now() + self.patience;
        let (mut silences, mut busy, mut renewals) = (0_u32, 0_u32, 0_u32);
        loop {
            let answer = self.ask_once(&request).await;
            match &answer {
                Some(Answer { status: 502..=504, .. }) | None => silences = silences.saturating_add(1),
                Some(Answer { status: 429, .. }) => {}
                Some(Answer { status: 401, .. }) if renewals < MOST_RENEWALS => {
                    renewals = renewals.saturating_add(1);
                    self.people.forget(&request.user).await;
                }
                Some(answer) if is_busy(answer) && busy < MOST_BUSY => busy = busy.saturating_add(1),
                Some(_) => {
                    return Exchange { request, begun, ended: self.now(), silences, answer };
                }
            }
            if Instant::now() > deadline {
                return Exchange { request, begun, ended: self.now(), silences, answer };
            }
            tokio::time::sleep(BETWEEN_TRIES).await;
        }
    }

    async fn ask_once(&self, request: &Request) -> Option<Answer> {
        let token = self.people.token(&request.user).await.ok()?;
        let url = self.base.join(&format!("{BASE}{}", request.path)).ok()?;
        let mut outgoing = self.http.request(request.method.clone(), url).bearer_auth(token).timeout(ONE_TRY_WITHIN);
        if let Some(key) = &request.key {
            outgoing = outgoing.header("Idempotency-Key", key);
        }
        if let Some(version) = request.version {
            outgoing = outgoing.header("If-Match", format!("\"{version}\""));
        }
        if request.method != Method::GET {
            outgoing = outgoing.json(&request.body);
        }
        let answer = outgoing.send().await.ok()?;
        let status = answer.status().as_u16();
        let header = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let is_problem = header("content-type").starts_with("application/problem+json");
        let is_replay = header("idempotent-replayed") == "true";
        let text = answer.text().await.ok()?;
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Some(Answer { status, text, body, is_problem, is_replay })
    }

    /// What must succeed, or the run cannot go on.
    pub(crate) async fn must(&self, request: Request) -> Result<Value, ProveError> {
        let what = format!("{} {} as {}", request.method, request.path, request.user);
        match self.ask(request).await.answer {
            Some(answer) if answer.is_success() => Ok(answer.body),
            Some(answer) => Err(ProveError::Refused { what, refusal: answer.text.chars().take(600).collect() }),
            None => Err(ProveError::NoAnswer(what)),
        }
    }
}

/// Another sending of the same key is still at work.
fn is_busy(answer: &Answer) -> bool {
    answer.status == 409 && answer.code() == "HTTP-409" && answer.text.contains("同一幂等键")
}
