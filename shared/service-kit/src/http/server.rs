//! Behaviour around handlers: extractor errors, unknown routes, wrong methods, trace headers, request metrics.

use std::time::Instant;

use actix_web::{
    Error, HttpRequest, HttpResponse, ResponseError,
    body::MessageBody,
    dev::{Payload, ServiceRequest, ServiceResponse},
    error::{JsonPayloadError, PayloadError, QueryPayloadError},
    http::{Method, StatusCode, header},
    middleware::Next,
    web,
};
use opentelemetry::trace::TraceContextExt as _;
use opentelemetry::{SpanId, TraceFlags, TraceId, trace::SpanContext, trace::TraceState};
use serde::de::DeserializeOwned;
use tracing::{Instrument as _, field::Empty};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use utoipa::openapi::OpenApi;

use super::{Problem, RULES};
use crate::{
    context::{self, Language, RequestContext},
    telemetry,
};

const LINES: &str = "application/x-ndjson";

/// Extractors that refuse with problem documents.
pub(crate) fn extractor_settings(settings: &mut web::ServiceConfig, body_limit_bytes: usize) {
    settings
        .app_data(web::PayloadConfig::new(body_limit_bytes))
        .app_data(
            web::JsonConfig::default().limit(body_limit_bytes).error_handler(|error, _| json_problem(error).into()),
        )
        .app_data(web::QueryConfig::default().error_handler(|error, _| query_problem(&error).into()))
        .app_data(web::PathConfig::default().error_handler(|error, _| {
            RULES
                .refuse(
                    "HTTP-404",
                    format!("地址中的编号无法识别：{error}"),
                    format!("path is not understood: {error}"),
                )
                .into()
        }));
}

fn json_problem(error: JsonPayloadError) -> Problem {
    match error {
        JsonPayloadError::ContentType => unsupported_media_type(),
        JsonPayloadError::Overflow { .. } | JsonPayloadError::OverflowKnownLength { .. } => too_large(),
        JsonPayloadError::Deserialize(error) => unreadable_json(&error),
        other => Problem::malformed(other),
    }
}

fn query_problem(error: &QueryPayloadError) -> Problem {
    Problem::malformed(error)
}

fn unsupported_media_type() -> Problem {
    RULES.refuse("HTTP-415", "请求内容须为 application/json", "the body must be application/json")
}

fn too_large() -> Problem {
    RULES.refuse("HTTP-413", "请求内容超过上限", "the body is over the limit")
}

fn unreadable_json(error: &serde_json::Error) -> Problem {
    match error.classify() {
        serde_json::error::Category::Data => RULES.refuse(
            "HTTP-422",
            format!("请求内容不符合要求：{error}"),
            format!("content is not acceptable: {error}"),
        ),
        _ => Problem::malformed(error),
    }
}

/// A refusal for a body that could not be received.
pub(crate) fn payload_problem(error: &Error) -> Problem {
    match error.as_error::<PayloadError>() {
        Some(PayloadError::Overflow) => too_large(),
        _ if error.as_response_error().status_code() == StatusCode::PAYLOAD_TOO_LARGE => too_large(),
        _ => Problem::malformed(error),
    }
}

/// 415 unless the body is declared as JSON; an empty body needs no declaration.
pub(crate) fn require_json(content_type: Option<&header::HeaderValue>, body: &[u8]) -> Result<(), Problem> {
    let declared = content_type.and_then(|value| value.to_str().ok()).unwrap_or("").to_ascii_lowercase();
    let is_json = declared.contains("json") && !is_lines(content_type);
    if body.is_empty() || is_json { Ok(()) } else { Err(unsupported_media_type()) }
}

/// Parses a body; an empty one reads as an empty object. Data errors name the field by JSON pointer.
pub(crate) fn parse_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let text = if body.is_empty() { b"{}" } else { body };
    if text.trim_ascii_start().first() == Some(&b'[') {
        return Err(RULES.refuse("HTTP-422", "请求内容应为 JSON 对象", "the body must be a JSON object"));
    }
    serde_json::from_slice(text).or_else(|_| parse_again(text))
}

