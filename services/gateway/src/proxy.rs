//! Passes a request on to its service and the answer back, unchanged but for hop-by-hop headers and the trace.

use std::{sync::Arc, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse,
    body::SizedStream,
    http::{StatusCode, header},
    web,
};
use futures::{Stream, StreamExt as _, TryStreamExt as _};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use service_kit::{
    Problem, context,
    http::IDEMPOTENCY_KEY,
    upstream::{Upstream, may_ask_another},
};
use url::Url;

use crate::{RULES, SERVED};

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

/// A body up to this size is passed on in one piece, a larger one as it arrives.
const ONE_PIECE_BYTES: u64 = 64 * 1024;
/// Pieces of a larger body that may wait for the service to read them.
const WAITING_PIECES: usize = 4;

/// Where the services are. Each server thread has a door of its own, so that a connection to a service stays on the thread
/// that uses it.
pub(crate) struct Door {
    pub(crate) http: reqwest::Client,
    pub(crate) upstreams: Arc<Vec<(&'static str, Upstream)>>,
    pub(crate) timeout: Duration,
}

/// Forwards `/api/{service}/…` to the service.
pub(crate) async fn forward(
    request: HttpRequest,
    payload: web::Payload,
    door: web::Data<Door>,
) -> Result<HttpResponse, Problem> {
    let upstream = upstream(&request, &door)?;
    let method = reqwest::Method::from_bytes(request.method().as_str().as_bytes()).map_err(Problem::malformed)?;
    let headers = passed_on(&request)?;
    let mut body = Body::of(&request, payload).await?;
    let is_repeatable = method.is_safe() || request.headers().contains_key(IDEMPOTENCY_KEY);
    let mut instances = upstream.in_turn().peekable();
    while let Some(base) = instances.next() {
        let attempt = door.http.request(method.clone(), target(&request, base)).headers(headers.clone());
        let (attempt, has_more) = body.attach_to(attempt);
        match attempt.timeout(door.timeout).send().await {
            Ok(answer) => return answer_back(answer).await,
            Err(error) if has_more && instances.peek().is_some() && may_ask_another(&error, is_repeatable) => {
                tracing::warn!(%error, %base, "instance does not answer; asking the next");
            }
            Err(error) => return Err(no_answer(error)),
        }
    }
    Err(Problem::internal(&"a service without an instance"))
}

fn passed_on(request: &HttpRequest) -> Result<HeaderMap, Problem> {
    let mut headers = HeaderMap::with_capacity(request.headers().len().saturating_add(1));
    for (name, value) in request.headers() {
        if !HOP_BY_HOP.contains(&name.as_str()) {
            headers.append(name_of(name.as_str())?, value_of(value.as_bytes())?);
        }
    }
    headers.insert("traceparent", value_of(context::current().traceparent().as_bytes())?);
    Ok(headers)
}

/// The body of a request on its way to a service.
enum Body {
    None,
    OnePiece(web::Bytes),
    /// Can be sent once.
    Pieces(Option<reqwest::Body>),
}

impl Body {
    async fn of(request: &HttpRequest, payload: web::Payload) -> Result<Self, Problem> {
        let headers = request.headers();
        let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
        match length {
            Some(0) => Ok(Self::None),
            None if !headers.contains_key(header::TRANSFER_ENCODING) => Ok(Self::None),
            Some(length) if length <= ONE_PIECE_BYTES => {
                Ok(Self::OnePiece(payload.to_bytes().await.map_err(Problem::malformed)?))
            }
            _ => Ok(Self::Pieces(Some(in_pieces(payload)))),
        }
    }

    /// The request with this body, and whether the body could be sent once more.
    fn attach_to(&mut self, request: reqwest::RequestBuilder) -> (reqwest::RequestBuilder, bool) {
        match self {
            Self::None => (request, true),
            Self::OnePiece(bytes) => (request.body(bytes.clone()), true),
            Self::Pieces(pieces) => (request.body(pieces.take().unwrap_or_default()), false),
        }
    }
}

/// The payload belongs to this thread and the client may run on another, so pieces change hands over a short queue.
fn in_pieces(mut payload: web::Payload) -> reqwest::Body {
    let (sender, receiver) = tokio::sync::mpsc::channel(WAITING_PIECES);
    actix_web::rt::spawn(async move {
        while let Some(piece) = payload.next().await {
            if sender.send(piece.map_err(std::io::Error::other)).await.is_err() {
                return;
            }
        }
    });
    let pieces = futures::stream::unfold(receiver, async |mut receiver| Some((receiver.recv().await?, receiver)));
    reqwest::Body::wrap_stream(pieces)
}

fn upstream<'a>(request: &HttpRequest, door: &'a Door) -> Result<&'a Upstream, Problem> {
    // however it was spelt: `%2e%2e` leads out of the service as well
    let path = request.match_info().as_str();
    let unknown = || Problem::not_found(&format!("地址 {path}"), path);
    if path.split('/').any(|segment| segment == "..") {
        return Err(unknown());
    }
    let service = path.strip_prefix(SERVED).and_then(|rest| rest.split('/').next()).unwrap_or_default();
    door.upstreams.iter().find(|(name, _)| *name == service).map(|(_, upstream)| upstream).ok_or_else(unknown)
}

fn target(request: &HttpRequest, base: &Url) -> Url {
    let mut url = base.clone();
    url.set_path(request.path());
    url.set_query(request.uri().query());
    url
}

fn name_of(name: &str) -> Result<HeaderName, Problem> {
    name.parse().map_err(Problem::malformed)
}

fn value_of(value: &[u8]) -> Result<HeaderValue, Problem> {
    HeaderValue::from_bytes(value).map_err(Problem::malformed)
}

async fn answer_back(answer: reqwest::Response) -> Result<HttpResponse, Problem> {
    let status = StatusCode::from_u16(answer.status().as_u16()).unwrap_or(StatusCode::BAD_GATEWAY);
    let mut response = HttpResponse::build(status);
    for (name, value) in answer.headers() {
        let is_passed = !HOP_BY_HOP.contains(&name.as_str());
        if is_passed && let Ok(value) = header::HeaderValue::from_bytes(value.as_bytes()) {
            response.append_header((name.as_str(), value));
        }
    }
    match answer.content_length() {
        Some(length) if length <= ONE_PIECE_BYTES => Ok(response.body(answer.bytes().await.map_err(no_answer)?)),
        Some(length) => Ok(response.body(SizedStream::new(length, pieces_of(answer)))),
        None => Ok(response.streaming(pieces_of(answer))),
    }
}

fn pieces_of(answer: reqwest::Response) -> impl Stream<Item = Result<web::Bytes, std::io::Error>> + 'static {
    answer.bytes_stream().map_err(std::io::Error::other)
}

fn no_answer(error: reqwest::Error) -> Problem {
    tracing::warn!(%error, "service does not answer");
    RULES.refuse("GW-503", "业务服务暂时没有应答", "the service does not answer")
}
