//! A warning as a case: explained, affirmed, verified, rectified, archived; each step by whom it belongs to, once.

use common_types::{AffirmResult, Role};
use serde_json::{Value, json};
use service_kit::{Peer, PeerError};
use testkit::key;
use uuid::Uuid;

use crate::world::{BASE, COUNTY, NEIGHBOUR, PROVINCE, SCHOOL, World, facts, id, items, own_account, refusal, with};

async fn step(peer: &Peer, warn_id: Uuid, step: &str, body: &Value) -> Result<Value, PeerError> {
    peer.post(&format!("{BASE}/warnings/{warn_id}/{step}"), body, &key()).await
}

async fn intercepted(world: &World) -> Uuid {
    world.evaluate(own_account()).await.warnings[0].warn_id
}

fn explanation() -> Value {
    json!({
        "text": "账号录入有误", "contact": "李某", "phone": "0791-85700000",
        "attachments": [{"kind": "explanation", "name": "说明.pdf", "hash": "b".repeat(64)}],
    })
}

fn affirmation(result: &str) -> Value {
    json!({"affirm_result": result, "opinion": "已核对"})
}

fn rectification(back_amt: &str) -> Value {
    json!({"opinion": "已退回", "back_amt": back_amt, "adjust_amt": "0.00", "rectify_date": "2026-07-09"})
}

#[tokio::test]
async fn a_normal_finding_releases_and_tells_who_asked() {
    let mut world = World::start().await;
    let warn_id = intercepted(&world).await;
    step(&world.clerk(), warn_id, "explanations", &explanation()).await.unwrap();
    let affirmed = step(&world.supervisor(), warn_id, "affirmations", &affirmation("1")).await.unwrap();
    assert_eq!((&affirmed["affirm_result"], &affirmed["status"]), (&json!("1"), &json!("1")));
    assert_eq!(world.affirmed().await, (warn_id, AffirmResult::Normal));
    let archived = step(&world.supervisor(), warn_id, "archivings", &json!({})).await.unwrap();
    assert_eq!(archived["is_archived"], true);
}

#[tokio::test]
async fn a_violation_goes_through_inquiry_and_rectification_to_the_archive() {
    let mut world = World::start().await;
    let warn_id = intercepted(&world).await;
    let (clerk, supervisor) = (world.clerk(), world.supervisor());
    step(&clerk, warn_id, "explanations", &explanation()).await.unwrap();
    let order = json!({"opinion": "请核实收款账户"});
    step(&supervisor, warn_id, "verification-orders", &order).await.unwrap();
    let verification = json!({"verify_result": "1", "text": "已整改"});
    step(&world.head(), warn_id, "verifications", &verification).await.unwrap();
    let found = step(&supervisor, warn_id, "affirmations", &affirmation("2")).await.unwrap();
    assert_eq!((&found["affirm_result"], &found["status"]), (&json!("2"), &json!("2")));
    assert_eq!(world.affirmed().await, (warn_id, AffirmResult::Violation));
    let early = step(&supervisor, warn_id, "archivings", &json!({})).await;
    assert_eq!(refusal(early).code(), "MON-102", "a violation is rectified before it is archived");
    let letter = json!({"letter_no": "南财监函〔2026〕3号", "content": "请说明划转依据"});
    step(&supervisor, warn_id, "inquiries", &letter).await.unwrap();
    step(&clerk, warn_id, "rectifications", &rectification("1234.50")).await.unwrap();
    let closed = step(&supervisor, warn_id, "archivings", &json!({})).await.unwrap();
    assert_eq!((&closed["status"], &closed["is_archived"]), (&json!("1"), &json!(true)));
    let case = &closed["case"];
    assert_eq!(case["rectification"]["back_amt"], "1234.50");
    assert_eq!(case["inquiry"]["letter_no"], "南财监函〔2026〕3号");
    assert_eq!(closed["verify_result"], "1");
    for late in ["explanations", "rectifications"] {
        let body = if late == "explanations" { explanation() } else { rectification("1.00") };
        assert_eq!(refusal(step(&clerk, warn_id, late, &body).await).code(), "MON-102");
    }
}

