//! Money of the province reaches a county school: issued, accepted, split, paid, and traced back.

use serde_json::json;

use super::{Thread, indicators, payments};
use crate::{
    cast::{COUNTY, PROVINCE, YEAR, finance, unit},
    stage::{Stage, StoryError, items, text},
    teller::plain,
};

const BASE: &str = "/api/budget-execution/v1";

pub(crate) async fn tell(stage: &mut Stage, thread: &mut Thread) -> Result<(), StoryError> {
    stage
        .teller
        .chapter("转移支付：从省到县，一追到底", "Transfer payments: from province to county, traced to the end");
    let maker = finance(PROVINCE, "m1a");
    let body = json!({
        "mof_div_code": PROVINCE, "fiscal_year": YEAR, "cor_bgt_doc_no": "赣财教指〔2026〕15号",
        "bgt_doc_title": "关于下达2026年城乡义务教育补助经费的通知", "doc_date": "2026-05-12",
        "lines": [{"bgt_id": thread.indicator("grant"), "amount": "900000.00"}],
    });
    let created = stage.post(&maker, &format!("{BASE}/transfers"), &body).await?;
    let document = format!("{BASE}/transfers/{}", text(&created, "transfer_id")?);
    stage.through(&document, &maker, &[finance(PROVINCE, "m2a")]).await?;
    let accepted = accept(stage, thread).await?;
    let lines = vec![json!({"agency_code": "205007", "dep_bgt_eco_code": "30213", "amt": "600000.00"})];
    let children = indicators::distribute(stage, COUNTY, &accepted, lines).await?;
    indicators::issue(stage, COUNTY, &children, "南财教指〔2026〕21号").await?;
    thread.indicators.insert("subsidy-issued", children[0].0.clone());
    let payment = payments::Payment {
        agency: "205007",
        indicator: thread.indicator("subsidy-issued"),
        payee: "南昌县众建工程有限公司",
        payee_account: "6222000000001002",
        ..payments::school(thread, "subsidy-issued", "30213", "250000.00", "义务教育补助校舍维修工程款")
    };
    let voucher = payments::pay(stage, &payment).await?;
    trace(stage, &voucher).await?;
    thread.vouchers.insert("subsidy", voucher);
    Ok(())
}

async fn accept(stage: &mut Stage, thread: &Thread) -> Result<String, StoryError> {
    let receiver = finance(COUNTY, "m1a");
    let incoming = stage.get(&receiver, &format!("{BASE}/incoming-transfers?fiscal_year={YEAR}")).await?;
    let line = items(&incoming).first().cloned().unwrap_or_default();
    let path = format!("{BASE}/incoming-transfers/{}/acceptances", text(&line, "line_id")?);
    let body = json!({
        "pro_code": thread.project("subsidy"), "manage_mof_dep_code": "06", "exp_func_code": "2050202",
        "gov_bgt_eco_code": "50502",
    });
    let stranger = finance("360124000", "m1a");
    let tried = ("别的县接收不属于它的转移支付", "another county takes a transfer that is not its own");
    stage.refused(&stranger, &path, &body, "HTTP-404", tried).await?;
    let accepted = stage.post(&receiver, &path, &body).await?;
    stage
        .refused(&receiver, &path, &body, "V-002", ("同一笔转移支付接收两次", "accepts the same transfer twice"))
        .await?;
    stage.say(
        "省级下达 900,000.00 元，县级接收入账为待分指标，分解 600,000.00 元到莲塘第一小学。",
        "The province issues 900,000.00; the county accepts it and splits 600,000.00 to the primary school.",
    );
    text(&accepted, "accept_bgt_id")
}

async fn trace(stage: &mut Stage, voucher: &str) -> Result<(), StoryError> {
    let reader = unit(COUNTY, "205007", "u1");
    let lineage = stage.get(&reader, &format!("{BASE}/vouchers/{voucher}/lineage")).await?;
    let steps = lineage["indicators"].as_array().cloned().unwrap_or_default();
    let rows = steps
        .iter()
        .map(|step| {
            vec![
                plain(&step["mof_div_code"]),
                plain(&step["agency_code"]),
                plain(&step["cor_bgt_doc_no"]),
                plain(&step["sup_bgt_doc_no"]),
                plain(&step["amount"]),
            ]
        })
        .collect();
    let header = if stage.teller.choose("zh", "en") == "zh" {
        ["区划", "单位", "本级文号", "上级文号", "金额"]
    } else {
        ["division", "unit", "own document", "upper document", "amount"]
    };
    stage.teller.table(&header, rows, &[4]);
    let document = plain(&lineage["sup_bgt_doc_no"]);
    stage.expect(
        document == "赣财教指〔2026〕15号",
        &format!("从收款凭证一次追溯到省级文件 {document}"),
        &format!("one call leads from the paid voucher to the province's document {document}"),
    );
    Ok(())
}
