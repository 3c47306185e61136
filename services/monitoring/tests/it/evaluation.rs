//! Every rule that the platform brings, met and just not met; and what a verdict is.

use std::collections::BTreeSet;

use common_types::{CtrlType, Role};
use futures::future::join_all;
use monitoring_contract::{FactAttachment, Monitoring, Outcome, PaymentFacts, Verdict};
use serde_json::Value;
use testkit::key;

use crate::world::{COUNTY, World, but, code, codes, facts, get, post, request, yuan};

const SEEDS: &str = include_str!("../../rules.csv");
/// Rules that look at earlier payments, tested with the windows.
const WINDOWED: [&str; 3] = ["M018", "M019", "M028"];

type Change = fn(&mut PaymentFacts);

fn eco(facts: &mut PaymentFacts, code: &str) {
    facts.dep_bgt_eco_code = code.parse().unwrap();
}

fn fund(facts: &mut PaymentFacts, code: &str) {
    facts.fund_type_code = code.parse().unwrap();
}

fn kind(facts: &mut PaymentFacts, code: &str) {
    facts.pro_kind_code = Some(code.parse().unwrap());
}

fn amount(facts: &mut PaymentFacts, text: &str) {
    facts.pay_app_amt = yuan(text);
}

fn cash(facts: &mut PaymentFacts) {
    facts.set_mode_code = "3".parse().unwrap();
}

fn to_person(facts: &mut PaymentFacts) {
    facts.fund_traobj_type_code = "32".parse().unwrap();
}

fn use_des(facts: &mut PaymentFacts, text: &str) {
    facts.use_des = text.to_owned();
}

fn attach(facts: &mut PaymentFacts, kind: &str) {
    facts.attachments.push(FactAttachment { kind: kind.to_owned() });
}