#[tokio::test]
async fn an_interception_is_explained_with_contact_phone_and_attachment() {
    let world = World::start().await;
    let warn_id = intercepted(&world).await;
    for missing in ["text", "contact", "phone", "attachments"] {
        let mut incomplete = explanation();
        incomplete[missing] = if missing == "attachments" { json!([]) } else { json!(" ") };
        assert_eq!(refusal(step(&world.clerk(), warn_id, "explanations", &incomplete).await).code(), "MON-104");
    }
    let untouched = world.warning(warn_id).await;
    assert_eq!(untouched["case"]["explanation"], Value::Null);
}

#[tokio::test]
async fn a_warning_with_attachment_needs_one_and_a_plain_warning_does_not() {
    let world = World::start().await;
    let sensitive = world.evaluate(with(|facts| facts.use_des = "采购礼品".to_owned())).await.warnings[0].warn_id;
    let vague = world.evaluate(with(|facts| facts.use_des = "支付往来款".to_owned())).await.warnings[0].warn_id;
    let words = json!({"text": "符合规定"});
    assert_eq!(refusal(step(&world.clerk(), sensitive, "explanations", &words).await).code(), "MON-104");
    step(&world.clerk(), vague, "explanations", &words).await.unwrap();
}

#[tokio::test]
async fn who_explained_does_not_affirm() {
    let world = World::start().await;
    let warn_id = intercepted(&world).await;
    let token = world.server.identity.token("both", &[Role::U1, Role::M5], COUNTY, None);
    let both = world.server.client(&token);
    step(&both, warn_id, "explanations", &explanation()).await.unwrap();
    assert_eq!(refusal(step(&both, warn_id, "affirmations", &affirmation("1")).await).code(), "MON-103");
    assert_eq!(world.warning(warn_id).await["affirm_result"], "0");
}

#[tokio::test]
async fn a_case_is_affirmed_once_however_many_ask_at_once() {
    let mut world = World::start().await;
    let warn_id = intercepted(&world).await;
    step(&world.clerk(), warn_id, "explanations", &explanation()).await.unwrap();
    let (supervisor, normal, violation) = (world.supervisor(), affirmation("1"), affirmation("2"));
    let both = (0..6).map(|turn| {
        let body = if turn % 2 == 0 { &normal } else { &violation };
        step(&supervisor, warn_id, "affirmations", body)
    });
    let answers = futures::future::join_all(both).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    for answer in answers.into_iter().filter(Result::is_err) {
        assert_eq!(refusal(answer).status().as_u16(), 409);
    }
    let told = world.affirmed().await;
    assert_eq!(told.0, warn_id);
    assert_eq!(world.warning(warn_id).await["affirm_result"], told.1.code());
    tokio::time::timeout(std::time::Duration::from_millis(600), world.told.recv()).await.unwrap_err();
}

#[tokio::test]
async fn a_repeated_affirmation_tells_once() {
    let mut world = World::start().await;
    let (warn_id, same) = (intercepted(&world).await, key());
    let path = format!("{BASE}/warnings/{warn_id}/affirmations");
    for _ in 0..3 {
        let answer: Value = world.supervisor().post(&path, &affirmation("1"), &same).await.unwrap();
        assert_eq!(answer["affirm_result"], "1");
    }
    assert_eq!(world.affirmed().await, (warn_id, AffirmResult::Normal));
    tokio::time::timeout(std::time::Duration::from_millis(600), world.told.recv()).await.unwrap_err();
}

