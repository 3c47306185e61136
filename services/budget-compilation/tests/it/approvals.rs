//! Approvals: what is final becomes annual and transfer lines, once.

use budget_compilation_contract::ApprovedBudget;
use common_types::Role;
use serde_json::json;
use testkit::key;
use workflow::{Action, Status};

use crate::support::*;

fn unallocated(amount: &str, function: &str) -> serde_json::Value {
    json!({"mof_div_code": PROVINCE, "fiscal_year": 2026, "stage": "two_up", "lines": [{"pro_code": SPECIAL,
        "exp_func_code": function, "gov_bgt_eco_code": "51401", "fund_type_code": "111", "apply_up": amount}]})
}

async fn finish_unallocated(world: &World, request: serde_json::Value) {
    let maker = world.finance("m1", Role::M1);
    let id = maker.create_package(&package_request(request), &key()).await.unwrap().summary.package_id;
    maker.act_on_package(id, &action(Action::Submit), &key()).await.unwrap();
    world.finance("m2", Role::M2).act_on_package(id, &action(Action::Approve), &key()).await.unwrap();
}

async fn budgets(world: &World, count: usize) -> Vec<ApprovedBudget> {
    world.eventually(|peers| peers.events().len() >= count).await;
    world.peers.events().into_iter().map(|event| serde_json::from_value(event.data).unwrap()).collect()
}

#[tokio::test]
async fn an_approval_carries_units_reserves_and_transfers_and_tells_once() {
    let world = World::start().await;
    world.controlled().await;
    world.finished(package("one_up", UNIT, &[line(SPECIAL, "900.00")])).await;
    world.finished(package("two_up", UNIT, &[line(SPECIAL, "600.00"), line(PERSONNEL, "400.00")])).await;
    finish_unallocated(&world, unallocated("50.00", "227")).await;
    world.finished_transfer(transfer("360102000", "70.00")).await;
    let approval = world.granted("赣财预〔2026〕1号").await;
    assert_eq!((approval.annual_line_count, approval.transfer_line_count), (3, 1));
    assert_eq!(approval.reply_amt.to_string(), "1120.00");
    assert_eq!(approval.warnings[0].rule_code, "BG-008");
    let told = budgets(&world, 1).await;
    assert_eq!(told[0].annual_lines.len(), 3);
    assert!(told[0].annual_lines.iter().any(|line| line.is_assigned && line.agency_code.is_none()));
    assert_eq!(told[0].transfer_lines[0].gov_bgt_eco_code.as_str(), "51301");
    let finance = world.finance("m2", Role::M2);
    let table = finance.budget(&PROVINCE.parse().unwrap(), 2026.try_into().unwrap()).await.unwrap();
    assert_eq!((table.annual_amt.to_string(), table.total_amt.to_string()), ("1050.00".into(), "1120.00".into()));
    assert_eq!(finance.annual_lines("page_size=2").await.unwrap().items.len(), 2);
    assert_eq!(world.clerk(UNIT).annual_lines("fiscal_year=2026").await.unwrap().items.len(), 2);
    assert_eq!(world.clerk(SCHOOL).annual_lines("").await.unwrap().items.len(), 0);
    let county = world.as_user("m1-county", Role::M1, "360102000", None);
    assert_eq!(county.transfer_lines("").await.unwrap().items.len(), 1);
}

#[tokio::test]
async fn a_repeated_approval_tells_once() {
    let world = World::start().await;
    world.finished_transfer(transfer("360100000", "70.00")).await;
    let approval = world.drafted_approval("1号").await.unwrap();
    world.act_on_approval("m2", approval.approval_id, Action::Submit).await.unwrap();
    let (chief, same) = (world.finance("m2-chief", Role::M2), key());
    for _ in 0..2 {
        let granted = chief.act_on_approval(approval.approval_id, &action(Action::Approve), &same).await.unwrap();
        assert_eq!(granted.state.status, Status::Final);
    }
    budgets(&world, 1).await;
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    assert_eq!(world.peers.events().len(), 1);
}

#[tokio::test]
async fn two_approvers_at_once_grant_once() {
    let world = World::start().await;
    world.finished_transfer(transfer("360100000", "70.00")).await;
    let id = world.drafted_approval("1号").await.unwrap().approval_id;
    world.act_on_approval("m2", id, Action::Submit).await.unwrap();
    let (one, two) = tokio::join!(
        world.act_on_approval("chief-a", id, Action::Approve),
        world.act_on_approval("chief-b", id, Action::Approve),
    );
    assert_eq!([one.is_ok(), two.is_ok()].iter().filter(|done| **done).count(), 1);
    budgets(&world, 1).await;
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    assert_eq!(world.peers.events().len(), 1);
}

