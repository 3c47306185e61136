//! A command: a POST that creates something or moves money. It carries an idempotency key, runs in one transaction
//! together with its idempotency record and its audit row, and answers the same when it is repeated.

use std::{collections::BTreeMap, future::Future, pin::Pin};

use actix_web::{
    FromRequest, HttpRequest, HttpResponse,
    dev::Payload,
    http::{StatusCode, header},
    web::{self, Bytes},
};
use sea_orm::DatabaseTransaction;
use serde::{
    Deserialize, Serialize,
    de::{DeserializeOwned, IgnoredAny},
};
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;

use super::{
    Problem, ProblemDocument, RULES,
    group::{Grouped, Kept},
    server,
};
use crate::{
    Caller, Database,
    store::{Writes, audit, idempotency},
};

/// Request header with the caller's own id for the operation.
pub const IDEMPOTENCY_KEY: &str = "Idempotency-Key";
/// Response header that marks a repeated answer.
pub const IDEMPOTENT_REPLAYED: &str = "Idempotent-Replayed";
pub(super) const MAX_KEY_LENGTH: usize = 190;
const SECRETS: [&str; 2] = ["password", "client_secret"];
const MAX_BATCH: usize = 5000;
/// Each look after the first follows a commit of somebody else who was faster, so there are few.
const MOST_LOOKS: usize = 100;

/// What became of each row of a batch.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct BatchResult {
    pub items: Vec<RowResult>,
}

/// What became of one row of a batch.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct RowResult {
    pub index: usize,
    pub status: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub body: Option<serde_json::Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<ProblemDocument>,
}

impl RowResult {
    async fn done(index: usize, response: HttpResponse) -> Self {
        let status = response.status().as_u16();
        let bytes = actix_web::body::to_bytes(response.into_body()).await.unwrap_or_default();
        Self { index, status, body: serde_json::from_slice(&bytes).ok(), problem: None }
    }
}

/// A parsed body with the identity of its request.
#[derive(Debug)]
pub struct Command<T> {
    pub caller: Caller,
    pub body: T,
    /// `dry_run=true`: the same path, and nothing is kept.
    pub dry_run: bool,
    identity: RequestIdentity,
}

#[derive(Debug, Clone)]
pub(super) struct RequestIdentity {
    pub key: String,
    pub operation: String,
    pub body_hash: String,
}

impl RequestIdentity {
    /// The answer of the record that this command was carried out. 422 when the key was used for other content.
    pub fn answer_again(&self, record: &idempotency::Model) -> Result<Kept, Problem> {
        if record.operation != self.operation || record.body_hash != self.body_hash {
            return Err(RULES.refuse(
                "IDEM-002",
                format!("幂等键 {} 已用于 {}", record.idempotency_key, record.operation),
                format!("key {} was used for {} with other content", record.idempotency_key, record.operation),
            ));
        }
        let status = u16::try_from(record.status).ok().and_then(|status| StatusCode::from_u16(status).ok());
        match (status, record.body.clone()) {
            (Some(status), Some(text)) => Ok(Kept { status, text, is_replayed: true }),
            _ => Err(Problem::conflict("同一幂等键的请求正在处理", "a request with this key is being carried out")),
        }
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Command<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let caller = Caller::from_request(request, payload);
        let bytes = Bytes::from_request(request, payload);
        let key = idempotency_key(request);
        let operation = format!("{} {}", request.method(), request.path());
        let dry_run = dry_run(request);
        let query = request.query_string().to_owned();
        let content_type = request.headers().get(header::CONTENT_TYPE).cloned();
        Box::pin(async move {
            let caller = caller.await?;
            let dry_run = dry_run?;
            let key = if dry_run { String::new() } else { key? };
            let bytes = bytes.await.map_err(|error| server::payload_problem(&error))?;
            server::require_json(content_type.as_ref(), &bytes)?;
            let body = server::parse_json(&bytes)?;
            let body_hash = hash(&bytes, &query);
            Ok(Self { caller, body, dry_run, identity: RequestIdentity { key, operation, body_hash } })
        })
    }
}

