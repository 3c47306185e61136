//! Payments keep the books of units by themselves (ACC-001, ACC-005, ACC-006).

use common_types::{ProCatCode, Role};
use final_accounts_contract::VoucherSource;
use futures::future::join_all;
use testkit::key;

use crate::world::{World, charged, closing, code, corrected, on, paid, refunded, yuan};

#[actix_web::test]
async fn a_payment_makes_one_balanced_voucher_however_often_it_is_told() {
    let world = World::start().await;
    let event = paid(charged(ProCatCode::PublicUse, "2050204", "30201"), "100.00");
    let mut again = event.clone();
    again.id = "another-id".to_owned();
    let deliveries = [&event, &event, &event, &event, &again];
    for answer in join_all(deliveries.map(|event| world.deliver(event))).await {
        answer.unwrap();
    }
    let vouchers = world.accountant().vouchers("fiscal_year=2026").await.unwrap().items;
    assert_eq!(vouchers.len(), 1);
    let voucher = &vouchers[0];
    assert_eq!((voucher.source_kind, voucher.voucher_no, voucher.acct_period), (VoucherSource::Payment, Some(1), 3));
    assert_eq!((voucher.dr_amt, voucher.cr_ys_amt), (yuan("100.00"), yuan("100.00")));
    let balance = world.balance().await;
    assert!(balance.is_balanced);
    assert_eq!((on(&balance, "5001"), on(&balance, "4001")), (yuan("100.00"), yuan("-100.00")));
    assert_eq!((on(&balance, "7201"), on(&balance, "6001")), (yuan("100.00"), yuan("-100.00")));
    assert_eq!(world.accountant().voucher(voucher.vou_id).await.unwrap(), *voucher);
}

#[actix_web::test]
async fn racing_payments_get_numbers_without_gaps() {
    let world = World::start().await;
    let of = || charged(ProCatCode::PublicUse, "2050204", "30201");
    let events: Vec<_> = (0..8).map(|_| paid(of(), "1.00")).collect();
    for answer in join_all(events.iter().map(|event| world.deliver(event))).await {
        answer.unwrap();
    }
    let vouchers = world.accountant().vouchers("fiscal_year=2026").await.unwrap().items;
    let mut numbers: Vec<_> = vouchers.iter().filter_map(|voucher| voucher.voucher_no).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=8).collect::<Vec<_>>());
}

#[actix_web::test]
async fn salaries_and_assets_follow_their_schemes() {
    let world = World::start().await;
    world.deliver(&paid(charged(ProCatCode::ServingStaff, "2050204", "30101"), "50.00")).await.unwrap();
    world.deliver(&paid(charged(ProCatCode::OwnLevel, "2050204", "31002"), "70.00")).await.unwrap();
    let balance = world.balance().await;
    assert_eq!((on(&balance, "2201"), on(&balance, "5001")), (yuan("0.00"), yuan("50.00")));
    assert_eq!((on(&balance, "1601"), on(&balance, "7201")), (yuan("70.00"), yuan("120.00")));
    assert!(balance.is_balanced);
}

#[actix_web::test]
async fn a_refund_reverses_and_a_correction_moves() {
    let world = World::start().await;
    let of = || charged(ProCatCode::PublicUse, "2050204", "30201");
    world.deliver(&paid(of(), "100.00")).await.unwrap();
    world.deliver(&refunded(of(), "40.00")).await.unwrap();
    let asset = charged(ProCatCode::OwnLevel, "2050204", "31002");
    world.deliver(&corrected(of(), asset, "60.00")).await.unwrap();
    let balance = world.balance().await;
    assert!(balance.is_balanced);
    assert_eq!((on(&balance, "5001"), on(&balance, "1601")), (yuan("0.00"), yuan("60.00")));
    assert_eq!((on(&balance, "4001"), on(&balance, "7201")), (yuan("-60.00"), yuan("60.00")));
    let vouchers = world.accountant().vouchers("fiscal_year=2026").await.unwrap().items;
    assert_eq!(vouchers.iter().map(|voucher| voucher.red_flag).collect::<Vec<_>>(), [false, true, true]);
}

#[actix_web::test]
async fn a_year_closes_once_and_late_payments_are_adjustments() {
    let world = World::start().await;
    let of = || charged(ProCatCode::PublicUse, "2050204", "30201");
    world.deliver(&paid(of(), "100.00")).await.unwrap();
    let accountant = world.accountant();
    let (first, second) = (key(), key());
    let request = closing();
    let answers = join_all([accountant.close_year(&request, &first), accountant.close_year(&request, &second)]).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    assert_eq!(code(accountant.close_year(&request, &key()).await), "ACC-102");

    world.deliver(&paid(of(), "10.00")).await.unwrap();
    let vouchers = accountant.vouchers("fiscal_year=2026").await.unwrap().items;
    // the payment, its carry-over, the late payment, its carry-over
    let carried: Vec<_> = vouchers.iter().map(|voucher| voucher.is_carry_over).collect();
    assert_eq!(carried, [false, true, false, true]);
    assert!(vouchers[2].is_adjust_period);
    let balance = world.balance().await;
    assert!(balance.is_balanced);
    for account in ["4001", "5001", "6001", "7201", "3301", "3302"] {
        assert_eq!(on(&balance, account), yuan("0.00"), "{account}");
    }
}

#[actix_web::test]
async fn another_unit_sees_nothing_and_people_tell_no_events() {
    let world = World::start().await;
    let event = paid(charged(ProCatCode::PublicUse, "2050204", "30201"), "100.00");
    world.deliver(&event).await.unwrap();
    let voucher = world.accountant().vouchers("fiscal_year=2026").await.unwrap().items.remove(0);
    let stranger = world.person("stranger", &[Role::U3], Some("206001"));
    assert_eq!(code(stranger.voucher(voucher.vou_id).await), "HTTP-404");
    assert!(stranger.vouchers("fiscal_year=2026").await.unwrap().items.is_empty());
    let balance = stranger.trial_balance(&voucher.mof_div_code, voucher.fiscal_year, &voucher.agency_code).await;
    assert_eq!(code(balance), "HTTP-404");
    let told = world.accountant().0.post::<_, serde_json::Value>("/api/final-accounts/v1/events", &event, "k").await;
    assert_eq!(code(told), "AUTH-004");
}
