//! A client of one other service: adds the token, the trace and the language, and reads refusals as refusals.

use std::{sync::Arc, time::Duration};

use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde::{Serialize, de::DeserializeOwned};
use url::Url;

use crate::{
    auth::Credentials,
    context,
    http::{IDEMPOTENCY_KEY, Problem, RULES},
    upstream::{self, Upstream, may_ask_another},
};

const TIMEOUT: Duration = Duration::from_secs(30);

/// Why a peer gave no answer that can be used.
#[derive(Debug, thiserror::Error)]
pub enum PeerError {
    /// The peer understood and refused.
    #[error("{0}")]
    Refused(Problem),
    /// The peer could not be reached or did not answer in time; whether it acted is not known.
    #[error("peer does not answer: {0}")]
    Unavailable(String),
    /// The peer answered something else than its contract says.
    #[error("peer answered outside its contract: {0}")]
    Unreadable(String),
}

impl From<reqwest::Error> for PeerError {
    fn from(error: reqwest::Error) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl From<PeerError> for Problem {
    fn from(error: PeerError) -> Self {
        match error {
            PeerError::Refused(problem) if problem.status().is_server_error() => {
                tracing::warn!(%problem, "peer failed");
                unavailable()
            }
            PeerError::Refused(problem) => problem,
            PeerError::Unavailable(cause) => {
                tracing::warn!(%cause, "peer is unavailable");
                unavailable()
            }
            PeerError::Unreadable(cause) => Self::internal(&cause),
        }
    }
}

fn unavailable() -> Problem {
    RULES.refuse("HTTP-503", "所依赖的服务暂时没有应答", "a service that is needed does not answer")
}

#[derive(Clone)]
enum Identity {
    Anonymous,
    Token(Arc<str>),
    Machine(Credentials),
}

/// One service as seen by its clients.
#[derive(Clone)]
pub struct Peer {
    http: reqwest::Client,
    upstream: Upstream,
    identity: Identity,
    language: Option<&'static str>,
}

impl Peer {
    /// Reaches the service at this base address without a token.
    pub fn anonymous(base: Url) -> Self {
        Self::of(Upstream::new(&[], &base))
    }

    /// Reaches the instances of a service in turn, without a token.
    pub fn of(upstream: Upstream) -> Self {
        Self {
            http: upstream::client().build().unwrap_or_default(),
            upstream,
            identity: Identity::Anonymous,
            language: None,
        }
    }

    /// The same service, as the machine with these credentials.
    #[must_use]
    pub fn with_credentials(mut self, credentials: Credentials) -> Self {
        self.identity = Identity::Machine(credentials);
        self
    }

    /// The same service, as the holder of this token.
    #[must_use]
    pub fn with_token(mut self, token: &str) -> Self {
        self.identity = Identity::Token(token.into());
        self
    }

    /// The same service, answering in this language rather than in that of the request.
    #[must_use]
    pub fn with_language(mut self, tag: &'static str) -> Self {
        self.language = Some(tag);
        self
    }

    /// The base address, of the first instance when there are several.
    pub fn base(&self) -> &Url {
        self.upstream.first()
    }

    /// GET of a path such as `/api/base-info/v1/agencies`, with its query.
    pub async fn get<T: DeserializeOwned>(&self, path_and_query: &str) -> Result<T, PeerError> {
        read(self.send_repeatable(Method::GET, path_and_query, |request| request).await?).await
    }

    /// GET that answers `None` for 404.
    pub async fn find<T: DeserializeOwned>(&self, path_and_query: &str) -> Result<Option<T>, PeerError> {
        match self.get(path_and_query).await {
            Err(PeerError::Refused(problem)) if problem.status().as_u16() == StatusCode::NOT_FOUND.as_u16() => Ok(None),
            other => other.map(Some),
        }
    }