#[tokio::test]
async fn each_step_waits_for_what_it_answers() {
    let world = World::start().await;
    let warn_id = intercepted(&world).await;
    let (clerk, supervisor) = (world.clerk(), world.supervisor());
    let letter = json!({"letter_no": "1", "content": "请说明"});
    let verification = json!({"verify_result": "2", "text": "无误"});
    let too_early = [
        step(&clerk, warn_id, "rectifications", &rectification("1.00")).await,
        step(&supervisor, warn_id, "inquiries", &letter).await,
        step(&world.head(), warn_id, "verifications", &verification).await,
        step(&supervisor, warn_id, "archivings", &json!({})).await,
        step(&supervisor, warn_id, "affirmations", &affirmation("0")).await,
    ];
    for answer in too_early {
        assert_eq!(refusal(answer).code(), "MON-102");
    }
    assert_eq!(world.warning(warn_id).await["status"], "0");
}

#[tokio::test]
async fn nothing_negative_is_given_back() {
    let world = World::start().await;
    let warn_id = intercepted(&world).await;
    step(&world.supervisor(), warn_id, "affirmations", &affirmation("2")).await.unwrap();
    let answer = step(&world.clerk(), warn_id, "rectifications", &rectification("-1.00")).await;
    assert!(refusal(answer).status().is_client_error());
    assert_eq!(world.warning(warn_id).await["case"]["rectification"], Value::Null);
}

#[tokio::test]
async fn each_step_belongs_to_its_role() {
    let world = World::start().await;
    let warn_id = intercepted(&world).await;
    let letter = json!({"letter_no": "1", "content": "请说明"});
    let treasury = world.person("treasury", Role::M3, COUNTY, None);
    let wrong = [
        step(&world.supervisor(), warn_id, "explanations", &explanation()).await,
        step(&world.head(), warn_id, "explanations", &explanation()).await,
        step(&world.clerk(), warn_id, "affirmations", &affirmation("1")).await,
        step(&treasury, warn_id, "affirmations", &affirmation("1")).await,
        step(&world.clerk(), warn_id, "inquiries", &letter).await,
        step(&world.clerk(), warn_id, "archivings", &json!({})).await,
        step(&world.supervisor(), warn_id, "verifications", &json!({"verify_result": "2", "text": "无误"})).await,
    ];
    for answer in wrong {
        assert_eq!(refusal(answer).code(), "AUTH-004");
    }
}

#[tokio::test]
async fn a_case_is_out_of_reach_for_other_units_and_divisions() {
    let world = World::start().await;
    let warn_id = intercepted(&world).await;
    let other_unit = world.person("other", Role::U1, COUNTY, Some("205010"));
    let other_division = world.person("stranger", Role::U1, NEIGHBOUR, Some(SCHOOL));
    let other_supervisor = world.person("neighbour", Role::M5, NEIGHBOUR, None);
    for stranger in [&other_unit, &other_division] {
        assert_eq!(refusal(step(stranger, warn_id, "explanations", &explanation()).await).status().as_u16(), 404);
    }
    assert_eq!(
        refusal(step(&other_supervisor, warn_id, "affirmations", &affirmation("1")).await).status().as_u16(),
        404
    );
    let province = world.person("province", Role::M5, PROVINCE, None);
    assert_eq!(refusal(step(&province, warn_id, "affirmations", &affirmation("1")).await).status().as_u16(), 404);
    let path = format!("{BASE}/warnings/{warn_id}");
    for stranger in [&other_unit, &other_division, &other_supervisor] {
        assert_eq!(refusal(stranger.get::<Value>(&path).await).status().as_u16(), 404);
    }
    let seen: Value = province.get(&path).await.unwrap();
    assert_eq!(id(&seen, "warn_id"), warn_id, "the province reads what lies below it");
}

