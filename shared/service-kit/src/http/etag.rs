//! Optimistic versions on the wire: `ETag` out, `If-Match` in.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, HttpResponseBuilder, dev::Payload, http::header};

use super::{Problem, RULES};

/// The version that the caller read, from `If-Match`. Extraction answers 428 when the header is absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IfMatch(pub i64);

impl IfMatch {
    /// 412 with the present ETag when the caller's version is not the present one.
    pub fn check(self, present: i64) -> Result<(), Problem> {
        if self.0 == present {
            return Ok(());
        }
        Err(RULES
            .refuse(
                "WF-412",
                format!("单据当前版本为 {present}，请求基于版本 {}", self.0),
                format!("document is at version {present}, the request is based on {}", self.0),
            )
            .with("etag", format!("\"{present}\"")))
    }
}

impl FromRequest for IfMatch {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read(request))
    }
}

fn read(request: &HttpRequest) -> Result<IfMatch, Problem> {
    let Some(value) = request.headers().get(header::IF_MATCH) else {
        return Err(RULES.refuse("WF-428", "修改单据必须带上版本号", "a change needs the version it is based on"));
    };
    let text = value.to_str().unwrap_or_default().trim().trim_start_matches("W/").trim_matches('"');
    text.parse().map(IfMatch).map_err(|_| Problem::malformed("If-Match must be an ETag that this service gave"))
}

/// Puts the version of a document on its response.
pub fn with_etag(mut response: HttpResponseBuilder, version: i64) -> HttpResponseBuilder {
    response.insert_header((header::ETAG, format!("\"{version}\"")));
    response
}
