//! Advances (预拨) and their write-off against formal indicators.

use budget_execution_contract::Refund;
use common_types::{Money, Role};
use serde_json::{Value, json};
use testkit::key;
use uuid::Uuid;

use crate::{
    allocation,
    bureau::{Bureau, DAY, receipt, with, yuan},
    cash_plan,
    operation::{approve, checker, done, draft, elements, entry, indicator, maker},
    world::{BASE, DIVISION, World, act, refusal},
};

/// 500.00 in advance of the approval.
async fn advanced(world: &World) -> Uuid {
    let of_advance = [("bgt_type_code", json!("11")), ("is_advance", json!(true)), ("is_debt", json!(false))];
    done(world, "entries", &entry("advance", elements(&of_advance), "500.00")).await.lines[0].bgt_id.unwrap()
}

fn written_off(from: Uuid, to: Uuid) -> Value {
    json!({"mof_div_code": DIVISION, "fiscal_year": 2026, "reason": "核销预拨",
        "lines": [{"advance_bgt_id": from, "bgt_id": to}]})
}

#[tokio::test]
async fn an_advance_is_written_off_against_the_formal_indicator_once() {
    let bureau = Bureau::start().await;
    let world = World { server: bureau.server };
    let given = advanced(&world).await;
    let bureau = Bureau::around(world.server);
    bureau.paid(given, "300.00").await;
    let formal = bureau.indicator("2000.00").await;
    let world = World { server: bureau.server };
    assert_eq!(refusal(draft(&maker(&world), "write-offs", &written_off(formal, given)).await).code(), "IG-005");
    let off = done(&world, "write-offs", &written_off(given, formal)).await;
    assert_eq!((off.total_amt, off.lines[0].used_amt), (yuan("500.00"), Some(yuan("300.00"))));
    let (advance, bears) = (indicator(&world, given).await.amounts, indicator(&world, formal).await.amounts);
    assert_eq!((advance.available, advance.paid), (Money::ZERO, Money::ZERO));
    assert_eq!((bears.available, bears.paid), (yuan("1700.00"), yuan("300.00")));
    assert_eq!(refusal(draft(&maker(&world), "write-offs", &written_off(given, formal)).await).code(), "IG-005");
    let path = format!("write-offs/{}", off.operation_id);
    assert_eq!(refusal(act(&checker(&world), &path, "discard").await).code(), "HTTP-409");
    world.verified().await;
}

#[tokio::test]
async fn what_an_advance_used_of_its_plan_goes_to_the_formal_indicator_with_it() {
    let bureau = Bureau::start().await;
    bureau.set("is_contrlbyplan", json!(true)).await;
    let world = World { server: bureau.server };
    let given = advanced(&world).await;
    let bureau = Bureau::around(world.server);
    cash_plan::granted(&bureau, given, &[(3, "400.00")]).await.unwrap();
    bureau.paid(given, "300.00").await;
    let formal = bureau.indicator("2000.00").await;
    let world = World { server: bureau.server };
    let off = draft(&maker(&world), "write-offs", &written_off(given, formal)).await.unwrap().operation_id;
    assert_eq!(refusal(approve(&world, "write-offs", off).await).code(), "BE-115");
    let bureau = Bureau::around(world.server);
    cash_plan::granted(&bureau, given, &[(3, "-100.00")]).await.unwrap();
    act(&bureau.person("m2", &[Role::M2], DIVISION, None), &format!("write-offs/{off}"), "approve").await.unwrap();
    assert_eq!(cash_plan::stands(&bureau, given).await, ["0.00", "0.00", "0.00", "0.00", "0.00"]);
    assert_eq!(cash_plan::stands(&bureau, formal).await, ["300.00", "0.00", "0.00", "0.00", "300.00"]);
    bureau.verified().await;
}

#[tokio::test]
async fn a_formal_indicator_is_first_used_after_its_advance_is_written_off() {
    let bureau = Bureau::start().await;
    let used_before = bureau.indicator("10.00").await;
    bureau.paid(used_before, "1.00").await;
    let world = World { server: bureau.server };
    let given = advanced(&world).await;
    let bureau = Bureau::around(world.server);
    let formal = bureau.indicator("2000.00").await;
    let other_purpose = bureau.indicator_of("10.00", json!({"exp_func_code": "2050201"})).await;
    let waiting = bureau.drafted(formal, "1.00").await.pay_app_id;
    let refused = refusal(bureau.act(&bureau.clerk(), waiting, "submit").await);
    let problem = refused.document();
    assert_eq!((refused.code(), problem.errors[0].pointer.as_str()), ("IG-005", "/bgt_id"));
    assert_eq!(problem.extensions["advance_bgt_id"], json!(given));
    for bgt_id in [given, used_before, other_purpose] {
        bureau.paid(bgt_id, "1.00").await;
    }
    let world = World { server: bureau.server };
    done(&world, "write-offs", &written_off(given, formal)).await;
    let bureau = Bureau::around(world.server);
    bureau.act(&bureau.clerk(), waiting, "submit").await.unwrap();
    bureau.verified().await;
}