#[tokio::test]
async fn lists_show_only_what_lies_within_reach() {
    let world = World::start().await;
    intercepted(&world).await;
    let elsewhere = with(|facts| {
        *facts = own_account();
        facts.agency_code = "205010".parse().unwrap();
    });
    world.evaluate(elsewhere).await;
    assert_eq!(world.warnings("rule_code=M004").await.len(), 2);
    let own = items(world.clerk().get(&format!("{BASE}/warnings")).await.unwrap());
    assert_eq!(own.len(), 1);
    assert_eq!(own[0]["agency_code"], SCHOOL);
    let department = world.person("department", Role::D1, COUNTY, Some("205"));
    assert_eq!(items(department.get(&format!("{BASE}/warnings")).await.unwrap()).len(), 2);
    let foreign = world.clerk().get::<Value>(&format!("{BASE}/warnings?mof_div_code={NEIGHBOUR}")).await;
    assert_eq!(refusal(foreign).status().as_u16(), 404);
}

#[tokio::test]
async fn a_list_comes_in_pages_without_gap_or_repetition() {
    let world = World::start().await;
    for _ in 0..5 {
        intercepted(&world).await;
    }
    let (mut seen, mut token) = (Vec::new(), String::new());
    loop {
        let path = format!("{BASE}/warnings?mof_div_code={COUNTY}&page_size=2{token}");
        let page: Value = world.supervisor().get(&path).await.unwrap();
        seen.extend(items(page.clone()).iter().map(|warning| id(warning, "warn_id")));
        match page["next_page_token"].as_str() {
            Some(next) => token = format!("&page_token={next}"),
            None => break,
        }
    }
    let mut distinct = seen.clone();
    distinct.sort();
    distinct.dedup();
    assert_eq!((seen.len(), distinct.len()), (5, 5));
}

#[tokio::test]
async fn statistics_count_by_rule_level_and_status() {
    let world = World::start().await;
    let first = intercepted(&world).await;
    intercepted(&world).await;
    world.evaluate(with(|facts| facts.use_des = "采购礼品".to_owned())).await;
    step(&world.supervisor(), first, "affirmations", &affirmation("1")).await.unwrap();
    let path = format!("{BASE}/warnings/statistics?mof_div_code={COUNTY}");
    let counts = items(world.supervisor().get(&path).await.unwrap());
    let count = |code: &str, status: &str| {
        let line = counts.iter().find(|line| line["rule_code"] == code && line["status"] == status);
        line.and_then(|line| line["count"].as_u64()).unwrap_or(0)
    };
    assert_eq!((count("M004", "0"), count("M004", "1"), count("M017", "0")), (1, 1, 1));
    let mine = items(
        world
            .person("other", Role::U1, COUNTY, Some("205010"))
            .get(&format!("{BASE}/warnings/statistics"))
            .await
            .unwrap(),
    );
    assert_eq!(mine, Vec::<Value>::new());
}

#[tokio::test]
async fn a_warning_is_open_until_it_is_found_normal_or_its_violation_is_archived() {
    let world = World::start().await;
    world.server.clock.set("2026-01-10T02:00:00Z".parse().unwrap());
    let idle = facts();
    world.issued(&idle, "1000.00").await;
    let open = async |documents: &[Uuid]| -> Vec<String> {
        let question = json!({"mof_div_code": COUNTY, "document_ids": documents});
        let open: Value = world.machine().ask(&format!("{BASE}/open-warnings"), &question).await.unwrap();
        items(open).iter().map(|one| one["rule_code"].as_str().unwrap().to_owned()).collect()
    };
    assert!(open(&[idle.bgt_id]).await.is_empty());
    let body = json!({"mof_div_code": COUNTY, "fiscal_year": 2026, "as_of": "2026-07-08"});
    let _: Value = world.supervisor().post(&format!("{BASE}/scans"), &body, &key()).await.unwrap();
    let mut codes = open(&[Uuid::now_v7(), idle.bgt_id]).await;
    codes.sort();
    assert_eq!(codes, ["M030", "M032"]);
    assert!(open(&[Uuid::now_v7()]).await.is_empty());

    let of_rule = async |code: &str| id(&world.warnings(&format!("rule_code={code}")).await[0], "warn_id");
    let (slow, unused) = (of_rule("M030").await, of_rule("M032").await);
    step(&world.supervisor(), slow, "affirmations", &affirmation("1")).await.unwrap();
    assert_eq!(open(&[idle.bgt_id]).await, ["M032"]);
    step(&world.supervisor(), unused, "affirmations", &affirmation("2")).await.unwrap();
    assert_eq!(open(&[idle.bgt_id]).await, ["M032"], "a violation is not settled by being found");
    step(&world.clerk(), unused, "rectifications", &rectification("0.00")).await.unwrap();
    step(&world.supervisor(), unused, "archivings", &json!({})).await.unwrap();
    assert!(open(&[idle.bgt_id]).await.is_empty());
}

