//! Approval becomes spending authority: executable indicators at once, unallocated ones by split and issue.

use serde_json::{Value, json};

use super::Thread;
use crate::{
    cast::{COUNTY, PROVINCE, YEAR, finance, unit},
    stage::{Stage, StoryError, items, text},
    teller::plain,
};

const BASE: &str = "/api/budget-execution/v1";

pub(crate) async fn tell(stage: &mut Stage, thread: &mut Thread) -> Result<(), StoryError> {
    stage.teller.chapter("指标：批复一次，生成一次", "Indicators: approved once, made once");
    let county = generated(stage, COUNTY, 6).await?;
    let province = generated(stage, PROVINCE, 2).await?;
    name(thread, &county, &province);
    show(stage, &county);
    split_and_issue(stage, thread).await
}

/// Waits until the approval of a division has become its indicators.
async fn generated(stage: &mut Stage, division: &str, count: usize) -> Result<Vec<Value>, StoryError> {
    let path = format!("{BASE}/indicators?mof_div_code={division}&fiscal_year={YEAR}&page_size=200");
    let page = stage.until(&finance(division, "m2a"), &path, |page| items(page).len() >= count).await?;
    let made = items(&page);
    stage.expect(
        made.len() == count,
        &format!("{division} 的批复生成 {count} 条指标，不多不少（IG-001、IG-002）"),
        &format!("the approval of {division} makes exactly {count} indicators (IG-001, IG-002)"),
    );
    Ok(made)
}

fn name(thread: &mut Thread, county: &[Value], province: &[Value]) {
    let names = [("salary", "30101"), ("office", "30201"), ("travel", "30211"), ("laboratory", "31003")];
    for (short, economic) in names {
        let found = county.iter().find(|one| one["dep_bgt_eco_code"] == economic && one["agency_code"] == "205009");
        thread.indicators.insert(short, id_of(found));
    }
    let of_project = |code: String, among: &[Value]| id_of(among.iter().find(|one| one["pro_code"] == json!(code)));
    for (short, among) in [("repair", county), ("pool", county), ("research", province), ("grant", province)] {
        let id = of_project(thread.project(short), among);
        thread.indicators.insert(short, id);
    }
}

fn id_of(indicator: Option<&Value>) -> String {
    indicator.map(|one| plain(&one["bgt_id"])).unwrap_or_default()
}

pub(crate) fn show(stage: &mut Stage, indicators: &[Value]) {
    let rows = indicators
        .iter()
        .map(|one| {
            let flag = if one["bgt_exe_flag"] == "1" { ("可执行", "executable") } else { ("待分", "unallocated") };
            vec![
                plain(&one["agency_code"]),
                plain(&one["pro_name"]),
                plain(&one["exp_func_code"]),
                plain(&one["dep_bgt_eco_code"]),
                stage.teller.choose(flag.0, flag.1).to_owned(),
                plain(&one["amount"]),
                plain(&one["amounts"]["available"]),
            ]
        })
        .collect();
    let header = if stage.teller.choose("zh", "en") == "zh" {
        ["单位", "项目", "功能分类", "部门经济", "性质", "金额", "可用"]
    } else {
        ["unit", "project", "function", "economic", "flag", "amount", "available"]
    };
    stage.teller.table(&header, rows, &[5, 6]);
}

async fn split_and_issue(stage: &mut Stage, thread: &mut Thread) -> Result<(), StoryError> {
    let line = |agency: &str, amount: &str| json!({"agency_code": agency, "dep_bgt_eco_code": "30213", "amt": amount});
    let too_much = vec![line("205007", "800000.01")];
    let pool = thread.indicator("pool");
    let maker = finance(COUNTY, "m1a");
    let tried = ("分解超过待分额度 0.01 元", "splits off 0.01 more than there is");
    refused_distribution(stage, &maker, &pool, too_much, "BA-001", tried).await?;
    let lines = vec![line("205007", "300000.00"), line("205009", "200000.00")];
    let children = distribute(stage, COUNTY, &pool, lines).await?;
    issue(stage, COUNTY, &children, "南财指〔2026〕8号").await?;
    thread.indicators.insert("repair-issued", children[0].0.clone());
    thread.indicators.insert("pool-school", children[1].0.clone());
    let child = stage.get(&unit(COUNTY, "205007", "u1"), &format!("{BASE}/indicators/{}", children[0].0)).await?;
    let available = plain(&child["amounts"]["available"]);
    stage.expect(
        available == "300000.00",
        &format!("待分指标分解、下达后，小学可用 {available} 元"),
        &format!("split and issued, the primary school may spend {available}"),
    );
    Ok(())
}

async fn refused_distribution(
    stage: &mut Stage,
    maker: &str,
    parent: &str,
    lines: Vec<Value>,
    code: &str,
    tried: (&str, &str),
) -> Result<(), StoryError> {
    let body = json!({"mof_div_code": COUNTY, "fiscal_year": YEAR, "bgt_id": parent, "lines": lines});
    let created = stage.post(maker, &format!("{BASE}/distributions"), &body).await?;
    let document = format!("{BASE}/distributions/{}", text(&created, "distribution_id")?);
    stage.act(maker, &document, "submit").await?;
    let approve = json!({"action": "approve", "opinion": ""});
    stage.refused(&finance(COUNTY, "m2a"), &format!("{document}/actions"), &approve, code, tried).await?;
    stage.act_because(&finance(COUNTY, "m2a"), &document, "return", "超出额度").await?;
    stage.act(maker, &document, "discard").await.map(drop)
}

/// Splits an unallocated indicator; the children are (id, amount).
pub(crate) async fn distribute(
    stage: &mut Stage,
    division: &str,
    parent: &str,
    lines: Vec<Value>,
) -> Result<Vec<(String, String)>, StoryError> {
    let maker = finance(division, "m1a");
    let body = json!({"mof_div_code": division, "fiscal_year": YEAR, "bgt_id": parent, "lines": lines});
    let created = stage.post(&maker, &format!("{BASE}/distributions"), &body).await?;
    let document = format!("{BASE}/distributions/{}", text(&created, "distribution_id")?);
    let done = stage.through(&document, &maker, &[finance(division, "m2a")]).await?;
    let lines = done["lines"].as_array().cloned().unwrap_or_default();
    Ok(lines.iter().map(|line| (plain(&line["bgt_id"]), plain(&line["amt"]))).collect())
}

/// Issues children under a document number (BA-005).
pub(crate) async fn issue(
    stage: &mut Stage,
    division: &str,
    children: &[(String, String)],
    doc_no: &str,
) -> Result<(), StoryError> {
    let maker = finance(division, "m1a");
    let lines: Vec<Value> = children.iter().map(|(id, amount)| json!({"bgt_id": id, "amt": amount})).collect();
    let body = json!({
        "mof_div_code": division, "fiscal_year": YEAR, "cor_bgt_doc_no": doc_no, "bgt_doc_title": "关于下达指标的通知",
        "doc_date": "2026-01-20", "lines": lines,
    });
    let created = stage.post(&maker, &format!("{BASE}/issues"), &body).await?;
    let document = format!("{BASE}/issues/{}", text(&created, "issue_id")?);
    stage.through(&document, &maker, &[finance(division, "m2b")]).await.map(drop)
}