#[tokio::test]
async fn two_approvals_at_once_are_one() {
    let world = World::start().await;
    world.finished_transfer(transfer("360100000", "70.00")).await;
    let (one, two) = tokio::join!(world.drafted_approval("1号"), world.drafted_approval("2号"));
    assert_eq!([one.is_ok(), two.is_ok()].iter().filter(|done| **done).count(), 1);
    let problem = refused(if one.is_ok() { two } else { one });
    assert_eq!((problem.code.as_str(), problem.status), ("BG-104", 409));
}

#[tokio::test]
async fn nothing_final_means_nothing_to_approve_and_a_number_is_used_once() {
    let world = World::start().await;
    assert_eq!(refused(world.drafted_approval("1号").await).code, "BG-106");
    world.finished_transfer(transfer("360100000", "70.00")).await;
    world.granted("1号").await;
    world.finished_transfer(transfer("360200000", "70.00")).await;
    assert_eq!(refused(world.drafted_approval("1号").await).code, "BG-105");
    assert_eq!(world.granted("2号").await.version, 2);
}

#[tokio::test]
async fn a_discarded_draft_lets_its_packages_go() {
    let world = World::start().await;
    world.finished_transfer(transfer("360100000", "70.00")).await;
    let draft = world.drafted_approval("1号").await.unwrap();
    world.act_on_approval("m2", draft.approval_id, Action::Discard).await.unwrap();
    assert_eq!(world.granted("1号").await.reply_amt.to_string(), "70.00");
}

#[tokio::test]
async fn an_approved_package_is_read_only() {
    let world = World::start().await;
    world.controlled().await;
    let request = package("two_up", UNIT, &[line(SPECIAL, "600.00")]);
    let finished = world.finished(request.clone()).await;
    let approval = world.granted("1号").await;
    let id = finished.summary.package_id;
    let version = finished.summary.state.version;
    let answer = world.clerk(UNIT).revise_package(id, &package_request(request), version).await;
    assert_eq!(refused(answer).code, "BG-012");
    let answer = world.finance("m2", Role::M2).act_on_package(id, &action(Action::Discard), &key()).await;
    assert_eq!(refused(answer).code, "BG-012");
    assert_eq!(refused(world.act_on_approval("chief", approval.approval_id, Action::Discard).await).code, "BG-012");
}

#[tokio::test]
async fn a_changed_version_carries_only_differences() {
    let world = World::start().await;
    world.controlled().await;
    world
        .finished(package(
            "two_up",
            UNIT,
            &[line(SPECIAL, "600.00"), line(PERSONNEL, "400.00"), line(PUBLIC_USE, "10.00")],
        ))
        .await;
    world.granted("1号").await;
    let changed = [line(SPECIAL, "650.00"), line(PERSONNEL, "400.00")];
    assert_eq!(world.finished(package("two_up", UNIT, &changed)).await.summary.version, 2);
    let second = world.granted("2号").await;
    assert_eq!((second.version, second.annual_line_count, second.reply_amt.to_string()), (2, 2, "40.00".into()));
    assert_eq!(world.peers.reserved_fen(), 105_000);
    let told = budgets(&world, 2).await;
    let [first, second] = [1, 2].map(|version| told.iter().find(|budget| budget.version == version).unwrap());
    for line in &second.annual_lines {
        assert!(first.annual_lines.iter().any(|earlier| earlier.bgt_pman_id == line.bgt_pman_id));
    }
    let mut amounts: Vec<_> = second.annual_lines.iter().map(|line| line.reply_amt.to_string()).collect();
    amounts.sort();
    assert_eq!(amounts, ["-10.00", "50.00"]);
}

#[tokio::test]
async fn the_maker_of_an_approval_does_not_grant_it() {
    let world = World::start().await;
    world.finished_transfer(transfer("360100000", "70.00")).await;
    let id = world.drafted_approval("1号").await.unwrap().approval_id;
    world.act_on_approval("m2", id, Action::Submit).await.unwrap();
    assert_eq!(refused(world.act_on_approval("m2", id, Action::Approve).await).code, "WF-002");
    assert!(world.peers.events().is_empty());
}
