//! Passes a request on to its service and the answer back, unchanged but for hop-by-hop headers and the trace.

use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web,
};
use futures::TryStreamExt as _;
use service_kit::{
    Problem, context,
    http::IDEMPOTENCY_KEY,
    upstream::{Upstream, may_ask_another},
};
use url::Url;

use crate::{RULES, limit::Limit};

const HOP_BY_HOP: [&str; 9] = [
    "connection",
    "content-length",
    "host",
    "keep-alive",
    "te",
    "trailer",
    "traceparent",
    "transfer-encoding",
    "upgrade",
];

/// Where the services are, and how much may pass.
pub(crate) struct Door {
    pub(crate) http: reqwest::Client,
    pub(crate) upstreams: Vec<(&'static str, Upstream)>,
    pub(crate) timeout: Duration,
    pub(crate) limit: Limit,
}

/// Forwards `/api/{service}/…`.
pub(crate) async fn forward(
    request: HttpRequest,
    body: web::Bytes,
    door: web::Data<Door>,
) -> Result<HttpResponse, Problem> {
    door.limit.check(&request)?;
    let upstream = upstream(&request, &door)?;
    let method = reqwest::Method::from_bytes(request.method().as_str().as_bytes()).map_err(Problem::malformed)?;
    let mut outgoing = reqwest::header::HeaderMap::new();
    for (name, value) in request.headers() {
        if !HOP_BY_HOP.contains(&name.as_str()) {
            outgoing.append(name_of(name.as_str())?, value_of(value.as_bytes())?);
        }
    }
    outgoing.insert("traceparent", value_of(context::current().traceparent().as_bytes())?);
    let is_repeatable = method.is_safe() || request.headers().contains_key(IDEMPOTENCY_KEY);
    let mut instances = upstream.in_turn().peekable();
    while let Some(base) = instances.next() {
        let attempt = door.http.request(method.clone(), target(&request, base)).headers(outgoing.clone());
        match attempt.timeout(door.timeout).body(body.clone()).send().await {
            Ok(answer) => return Ok(answer_back(answer)),
            Err(error) if instances.peek().is_some() && may_ask_another(&error, is_repeatable) => {
                tracing::warn!(%error, %base, "instance does not answer; asking the next");
            }
            Err(error) => return Err(no_answer(error)),
        }
    }
    Err(Problem::internal(&"a service without an instance"))
}

fn upstream<'a>(request: &HttpRequest, door: &'a Door) -> Result<&'a Upstream, Problem> {
    let service = request.match_info().query("service");
    let path = request.path();
    let unknown = || Problem::not_found(&format!("地址 {path}"), path);
    if path.split('/').any(|segment| segment == "..") {
        return Err(unknown());
    }
    door.upstreams.iter().find(|(name, _)| *name == service).map(|(_, upstream)| upstream).ok_or_else(unknown)
}

fn target(request: &HttpRequest, base: &Url) -> Url {
    let mut url = base.clone();
    url.set_path(request.path());
    url.set_query(request.uri().query());
    url
}

fn name_of(name: &str) -> Result<reqwest::header::HeaderName, Problem> {
    name.parse().map_err(Problem::malformed)
}

fn value_of(value: &[u8]) -> Result<reqwest::header::HeaderValue, Problem> {
    reqwest::header::HeaderValue::from_bytes(value).map_err(Problem::malformed)
}

fn answer_back(answer: reqwest::Response) -> HttpResponse {
    let status = StatusCode::from_u16(answer.status().as_u16()).unwrap_or(StatusCode::BAD_GATEWAY);
    let mut response = HttpResponse::build(status);
    for (name, value) in answer.headers() {
        let is_passed = !HOP_BY_HOP.contains(&name.as_str());
        if is_passed && let Ok(value) = header::HeaderValue::from_bytes(value.as_bytes()) {
            response.append_header((name.as_str(), value));
        }
    }
    response.streaming(answer.bytes_stream().map_err(std::io::Error::other))
}

fn no_answer(error: reqwest::Error) -> Problem {
    tracing::warn!(%error, "service does not answer");
    RULES.refuse("GW-503", "业务服务暂时没有应答", "the service does not answer")
}
