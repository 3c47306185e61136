//! Where the story is played: the platform as its users reach it, and what was expected of it.

use std::{collections::HashMap, time::Duration};

use serde_json::{Value, json};
use service_kit::{Peer, PeerError, context::Language, http::ProblemDocument};
use url::Url;
use uuid::Uuid;

use crate::{Options, Outcome, cast, teller::Teller};

const MOST_READS: usize = 200;
const BETWEEN_READS: Duration = Duration::from_millis(50);

/// Why the story could not go on.
#[derive(Debug, thiserror::Error)]
pub enum StoryError {
    #[error("{user} {what}: {cause}")]
    Request { user: String, what: String, cause: String },
    #[error("answer to {what} has no {field}: {answer}")]
    Answer { what: String, field: String, answer: String },
}

/// The platform, its users and the running count of expectations.
pub(crate) struct Stage {
    pub(crate) teller: Teller,
    base: Url,
    language: Language,
    admin: (String, String),
    signed_in: HashMap<String, Peer>,
    outcome: Outcome,
}

impl Stage {
    pub(crate) fn new(options: &Options, teller: Teller) -> Self {
        Self {
            teller,
            base: options.base.clone(),
            language: options.language,
            admin: (options.admin.clone(), options.admin_password.clone()),
            signed_in: HashMap::new(),
            outcome: Outcome { expectations: 0, failures: Vec::new(), refusals: 0 },
        }
    }

    pub(crate) fn outcome(self) -> Outcome {
        self.outcome
    }

    /// The administrator's user name.
    pub(crate) fn admin(&self) -> String {
        self.admin.0.clone()
    }

    /// The platform as this user reaches it; signs in at first use.
    pub(crate) async fn of(&mut self, user: &str) -> Result<Peer, StoryError> {
        if let Some(peer) = self.signed_in.get(user) {
            return Ok(peer.clone());
        }
        let password = if user == self.admin.0 { self.admin.1.as_str() } else { cast::PASSWORD };
        let grant = json!({"grant_type": "password", "username": user, "password": password});
        let door = Peer::anonymous(self.base.clone()).with_language(self.language.tag());
        let granted: Value = door
            .post("/api/base-info/v1/tokens", &grant, &key())
            .await
            .map_err(|error| failed(user, "signs in", &error))?;
        let peer = door.with_token(&text(&granted, "access_token")?);
        self.signed_in.insert(user.to_owned(), peer.clone());
        Ok(peer)
    }

    pub(crate) async fn get(&mut self, user: &str, path: &str) -> Result<Value, StoryError> {
        let peer = self.of(user).await?;
        peer.get(path).await.map_err(|error| failed(user, path, &error))
    }

    pub(crate) async fn post(&mut self, user: &str, path: &str, body: &Value) -> Result<Value, StoryError> {
        let peer = self.of(user).await?;
        peer.post(path, body, &key()).await.map_err(|error| failed(user, path, &error))
    }

    pub(crate) async fn put(
        &mut self,
        user: &str,
        path: &str,
        body: &Value,
        version: Option<i64>,
    ) -> Result<Value, StoryError> {
        let peer = self.of(user).await?;
        peer.put(path, body, version).await.map_err(|error| failed(user, path, &error))
    }

    /// An action on a document.
    pub(crate) async fn act(&mut self, user: &str, document: &str, action: &str) -> Result<Value, StoryError> {
        self.act_because(user, document, action, "").await
    }

    pub(crate) async fn act_because(
        &mut self,
        user: &str,
        document: &str,
        action: &str,
        opinion: &str,
    ) -> Result<Value, StoryError> {
        self.post(user, &format!("{document}/actions"), &json!({"action": action, "opinion": opinion})).await
    }

    /// The maker submits and each of the others approves, in order.
    pub(crate) async fn through(
        &mut self,
        document: &str,
        maker: &str,
        approvers: &[String],
    ) -> Result<Value, StoryError> {
        let mut last = self.act(maker, document, "submit").await?;
        for approver in approvers {
            last = self.act(approver, document, "approve").await?;
        }
        Ok(last)
    }

    /// Posts what must be refused with this code, and tells the refusal.
    pub(crate) async fn refused(
        &mut self,
        user: &str,
        path: &str,
        body: &Value,
        code: &str,
        tried: (&str, &str),
    ) -> Result<(), StoryError> {
        let peer = self.of(user).await?;
        let answer = peer.post::<Value, Value>(path, body, &key()).await;
        self.tell_refusal(answer, code, tried);
        Ok(())
    }

    pub(crate) fn tell_refusal(&mut self, answer: Result<Value, PeerError>, code: &str, tried: (&str, &str)) {
        let tried = self.teller.choose(tried.0, tried.1).to_owned();
        match answer {
            Err(PeerError::Refused(problem)) => {
                let document: ProblemDocument = problem.document();
                self.teller.refusal(&tried, &document);
                self.outcome.refusals = self.outcome.refusals.saturating_add(1);
                let got = document.code;
                self.count(got == code, &format!("{tried}: {code} ≠ {got}"));
            }
            Ok(_) => self.count(false, &format!("{tried}: was accepted, {code} expected")),
            Err(error) => self.count(false, &format!("{tried}: {error}")),
        }
    }

    /// Reads until the answer is as awaited; events take a moment. Gives the last answer either way.
    pub(crate) async fn until(
        &mut self,
        user: &str,
        path: &str,
        awaited: impl Fn(&Value) -> bool,
    ) -> Result<Value, StoryError> {
        let mut answer = self.get(user, path).await?;
        for _ in 0..MOST_READS {
            if awaited(&answer) {
                break;
            }
            tokio::time::sleep(BETWEEN_READS).await;
            answer = self.get(user, path).await?;
        }
        Ok(answer)
    }

    /// Tells whether what was expected holds.
    pub(crate) fn expect(&mut self, holds: bool, zh: &str, en: &str) {
        self.teller.expectation(holds, zh, en);
        self.count(holds, en);
    }

    fn count(&mut self, holds: bool, what: &str) {
        self.outcome.expectations = self.outcome.expectations.saturating_add(1);
        if !holds {
            self.outcome.failures.push(what.to_owned());
        }
    }

    pub(crate) fn say(&mut self, zh: &str, en: &str) {
        self.teller.say(zh, en);
    }
}

fn failed(user: &str, what: &str, error: &PeerError) -> StoryError {
    let cause = match error {
        PeerError::Refused(problem) => {
            let document = problem.document();
            let errors: Vec<_> = document.errors.iter().map(|one| format!("{} {}", one.pointer, one.detail)).collect();
            format!("{} {} {}", document.code, document.detail, errors.join("; "))
        }
        other => other.to_string(),
    };
    StoryError::Request { user: user.to_owned(), what: what.to_owned(), cause }
}

/// A fresh idempotency key.
pub(crate) fn key() -> String {
    Uuid::now_v7().to_string()
}

/// A text field of an answer.
pub(crate) fn text(answer: &Value, field: &str) -> Result<String, StoryError> {
    let found = answer.pointer(&format!("/{}", field.replace('.', "/"))).and_then(Value::as_str);
    found.map(str::to_owned).ok_or_else(|| StoryError::Answer {
        what: "request".to_owned(),
        field: field.to_owned(),
        answer: answer.to_string().chars().take(400).collect(),
    })
}

/// The rows of a page.
pub(crate) fn items(answer: &Value) -> Vec<Value> {
    answer.get("items").and_then(Value::as_array).cloned().unwrap_or_default()
}