/// A rule, a payment that meets it, and one that only just does not.
const CASES: &[(&str, Change, Change)] = &[
    (
        "M001",
        |f| {
            cash(f);
            amount(f, "50000.00")
        },
        |f| {
            cash(f);
            amount(f, "49999.99")
        },
    ),
    (
        "M001",
        |f| {
            cash(f);
            amount(f, "50000.00")
        },
        |f| amount(f, "50000.00"),
    ),
    (
        "M002",
        |f| {
            cash(f);
            eco(f, "30215")
        },
        |f| {
            cash(f);
            eco(f, "30201")
        },
    ),
    (
        "M002",
        |f| {
            cash(f);
            eco(f, "30211")
        },
        |f| eco(f, "30211"),
    ),
    (
        "M003",
        |f| {
            to_person(f);
            amount(f, "10000.00")
        },
        |f| {
            to_person(f);
            amount(f, "9999.99")
        },
    ),
    (
        "M003",
        |f| {
            to_person(f);
            amount(f, "10000.00")
        },
        |f| {
            to_person(f);
            amount(f, "10000.00");
            eco(f, "30226")
        },
    ),
    (
        "M004",
        |f| f.payee_acct_name = "第一中学".into(),
        |f| {
            f.payee_acct_name = "第一中学".into();
            f.payee_acct_no = "1001".parse().unwrap()
        },
    ),
    ("M005", |f| f.fund_traobj_type_code = "21".parse().unwrap(), |f| f.fund_traobj_type_code = "23".parse().unwrap()),
    ("M005", |f| f.fund_traobj_type_code = "22".parse().unwrap(), |f| f.fund_traobj_type_code = "11".parse().unwrap()),
    (
        "M009",
        |f| eco(f, "30217"),
        |f| {
            eco(f, "30217");
            attach(f, "official_letter")
        },
    ),
    (
        "M009",
        |f| {
            eco(f, "30217");
            attach(f, "invoice")
        },
        |f| eco(f, "30216"),
    ),
    (
        "M010",
        |f| eco(f, "30212"),
        |f| {
            eco(f, "30212");
            attach(f, "approval")
        },
    ),
    (
        "M012",
        |f| {
            eco(f, "30215");
            amount(f, "50000.00")
        },
        |f| {
            eco(f, "30215");
            amount(f, "49999.99")
        },
    ),
    (
        "M013",
        |f| {
            eco(f, "30216");
            amount(f, "50000.00")
        },
        |f| {
            eco(f, "30216");
            amount(f, "49999.99")
        },
    ),
    (
        "M014",
        |f| {
            eco(f, "30211");
            to_person(f)
        },
        |f| {
            eco(f, "30211");
            to_person(f);
            f.pay_bus_type_code = "2".parse().unwrap()
        },
    ),
    ("M016", |f| use_des(f, "支付往来款"), |f| use_des(f, "支付来往单位货款")),
    ("M016", |f| use_des(f, "职工借款"), |f| use_des(f, "图书借阅系统")),
    ("M016", |f| use_des(f, "备用金"), |f| use_des(f, "备用电源")),
    ("M017", |f| use_des(f, "购买购物卡"), |f| use_des(f, "购买公交卡")),
    ("M017", |f| use_des(f, "节日福利"), |f| use_des(f, "节日演出")),
    ("M017", |f| use_des(f, "赞助费"), |f| use_des(f, "资助费")),
    (
        "M024",
        |f| {
            eco(f, "31002");
            amount(f, "1000000.00")
        },
        |f| {
            eco(f, "31002");
            amount(f, "999999.99")
        },
    ),
    (
        "M024",
        |f| {
            eco(f, "31003");
            amount(f, "1000000.00")
        },
        |f| {
            eco(f, "31003");
            amount(f, "1000000.00");
            f.is_gov_pur = true
        },
    ),
    (
        "M024",
        |f| {
            eco(f, "31002");
            amount(f, "1000000.00")
        },
        |f| {
            eco(f, "31002");
            amount(f, "1000000.00");
            f.contract_no = Some("HT1".into())
        },
    ),
    (
        "M024",
        |f| {
            eco(f, "31002");
            amount(f, "1000000.00")
        },
        |f| {
            eco(f, "31002");
            amount(f, "1000000.00");
            f.explanation = "单一来源".into()
        },
    ),
    ("M027", |f| amount(f, "200000.00"), |f| amount(f, "199999.99")),
    (
        "M039",
        |f| {
            eco(f, "30101");
            to_person(f)
        },
        |f| {
            eco(f, "30101");
            to_person(f);
            f.pay_bus_type_code = "3".parse().unwrap()
        },
    ),
    (
        "M041",
        |f| {
            kind(f, "11");
            eco(f, "30201")
        },
        |f| {
            kind(f, "11");
            eco(f, "30101")
        },
    ),
    (
        "M042",
        |f| {
            kind(f, "21");
            eco(f, "30101")
        },
        |f| {
            kind(f, "21");
            eco(f, "30201")
        },
    ),
    (
        "M043",
        |f| {
            kind(f, "31");
            eco(f, "30101")
        },
        |f| {
            kind(f, "31");
            eco(f, "30201")
        },
    ),
    (
        "M043",
        |f| {
            kind(f, "31");
            eco(f, "30101")
        },
        |f| {
            f.pro_kind_code = None;
            eco(f, "30101")
        },
    ),
    (
        "M045",
        |f| fund(f, "112"),
        |f| {
            fund(f, "112");
            eco(f, "31001")
        },
    ),
    ("M045", |f| fund(f, "122"), |f| fund(f, "121")),
    (
        "M050",
        |f| {
            fund(f, "31");
            amount(f, "200000.00")
        },
        |f| {
            fund(f, "31");
            amount(f, "199999.99")
        },
    ),
    (
        "M051",
        |f| {
            fund(f, "39");
            use_des(f, "购买理财产品")
        },
        |f| use_des(f, "购买理财产品"),
    ),
    ("M059", |f| amount(f, "5000000.00"), |f| amount(f, "4999999.99")),
];

fn seeded() -> Vec<(String, CtrlType)> {
    let mut seeds = csv::Reader::from_reader(SEEDS.as_bytes());
    let rows = seeds.records().map(|row| row.unwrap()).filter(|row| &row[1] == "1");
    rows.map(|row| (row[0].to_owned(), row[4].parse().unwrap())).collect()
}

#[actix_web::test]
async fn every_rule_is_met_by_what_it_means_and_by_nothing_less() {
    let world = World::start().await;
    let seeded = seeded();
    for (line, (rule, hit, miss)) in CASES.iter().enumerate() {
        let ctrl_type = seeded.iter().find(|(code, _)| code == rule).unwrap().1;
        let (met, missed) = (world.verdict(but(hit)).await, world.verdict(but(miss)).await);
        let warning = met.warnings.iter().find(|warning| warning.rule_code == *rule);
        assert_eq!(warning.map(|warning| warning.ctrl_type), Some(ctrl_type), "{rule} in line {line}: {met:?}");
        assert!(met.outcome >= Outcome::from(ctrl_type), "{rule} in line {line}: {met:?}");
        assert!(!codes(&missed).contains(rule), "{rule} in line {line}: {missed:?}");
    }
    let tested: BTreeSet<&str> = CASES.iter().map(|case| case.0).chain(WINDOWED).collect();
    let seeded: BTreeSet<&str> = seeded.iter().map(|(code, _)| code.as_str()).collect();
    assert_eq!(tested, seeded);
}