#[tokio::test]
async fn open_warnings_of_payments_are_those_of_their_indicator_too() {
    let world = World::start().await;
    let payment = Uuid::now_v7();
    let held = own_account();
    let bgt_id = held.bgt_id;
    let warn_id = world.evaluate_document(payment, held).await.warnings[0].warn_id;
    let open = async |asked: Uuid| -> Vec<Value> {
        let question = json!({"mof_div_code": COUNTY, "document_ids": [asked]});
        items(world.machine().ask(&format!("{BASE}/open-warnings"), &question).await.unwrap())
    };
    let of_indicator = open(bgt_id).await;
    assert_eq!(of_indicator, open(payment).await);
    let told = &of_indicator[0];
    assert_eq!((&told["warn_id"], &told["document_id"]), (&json!(warn_id), &json!(payment)));
    assert_eq!((&told["document_type"], &told["bgt_id"]), (&json!("payment"), &json!(bgt_id)));
    assert_eq!(open(Uuid::now_v7()).await, Vec::<Value>::new());
    step(&world.supervisor(), warn_id, "affirmations", &affirmation("1")).await.unwrap();
    assert_eq!(open(bgt_id).await, Vec::<Value>::new());

    let round = with(|facts| facts.pay_app_amt = "100000.00".parse().unwrap());
    let voucher = world.paid(&round, "2026-07-06").await;
    let body = json!({"mof_div_code": COUNTY, "fiscal_year": 2026, "as_of": "2026-07-08"});
    let _: Value = world.supervisor().post(&format!("{BASE}/scans"), &body, &key()).await.unwrap();
    let found = &world.warnings("rule_code=M021").await[0];
    assert_eq!((&found["document_id"], &found["bgt_id"]), (&json!(voucher), &json!(round.bgt_id)));
}

#[tokio::test]
async fn what_a_rule_only_records_is_not_open() {
    let world = World::start().await;
    let voucher = world.paid(&facts(), "2026-07-04").await;
    let body = json!({"mof_div_code": COUNTY, "fiscal_year": 2026, "as_of": "2026-07-08"});
    let _: Value = world.supervisor().post(&format!("{BASE}/scans"), &body, &key()).await.unwrap();
    assert_eq!(world.warnings("rule_code=M020").await[0]["ctrl_type"], "5");
    let question = json!({"mof_div_code": COUNTY, "document_ids": [voucher]});
    let open: Value = world.machine().ask(&format!("{BASE}/open-warnings"), &question).await.unwrap();
    assert_eq!(open, json!({"items": []}));
}

#[tokio::test]
async fn open_warnings_are_told_to_the_platform_only_and_not_without_limit() {
    let world = World::start().await;
    let path = format!("{BASE}/open-warnings");
    let of = |count: usize| json!({"mof_div_code": COUNTY, "document_ids": vec![Uuid::nil(); count]});
    let by_person: Result<Value, PeerError> = world.supervisor().ask(&path, &of(1)).await;
    assert_eq!(refusal(by_person).code(), "AUTH-004");
    let too_many: Result<Value, PeerError> = world.machine().ask(&path, &of(1001)).await;
    assert_eq!(refusal(too_many).code(), "HTTP-422");
    let most: Value = world.machine().ask(&path, &of(1000)).await.unwrap();
    assert_eq!(most, json!({"items": []}));
}
