//! What travels with one request: its trace and the language of its caller.

use std::future::Future;

/// The language in which refusals are told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Language {
    #[default]
    Chinese,
    English,
}

impl Language {
    /// Reads an `Accept-Language` header: English only when it is asked for before Chinese.
    pub fn from_header(header: Option<&str>) -> Self {
        let first = header.and_then(|value| value.split(',').next()).unwrap_or("").trim().to_ascii_lowercase();
        if first.starts_with("en") { Self::English } else { Self::Chinese }
    }

    /// The header value that asks for this language.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Chinese => "zh-CN",
            Self::English => "en",
        }
    }
}

/// Trace position and language of the request that this task serves.
#[derive(Debug, Clone)]
pub struct RequestContext {
    /// 32 hexadecimal digits.
    pub trace_id: String,
    /// 16 hexadecimal digits: the span that peers see as their parent.
    pub span_id: String,
    pub language: Language,
}

impl RequestContext {
    /// Starts a trace of its own.
    pub fn root(language: Language) -> Self {
        Self { trace_id: hex(rand::random::<u128>()), span_id: hex64(rand::random::<u64>()), language }
    }

    /// Continues the trace of a W3C `traceparent` header, or starts one when the header is absent or malformed.
    pub fn from_traceparent(header: Option<&str>, language: Language) -> Self {
        let mut context = Self::root(language);
        if let Some(trace_id) = header.and_then(trace_id_of) {
            context.trace_id = trace_id.to_owned();
        }
        context
    }

    /// The W3C `traceparent` header value to pass on.
    pub fn traceparent(&self) -> String {
        format!("00-{}-{}-01", self.trace_id, self.span_id)
    }
}

fn trace_id_of(header: &str) -> Option<&str> {
    let mut parts = header.trim().split('-');
    let (version, trace_id, span_id) = (parts.next()?, parts.next()?, parts.next()?);
    let is_hex = |text: &str, length: usize| {
        text.len() == length
            && text.bytes().all(|byte| byte.is_ascii_hexdigit())
            && text.bytes().any(|byte| byte != b'0')
    };
    (version.len() == 2 && version != "ff" && is_hex(trace_id, 32) && is_hex(span_id, 16)).then_some(trace_id)
}

fn hex(number: u128) -> String {
    format!("{number:032x}")
}

fn hex64(number: u64) -> String {
    format!("{number:016x}")
}

tokio::task_local! {
    static CURRENT: RequestContext;
}

/// The context of the request that this task serves; outside a request, a fresh root.
pub fn current() -> RequestContext {
    CURRENT.try_with(Clone::clone).unwrap_or_else(|_| RequestContext::root(Language::Chinese))
}

/// Runs a future as part of a request.
pub async fn within<F: Future>(context: RequestContext, future: F) -> F::Output {
    CURRENT.scope(context, future).await
}

/// Runs a function as part of a request.
pub fn during<R>(context: RequestContext, function: impl FnOnce() -> R) -> R {
    CURRENT.sync_scope(context, function)
}