#[actix_web::test]
async fn a_payment_that_meets_no_rule_passes() {
    let world = World::start().await;
    let verdict = world.verdict(facts()).await;
    assert_eq!((verdict.outcome, verdict.warnings.len(), verdict.rules), (Outcome::Pass, 0, seeded().len()));
    assert_eq!(world.warnings().await, []);
}

#[actix_web::test]
async fn each_handling_shows_in_the_verdict_and_the_hardest_wins() {
    let world = World::start().await;
    let cases: [(Change, &[&str], Outcome); 6] = [
        (|f| amount(f, "200000.00"), &["M027"], Outcome::Record),
        (|f| use_des(f, "职工借款"), &["M016"], Outcome::Warn),
        (|f| use_des(f, "节日福利"), &["M017"], Outcome::WarnWithAttachment),
        (|f| f.payee_acct_name = "第一中学".into(), &["M004"], Outcome::Intercept),
        (|f| kind(f, "11"), &["M041"], Outcome::Forbid),
        (
            |f| {
                kind(f, "11");
                use_des(f, "福利借款");
                amount(f, "200000.00");
                f.payee_acct_name = "第一中学".into()
            },
            &["M004", "M016", "M017", "M027", "M041"],
            Outcome::Forbid,
        ),
    ];
    for (change, rules, outcome) in cases {
        let verdict = world.verdict(but(change)).await;
        assert_eq!((codes(&verdict).as_slice(), verdict.outcome), (rules, outcome));
    }
}

#[actix_web::test]
async fn a_warning_says_what_was_met() {
    let world = World::start().await;
    let verdict = world
        .verdict(but(|f| {
            cash(f);
            amount(f, "50000.00")
        }))
        .await;
    let warning = world.warnings().await.remove(0);
    assert_eq!((warning.warn_id, warning.rule_version), (verdict.warnings[0].warn_id, 1));
    assert_eq!(warning.rule_name, "大额现金提取");
    assert_eq!(warning.message_zh, "现金支取 50000.00 元，达到大额标准");
    assert_eq!(warning.message_en, "a cash withdrawal of 50000.00 reaches the large amount");
    assert_eq!((warning.agency_code.as_str(), warning.amount), (crate::world::UNIT, yuan("50000.00")));
}

#[actix_web::test]
async fn a_repeated_evaluation_opens_one_warning() {
    let world = World::start().await;
    let asked = request(but(|f| use_des(f, "职工借款")));
    let (first, second) = (world.evaluate(&asked).await, world.evaluate(&asked).await);
    assert_ne!(first.evaluation_id, second.evaluation_id);
    assert_eq!(first.warnings[0].warn_id, second.warnings[0].warn_id);
    assert_eq!(world.warnings().await.len(), 1);

    let (client, key) = (Monitoring(world.machine()), key());
    let first = client.evaluate(&asked, &key).await.unwrap();
    assert_eq!(client.evaluate(&asked, &key).await.unwrap(), first);
    let other = request(facts());
    assert_eq!(code(client.evaluate(&other, &key).await), "IDEM-002");
}

#[actix_web::test]
async fn racing_evaluations_of_a_document_open_one_warning() {
    let world = World::start().await;
    let asked = request(but(|f| use_des(f, "职工借款")));
    let verdicts: Vec<Verdict> = join_all((0..8).map(|_| world.evaluate(&asked))).await;
    let ids: BTreeSet<_> = verdicts.iter().map(|verdict| verdict.warnings[0].warn_id).collect();
    assert_eq!(ids.len(), 1);
    assert_eq!(world.warnings().await.len(), 1);
}

#[actix_web::test]
async fn only_machines_of_the_platform_ask_for_a_verdict() {
    let world = World::start().await;
    for role in [Role::U1, Role::M5, Role::M7, Role::B1] {
        let peer = world.person("somebody", &[role], COUNTY, None);
        assert_eq!(code(post::<_, Value>(&peer, "/evaluations", &request(facts())).await), "AUTH-004", "{role}");
    }
    let anonymous = service_kit::Peer::anonymous(world.server.base.clone());
    assert_eq!(code(get::<Value>(&anonymous, "/warnings").await), "AUTH-001");
}
