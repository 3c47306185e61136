//! Settings of divisions: decided by two, in force from a later day, never edited.

use budget_execution_contract::{SettingChange, SettingInForce};
use common_types::Role;
use serde_json::{Value, json};
use service_kit::PeerError;
use testkit::key;

use crate::{
    bureau::Bureau,
    world::{BASE, DIVISION, act_on_all, all_but_the_last, import, refusal},
};

fn change(key: &str, value: Value, start_date: &str) -> Value {
    json!({
        "mof_div_code": DIVISION, "setting_key": key, "setting_value": value, "start_date": start_date,
        "reason": "洪财库〔2026〕1号",
    })
}

async fn proposed(bureau: &Bureau, body: &Value) -> Result<SettingChange, PeerError> {
    bureau.treasury().post(&format!("{BASE}/setting-changes"), body, &key()).await
}

async fn decide(bureau: &Bureau, change: &SettingChange) -> Result<SettingChange, PeerError> {
    let path = format!("{BASE}/setting-changes/{}/actions", change.setting_id);
    let _: Value = bureau.treasury().post(&path, &json!({"action": "submit"}), &key()).await?;
    bureau.other_treasury().post(&path, &json!({"action": "approve"}), &key()).await
}

async fn value_on(bureau: &Bureau, setting_key: &str, day: &str) -> SettingInForce {
    let path = format!("{BASE}/settings?mof_div_code={DIVISION}&day={day}");
    let all: Vec<SettingInForce> = bureau.clerk().get(&path).await.unwrap();
    all.into_iter().find(|one| one.setting_key == setting_key).unwrap()
}

#[tokio::test]
async fn a_value_holds_from_its_day_until_a_later_one() {
    let bureau = Bureau::start().await;
    for (value, day) in [(3, "2026-03-11"), (5, "2026-04-01")] {
        let change = proposed(&bureau, &change("duplicate_days", json!(value), day)).await.unwrap();
        decide(&bureau, &change).await.unwrap();
    }
    for (day, value) in [("2026-03-10", 0), ("2026-03-11", 3), ("2026-03-31", 3), ("2026-04-01", 5)] {
        assert_eq!(value_on(&bureau, "duplicate_days", day).await.setting_value, json!(value), "{day}");
    }
    let decided = value_on(&bureau, "duplicate_days", "2026-03-11").await;
    assert_eq!((decided.set_by.as_deref(), decided.mof_div_code.unwrap().as_str()), (Some("treasury"), DIVISION));
    let path = format!("{BASE}/setting-changes?setting_key=duplicate_days");
    let page: service_kit::Page<SettingChange> = bureau.treasury().get(&path).await.unwrap();
    assert_eq!(page.items.len(), 2);
}

#[tokio::test]
async fn nothing_holds_before_another_person_approved_it() {
    let bureau = Bureau::start().await;
    let change = proposed(&bureau, &change("is_contrlbyplan", json!(true), "2026-03-11")).await.unwrap();
    let path = format!("{BASE}/setting-changes/{}/actions", change.setting_id);
    let _: Value = bureau.treasury().post(&path, &json!({"action": "submit"}), &key()).await.unwrap();
    let own: Result<Value, _> = bureau.treasury().post(&path, &json!({"action": "approve"}), &key()).await;
    assert_eq!(refusal(own).code(), "WF-002");
    assert_eq!(value_on(&bureau, "is_contrlbyplan", "2026-03-11").await.setting_value, json!(false));
    let _: Value = bureau.other_treasury().post(&path, &json!({"action": "approve"}), &key()).await.unwrap();
    assert_eq!(value_on(&bureau, "is_contrlbyplan", "2026-03-11").await.setting_value, json!(true));
    let voided: Result<Value, _> =
        bureau.other_treasury().post(&path, &json!({"action": "discard", "opinion": "x"}), &key()).await;
    assert!(refusal(voided).status().is_client_error());
}

#[tokio::test]
async fn a_day_that_has_begun_or_is_taken_is_refused() {
    let bureau = Bureau::start().await;
    let today = proposed(&bureau, &change("duplicate_days", json!(3), "2026-03-10")).await;
    assert_eq!(refusal(today).code(), "BE-121");
    let body = change("duplicate_days", json!(3), "2026-03-11");
    let (first, second) = (proposed(&bureau, &body).await.unwrap(), proposed(&bureau, &body).await.unwrap());
    decide(&bureau, &first).await.unwrap();
    assert_eq!(refusal(decide(&bureau, &second).await).code(), "BE-122");
    let late = proposed(&bureau, &change("unbooked_days", json!(3), "2026-03-11")).await.unwrap();
    bureau.server.clock.set("2026-03-11T02:00:00Z".parse().unwrap());
    assert_eq!(refusal(decide(&bureau, &late).await).code(), "BE-121");
}