#[tokio::test]
async fn an_allocation_too_waits_until_the_advance_is_written_off() {
    let bureau = Bureau::start().await;
    let world = World { server: bureau.server };
    let given = advanced(&world).await;
    let bureau = Bureau::around(world.server);
    let treasury = bureau.treasury();
    let of_advance = allocation::approved(&bureau, given, "100.00").await.pay_alloc_cert_id;
    let formal = bureau.indicator("2000.00").await;
    let waiting = allocation::drafted(&bureau, formal, "1.00").await.pay_alloc_cert_id;
    let refused = refusal(allocation::act(&treasury, waiting, "submit").await);
    let problem = refused.document();
    assert_eq!((refused.code(), problem.errors[0].pointer.as_str()), ("IG-005", "/bgt_id"));
    assert_eq!(problem.extensions["advance_bgt_id"], json!(given));
    assert_eq!(bureau.amounts(formal).await.available, yuan("2000.00"));
    let world = World { server: bureau.server };
    assert_eq!(refusal(draft(&maker(&world), "write-offs", &written_off(given, formal)).await).code(), "IG-005");
    let bureau = Bureau::around(world.server);
    allocation::receive(&bureau, of_advance, &json!({"is_paid": true, "acc_date": DAY})).await.unwrap();
    let world = World { server: bureau.server };
    let off = done(&world, "write-offs", &written_off(given, formal)).await;
    assert_eq!((off.total_amt, off.lines[0].used_amt), (yuan("500.00"), Some(yuan("100.00"))));
    let (advance, bears) = (indicator(&world, given).await.amounts, indicator(&world, formal).await.amounts);
    assert_eq!((advance.available, advance.allocated), (Money::ZERO, Money::ZERO));
    assert_eq!((bears.available, bears.allocated), (yuan("1900.00"), yuan("100.00")));
    let bureau = Bureau::around(world.server);
    allocation::act(&treasury, waiting, "submit").await.unwrap();
    let used = allocation::drafted(&bureau, formal, "1.00").await.pay_alloc_cert_id;
    allocation::act(&treasury, used, "submit").await.unwrap();
    bureau.verified().await;
}

#[tokio::test]
async fn an_indicator_that_was_allocated_from_is_in_use_already() {
    let bureau = Bureau::start().await;
    let used_before = bureau.indicator("10.00").await;
    let first = allocation::approved(&bureau, used_before, "1.00").await.pay_alloc_cert_id;
    allocation::receive(&bureau, first, &json!({"is_paid": true, "acc_date": DAY})).await.unwrap();
    let world = World { server: bureau.server };
    advanced(&world).await;
    let bureau = Bureau::around(world.server);
    bureau.submitted(used_before, "1.00").await;
    let next = allocation::drafted(&bureau, used_before, "1.00").await.pay_alloc_cert_id;
    allocation::act(&bureau.treasury(), next, "submit").await.unwrap();
    bureau.verified().await;
}

async fn refunded(bureau: &Bureau, pay_cert_id: Uuid, amount: &str) -> Refund {
    let body = json!({"pay_cert_id": pay_cert_id, "ref_amt": amount, "ref_reason": "多付退回"});
    let drafted: Refund = bureau.clerk().post(&format!("{BASE}/refunds"), &body, &key()).await.unwrap();
    let path = format!("refunds/{}", drafted.ref_id);
    for (who, action) in [(bureau.clerk(), "submit"), (bureau.reviewer(), "approve"), (bureau.treasury(), "approve")] {
        act(&who, &path, action).await.unwrap();
    }
    bureau.clerk().get(&format!("{BASE}/{path}")).await.unwrap()
}

#[tokio::test]
async fn what_an_advance_paid_comes_back_to_the_formal_indicator_after_its_write_off() {
    let bureau = Bureau::start().await;
    bureau.set("is_contrlbyplan", json!(true)).await;
    let world = World { server: bureau.server };
    let given = advanced(&world).await;
    let bureau = Bureau::around(world.server);
    cash_plan::granted(&bureau, given, &[(3, "300.00")]).await.unwrap();
    let paid = bureau.paid(given, "300.00").await;
    assert_eq!(refunded(&bureau, paid.pay_cert_id, "10.00").await.bgt_id, Some(given));
    cash_plan::granted(&bureau, given, &[(3, "-10.00")]).await.unwrap();
    let formal = bureau.indicator("2000.00").await;
    let world = World { server: bureau.server };
    done(&world, "write-offs", &written_off(given, formal)).await;
    let bureau = Bureau::around(world.server);
    assert_eq!(refunded(&bureau, paid.pay_cert_id, "40.00").await.bgt_id, Some(formal));
    let back = with(receipt(&paid.pay_cert_no, "RETURNED", "50.00"), "agent_business_no", json!("B9"));
    bureau.receive(&back).await.unwrap();
    assert_eq!(bureau.stands(given).await, ["0.00", "0.00", "0.00"]);
    assert_eq!(bureau.stands(formal).await, ["1800.00", "0.00", "200.00"]);
    assert_eq!(cash_plan::stands(&bureau, formal).await, ["290.00", "0.00", "90.00", "0.00", "200.00"]);
    let traced: Value =
        bureau.treasury().get(&format!("{BASE}/lineage?pay_cert_id={}", paid.pay_cert_id)).await.unwrap();
    assert!(traced.to_string().contains(&formal.to_string()), "{traced}");
    bureau.verified().await;
}
