//! The year ends: research money is carried over, the rest recovered, every account of the year closes to zero.

use serde_json::{Value, json};

use super::{Thread, indicators, payments};
use crate::{
    cast::{COUNTY, PROVINCE, YEAR, finance},
    stage::{Stage, StoryError, items},
    teller::plain,
};

const BASE: &str = "/api/budget-execution/v1";

pub(crate) async fn tell(stage: &mut Stage, thread: &Thread) -> Result<(), StoryError> {
    stage.teller.chapter("年终：结转、收回、结账", "Year end: carry over, recover, close");
    let research = payments::Payment {
        division: PROVINCE,
        agency: "118002",
        indicator: thread.indicator("research"),
        payee: "江西省湖泊监测技术有限公司",
        payee_account: "6222000000001003",
        ..payments::school(thread, "research", "30227", "350000.00", "湿地生态监测委托业务费")
    };
    payments::pay(stage, &research).await?;
    for division in [COUNTY, PROVINCE] {
        close(stage, division).await?;
    }
    let path = format!("{BASE}/indicators?mof_div_code={PROVINCE}&fiscal_year=2027&page_size=100");
    let carried = items(&stage.get(&finance(PROVINCE, "m2a"), &path).await?);
    indicators::show(stage, &carried);
    let is_research =
        carried.len() == 1 && carried[0]["bgt_type_code"] == "22" && carried[0]["amounts"]["available"] == "550000.00";
    stage.expect(
        is_research,
        "科研项目结余 550,000.00 元结转为下年 22 类指标，只生成一次",
        "550,000.00 of research money is next year's indicator of type 22, once",
    );
    let late = payments::school(thread, "office", "30201", "100.00", "结账后补付办公用品款").body();
    let clerk = crate::cast::unit(COUNTY, "205009", "u1");
    let tried = ("结账后再从旧年度支付", "pays from the closed year");
    stage.refused(&clerk, &format!("{BASE}/payments"), &late, "BA-001", tried).await
}

async fn close(stage: &mut Stage, division: &str) -> Result<(), StoryError> {
    let maker = finance(division, "m2a");
    let body = json!({"mof_div_code": division, "fiscal_year": YEAR});
    let rehearsed = stage.post(&maker, &format!("{BASE}/year-ends?dry_run=true"), &body).await?;
    let closed = stage.post(&maker, &format!("{BASE}/year-ends"), &body).await?;
    stage.expect(
        rehearsed["totals"] == closed["totals"],
        &format!("{division}：试算与正式结账结果一致"),
        &format!("{division}: the dry run and the real run agree"),
    );
    let totals = closed["totals"].as_array().cloned().unwrap_or_default();
    let rows = totals
        .iter()
        .map(|one| ["fund_type_code", "remaining", "carried", "recovered"].map(|field| plain(&one[field])).to_vec())
        .collect();
    let header = if stage.teller.choose("zh", "en") == "zh" {
        ["资金性质", "剩余", "结转", "收回"]
    } else {
        ["funds", "remaining", "carried", "recovered"]
    };
    stage.teller.table(&header, rows, &[1, 2, 3]);
    let accounts = closed["accounts"].as_array().cloned().unwrap_or_default();
    let rows = accounts
        .iter()
        .map(|one| ["acct_cls_code", "acct_cls_name", "before", "after"].map(|field| plain(&one[field])).to_vec())
        .collect();
    let header = if stage.teller.choose("zh", "en") == "zh" {
        ["科目", "名称", "结账前", "结账后"]
    } else {
        ["account", "name", "before", "after"]
    };
    stage.teller.table(&header, rows, &[2, 3]);
    let is_zero = !accounts.is_empty() && accounts.iter().all(|one: &Value| one["after"] == "0.00");
    stage.expect(
        is_zero,
        &format!("{division}：旧年度全部科目结平为零"),
        &format!("{division}: every account of the year is zero"),
    );
    stage.refused(&maker, &format!("{BASE}/year-ends"), &body, "CL-007", ("重复结账", "closes the year twice")).await
}
