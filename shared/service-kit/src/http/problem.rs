//! RFC 9457 problem documents: the only shape in which anything is refused.

use actix_web::{
    HttpResponse, ResponseError,
    http::{StatusCode, header},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{RULES, catalogue::Rule};
use crate::{
    context::{self, Language},
    store::failure::Failure,
};

const CONTENT_TYPE: &str = "application/problem+json";
const TYPE_PREFIX: &str = "urn:yitihua:error:";
const RETRY_AFTER_SECONDS: &str = "2";

/// One field that was not acceptable.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema, PartialEq, Eq)]
pub struct FieldError {
    /// JSON pointer into the request, for example `/details/0/pay_amt`.
    pub pointer: String,
    pub detail: String,
}

/// A refusal. Boxed inside, so that results stay small.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}: {}", .0.code, .0.en)]
pub struct Problem(Box<Content>);

#[derive(Debug, Clone)]
struct Content {
    status: StatusCode,
    code: String,
    title: [String; 2],
    remedy: [String; 2],
    zh: String,
    en: String,
    errors: Vec<FieldError>,
    extensions: Map<String, Value>,
}

/// The wire form, as peers and clients read it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ProblemDocument {
    /// `urn:yitihua:error:<code>`.
    pub r#type: String,
    pub title: String,
    pub status: u16,
    pub code: String,
    pub detail: String,
    /// What can be done.
    #[serde(default)]
    pub remedy: String,
    pub trace_id: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// Figures of the refusal, such as `available`, `requested`, `exceeded`.
    #[serde(flatten)]
    pub extensions: Map<String, Value>,
}

impl Problem {
    pub(super) fn of_rule(rule: &Rule, zh: String, en: String) -> Self {
        Self(Box::new(Content {
            status: rule.status(),
            code: rule.code.clone(),
            title: [rule.title_zh.clone(), rule.title_en.clone()],
            remedy: [rule.remedy_zh.clone(), rule.remedy_en.clone()],
            zh,
            en,
            errors: Vec::new(),
            extensions: Map::new(),
        }))
    }

    /// A failure of ours: logged here once with its cause, told to the caller without it.
    pub fn internal(cause: &dyn std::fmt::Display) -> Self {
        tracing::error!(%cause, trace_id = %context::current().trace_id, "request failed");
        RULES.refuse("HTTP-500", "系统处理时出错", "the request could not be completed")
    }

    /// 503: somebody else was in the way, and nothing was done.
    pub(crate) fn given_up() -> Self {
        RULES.refuse("HTTP-503", "与其他操作冲突，请稍后重试", "another operation was in the way; try again")
    }

    /// 404, also for what lies outside the caller's scope.
    pub fn not_found(what_zh: &str, what_en: &str) -> Self {
        RULES.refuse("HTTP-404", format!("没有找到{what_zh}"), format!("{what_en} was not found"))
    }

    /// 422 for one field.
    pub fn field(pointer: impl Into<String>, zh: impl Into<String>, en: impl Into<String>) -> Self {
        let (zh, en) = (zh.into(), en.into());
        RULES.refuse("HTTP-422", zh.clone(), en.clone()).at(pointer, zh, en)
    }

    /// 400 for a request that cannot be read.
    pub fn malformed(en: impl std::fmt::Display) -> Self {
        RULES.refuse("HTTP-400", format!("请求无法解析：{en}"), format!("request cannot be read: {en}"))
    }

    /// 409 for a state that does not allow the operation.
    pub fn conflict(zh: impl Into<String>, en: impl Into<String>) -> Self {
        RULES.refuse("HTTP-409", zh, en)
    }

    /// Names a field that was not acceptable, told in the language of the request.
    #[must_use]
    pub fn at(mut self, pointer: impl Into<String>, zh: impl Into<String>, en: impl Into<String>) -> Self {
        let detail = match context::current().language {
            Language::Chinese => zh.into(),
            Language::English => en.into(),
        };
        self.0.errors.push(FieldError { pointer: pointer.into(), detail });
        self
    }

    /// Adds a figure, such as `available` or `requested`.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Serialize) -> Self {
        self.0.extensions.insert(name.to_owned(), serde_json::to_value(value).unwrap_or(Value::Null));
        self
    }

    /// The stable code, for example `BA-001`.
    pub fn code(&self) -> &str {
        &self.0.code
    }

    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// The wire form in the language of the request.
    pub fn document(&self) -> ProblemDocument {
        let context = context::current();
        let content = &self.0;
        let (index, detail) = match context.language {
            Language::Chinese => (0, &content.zh),
            Language::English => (1, &content.en),
        };
        ProblemDocument {
            r#type: format!("{TYPE_PREFIX}{}", content.code),
            title: content.title[index].clone(),
            status: content.status.as_u16(),
            code: content.code.clone(),
            detail: detail.clone(),
            remedy: content.remedy[index].clone(),
            trace_id: context.trace_id,
            errors: content.errors.clone(),
            extensions: content.extensions.clone(),
        }
    }
}

impl From<ProblemDocument> for Problem {
    /// A peer's refusal, passed on as it was told.
    fn from(document: ProblemDocument) -> Self {
        Self(Box::new(Content {
            status: StatusCode::from_u16(document.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            code: document.code,
            title: [document.title.clone(), document.title],
            remedy: [document.remedy.clone(), document.remedy],
            zh: document.detail.clone(),
            en: document.detail,
            errors: document.errors,
            extensions: document.extensions,
        }))
    }
}

impl From<sea_orm::DbErr> for Problem {
    /// A text that a column cannot hold is the caller's to shorten; who was given up in favour of another, or lost the
    /// database on the way, may try again; everything else is ours.
    fn from(error: sea_orm::DbErr) -> Self {
        match Failure::of(&error) {
            Failure::TooLong => RULES.refuse("HTTP-422", "有文字超过字段长度", "a text is longer than its field"),
            Failure::GivenUp => {
                tracing::warn!(%error, "a transaction was given up");
                Self::given_up()
            }
            Failure::OutOfReach => {
                tracing::warn!(%error, "the database does not answer");
                RULES.refuse("HTTP-503", "数据库暂时没有应答", "the database does not answer for the moment")
            }
            Failure::Lasting => Self::internal(&error),
        }
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.0.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.0.status);
        response.content_type(CONTENT_TYPE);
        if self.0.status == StatusCode::SERVICE_UNAVAILABLE {
            response.insert_header(("Retry-After", RETRY_AFTER_SECONDS));
        }
        if let Some(Value::String(etag)) = self.0.extensions.get("etag") {
            response.insert_header((header::ETAG, etag.as_str()));
        }
        if self.0.status == StatusCode::UNAUTHORIZED {
            response.insert_header(("WWW-Authenticate", "Bearer"));
        }
        match serde_json::to_string(&self.document()) {
            Ok(text) => response.body(text),
            Err(_) => response.finish(),
        }
    }
}
