//! Thresholds that a division sets for itself: it is held to its own, not to what the platform ships.

use budget_execution_contract::{Adjustment, DirectFund};
use common_types::Role;
use serde_json::{Value, json};
use service_kit::{Page, Peer, PeerError};
use testkit::key;

use crate::{
    adjustment::body,
    bureau::Bureau,
    world::{BASE, DIVISION, PROJECT, act, refusal},
};

fn budget(bureau: &Bureau) -> Peer {
    bureau.person("m2", &[Role::M2], DIVISION, None)
}

async fn draft(maker: &Peer, body: &Value) -> Result<Adjustment, PeerError> {
    maker.post(&format!("{BASE}/adjustments"), body, &key()).await
}

/// A cut without a new goal.
fn cut(bgt_id: uuid::Uuid, amount: &str) -> Value {
    let mut cut = body("A2", None, json!({"ori_bgt_id": bgt_id, "add_amount": amount}));
    cut.as_object_mut().unwrap().remove("perf_goals");
    cut
}

#[tokio::test]
async fn a_division_sets_from_which_change_on_a_project_needs_a_new_goal() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    assert_eq!(refusal(draft(&bureau.sector(), &cut(bgt_id, "200.00")).await).code(), "AD-006");
    bureau.set("goal_change_percent", json!(50)).await;
    draft(&bureau.sector(), &cut(bgt_id, "499.99")).await.unwrap();
    assert_eq!(refusal(draft(&bureau.sector(), &cut(bgt_id, "500.00")).await).code(), "AD-006");
}

#[tokio::test]
async fn a_division_sets_the_last_day_of_its_adjustments() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    bureau.set("adjustment_cut_off_day", json!("03-11")).await;
    let made = draft(&bureau.sector(), &cut(bgt_id, "1.00")).await.unwrap();
    bureau.server.clock.set("2026-03-12T02:00:00Z".parse().unwrap());
    assert_eq!(refusal(draft(&bureau.sector(), &cut(bgt_id, "2.00")).await).code(), "AD-007");
    let submitted = act(&bureau.sector(), &format!("adjustments/{}", made.adj_id), "submit").await;
    assert_eq!(refusal(submitted).code(), "AD-007");
    draft(&budget(&bureau), &cut(bgt_id, "2.00")).await.unwrap();
}

/// Direct funds that the division accepts now.
async fn accept(bureau: &Bureau, number: i32) {
    let elements = json!({
        "fiscal_year": 2026, "mof_div_code": DIVISION, "pro_code": PROJECT, "fund_type_code": "11",
        "manage_mof_dep_code": "JK01", "exp_func_code": "2050202", "gov_bgt_eco_code": "50201", "bgt_type_code": "21",
        "bgt_source_code": "1", "is_advance": false, "budget_level_code": "1", "sup_bgt_doc_no": "赣财预〔2026〕9号",
        "is_gov_pur": false, "pay_type_code": "1", "is_uni_sala": false, "direct_flag": "01", "is_scientific": false,
        "is_debt": false, "is_capital": false,
    });
    let entry = json!({
        "mof_div_code": DIVISION, "fiscal_year": 2026, "entry_source": "higher_level",
        "cor_bgt_doc_no": format!("洪财指〔2026〕{number}号"), "bgt_doc_title": "接收", "doc_date": "2026-03-01",
        "reason": "接收上级",
        "lines": [{"elements": elements, "bgt_exe_flag": "2", "amt": "500.00", "pro_name": "校舍维修", "pro_kind_code": "31"}],
    });
    let made: Value = bureau.sector().post(&format!("{BASE}/entries"), &entry, &key()).await.unwrap();
    let path = format!("entries/{}", made["operation_id"].as_str().unwrap());
    act(&bureau.sector(), &path, "submit").await.unwrap();
    act(&budget(bureau), &path, "approve").await.unwrap();
}

#[tokio::test]
async fn a_division_sets_the_days_for_direct_funds_and_what_came_before_keeps_its_own() {
    let bureau = Bureau::start().await;
    accept(&bureau, 1).await;
    bureau.set("direct_fund_days", json!(10)).await;
    accept(&bureau, 2).await;
    let page: Page<DirectFund> = budget(&bureau).get(&format!("{BASE}/direct-funds")).await.unwrap();
    let left: Vec<i64> = page.items.iter().map(|fund| fund.days_left).collect();
    assert_eq!(left, [29, 10]);
}