/// What was wrong, and where: keeping the place costs as much as parsing, so it is asked for once something is wrong.
fn parse_again<T: DeserializeOwned>(text: &[u8]) -> Result<T, Problem> {
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let parsed = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let pointer = pointer_of(error.path());
        let inner = error.into_inner();
        let problem = unreadable_json(&inner);
        let told = inner.to_string();
        let pointer = missing_field(&told).map_or(pointer.clone(), |field| format!("{pointer}/{field}"));
        if inner.is_data() { problem.at(pointer, told.clone(), told) } else { problem }
    })?;
    deserializer.end().map_err(|error| Problem::malformed(&error))?;
    Ok(parsed)
}

/// The field that is not there; serde says it in words only, and names its parent as the place.
fn missing_field(told: &str) -> Option<&str> {
    told.strip_prefix("missing field `")?.split('`').next()
}

fn pointer_of(path: &serde_path_to_error::Path) -> String {
    path.iter()
        .map(|segment| match segment {
            serde_path_to_error::Segment::Seq { index } => format!("/{index}"),
            serde_path_to_error::Segment::Map { key } => format!("/{key}"),
            serde_path_to_error::Segment::Enum { variant } => format!("/{variant}"),
            serde_path_to_error::Segment::Unknown => String::new(),
        })
        .collect()
}

/// Answers what no route took: 405 with `Allow` when the path exists under another method, else 404.
pub(crate) async fn no_route(request: HttpRequest, documents: web::Data<Vec<OpenApi>>) -> HttpResponse {
    let allowed = allowed_methods(request.path(), &documents);
    if allowed.is_empty() {
        let path = request.path();
        return RULES.refuse("HTTP-404", format!("地址 {path} 不存在"), format!("there is no {path}")).error_response();
    }
    let method = request.method();
    let allow = allowed.join(", ");
    let mut response = RULES
        .refuse("HTTP-405", format!("该地址只支持 {allow}，不支持 {method}"), format!("{method} is not one of {allow}"))
        .error_response();
    if let Ok(value) = header::HeaderValue::from_str(&allow) {
        response.headers_mut().insert(header::ALLOW, value);
    }
    response
}

fn allowed_methods(path: &str, documents: &[OpenApi]) -> Vec<&'static str> {
    let item = documents
        .iter()
        .flat_map(|document| document.paths.paths.iter())
        .find(|(template, _)| is_match(template, path))
        .map(|(_, item)| item);
    let Some(item) = item else { return Vec::new() };
    let present = [
        ("GET", item.get.is_some()),
        ("POST", item.post.is_some()),
        ("PUT", item.put.is_some()),
        ("PATCH", item.patch.is_some()),
        ("DELETE", item.delete.is_some()),
    ];
    present.into_iter().filter_map(|(method, exists)| exists.then_some(method)).collect()
}

fn is_match(template: &str, path: &str) -> bool {
    let (template, path) = (template.trim_matches('/').split('/'), path.trim_matches('/').split('/'));
    template.clone().count() == path.clone().count()
        && template.zip(path).all(|(wanted, given)| wanted.starts_with('{') || wanted == given)
}

/// Refuses text that nobody types: control characters and marks that turn the reading direction, raw or escaped.
pub fn refuse_hidden_characters(body: &[u8]) -> Result<(), Problem> {
    if body.is_ascii() && !body.iter().any(|byte| *byte < b' ' || matches!(byte, b'\\' | 0x7f)) {
        return Ok(());
    }
    let Ok(text) = std::str::from_utf8(body) else { return Err(Problem::malformed("the body is not UTF-8")) };
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        let meant = match character {
            '\\' if characters.next() == Some('u') => {
                let digits: String = characters.by_ref().take(4).collect();
                u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32)
            }
            '\\' => None,
            other => Some(other),
        };
        if let Some(hidden) = meant.filter(|meant| is_hidden(*meant)) {
            let code = u32::from(hidden);
            let en = format!("the text holds the character U+{code:04X}, which is not allowed");
            return Err(RULES.refuse("HTTP-422", format!("文字中含有不允许的字符 U+{code:04X}"), en));
        }
    }
    Ok(())
}

fn is_hidden(character: char) -> bool {
    let is_direction = matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    is_direction || (character.is_control() && !matches!(character, '\n' | '\r' | '\t'))
}

