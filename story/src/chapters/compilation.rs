//! Two-up, two-down: units ask, the budget division sets control numbers, units ask within them, the budget is approved.

use serde_json::{Value, json};

use super::Thread;
use crate::{
    cast::{COUNTY, PROVINCE, YEAR, finance, unit},
    stage::{Stage, StoryError, text},
    teller::plain,
};

const BASE: &str = "/api/budget-compilation/v1";

pub(crate) async fn tell(stage: &mut Stage, thread: &Thread) -> Result<(), StoryError> {
    stage.teller.chapter("预算编制：两上两下", "Budget compilation: two-up, two-down");
    one_up(stage, thread).await?;
    control_numbers(stage).await?;
    super::set_clock(stage, "2025-11-25T01:00:00Z").await?;
    two_up(stage, thread).await?;
    unallocated_and_transfers(stage, thread).await?;
    super::set_clock(stage, "2026-01-18T01:00:00Z").await?;
    approve(stage, COUNTY, "南财预〔2026〕1号", "关于批复2026年部门预算的通知").await?;
    approve(stage, PROVINCE, "赣财预〔2026〕1号", "关于批复2026年省级部门预算的通知").await
}

fn line(pro_code: &str, function: &str, economic: &str, amount: &str) -> Value {
    json!({
        "pro_code": pro_code, "exp_func_code": function, "dep_bgt_eco_code": economic, "fund_type_code": "111",
        "apply_up": amount,
    })
}

fn package(division: &str, agency: Option<&str>, round: &str, lines: Vec<Value>) -> Value {
    json!({"mof_div_code": division, "fiscal_year": YEAR, "agency_code": agency, "stage": round, "lines": lines})
}

fn school_lines(thread: &Thread, laboratory: &str) -> Vec<Value> {
    vec![
        line(&thread.project("salary"), "2050204", "30101", "1200000.00"),
        line(&thread.project("office"), "2050204", "30201", "200000.00"),
        line(&thread.project("office"), "2050204", "30211", "50000.00"),
        line(&thread.project("laboratory"), "2050204", "31003", laboratory),
    ]
}

fn research_lines(thread: &Thread) -> Vec<Value> {
    let mut research = line(&thread.project("research"), "2060302", "30227", "900000.00");
    research["is_scientific"] = json!(true);
    vec![research]
}

async fn one_up(stage: &mut Stage, thread: &Thread) -> Result<(), StoryError> {
    let clerk = unit(COUNTY, "205009", "u1");
    let outside = vec![line("36012126205Z999999999", "2050204", "30201", "1000.00")];
    stage
        .refused(
            &clerk,
            &format!("{BASE}/packages"),
            &package(COUNTY, Some("205009"), "one_up", outside),
            "BG-001",
            ("把未入库项目列入预算", "budgets a project that is not in the library"),
        )
        .await?;
    carry_through(stage, COUNTY, "205009", "one_up", school_lines(thread, "1400000.00")).await?;
    let repair = vec![line(&thread.project("repair"), "2050202", "30213", "300000.00")];
    carry_through(stage, COUNTY, "205007", "one_up", repair).await?;
    carry_through(stage, PROVINCE, "118002", "one_up", research_lines(thread)).await?;
    stage.say("一上：三家单位从项目库选取项目申报。", "One-up: three units pick projects from the library.");
    Ok(())
}

async fn control_numbers(stage: &mut Stage) -> Result<(), StoryError> {
    let number = |department: &str, kind: &str, amount: &str| json!({"dept_code": department, "pro_kind_code": kind, "fund_type_code": "111", "control_amt": amount});
    let county = json!({
        "mof_div_code": COUNTY, "fiscal_year": YEAR,
        "items": [
            number("205", "1", "1200000.00"), number("205", "21", "250000.00"), number("205", "22", "300000.00"),
            number("205", "3", "1350000.00"),
        ],
        "three_public": [{"agency_code": "205009", "last_year_amt": "30000.00"}, {"agency_code": "205007", "last_year_amt": "0.00"}],
    });
    stage.post(&finance(COUNTY, "m2a"), &format!("{BASE}/control-numbers"), &county).await?;
    let province = json!({
        "mof_div_code": PROVINCE, "fiscal_year": YEAR, "items": [number("118", "3", "900000.00")],
        "three_public": [{"agency_code": "118002", "last_year_amt": "0.00"}],
    });
    stage.post(&finance(PROVINCE, "m2a"), &format!("{BASE}/control-numbers"), &province).await?;
    stage.say("一下：预算处（科）下达控制数。", "One-down: the budget division sets control numbers.");
    Ok(())
}