    /// POST with the caller's own id for the operation.
    pub async fn post<B: Serialize + ?Sized, T: DeserializeOwned>(
        &self,
        path: &str,
        body: &B,
        idempotency_key: &str,
    ) -> Result<T, PeerError> {
        let complete = |request: RequestBuilder| request.header(IDEMPOTENCY_KEY, idempotency_key).json(body);
        read(self.send_repeatable(Method::POST, path, complete).await?).await
    }

    /// POST of a question that changes nothing and therefore needs no key.
    pub async fn ask<B: Serialize + ?Sized, T: DeserializeOwned>(&self, path: &str, body: &B) -> Result<T, PeerError> {
        read(self.send_repeatable(Method::POST, path, |request| request.json(body)).await?).await
    }

    /// PUT, with `If-Match` when a version is given.
    pub async fn put<B: Serialize + ?Sized, T: DeserializeOwned>(
        &self,
        path: &str,
        body: &B,
        version: Option<i64>,
    ) -> Result<T, PeerError> {
        let mut request = self.request(Method::PUT, path)?.json(body);
        if let Some(version) = version {
            request = request.header("If-Match", format!("\"{version}\""));
        }
        read(self.send(request).await?).await
    }

    /// A request to be completed by the caller, for example with headers of its own.
    pub fn request(&self, method: Method, path_and_query: &str) -> Result<RequestBuilder, PeerError> {
        let next = self.upstream.in_turn().next().unwrap_or(self.upstream.first());
        self.request_to(next, method, path_and_query)
    }

    fn request_to(&self, base: &Url, method: Method, path_and_query: &str) -> Result<RequestBuilder, PeerError> {
        let url = base.join(path_and_query).map_err(|error| PeerError::Unreadable(error.to_string()))?;
        let context = context::current();
        let language = self.language.unwrap_or(context.language.tag());
        let request = self.http.request(method, url).timeout(TIMEOUT);
        Ok(request.header("traceparent", context.traceparent()).header("Accept-Language", language))
    }

    /// Sends a request with the token of this peer.
    pub async fn send(&self, request: RequestBuilder) -> Result<Response, PeerError> {
        Ok(self.identified(request).await?.send().await?)
    }

    async fn identified(&self, request: RequestBuilder) -> Result<RequestBuilder, PeerError> {
        Ok(match &self.identity {
            Identity::Anonymous => request,
            Identity::Token(token) => request.bearer_auth(token),
            Identity::Machine(credentials) => request.bearer_auth(credentials.token().await?),
        })
    }

    /// Sends what may be carried out twice: asks the next instance when one does not answer.
    async fn send_repeatable(
        &self,
        method: Method,
        path_and_query: &str,
        complete: impl Fn(RequestBuilder) -> RequestBuilder,
    ) -> Result<Response, PeerError> {
        let mut failure = PeerError::Unavailable("it has no instance".to_owned());
        for base in self.upstream.in_turn() {
            let request = complete(self.request_to(base, method.clone(), path_and_query)?);
            match self.identified(request).await?.send().await {
                Ok(response) => return Ok(response),
                Err(error) if may_ask_another(&error, true) => failure = error.into(),
                Err(error) => return Err(error.into()),
            }
        }
        Err(failure)
    }
}

/// Reads an answer: the body of a success, or the refusal.
pub async fn read<T: DeserializeOwned>(response: Response) -> Result<T, PeerError> {
    let status = response.status();
    let text = response.text().await?;
    if status.is_success() {
        let text = if text.is_empty() { "null" } else { &text };
        return serde_json::from_str(text).map_err(|error| PeerError::Unreadable(format!("{error} in {status}")));
    }
    match serde_json::from_str::<crate::http::ProblemDocument>(&text) {
        Ok(document) => Err(PeerError::Refused(document.into())),
        // 408: it waited for the request in vain, and did nothing
        Err(_) if status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT => {
            Err(PeerError::Unavailable(format!("{status} without a problem document")))
        }
        Err(_) => Err(PeerError::Unreadable(format!("{status} without a problem document"))),
    }
}
