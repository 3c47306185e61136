//! Reports come from the books, tie to the ledger and are reviewed (RP-001 to RP-003).

use common_types::{ProCatCode, Role};
use final_accounts_contract::{Report, ReportDraft, ReportExplanation};
use testkit::key;
use workflow::{Action, Status};

use crate::world::{DIVISION, UNIT, World, action, charged, closing, code, paid, year, yuan};

fn draft(code: &str) -> ReportDraft {
    ReportDraft {
        report_code: code.to_owned(),
        mof_div_code: DIVISION.parse().unwrap(),
        fiscal_year: year(),
        agency_code: UNIT.parse().unwrap(),
    }
}

/// Total, basic and project of a line.
fn figures(report: &Report, code: &str) -> [String; 3] {
    let line = report.figures.lines.iter().find(|line| line.line_code == code).unwrap();
    [line.total, line.basic, line.project].map(|money| money.to_string())
}

async fn spent() -> World {
    let world = World::start().await;
    world.deliver(&paid(charged(ProCatCode::ServingStaff, "2050204", "30101"), "100.00")).await.unwrap();
    world.deliver(&paid(charged(ProCatCode::PublicUse, "2050204", "30201"), "20.00")).await.unwrap();
    world.deliver(&paid(charged(ProCatCode::OwnLevel, "2080505", "31002"), "30.00")).await.unwrap();
    world
}

#[actix_web::test]
async fn a_report_splits_basic_from_project_by_class() {
    let world = spent().await;
    world.ledger_says("150.00");
    let report = world.accountant().create_report(&draft("FA02"), &key()).await.unwrap();
    assert_eq!(figures(&report, "205"), ["120.00", "120.00", "0.00"]);
    assert_eq!(figures(&report, "2080505"), ["30.00", "0.00", "30.00"]);
    assert_eq!(figures(&report, "EXPENDITURE"), ["150.00", "120.00", "30.00"]);
    assert!(report.figures.checks.iter().all(|check| check.ok) && report.figures.checks.len() == 4);
    assert_eq!(report.figures.tie_out.difference, yuan("0.00"));

    let summary = world.accountant().create_report(&draft("FA01"), &key()).await.unwrap();
    assert_eq!(figures(&summary, "I11"), ["150.00", "0.00", "0.00"]);
    assert_eq!(figures(&summary, "INCOME"), ["150.00", "0.00", "0.00"]);
    assert!(summary.figures.checks.iter().all(|check| check.ok) && summary.figures.checks.len() == 4);
    assert_eq!(code(world.accountant().create_report(&draft("FA99"), &key()).await), "RP-101");
}

#[actix_web::test]
async fn a_report_that_differs_from_the_ledger_needs_closed_books_and_an_explanation() {
    let world = spent().await;
    world.ledger_says("149.00");
    let accountant = world.accountant();
    let report = accountant.create_report(&draft("FA01"), &key()).await.unwrap();
    assert_eq!(report.figures.tie_out.difference, yuan("1.00"));
    let id = report.report_id;
    assert_eq!(code(accountant.act_on_report(id, &action(Action::Submit), &key()).await), "RP-002");
    accountant.close_year(&closing(), &key()).await.unwrap();
    assert_eq!(code(accountant.act_on_report(id, &action(Action::Submit), &key()).await), "RP-001");

    let why = ReportExplanation { explanation: "手工调整一元".to_owned() };
    assert_eq!(code(accountant.explain_report(id, &why, 9).await), "WF-412");
    accountant.explain_report(id, &why, report.state.version).await.unwrap();
    let submitted = accountant.act_on_report(id, &action(Action::Submit), &key()).await.unwrap();
    assert_eq!(submitted.state.node.as_deref(), Some("unit-review"));
    assert_eq!(code(accountant.create_report(&draft("FA01"), &key()).await), "RP-102");
}

#[actix_web::test]
async fn a_report_goes_through_unit_department_and_treasury_and_is_versioned() {
    let world = spent().await;
    world.ledger_says("150.00");
    let accountant = world.accountant();
    accountant.close_year(&closing(), &key()).await.unwrap();
    let first = accountant.create_report(&draft("FA01"), &key()).await.unwrap();
    let second = accountant.create_report(&draft("FA01"), &key()).await.unwrap();
    assert_eq!((first.version, second.version), (1, 2));
    assert_eq!(code(accountant.act_on_report(first.report_id, &action(Action::Submit), &key()).await), "RP-003");

    let id = second.report_id;
    accountant.act_on_report(id, &action(Action::Submit), &key()).await.unwrap();
    world.reviewer().act_on_report(id, &action(Action::Approve), &key()).await.unwrap();
    let department = world.person("department", &[Role::D1], Some("205"));
    department.act_on_report(id, &action(Action::Approve), &key()).await.unwrap();
    let treasury = world.person("treasury", &[Role::M3], None);
    let accepted = treasury.act_on_report(id, &action(Action::Approve), &key()).await.unwrap();
    assert_eq!(accepted.state.status, Status::Final);
    let stranger = world.person("stranger", &[Role::U3], Some("206001"));
    assert_eq!(code(stranger.report(id).await), "HTTP-404");
}

#[actix_web::test]
async fn a_report_made_before_the_books_changed_is_made_again() {
    let world = spent().await;
    world.ledger_says("150.00");
    let accountant = world.accountant();
    let report = accountant.create_report(&draft("FA02"), &key()).await.unwrap();
    accountant.close_year(&closing(), &key()).await.unwrap();
    world.deliver(&paid(charged(ProCatCode::PublicUse, "2050204", "30201"), "1.00")).await.unwrap();
    world.ledger_says("151.00");
    assert_eq!(code(accountant.act_on_report(report.report_id, &action(Action::Submit), &key()).await), "RP-103");
    let again = accountant.create_report(&draft("FA02"), &key()).await.unwrap();
    accountant.act_on_report(again.report_id, &action(Action::Submit), &key()).await.unwrap();
}
