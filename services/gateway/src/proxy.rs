//! Passes a request on to its service and the answer back, unchanged but for hop-by-hop headers and the trace.

use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web,
};
use futures::TryStreamExt as _;
use service_kit::{Problem, context};
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
    pub(crate) upstreams: Vec<(&'static str, Url)>,
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
    let target = target(&request, &door)?;
    let method = reqwest::Method::from_bytes(request.method().as_str().as_bytes()).map_err(Problem::malformed)?;
    let mut outgoing = door.http.request(method, target).timeout(door.timeout).body(body);
    for (name, value) in request.headers() {
        if !HOP_BY_HOP.contains(&name.as_str()) {
            outgoing = outgoing.header(name.as_str(), value.as_bytes());
        }
    }
    let answer = outgoing.header("traceparent", context::current().traceparent()).send().await.map_err(no_answer)?;
    Ok(answer_back(answer))
}

fn target(request: &HttpRequest, door: &Door) -> Result<Url, Problem> {
    let service = request.match_info().query("service");
    let path = request.path();
    let unknown = || Problem::not_found(&format!("地址 {path}"), path);
    if path.split('/').any(|segment| segment == "..") {
        return Err(unknown());
    }
    let (_, base) = door.upstreams.iter().find(|(name, _)| *name == service).ok_or_else(unknown)?;
    let mut url = base.clone();
    url.set_path(path);
    url.set_query(request.uri().query());
    Ok(url)
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