async fn two_up(stage: &mut Stage, thread: &Thread) -> Result<(), StoryError> {
    let clerk = unit(COUNTY, "205009", "u1");
    let over = package(COUNTY, Some("205009"), "two_up", school_lines(thread, "1400000.00"));
    let created = stage.post(&clerk, &format!("{BASE}/packages"), &over).await?;
    let document = format!("{BASE}/packages/{}", text(&created, "package_id")?);
    let submit = json!({"action": "submit", "opinion": ""});
    stage
        .refused(
            &clerk,
            &format!("{document}/actions"),
            &submit,
            "BG-002",
            ("二上超过控制数 50,000.00 元", "asks for 50,000.00 above the control number"),
        )
        .await?;
    let within = package(COUNTY, Some("205009"), "two_up", school_lines(thread, "1350000.00"));
    let version = created.pointer("/state/version").and_then(Value::as_i64);
    stage.put(&clerk, &document, &within, version).await?;
    approve_package(stage, &document, COUNTY, "205009").await?;
    let repair = vec![line(&thread.project("repair"), "2050202", "30213", "300000.00")];
    carry_through(stage, COUNTY, "205007", "two_up", repair).await?;
    carry_through(stage, PROVINCE, "118002", "two_up", research_lines(thread)).await?;
    stage.say("二上：控制数内编列到经济科目。", "Two-up: within control, down to economic items.");
    Ok(())
}

async fn carry_through(
    stage: &mut Stage,
    division: &str,
    agency: &str,
    round: &str,
    lines: Vec<Value>,
) -> Result<(), StoryError> {
    let clerk = unit(division, agency, "u1");
    let body = package(division, Some(agency), round, lines);
    let created = stage.post(&clerk, &format!("{BASE}/packages"), &body).await?;
    let document = format!("{BASE}/packages/{}", text(&created, "package_id")?);
    approve_package(stage, &document, division, agency).await
}

async fn approve_package(stage: &mut Stage, document: &str, division: &str, agency: &str) -> Result<(), StoryError> {
    let clerk = unit(division, agency, "u1");
    let chain = [
        unit(division, agency, "u2"),
        unit(division, &agency[..3], "d1"),
        finance(division, "m1a"),
        finance(division, "m2a"),
    ];
    stage.through(document, &clerk, &chain).await.map(drop)
}

async fn unallocated_and_transfers(stage: &mut Stage, thread: &Thread) -> Result<(), StoryError> {
    let pool = json!({
        "pro_code": thread.project("pool"), "exp_func_code": "2050202", "dep_bgt_eco_code": "30213",
        "gov_bgt_eco_code": "50502", "fund_type_code": "111", "apply_up": "800000.00",
    });
    let maker = finance(COUNTY, "m1a");
    let created = stage.post(&maker, &format!("{BASE}/packages"), &package(COUNTY, None, "two_up", vec![pool])).await?;
    let document = format!("{BASE}/packages/{}", text(&created, "package_id")?);
    stage.through(&document, &maker, &[finance(COUNTY, "m2a")]).await?;

    let transfers = json!({
        "mof_div_code": PROVINCE, "fiscal_year": YEAR,
        "lines": [{
            "pro_code": thread.project("grant"), "sub_mof_div_code": COUNTY, "tp_func_code": "2300202",
            "exp_func_code": "2050202", "fund_type_code": "111", "tra_type": "12", "apply_up": "2000000.00",
            "is_track": true,
        }],
    });
    let maker = finance(PROVINCE, "m1a");
    let created = stage.post(&maker, &format!("{BASE}/transfer-packages"), &transfers).await?;
    let document = format!("{BASE}/transfer-packages/{}", text(&created, "package_id")?);
    stage.through(&document, &maker, &[finance(PROVINCE, "m2a")]).await.map(drop)
}

async fn approve(stage: &mut Stage, division: &str, doc_no: &str, title: &str) -> Result<(), StoryError> {
    let body = json!({
        "mof_div_code": division, "fiscal_year": YEAR, "cor_bgt_doc_no": doc_no, "bgt_doc_title": title,
        "doc_date": "2026-01-18",
    });
    let maker = finance(division, "m2a");
    let created = stage.post(&maker, &format!("{BASE}/approvals"), &body).await?;
    let document = format!("{BASE}/approvals/{}", text(&created, "approval_id")?);
    stage.act(&maker, &document, "submit").await?;
    let approve = json!({"action": "approve", "opinion": ""});
    let path = format!("{document}/actions");
    let tried = ("批复由经办人自己审批", "the maker approves the approval document");
    stage.refused(&maker, &path, &approve, "WF-002", tried).await?;
    stage.act(&finance(division, "m2b"), &document, "approve").await?;
    let table = stage.get(&maker, &format!("{BASE}/budgets/{division}/{YEAR}")).await?;
    show(stage, &table, doc_no);
    Ok(())
}

fn show(stage: &mut Stage, table: &Value, doc_no: &str) {
    let rows = table.get("rows").and_then(Value::as_array).cloned().unwrap_or_default();
    let cell = |row: &Value, name: &str| plain(row.get(name).unwrap_or(&Value::Null));
    let cells = rows
        .iter()
        .map(|row| {
            let holder =
                if row["dept_code"].is_null() { cell(row, "sub_mof_div_code") } else { cell(row, "dept_code") };
            vec![holder, cell(row, "pro_kind_code"), cell(row, "fund_type_code"), cell(row, "reply_amt")]
        })
        .collect();
    let total = plain(&table["total_amt"]);
    stage.say(&format!("二下：{doc_no} 批复，合计 {total} 元"), &format!("Two-down: {doc_no} approves {total} yuan"));
    let header = if stage.teller.choose("zh", "en") == "zh" {
        ["部门/区划", "项目类别", "资金性质", "批复数"]
    } else {
        ["department/division", "kind", "funds", "approved"]
    };
    stage.teller.table(&header, cells, &[3]);
}