#[tokio::test]
async fn the_province_decides_until_the_division_does() {
    let bureau = Bureau::start().await;
    let of_province =
        |name: &str| bureau.server.client(&bureau.server.identity.token(name, &[Role::M7], "360000000", None));
    let mut body = change("duplicate_days", json!(20), "2026-03-11");
    body["mof_div_code"] = json!("360000000");
    let change_of_province: SettingChange =
        of_province("m7").post(&format!("{BASE}/setting-changes"), &body, &key()).await.unwrap();
    let path = format!("{BASE}/setting-changes/{}/actions", change_of_province.setting_id);
    let _: Value = of_province("m7").post(&path, &json!({"action": "submit"}), &key()).await.unwrap();
    let stranger: Result<Value, _> = bureau.treasury().post(&path, &json!({"action": "approve"}), &key()).await;
    assert_eq!(refusal(stranger).status().as_u16(), 404);
    let _: Value = of_province("m7-2").post(&path, &json!({"action": "approve"}), &key()).await.unwrap();
    assert_eq!(value_on(&bureau, "duplicate_days", "2026-03-11").await.setting_value, json!(20));
    bureau.set("duplicate_days", json!(4)).await;
    assert_eq!(value_on(&bureau, "duplicate_days", "2026-03-10").await.setting_value, json!(0));
    assert_eq!(value_on(&bureau, "duplicate_days", "2026-03-11").await.setting_value, json!(4));
}

#[tokio::test]
async fn only_the_treasury_and_the_administrators_set_and_only_what_there_is() {
    let bureau = Bureau::start().await;
    let body = change("duplicate_days", json!(3), "2026-03-11");
    let of_unit: Result<Value, _> = bureau.clerk().post(&format!("{BASE}/setting-changes"), &body, &key()).await;
    assert_eq!(refusal(of_unit).status().as_u16(), 403);
    for (key, value) in [("colour", json!(1)), ("duplicate_days", json!("3")), ("prepayment_ratio", json!(0.3))] {
        let problem = refusal(proposed(&bureau, &change(key, value, "2026-03-11")).await);
        assert_eq!((problem.code(), problem.document().errors.len()), ("BE-120", 1), "{key}");
    }
    let foreign: Result<Value, _> = bureau.clerk().get(&format!("{BASE}/settings?mof_div_code=360200000")).await;
    assert_eq!(refusal(foreign).status().as_u16(), 404);
}

#[tokio::test]
async fn values_are_imported_and_approved_row_by_row() {
    let bureau = Bureau::start().await;
    let day = "2026-03-11";
    let drafts = [("duplicate_days", 3), ("colour", 1), ("unbooked_days", 5), ("duplicate_days", 9)];
    let drafts = drafts.map(|(key, value)| change(key, json!(value), day));
    let (statuses, ids) = import(&bureau.treasury(), "setting-changes", "setting_id", &drafts).await;
    assert_eq!(statuses, [201, 422, 201, 201]);
    act_on_all(&bureau.treasury(), "setting-changes", "submit", &ids).await;
    let approved = act_on_all(&bureau.other_treasury(), "setting-changes", "approve", &ids).await;
    assert_eq!(all_but_the_last(&approved), Some("BE-122"), "{approved:?}");
    assert_eq!(value_on(&bureau, "duplicate_days", day).await.setting_value, json!(3));
    assert_eq!(value_on(&bureau, "unbooked_days", day).await.setting_value, json!(5));
}

#[tokio::test]
async fn the_day_of_a_draft_may_move_into_another_year() {
    let bureau = Bureau::start().await;
    let drafted = proposed(&bureau, &change("duplicate_days", json!(3), "2026-03-11")).await.unwrap();
    let path = format!("{BASE}/setting-changes/{}", drafted.setting_id);
    let body = change("duplicate_days", json!(4), "2027-01-01");
    let revised: SettingChange = bureau.treasury().put(&path, &body, Some(1)).await.unwrap();
    assert_eq!((revised.workflow.version, revised.create_time), (2, drafted.create_time));
    decide(&bureau, &revised).await.unwrap();
    assert_eq!(value_on(&bureau, "duplicate_days", "2027-01-01").await.setting_value, json!(4));
}