/// The caller's own id for an operation whose body is not a [`Command`]'s; 400 without one.
pub fn idempotency_key(request: &HttpRequest) -> Result<String, Problem> {
    let key = request.headers().get(IDEMPOTENCY_KEY).and_then(|value| value.to_str().ok()).unwrap_or("").trim();
    if key.is_empty() || key.len() > MAX_KEY_LENGTH {
        let en = format!("the Idempotency-Key header must hold 1 to {MAX_KEY_LENGTH} characters");
        return Err(RULES.refuse("IDEM-001", format!("请求头 Idempotency-Key 应为 1 至 {MAX_KEY_LENGTH} 个字符"), en));
    }
    Ok(key.to_owned())
}

fn dry_run(request: &HttpRequest) -> Result<bool, Problem> {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Query {
        dry_run: Option<bool>,
    }
    let query = web::Query::<Query>::from_query(request.query_string()).map_err(Problem::malformed)?;
    Ok(query.dry_run.unwrap_or(false))
}

/// Fingerprint of a body; secrets are left out, so that the record of a command says nothing about them.
fn hash(body: &[u8], query: &str) -> String {
    let mut digest = Sha256::new();
    let names: BTreeMap<String, IgnoredAny> = serde_json::from_slice(body).unwrap_or_default();
    if SECRETS.iter().any(|name| names.contains_key(*name)) {
        digest.update(without_secrets(body));
    } else {
        digest.update(body);
    }
    digest.update([0]);
    digest.update(query);
    format!("{:x}", digest.finalize())
}

fn without_secrets(body: &[u8]) -> String {
    let mut fields: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(body).unwrap_or_default();
    fields.retain(|name, _| !SECRETS.contains(&name.as_str()));
    serde_json::Value::Object(fields).to_string()
}

impl<T> Command<T> {
    /// The earlier answer when this command was already carried out. Call it before asking peers, so that a repeat
    /// does not depend on them. 422 when the key was used for other content.
    pub async fn replayed(&self, database: &Database) -> Result<Option<HttpResponse>, Problem> {
        if self.dry_run {
            return Ok(None);
        }
        let Some(record) = idempotency::find(database.read(), &self.caller.subject, &self.identity.key).await? else {
            return Ok(None);
        };
        self.identity.answer_again(&record).map(|kept| Some(kept.response()))
    }

    /// The same command with another body, to be carried out in company (`group::Queue`).
    pub fn grouped<B>(&self, body: B) -> Grouped<B> {
        Grouped::new(self.caller.clone(), body, self.identity.clone())
    }

    /// Runs the effect exactly once: idempotency record, effect and audit row commit together or not at all.
    /// The effect gives the status and body of the answer.
    pub async fn once<R, F>(self, database: &Database, effect: F) -> Result<HttpResponse, Problem>
    where
        R: Serialize,
        F: AsyncFnOnce(&DatabaseTransaction, &Caller, T) -> Result<(StatusCode, R), Problem>,
    {
        let tx = database.begin_write().await?;
        let identity = self.identity.clone();
        if !self.dry_run {
            let claim = idempotency::Claim {
                subject: &self.caller.subject,
                key: &identity.key,
                operation: &identity.operation,
                body_hash: &identity.body_hash,
            };
            if !idempotency::claim(&tx, claim).await? {
                tx.rollback().await?;
                return self.replayed(database).await?.ok_or_else(|| {
                    Problem::conflict("同一幂等键的请求正在处理", "a request with this key is being carried out")
                });
            }
        }
        let caller = self.caller;
        let (status, body) = effect(&tx, &caller, self.body).await?;
        let text = serde_json::to_string(&body).map_err(|error| Problem::internal(&error))?;
        if self.dry_run {
            tx.rollback().await?;
        } else {
            idempotency::complete(&tx, &caller.subject, &identity.key, status.as_u16(), &text).await?;
            audit::append(&tx, database.clock(), &caller, &identity.operation, &identity.body_hash, &text).await?;
            tx.commit().await?;
        }
        Ok(HttpResponse::build(status).content_type("application/json").body(text))
    }

