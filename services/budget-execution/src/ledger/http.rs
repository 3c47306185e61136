//! The ledger over HTTP: queries only.

use actix_web::{HttpResponse, get, web};
use budget_execution_contract::{LedgerBalance, LedgerEntry, LedgerFilter, PaidTotal, PaidTotalFilter, TrialBalance};
use common_types::ledger::Account;
use service_kit::{Caller, Page, PageQuery, Problem, http::ProblemDocument};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::Execution;

const TAG: &str = "ledger";

pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(entries).service(balances).service(trial_balance).service(paid_totals);
}

/// The books of a division are open to its finance bureau, to those above it, and to the platform.
fn require_books(caller: &Caller, filter: &LedgerFilter) -> Result<(), Problem> {
    caller.require_readable(&filter.mof_div_code, None, "账簿", "the books")?;
    match &filter.acct_cls_code {
        Some(code) => code.parse::<Account>().map(drop).map_err(Problem::malformed),
        None => Ok(()),
    }
}

/// 指标核算分录: entries, by valid day (`as_of`) and recorded time (`known_at`).
#[utoipa::path(tag = TAG, params(LedgerFilter, PageQuery), responses((status = 200, body = Page<LedgerEntry>), (status = 404, body = ProblemDocument)))]
#[get("/ledger/entries")]
async fn entries(
    caller: Caller,
    filter: web::Query<LedgerFilter>,
    page: web::Query<PageQuery>,
    execution: web::Data<Execution>,
) -> Result<HttpResponse, Problem> {
    require_books(&caller, &filter)?;
    Ok(HttpResponse::Ok().json(super::entries(execution.database.read(), &filter, &page).await?))
}

/// 科目余额: balances computed from the entries, by valid day (`as_of`) and recorded time (`known_at`).
#[utoipa::path(tag = TAG, params(LedgerFilter), responses((status = 200, body = Vec<LedgerBalance>), (status = 404, body = ProblemDocument)))]
#[get("/ledger/balances")]
async fn balances(
    caller: Caller,
    filter: web::Query<LedgerFilter>,
    execution: web::Data<Execution>,
) -> Result<HttpResponse, Problem> {
    require_books(&caller, &filter)?;
    Ok(HttpResponse::Ok().json(super::balances_as_of(execution.database.read(), &filter).await?))
}

/// 试算平衡: debits and credits per account.
#[utoipa::path(tag = TAG, params(LedgerFilter), responses((status = 200, body = TrialBalance), (status = 404, body = ProblemDocument)))]
#[get("/ledger/trial-balance")]
async fn trial_balance(
    caller: Caller,
    filter: web::Query<LedgerFilter>,
    execution: web::Data<Execution>,
) -> Result<HttpResponse, Problem> {
    require_books(&caller, &filter)?;
    Ok(HttpResponse::Ok().json(super::trial_balance(execution.database.read(), &filter).await?))
}

/// 已支付合计: by unit, project, functional class and kind of funds, net of refunds.
#[utoipa::path(tag = TAG, params(PaidTotalFilter), responses((status = 200, body = Page<PaidTotal>), (status = 404, body = ProblemDocument)))]
#[get("/ledger/paid-totals")]
async fn paid_totals(
    caller: Caller,
    filter: web::Query<PaidTotalFilter>,
    execution: web::Data<Execution>,
) -> Result<HttpResponse, Problem> {
    caller.require_readable(&filter.mof_div_code, filter.agency_code.as_ref(), "账簿", "the books")?;
    let items = super::paid::totals(execution.database.read(), &filter).await?;
    Ok(HttpResponse::Ok().json(Page { items, next_page_token: None }))
}
