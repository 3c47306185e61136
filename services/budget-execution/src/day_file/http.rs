//! Day files over HTTP. The body is read part by part: a file of any length needs the memory of one chunk.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use budget_execution_contract::{DayFile, DayFileRefusal};
use futures::StreamExt as _;
use service_kit::{
    Caller, Page, PageQuery, Problem,
    http::{IDEMPOTENT_REPLAYED, ProblemDocument, RULES, idempotency_key},
};
use sha2::{Digest as _, Sha256};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::{
    Run,
    entity::Progress,
    model::{Cutter, Line},
};
use crate::Execution;

const CHUNK_LINES: usize = 500;
const CHUNK_BYTES: usize = 4 * 1024 * 1024;
const LONGEST_LINE_BYTES: usize = 4 * 1024 * 1024;

/// Adds the routes.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(take).service(list).service(read).service(refusals);
}

/// Takes a day file: one signed receipt a line (NDJSON). The same file again has no further effect.
#[utoipa::path(tag = "bank-day-files", params(("Idempotency-Key" = String, Header)), request_body(content = String, content_type = "application/x-ndjson"), responses(
    (status = 200, body = DayFile), (status = 409, body = ProblemDocument), (status = 422, body = ProblemDocument)))]
#[post("/bank-day-files")]
async fn take(
    execution: web::Data<Execution>,
    caller: Caller,
    request: HttpRequest,
    body: web::Payload,
) -> Result<HttpResponse, Problem> {
    let file_key = idempotency_key(&request)?;
    let run = super::begin(&execution, &caller, &file_key).await?;
    if run.file.status == Progress::Done {
        return again(run, body).await;
    }
    let content_hash = pass(&execution, &caller, &run, body).await?;
    Ok(HttpResponse::Ok().json(super::finish(&execution, &caller, &run, &content_hash).await?))
}

/// Takes chunk after chunk; gives the fingerprint of the whole.
async fn pass(execution: &Execution, caller: &Caller, run: &Run, mut body: web::Payload) -> Result<String, Problem> {
    let (mut digest, mut cutter, mut lines) = (Sha256::new(), Cutter::default(), Vec::<Line>::new());
    let mut pending_bytes = 0_usize;
    while let Some(part) = body.next().await {
        let part = part.map_err(Problem::malformed)?;
        digest.update(&part);
        cutter.cut(&part, &mut lines);
        pending_bytes = pending_bytes.saturating_add(part.len());
        if cutter.pending() > LONGEST_LINE_BYTES {
            return Err(Problem::malformed(format!("a line has at most {LONGEST_LINE_BYTES} bytes")));
        }
        while lines.len() >= CHUNK_LINES || (pending_bytes >= CHUNK_BYTES && !lines.is_empty()) {
            let rest = lines.split_off(lines.len().min(CHUNK_LINES));
            super::take(execution, caller, run, std::mem::replace(&mut lines, rest)).await?;
            pending_bytes = 0;
        }
    }
    cutter.end(&mut lines);
    while !lines.is_empty() {
        let rest = lines.split_off(lines.len().min(CHUNK_LINES));
        super::take(execution, caller, run, std::mem::replace(&mut lines, rest)).await?;
    }
    Ok(hex(digest))
}

/// The report of a file that was taken before; other content under its key is refused.
async fn again(run: Run, mut body: web::Payload) -> Result<HttpResponse, Problem> {
    let mut digest = Sha256::new();
    while let Some(part) = body.next().await {
        digest.update(&part.map_err(Problem::malformed)?);
    }
    if run.file.content_hash != Some(hex(digest)) {
        return Err(RULES.refuse("IDEM-002", "该幂等键已用于其他文件", "the key was used for another file"));
    }
    Ok(HttpResponse::Ok().insert_header((IDEMPOTENT_REPLAYED, "true")).json(super::view(run.file)))
}

fn hex(digest: Sha256) -> String {
    format!("{:x}", digest.finalize())
}

/// The caller's files, the newest first; counts grow while one is taken.
#[utoipa::path(tag = "bank-day-files", params(PageQuery), responses((status = 200, body = Page<DayFile>)))]
#[get("/bank-day-files")]
async fn list(
    execution: web::Data<Execution>,
    caller: Caller,
    query: web::Query<PageQuery>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(super::list(&execution, &caller, &query).await?))
}

/// One file and how far it is.
#[utoipa::path(tag = "bank-day-files", responses((status = 200, body = DayFile), (status = 404, body = ProblemDocument)))]
#[get("/bank-day-files/{file_id}")]
async fn read(execution: web::Data<Execution>, caller: Caller, id: web::Path<Uuid>) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(super::get(&execution, &caller, *id).await?))
}

/// Its refused lines.
#[utoipa::path(tag = "bank-day-files", params(PageQuery), responses(
    (status = 200, body = Page<DayFileRefusal>), (status = 404, body = ProblemDocument)))]
#[get("/bank-day-files/{file_id}/refusals")]
async fn refusals(
    execution: web::Data<Execution>,
    caller: Caller,
    id: web::Path<Uuid>,
    query: web::Query<PageQuery>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(super::refusals(&execution, &caller, *id, &query).await?))
}
