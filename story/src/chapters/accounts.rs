//! Unit accounts and final accounts follow from the same facts.

use serde_json::{Value, json};

use super::Thread;
use crate::{
    cast::{COUNTY, YEAR, finance, unit},
    stage::{Stage, StoryError, items, text},
    teller::plain,
};

const BASE: &str = "/api/final-accounts/v1";
const AGENCY: &str = "205009";

pub(crate) async fn tell(stage: &mut Stage, _thread: &Thread) -> Result<(), StoryError> {
    stage.teller.chapter("单位会计与决算", "Unit accounts and final accounts");
    let accountant = unit(COUNTY, AGENCY, "u3");
    let scope = format!("mof_div_code={COUNTY}&fiscal_year={YEAR}&agency_code={AGENCY}");
    let path = format!("{BASE}/unit-vouchers?{scope}&page_size=100");
    let vouchers = items(&stage.until(&accountant, &path, |page| items(page).len() >= 5).await?);
    stage.expect(
        vouchers.len() >= 5,
        &format!("支付、退款、更正自动生成单位会计凭证 {} 张，每个事实一张", vouchers.len()),
        &format!("{} unit vouchers made themselves from payments, refund and correction", vouchers.len()),
    );
    trial_balance(stage, &accountant, &scope).await?;
    lock(stage, &accountant).await?;
    for report in ["FA01", "FA02"] {
        final_account(stage, &accountant, report).await?;
    }
    Ok(())
}

async fn trial_balance(stage: &mut Stage, accountant: &str, scope: &str) -> Result<(), StoryError> {
    let balance = stage.get(accountant, &format!("{BASE}/trial-balances?{scope}")).await?;
    let lines = balance["lines"].as_array().cloned().unwrap_or_default();
    let rows = lines
        .iter()
        .map(|one| {
            ["gov_acct_cls_code", "gov_acct_cls_name", "dr_amt", "cr_amt"].map(|field| plain(&one[field])).to_vec()
        })
        .collect();
    let header = if stage.teller.choose("zh", "en") == "zh" {
        ["科目", "名称", "借方", "贷方"]
    } else {
        ["account", "name", "debit", "credit"]
    };
    stage.teller.table(&header, rows, &[2, 3]);
    stage.expect(
        !lines.is_empty() && balance["is_balanced"] == true,
        "财务会计与预算会计两组各自借贷平衡",
        "both groups balance, financial and budget",
    );
    Ok(())
}

async fn lock(stage: &mut Stage, accountant: &str) -> Result<(), StoryError> {
    let body = json!({"mof_div_code": COUNTY, "fiscal_year": YEAR, "agency_code": AGENCY});
    stage.post(accountant, &format!("{BASE}/year-end-closings"), &body).await.map(drop)
}

async fn final_account(stage: &mut Stage, accountant: &str, code: &str) -> Result<(), StoryError> {
    let body = json!({"report_code": code, "mof_div_code": COUNTY, "fiscal_year": YEAR, "agency_code": AGENCY});
    let report = stage.post(accountant, &format!("{BASE}/reports"), &body).await?;
    let document = format!("{BASE}/reports/{}", text(&report, "report_id")?);
    show(stage, &report);
    let difference = plain(&report["tie_out"]["difference"]);
    stage.expect(
        difference == "0.00",
        &format!("{}：与指标账差额 {difference} 元（RP-001）", plain(&report["report_name"])),
        &format!("{code}: differs from the ledger by {difference} (RP-001)"),
    );
    let chain = [unit(COUNTY, AGENCY, "u2"), unit(COUNTY, "205", "d1"), finance(COUNTY, "m3a")];
    stage.through(&document, accountant, &chain).await.map(drop)
}

fn show(stage: &mut Stage, report: &Value) {
    let lines = report["lines"].as_array().cloned().unwrap_or_default();
    let columns = ["line_code", "line_name", "total", "basic", "project"];
    let rows = lines.iter().map(|one| columns.map(|field| plain(&one[field])).to_vec()).collect();
    let header = if stage.teller.choose("zh", "en") == "zh" {
        ["科目", "项目", "合计", "基本支出", "项目支出"]
    } else {
        ["code", "item", "total", "basic", "project"]
    };
    stage.teller.table(&header, rows, &[2, 3, 4]);
}
