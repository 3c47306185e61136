//! Scheduled rules over a year's payments, indicators and units: each finding once a month.

use common_types::Role;
use monitoring_contract::{PaymentFacts, ScanRequest, ScanResult};
use uuid::Uuid;

use crate::world::{COUNTY, OTHER_COUNTY, OTHER_UNIT, TODAY, UNIT, World, but, code, day, facts, payment, post, yuan};

/// Rule and agency of each warning there is.
async fn found(world: &World) -> Vec<(String, String)> {
    let mut found: Vec<_> = world
        .warnings()
        .await
        .into_iter()
        .map(|warning| (warning.rule_code, warning.agency_code.to_string()))
        .collect();
    found.sort();
    found
}

fn of(rule: &str, agency: &str) -> (String, String) {
    (rule.to_owned(), agency.to_owned())
}

fn large(amount: &str, agency: &str) -> PaymentFacts {
    but(|f| {
        f.pay_app_amt = yuan(amount);
        f.agency_code = agency.parse().unwrap()
    })
}

#[actix_web::test]
async fn a_large_round_payment_is_found_once_a_month() {
    let world = World::start().await;
    world.paid(payment(&large("100000.00", UNIT), TODAY)).await;
    for amount in ["90000.00", "100000.01", "105000.00"] {
        world.paid(payment(&large(amount, OTHER_UNIT), TODAY)).await;
    }
    let first = world.scan(TODAY).await;
    assert_eq!((first.opened, first.subjects, first.rules), (1, 4 + 2, 6));
    assert_eq!(found(&world).await, [of("M021", UNIT)]);
    assert_eq!(world.warnings().await[0].message_zh, "整数大额支付 100000.00 元");
    assert_eq!(world.scan("2026-06-30").await.opened, 0);
    assert_eq!(world.scan("2026-07-01").await.opened, 1);
}

#[actix_web::test]
async fn a_payment_on_a_weekend_is_found() {
    let world = World::start().await;
    for (on, agency) in
        [("2026-06-05", "205001"), ("2026-06-06", "205002"), ("2026-06-07", "205003"), ("2026-06-08", "205004")]
    {
        world.paid(payment(&large("10.00", agency), on)).await;
    }
    assert_eq!(world.scan(TODAY).await.opened, 2);
    assert_eq!(found(&world).await, [of("M020", "205002"), of("M020", "205003")]);
}

#[actix_web::test]
async fn an_indicator_that_is_spent_slowly_or_not_at_all_is_found() {
    let world = World::start().await;
    let [slow, brisk, idle, fresh] = [1, 2, 3, 4].map(Uuid::from_u128);
    world.issued(slow, "1000.00", "2026-05-01").await;
    world.issued(brisk, "1000.00", "2026-05-01").await;
    // 1000.00 × (161 − 90) ÷ 365 is 194.5205…
    world
        .paid(payment(
            &but(|f| {
                f.bgt_id = slow;
                f.pay_app_amt = yuan("194.52")
            }),
            TODAY,
        ))
        .await;
    world
        .paid(payment(
            &but(|f| {
                f.bgt_id = brisk;
                f.pay_app_amt = yuan("194.53")
            }),
            TODAY,
        ))
        .await;
    assert_eq!(world.scan(TODAY).await.opened, 1);
    let warning = world.warnings().await.remove(0);
    assert_eq!((warning.rule_code.as_str(), warning.document_id), ("M030", slow));

    world.issued(idle, "500.00", "2026-03-12").await;
    world.issued(fresh, "500.00", "2026-03-13").await;
    world.scan(TODAY).await;
    let unused: Vec<Uuid> = world
        .warnings()
        .await
        .iter()
        .filter(|warning| warning.rule_code == "M032")
        .map(|warning| warning.document_id)
        .collect();
    assert_eq!(unused, [idle]);
    assert_eq!(world.scan(TODAY).await.opened, 0);
}

#[actix_web::test]
async fn an_indicator_is_not_slow_before_its_grace_has_passed() {
    let world = World::start().await;
    world.issued(Uuid::from_u128(1), "1000.00", "2026-03-01").await;
    assert_eq!(world.scan("2026-03-31").await.opened, 0);
    assert_eq!(world.scan("2026-04-01").await.opened, 1);
}

#[actix_web::test]
async fn a_unit_with_many_refunds_is_found_once_a_month() {
    let world = World::start().await;
    for (agency, refund) in [(UNIT, "50.01"), (OTHER_UNIT, "50.00")] {
        world.paid(payment(&large("1000.00", agency), TODAY)).await;
        world.refunded(agency, refund).await;
    }
    assert_eq!(world.scan(TODAY).await.opened, 1);
    assert_eq!(found(&world).await, [of("M054", UNIT)]);
    assert_eq!(world.scan(TODAY).await.opened, 0);
    assert_eq!(world.scan("2026-07-01").await.opened, 1);
}

#[actix_web::test]
async fn a_unit_that_pays_most_in_december_is_found() {
    let world = World::start().await;
    for (agency, december) in [(UNIT, "400.01"), (OTHER_UNIT, "400.00")] {
        let earlier = yuan("1000.00").checked_sub(yuan(december)).unwrap();
        world
            .paid(payment(
                &but(|f| {
                    f.pay_app_amt = earlier;
                    f.agency_code = agency.parse().unwrap()
                }),
                TODAY,
            ))
            .await;
        world.paid(payment(&large(december, agency), "2026-12-02")).await;
    }
    assert_eq!(world.scan("2026-11-30").await.opened, 0);
    assert_eq!(world.scan("2026-12-31").await.opened, 1);
    assert_eq!(found(&world).await, [of("M029", UNIT)]);
}

#[actix_web::test]
async fn a_scan_belongs_to_supervision_of_the_division_and_sees_no_other() {
    let world = World::start().await;
    let mut elsewhere = payment(&large("100000.00", UNIT), TODAY);
    elsewhere.mof_div_code = OTHER_COUNTY.parse().unwrap();
    world.paid(elsewhere).await;
    world.paid(payment(&facts(), "2026-06-11")).await;
    let here = world.scan(TODAY).await;
    assert_eq!((here.subjects, here.opened), (0, 0));

    let request = ScanRequest {
        mof_div_code: COUNTY.parse().unwrap(),
        fiscal_year: 2026_u16.try_into().unwrap(),
        as_of: day(TODAY),
    };
    assert_eq!(code(post::<_, ScanResult>(&world.clerk(), "/scans", &request).await), "AUTH-004");
    let stranger = world.person("stranger", &[Role::M5], OTHER_COUNTY, None);
    assert_eq!(code(post::<_, ScanResult>(&stranger, "/scans", &request).await), "HTTP-404");
}
