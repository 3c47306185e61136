//! Those who cut, move or set aside money against those who spend it, at the same moment, over and over (S7, S8, S10).

use budget_execution_contract::{Adjustment, Freeze};
use common_types::{Money, Role};
use futures::future::join_all;
use serde_json::{Value, json};
use service_kit::Peer;
use testkit::key;
use uuid::Uuid;

use crate::{
    bureau::{AGENCY, Bureau, payment, yuan},
    world::{BASE, DIVISION, PROJECT, act, refusal},
};

const ROUNDS: usize = 20;

fn person(bureau: &Bureau, name: &str, role: Role) -> Peer {
    bureau.server.client(&bureau.server.identity.token(name, &[role], DIVISION, None))
}

/// An adjustment that waits for its last approval.
async fn waiting(bureau: &Bureau, kind: &str, line: Value) -> String {
    let maker = person(bureau, "m1", Role::M1);
    let body = json!({
        "mof_div_code": DIVISION, "fiscal_year": 2026, "adj_kind": kind, "cor_bgt_doc_no": "洪财调〔2026〕1号",
        "adj_reason": "年中调整", "approval_doc_no": "洪府〔2026〕1号", "approval_doc_date": "2026-03-01",
        "perf_goals": [{"pro_code": PROJECT, "kpi_target": "完成校舍维修"}], "lines": [line],
    });
    let made: Adjustment = maker.post(&format!("{BASE}/adjustments"), &body, &key()).await.unwrap();
    let path = format!("adjustments/{}", made.adj_id);
    act(&maker, &path, "submit").await.unwrap();
    path
}

async fn drafted(bureau: &Bureau, bgt_id: Uuid, count: usize) -> Vec<Uuid> {
    let mut drafts = Vec::with_capacity(count);
    for _ in 0..count {
        drafts.push(bureau.drafted(bgt_id, "100.00").await.pay_app_id);
    }
    drafts
}

/// How many of these payments were accepted when submitted at once.
async fn submitted(bureau: &Bureau, payments: &[Uuid]) -> i64 {
    let clerk = bureau.clerk();
    let answers = join_all(payments.iter().map(|id| bureau.act(&clerk, *id, "submit"))).await;
    let mut accepted = 0;
    for answer in answers {
        match answer {
            Ok(_) => accepted += 1,
            refused => assert_eq!(refusal(refused).code(), "BA-001"),
        }
    }
    accepted
}

#[tokio::test]
async fn a_cut_and_payments_end_in_some_serial_order() {
    let bureau = Bureau::start().await;
    let budget = person(&bureau, "m2", Role::M2);
    for _ in 0..ROUNDS {
        let bgt_id = bureau.indicator("1000.00").await;
        let path = waiting(&bureau, "A2", json!({"ori_bgt_id": bgt_id, "add_amount": "500.00"})).await;
        let payments = drafted(&bureau, bgt_id, 10).await;
        let (cut, accepted) = tokio::join!(act(&budget, &path, "approve"), submitted(&bureau, &payments));
        let cut_amt = if cut.is_ok() { 50_000 } else { 0 };
        if let Err(error) = cut {
            let code = refusal::<()>(Err(error)).code().to_owned();
            assert!(["BA-001", "BA-002"].contains(&code.as_str()), "{code}");
            assert!(accepted > 5);
        } else {
            assert!(accepted <= 5);
        }
        let left = Money::from_fen(100_000 - cut_amt - accepted * 10_000);
        assert_eq!(bureau.amounts(bgt_id).await.available, left);
    }
    bureau.verified().await;
}

#[tokio::test]
async fn of_two_swaps_from_one_source_one_is_accepted() {
    let bureau = Bureau::start().await;
    let budget = person(&bureau, "m2", Role::M2);
    for _ in 0..ROUNDS {
        let (a, b, c) =
            (bureau.indicator("100.00").await, bureau.indicator("1.00").await, bureau.indicator("1.00").await);
        let line = |to: Uuid| json!({"ori_bgt_id": a, "bgt_id": to, "add_amount": "80.00"});
        let (one, other) = (waiting(&bureau, "A3", line(b)).await, waiting(&bureau, "A3", line(c)).await);
        let (one, other) = tokio::join!(act(&budget, &one, "approve"), act(&budget, &other, "approve"));
        assert_ne!(one.is_ok(), other.is_ok());
        let refused = if one.is_err() { one } else { other };
        assert_eq!(refusal(refused).code(), "BA-001");
        let sum = |amounts: [Money; 3]| Money::try_sum(amounts);
        let [left, to_b, to_c] =
            [bureau.amounts(a).await.available, bureau.amounts(b).await.available, bureau.amounts(c).await.available];
        assert_eq!((left, to_b.checked_add(to_c)), (yuan("20.00"), Some(yuan("82.00"))));
        assert_eq!(sum([left, to_b, to_c]), Some(yuan("102.00")));
    }
    bureau.verified().await;
}

#[tokio::test]
async fn what_a_freeze_sets_aside_is_never_paid_and_thaws_once() {
    let bureau = Bureau::start().await;
    let (maker, budget) = (person(&bureau, "m1", Role::M1), person(&bureau, "m2", Role::M2));
    for _ in 0..ROUNDS {
        let bgt_id = bureau.indicator("1000.00").await;
        let body = json!({"mof_div_code": DIVISION, "fiscal_year": 2026, "bgt_id": bgt_id, "freeze_ratio": "40", "reason": "压减"});
        let freeze: Freeze = maker.post(&format!("{BASE}/freezes"), &body, &key()).await.unwrap();
        assert_eq!(freeze.freeze_amt, yuan("400.00"));
        let path = format!("freezes/{}", freeze.freeze_id);
        act(&maker, &path, "submit").await.unwrap();
        let payments = drafted(&bureau, bgt_id, 10).await;
        let (frozen, accepted) = tokio::join!(act(&budget, &path, "approve"), submitted(&bureau, &payments));
        let frozen_amt = if frozen.is_ok() { 40_000 } else { 0 };
        let amounts = bureau.amounts(bgt_id).await;
        assert_eq!(amounts.frozen.fen(), frozen_amt);
        assert_eq!(amounts.available.fen(), 100_000 - frozen_amt - accepted * 10_000);
        if frozen.is_err() {
            assert_eq!(refusal(frozen).code(), "BA-002");
            assert!(accepted > 6);
            continue;
        }
        assert!(accepted <= 6);
        let beyond = refusal(bureau.draft(&payment(bgt_id, "700.00")).await);
        assert!(["BA-001", "PAY-002"].contains(&beyond.code()), "{beyond}");
        let thaws = format!("{BASE}/{path}/thaws");
        let thaw = json!({"thaw_amt": "400.00", "opinion": "解除"});
        let _: Freeze = budget.post(&thaws, &thaw, &key()).await.unwrap();
        let again = refusal(budget.post::<_, Freeze>(&thaws, &thaw, &key()).await);
        assert_eq!((again.code(), again.status().as_u16()), ("BE-105", 409));
        assert_eq!(bureau.amounts(bgt_id).await.frozen, Money::ZERO);
    }
    let clerk = bureau.server.client(&bureau.server.identity.token("u1", &[Role::U1], DIVISION, Some(AGENCY)));
    let page: Value = clerk.get(&format!("{BASE}/freezes?fiscal_year=2026")).await.unwrap();
    assert!(page["items"].as_array().unwrap().len() >= ROUNDS);
    bureau.verified().await;
}
