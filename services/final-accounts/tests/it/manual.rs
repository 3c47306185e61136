//! Manual vouchers are balanced, complete and reviewed by somebody else (ACC-001 to ACC-004).

use common_types::Role;
use final_accounts_contract::{Auxiliary, EntrySide, UnitVoucherDraft, VoucherLine, VoucherStatus};
use testkit::key;
use workflow::Action;

use crate::world::{DIVISION, UNIT, World, action, closing, code, on, year, yuan};

fn line(account: &str, dr_cr: EntrySide, amt: &str) -> VoucherLine {
    VoucherLine {
        gov_acct_cls_code: account.to_owned(),
        dr_cr,
        amt: yuan(amt),
        vou_det_desc: "提现".to_owned(),
        auxiliary: Auxiliary::default(),
    }
}

fn draft(details: Vec<VoucherLine>) -> UnitVoucherDraft {
    UnitVoucherDraft {
        mof_div_code: DIVISION.parse().unwrap(),
        fiscal_year: year(),
        agency_code: UNIT.parse().unwrap(),
        voucher_date: "2026-06-01".parse().unwrap(),
        voucher_abs: "提取现金".to_owned(),
        is_adjust_period: false,
        details,
    }
}

fn cash(amt: &str) -> UnitVoucherDraft {
    draft(vec![line("1001", EntrySide::Debit, amt), line("1002", EntrySide::Credit, amt)])
}

#[actix_web::test]
async fn a_voucher_must_balance_within_each_group_and_be_complete() {
    let world = World::start().await;
    let accountant = world.accountant();
    let unbalanced = draft(vec![line("1001", EntrySide::Debit, "2.00"), line("1002", EntrySide::Credit, "1.00")]);
    assert_eq!(code(accountant.create_voucher(&unbalanced, &key()).await), "ACC-001");
    let across = draft(vec![line("1001", EntrySide::Debit, "2.00"), line("8001", EntrySide::Credit, "2.00")]);
    assert_eq!(code(accountant.create_voucher(&across, &key()).await), "ACC-001");
    let incomplete = draft(vec![line("5001", EntrySide::Debit, "2.00"), line("1002", EntrySide::Credit, "2.00")]);
    assert_eq!(code(accountant.create_voucher(&incomplete, &key()).await), "ACC-004");
    let unknown = draft(vec![line("9999", EntrySide::Debit, "2.00"), line("1002", EntrySide::Credit, "2.00")]);
    assert_eq!(code(accountant.create_voucher(&unknown, &key()).await), "ACC-101");
}

#[actix_web::test]
async fn a_manual_voucher_counts_when_somebody_else_approved_it() {
    let world = World::start().await;
    let both = world.person("both", &[Role::U2, Role::U3], Some(UNIT));
    let voucher = both.create_voucher(&cash("5.00"), &key()).await.unwrap();
    both.act_on_voucher(voucher.vou_id, &action(Action::Submit), &key()).await.unwrap();
    assert_eq!(code(both.act_on_voucher(voucher.vou_id, &action(Action::Approve), &key()).await), "WF-002");
    assert_eq!(on(&world.balance().await, "1001"), yuan("0.00"));

    let posted = world.reviewer().act_on_voucher(voucher.vou_id, &action(Action::Approve), &key()).await.unwrap();
    assert_eq!((posted.vou_status, posted.voucher_no), (VoucherStatus::Posted, Some(1)));
    assert_eq!(on(&world.balance().await, "1001"), yuan("5.00"));
    let voided = world.reviewer().act_on_voucher(voucher.vou_id, &action(Action::Discard), &key()).await;
    assert_eq!(code(voided), "ACC-003");
}

#[actix_web::test]
async fn nothing_is_posted_by_hand_in_a_closed_year() {
    let world = World::start().await;
    let accountant = world.accountant();
    let voucher = accountant.create_voucher(&cash("5.00"), &key()).await.unwrap();
    accountant.close_year(&closing(), &key()).await.unwrap();
    assert_eq!(code(accountant.create_voucher(&cash("5.00"), &key()).await), "ACC-002");
    assert_eq!(code(accountant.act_on_voucher(voucher.vou_id, &action(Action::Submit), &key()).await), "ACC-002");
}
