//! Monitoring in every handling: recorded, warned, warned with attachment, intercepted, forbidden, and a case to its end.

use serde_json::{Value, json};

use super::{Thread, payments};
use crate::{
    cast::{COUNTY, YEAR, finance, unit},
    stage::{Stage, StoryError, items, text},
    teller::plain,
};

const BASE: &str = "/api/budget-execution/v1";
const MONITORING: &str = "/api/monitoring/v1";

pub(crate) async fn tell(stage: &mut Stage, thread: &Thread) -> Result<(), StoryError> {
    stage.teller.chapter("动态监控：事前、事中、事后", "Monitoring: before, during and after");
    warned(stage, thread).await?;
    cash(stage, thread).await?;
    forbidden(stage, thread).await?;
    intercepted(stage, thread).await?;
    scan(stage).await?;
    show(stage).await
}

async fn submit_draft(stage: &mut Stage, body: &Value, code: &str, tried: (&str, &str)) -> Result<String, StoryError> {
    let clerk = unit(COUNTY, "205009", "u1");
    let draft = stage.post(&clerk, &format!("{BASE}/payments"), body).await?;
    let document = format!("{BASE}/payments/{}", text(&draft, "pay_app_id")?);
    let submit = json!({"action": "submit", "opinion": ""});
    stage.refused(&clerk, &format!("{document}/actions"), &submit, code, tried).await?;
    Ok(document)
}

/// A sensitive word asks for an explanation and an attachment (M017).
async fn warned(stage: &mut Stage, thread: &Thread) -> Result<(), StoryError> {
    let clerk = unit(COUNTY, "205009", "u1");
    let mut body = payments::school(thread, "office", "30201", "1200.00", "教师节福利慰问品").body();
    let tried = ("用途含敏感词且无说明、无附件", "a sensitive word without explanation or attachment");
    let document = submit_draft(stage, &body, "PAY-101", tried).await?;
    let current = stage.get(&clerk, &document).await?;
    let version = current.pointer("/workflow/version").and_then(Value::as_i64);
    body["explanation"] = json!("依据工会经费规定，已履行审批");
    body["attachments"] = json!([{"kind": "approval", "name": "审批表.pdf", "hash": "a".repeat(64)}]);
    stage.put(&clerk, &document, &body, version).await?;
    stage.act(&clerk, &document, "submit").await?;
    stage.act_because(&unit(COUNTY, "205009", "u2"), &document, "return", "不符合列支范围").await?;
    stage.act(&clerk, &document, "discard").await?;
    stage.say(
        "补充说明和附件后通过监控，单位审核仍予退回。",
        "With both it passes the monitor; the unit's reviewer still returns it.",
    );
    Ok(())
}

/// A large amount in cash asks for an explanation and an attachment (M001).
async fn cash(stage: &mut Stage, thread: &Thread) -> Result<(), StoryError> {
    let mut body = payments::school(thread, "salary", "30101", "500.00", "支付在职人员基本工资").body();
    body["fund_traobj_type_code"] = json!("32");
    body["set_mode_code"] = json!("3");
    body["pay_app_amt"] = json!("60000.00");
    let tried = ("大额提取现金", "draws a large amount in cash");
    let document = submit_draft(stage, &body, "PAY-101", tried).await?;
    stage.act(&unit(COUNTY, "205009", "u1"), &document, "discard").await.map(drop)
}

/// The county adds a rule of its own: made by one supervisor, released by another, in force at once.
async fn forbidden(stage: &mut Stage, thread: &Thread) -> Result<(), StoryError> {
    let (maker, releaser) = (finance(COUNTY, "m5a"), finance(COUNTY, "m5b"));
    let rule = json!({
        "rule_code": "C001", "rule_name": "禁止列支赞助支出", "mof_div_code": COUNTY, "trigger_class": "1",
        "subject": "payment", "warn_level": "3", "ctrl_type": "4", "condition": "pay.use_des.contains('赞助')",
        "message_zh": "本县禁止列支赞助支出", "message_en": "sponsorship is forbidden in this county",
        "start_date": "2026-07-01",
    });
    let mut broken = rule.clone();
    broken["condition"] = json!("pay.purpose.contains('赞助')");
    let tried = ("规则引用不存在的要素", "a rule that reads something that is not there");
    stage.refused(&maker, &format!("{MONITORING}/rules"), &broken, "MON-101", tried).await?;
    let created = stage.post(&maker, &format!("{MONITORING}/rules"), &rule).await?;
    let document = format!("{MONITORING}/rules/{}", text(&created, "rule_id")?);
    stage.through(&document, &maker, &[releaser]).await?;
    let body = payments::school(thread, "office", "30201", "800.00", "赞助社区文化活动").body();
    let tried = ("列支赞助支出（禁止类规则）", "pays for sponsorship, which a rule forbids");
    let document = submit_draft(stage, &body, "PAY-102", tried).await?;
    let clerk = unit(COUNTY, "205009", "u1");
    let payment = stage.get(&clerk, &document).await?;
    stage.expect(payment["is_reserved"] == false, "被禁止的支付不占用额度", "a forbidden payment reserves nothing");
    Ok(())
}

