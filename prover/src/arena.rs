//! Where a run takes place: fresh indicators of known amounts, split from an unallocated indicator of the demonstration
//! and issued, so that a run disturbs nothing and every fen on them is known from the beginning.

use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    ProveError, money,
    wire::{Request, Wire},
};

/// The county of the demonstration, and the year it plays.
pub(crate) const DIVISION: &str = "360121000";
pub(crate) const YEAR: u16 = 2026;
/// Units of it that pay.
pub(crate) const AGENCIES: [&str; 2] = ["205009", "205007"];
const DEPARTMENT: &str = "205";
const LARGEST_PAGE: usize = 200;

/// An indicator of the run.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Line {
    pub bgt_id: Uuid,
    pub agency: &'static str,
    pub economic: String,
    /// What it was issued with, in fen.
    pub opening: i64,
}

/// User of the finance bureau, for example `360121.m2a`.
pub(crate) fn finance(short: &str) -> String {
    format!("{}.{short}", &DIVISION[..6])
}

/// User of a unit, for example `360121.205009.u1`.
pub(crate) fn unit(agency: &str, short: &str) -> String {
    format!("{}.{agency}.{short}", &DIVISION[..6])
}

/// User of the department above the units.
pub(crate) fn department() -> String {
    unit(DEPARTMENT, "d1")
}

/// Opens indicators of these amounts (agency, fen).
pub(crate) async fn open(wire: &Wire, wanted: &[(&'static str, i64)]) -> Result<Vec<Line>, ProveError> {
    let total: i64 = wanted.iter().map(|(_, fen)| fen).sum();
    let pool = pool(wire, total).await?;
    let economic = pool["dep_bgt_eco_code"].as_str().unwrap_or("30213").to_owned();
    let maker = finance("m1a");
    let lines: Vec<Value> = wanted
        .iter()
        .map(|(agency, fen)| json!({"agency_code": agency, "dep_bgt_eco_code": economic, "amt": money(*fen)}))
        .collect();
    let body = json!({"mof_div_code": DIVISION, "fiscal_year": YEAR, "bgt_id": pool["bgt_id"], "lines": lines});
    let created = wire.must(Request::post(&maker, "/distributions".to_owned(), body)).await?;
    let document = format!("/distributions/{}", text(&created, "distribution_id"));
    wire.must(Request::act(&maker, &document, "submit")).await?;
    let done = wire.must(Request::act(&finance("m2a"), &document, "approve")).await?;
    let children: Vec<Value> = done["lines"].as_array().cloned().unwrap_or_default();
    issue(wire, &children).await?;
    let opened = children.iter().zip(wanted).map(|(child, (agency, opening))| {
        let bgt_id = text(child, "bgt_id").parse().map_err(|_| ProveError::Unreadable(child.to_string()))?;
        Ok(Line { bgt_id, agency, economic: economic.clone(), opening: *opening })
    });
    opened.collect()
}

async fn issue(wire: &Wire, children: &[Value]) -> Result<(), ProveError> {
    let maker = finance("m1a");
    let lines: Vec<Value> =
        children.iter().map(|child| json!({"bgt_id": child["bgt_id"], "amt": child["amt"]})).collect();
    let number = format!("核验〔{YEAR}〕{}号", Uuid::now_v7().simple());
    let body = json!({
        "mof_div_code": DIVISION, "fiscal_year": YEAR, "cor_bgt_doc_no": number, "bgt_doc_title": "核验演练指标",
        "doc_date": format!("{YEAR}-01-20"), "lines": lines,
    });
    let created = wire.must(Request::post(&maker, "/issues".to_owned(), body)).await?;
    let document = format!("/issues/{}", text(&created, "issue_id"));
    wire.must(Request::act(&maker, &document, "submit")).await?;
    wire.must(Request::act(&finance("m2b"), &document, "approve")).await.map(drop)
}

/// The unallocated indicator with the most left, if that is enough.
async fn pool(wire: &Wire, total: i64) -> Result<Value, ProveError> {
    let path =
        format!("/indicators?mof_div_code={DIVISION}&fiscal_year={YEAR}&bgt_exe_flag=2&page_size={LARGEST_PAGE}");
    let page = wire.must(Request::get(&finance("m2a"), path)).await?;
    let found = page["items"].as_array().cloned().unwrap_or_default();
    let widest = found.into_iter().max_by_key(|one| fen(&one["amounts"]["available"]));
    widest.filter(|one| fen(&one["amounts"]["available"]) >= total).ok_or_else(|| ProveError::NoGround(money(total)))
}

/// An amount of an answer in fen; what is not an amount counts as nothing.
pub(crate) fn fen(amount: &Value) -> i64 {
    amount.as_str().and_then(|text| text.parse::<common_types::Money>().ok()).map_or(0, common_types::Money::fen)
}

pub(crate) fn text<'a>(answer: &'a Value, field: &str) -> &'a str {
    answer[field].as_str().unwrap_or_default()
}