/// What stands before the routes of a server that is open to the world; app data as `web::Data<dyn Entrance>`.
pub trait Entrance: Send + Sync {
    /// Refuses a request before its body is read.
    fn admit(&self, request: &HttpRequest) -> Result<(), Problem>;

    /// Whether a request goes to another server, body and all: who receives it reads and checks it.
    fn passes_on(&self, request: &HttpRequest) -> bool;
}

/// A file of lines may be longer than memory: its handler takes it as it arrives and checks each line.
fn is_lines(content_type: Option<&header::HeaderValue>) -> bool {
    content_type.is_some_and(|declared| declared.as_bytes().to_ascii_lowercase().starts_with(LINES.as_bytes()))
}

/// Lets the request in, reads and checks its body before any handler sees it, and hands it on.
async fn let_in(request: &mut ServiceRequest) -> Result<(), Problem> {
    let is_passed_on = match request.app_data::<web::Data<dyn Entrance>>() {
        Some(entrance) => {
            entrance.admit(request.request())?;
            entrance.passes_on(request.request())
        }
        None => false,
    };
    if is_passed_on
        || is_lines(request.headers().get(header::CONTENT_TYPE))
        || !matches!(*request.method(), Method::POST | Method::PUT | Method::PATCH)
    {
        return Ok(());
    }
    let body = request.extract::<web::Bytes>().await.map_err(|error| payload_problem(&error))?;
    refuse_hidden_characters(&body)?;
    request.set_payload(Payload::from(body));
    Ok(())
}

/// Puts the request into its trace, gives it a language, counts it, and returns `traceparent`. Its route is told from
/// where it arrived: before that, all routes would have to be tried twice.
pub(crate) async fn around(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody + 'static>, Error> {
    let header_text = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let language = Language::from_header(header_text("accept-language"));
    let mut current = RequestContext::from_traceparent(header_text("traceparent"), language);
    let remote_parent = remote_span(header_text("traceparent"));
    let method = method_label(request.method());
    let collection = collection_of(request.path());
    let span = tracing::info_span!("request", %method, collection, route = Empty, trace_id = %current.trace_id);
    if let Some(parent) = remote_parent {
        let _no_exporter = span.set_parent(opentelemetry::Context::new().with_remote_span_context(parent));
    }
    let exported = span.context().span().span_context().clone();
    if exported.is_valid() {
        current.trace_id = exported.trace_id().to_string();
        current.span_id = exported.span_id().to_string();
    }
    let traceparent = current.traceparent();
    let started = Instant::now();
    let answered = async {
        match let_in(&mut request).await {
            Ok(()) => next.call(request).await.map(ServiceResponse::map_into_left_body),
            Err(problem) => Ok(request.into_response(problem.error_response()).map_into_right_body()),
        }
    };
    let mut response = context::within(current, answered).instrument(span.clone()).await?;
    let route = response.request().match_pattern().unwrap_or_else(|| "none".to_owned());
    span.record("route", &route);
    let metrics = telemetry::metrics();
    metrics.seconds.with_label_values(&[method, &route]).observe(started.elapsed().as_secs_f64());
    metrics.requests.with_label_values(&[method, &route, response.status().as_str()]).inc();
    if let Ok(value) = header::HeaderValue::from_str(&traceparent) {
        response.headers_mut().insert(header::HeaderName::from_static("traceparent"), value);
    }
    Ok(response)
}

/// What a path names before any id: `/api/{service}/v1/{noun}`.
fn collection_of(path: &str) -> &str {
    path.match_indices('/').nth(4).and_then(|(end, _)| path.get(..end)).unwrap_or(path)
}

fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        _ => "OTHER",
    }
}

fn remote_span(header: Option<&str>) -> Option<SpanContext> {
    let mut parts = header?.trim().split('-').skip(1);
    let trace_id = TraceId::from_hex(parts.next()?).ok()?;
    let span_id = SpanId::from_hex(parts.next()?).ok()?;
    let context = SpanContext::new(trace_id, span_id, TraceFlags::SAMPLED, true, TraceState::default());
    context.is_valid().then_some(context)
}