/// A payment to the unit's own deposit account is held until the supervisors say what it is (M004).
async fn intercepted(stage: &mut Stage, thread: &Thread) -> Result<(), StoryError> {
    let clerk = unit(COUNTY, "205009", "u1");
    let mut body = payments::school(thread, "office", "30201", "30000.00", "划转公用经费至本单位账户").body();
    body["payee_acct_name"] = json!("南昌县第二中学");
    body["payee_acct_no"] = json!("6222000000009999");
    let draft = stage.post(&clerk, &format!("{BASE}/payments"), &body).await?;
    let application = text(&draft, "pay_app_id")?;
    let document = format!("{BASE}/payments/{application}");
    let held = stage.act(&clerk, &document, "submit").await?;
    stage.expect(
        held["pay_status"] == "HELD",
        "向本单位实有资金账户划转被拦截（M004），额度保持占用",
        "a transfer to the unit's own deposit account is intercepted (M004), its money stays reserved",
    );
    let warnings = stage
        .get(&finance(COUNTY, "m5a"), &format!("{MONITORING}/warnings?mof_div_code={COUNTY}&document_id={application}"))
        .await?;
    let case = items(&warnings).into_iter().find(|warning| warning["rule_code"] == "M004").unwrap_or_default();
    let warning = format!("{MONITORING}/warnings/{}", text(&case, "warn_id")?);
    close_case(stage, &warning).await?;
    let returned = stage.until(&clerk, &document, |payment| payment["pay_status"] == "RETURNED").await?;
    stage.expect(
        returned["pay_status"] == "RETURNED" && returned["is_reserved"] == false,
        "认定违规后申请退回、额度释放，预警单整改归档",
        "found a violation: the application goes back, its money is free, the case is rectified and archived",
    );
    stage.act(&clerk, &document, "discard").await.map(drop)
}

async fn close_case(stage: &mut Stage, warning: &str) -> Result<(), StoryError> {
    let clerk = unit(COUNTY, "205009", "u1");
    let explain = json!({
        "text": "系误操作", "contact": "李经办", "phone": "0791-85700000",
        "attachments": [{"kind": "explanation", "name": "情况说明.pdf", "hash": "b".repeat(64)}],
    });
    stage.post(&clerk, &format!("{warning}/explanations"), &explain).await?;
    let affirm = json!({"affirm_result": "2", "opinion": "违规划转实有资金账户，退回"});
    stage.post(&finance(COUNTY, "m5a"), &format!("{warning}/affirmations"), &affirm).await?;
    let rectify = json!({
        "opinion": "已整改", "back_amt": "30000.00", "adjust_amt": "0.00", "rectify_date": "2026-07-08",
        "attachments": [{"kind": "rectification", "name": "整改报告.pdf", "hash": "c".repeat(64)}],
    });
    stage.post(&clerk, &format!("{warning}/rectifications"), &rectify).await?;
    stage.post(&finance(COUNTY, "m5a"), &format!("{warning}/archivings"), &json!({})).await.map(drop)
}

async fn scan(stage: &mut Stage) -> Result<(), StoryError> {
    let body = json!({"mof_div_code": COUNTY, "fiscal_year": YEAR, "as_of": "2026-07-08"});
    let scan = stage.post(&finance(COUNTY, "m5a"), &format!("{MONITORING}/scans"), &body).await?;
    let opened = plain(&scan["opened"]);
    stage.say(
        &format!("定时规则扫描（执行进度、资金滞留、待分未细化等），新开预警 {opened} 条。"),
        &format!("The scheduled rules (progress, idle money, unallocated money …) open {opened} warnings."),
    );
    Ok(())
}

async fn show(stage: &mut Stage) -> Result<(), StoryError> {
    let path = format!("{MONITORING}/warnings?mof_div_code={COUNTY}&page_size=100");
    let page = stage.get(&finance(COUNTY, "m5a"), &path).await?;
    let warnings = items(&page);
    let rows = warnings
        .iter()
        .map(|one| {
            ["rule_code", "rule_name", "warn_level", "ctrl_type", "status", "affirm_result"]
                .map(|field| plain(&one[field]))
                .to_vec()
        })
        .collect();
    let header = if stage.teller.choose("zh", "en") == "zh" {
        ["规则", "名称", "级别", "处置", "状态", "认定"]
    } else {
        ["rule", "name", "level", "handling", "status", "finding"]
    };
    stage.teller.table(&header, rows, &[]);
    stage.expect(!warnings.is_empty(), "监控留下完整的预警台账", "the monitor keeps its book of warnings");
    Ok(())
}