    /// Runs an effect that is once by what it says, whatever its key: no record is kept beside its audit row. What it needs
    /// to know is looked up before, and again when somebody else was faster with some of what it writes; 503 when somebody
    /// always is.
    pub async fn repeatable<S, R, L, F>(self, database: &Database, look: L, effect: F) -> Result<HttpResponse, Problem>
    where
        R: Serialize,
        L: AsyncFn(&Caller, &T) -> Result<S, Problem>,
        F: Fn(&mut Writes, &T, S) -> Result<(StatusCode, R), Problem>,
    {
        let Self { caller, body, dry_run, identity } = &self;
        for _look in 0..MOST_LOOKS {
            let seen = look(caller, body).await?;
            let mut writes = database.writes();
            let (status, answer) = effect(&mut writes, body, seen)?;
            let text = serde_json::to_string(&answer).map_err(|error| Problem::internal(&error))?;
            if !dry_run {
                let audited = audit::Write::of(caller, &identity.operation, &identity.body_hash, &text);
                audit::append_many(&mut writes, database.clock(), std::iter::once(audited))?;
                match writes.commit(database).await {
                    Err(unwritten) if unwritten.is_taken() => continue,
                    committed => committed?,
                }
            }
            return Ok(HttpResponse::build(status).content_type("application/json").body(text));
        }
        Err(Problem::given_up())
    }

    /// Carries out each part of a batch on its own, in a transaction of its own under a key derived from the batch's
    /// (W4): a refused part leaves the others done, and a repeated batch repeats no part.
    pub async fn each<P, R, F>(self, database: &Database, parts: Vec<P>, effect: F) -> Result<HttpResponse, Problem>
    where
        P: Serialize + Clone,
        R: Serialize,
        F: AsyncFn(&DatabaseTransaction, &Caller, P) -> Result<(StatusCode, R), Problem>,
    {
        self.apart(parts, async |part: Command<P>| {
            part.once(database, async |tx, caller, row| effect(tx, caller, row).await).await
        })
        .await
    }

    /// Makes a command of each part of a batch, with a key derived from the batch's, and carries them out one by one
    /// as a single one is carried out.
    pub async fn apart<P, F>(self, parts: Vec<P>, one: F) -> Result<HttpResponse, Problem>
    where
        P: Serialize,
        F: AsyncFn(Command<P>) -> Result<HttpResponse, Problem>,
    {
        if parts.len() > MAX_BATCH {
            let en = format!("a batch holds at most {MAX_BATCH} rows, this one {}", parts.len());
            return Err(Problem::field("/items", format!("每批最多 {MAX_BATCH} 行，本批 {} 行", parts.len()), en));
        }
        let mut rows = Vec::with_capacity(parts.len());
        for (index, part) in parts.into_iter().enumerate() {
            let text = serde_json::to_vec(&part).map_err(|error| Problem::internal(&error))?;
            let identity = RequestIdentity {
                key: format!("{}#{index}", self.identity.key),
                operation: self.identity.operation.clone(),
                body_hash: hash(&text, &self.identity.body_hash),
            };
            let command = Command { caller: self.caller.clone(), body: part, dry_run: self.dry_run, identity };
            rows.push(match one(command).await {
                Ok(response) => RowResult::done(index, response).await,
                Err(problem) => RowResult {
                    index,
                    status: problem.status().as_u16(),
                    body: None,
                    problem: Some(problem.document()),
                },
            });
        }
        Ok(HttpResponse::Ok().json(BatchResult { items: rows }))
    }
}

#[cfg(test)]
mod tests {
    use super::hash;

    #[test]
    fn a_fingerprint_tells_bodies_apart_but_nothing_of_their_secrets() {
        let of = |body: &str| hash(body.as_bytes(), "");
        assert_ne!(of(r#"{"name": "a"}"#), of(r#"{"name": "b"}"#));
        assert_eq!(of(r#"{"name": "a", "password": "1"}"#), of(r#"{"name": "a", "password": "2"}"#));
        assert_eq!(of(r#"{"password": "1", "password": "2"}"#), of(r#"{"p\u0061ssword": null}"#));
        assert_ne!(of(r#"{"name": "a", "client_secret": "1"}"#), of(r#"{"name": "b", "client_secret": "1"}"#));
    }
}
