//! The rules that the platform brings: each is met by what it describes and lets its ordinary neighbour pass.

use common_types::{CtrlType, TriggerClass, WarnLevel};
use monitoring_contract::{PaymentFacts, Rule};
use service_kit::Page;

use crate::world::{BASE, World, attachment, codes, with};

/// A rule, what meets it, what comes near and passes.
struct Case {
    rule_code: &'static str,
    met: PaymentFacts,
    passed: PaymentFacts,
}

/// Lines of `code: met | passed`, each a set of `field=value` over an ordinary payment.
const CASES: &str = "
M001: set_mode_code=3;pay_app_amt=50000.00 | set_mode_code=3;pay_app_amt=49999.99
M002: set_mode_code=3;dep_bgt_eco_code=30211 | set_mode_code=8;dep_bgt_eco_code=30211
M003: fund_traobj_type_code=32;pay_app_amt=10000.00 | fund_traobj_type_code=32;pay_app_amt=10000.00;dep_bgt_eco_code=30226
M004: payee_acct_name=南昌县第二中学 | payee_acct_name=南昌县第二中学食堂供应商
M009: dep_bgt_eco_code=30217 | dep_bgt_eco_code=30217;attachments=official_letter
M010: dep_bgt_eco_code=30212 | dep_bgt_eco_code=30212;attachments=approval
M012: dep_bgt_eco_code=30215;pay_app_amt=50000.00 | dep_bgt_eco_code=30215;pay_app_amt=49999.99
M013: dep_bgt_eco_code=30216;pay_app_amt=50000.00 | dep_bgt_eco_code=30216;pay_app_amt=49999.99
M014: dep_bgt_eco_code=30211;fund_traobj_type_code=32 | dep_bgt_eco_code=30211;fund_traobj_type_code=32;pay_bus_type_code=2
M016: use_des=支付往来款 | use_des=支付水费
M017: use_des=采购礼品 | use_des=采购教具
M024: dep_bgt_eco_code=31002;pay_app_amt=1000000.00 | dep_bgt_eco_code=31002;pay_app_amt=1000000.00;is_gov_pur=true
M027: pay_app_amt=200000.00 | pay_app_amt=199999.99
M039: dep_bgt_eco_code=30101;fund_traobj_type_code=32 | dep_bgt_eco_code=30101;fund_traobj_type_code=32;pay_bus_type_code=3
M041: pro_kind_code=11;dep_bgt_eco_code=30201 | pro_kind_code=11;dep_bgt_eco_code=30101
M042: pro_kind_code=21;dep_bgt_eco_code=30101 | pro_kind_code=11;dep_bgt_eco_code=30101
M043: pro_kind_code=31;dep_bgt_eco_code=30101 | pro_kind_code=31;dep_bgt_eco_code=30201
M045: fund_type_code=112;dep_bgt_eco_code=30201 | fund_type_code=112;dep_bgt_eco_code=31001
M050: fund_type_code=3;pay_app_amt=200000.00 | fund_type_code=3;pay_app_amt=199999.99
M051: fund_type_code=3;use_des=购买理财产品 | fund_type_code=3;use_des=购买教具
M059: pay_app_amt=5000000.00 | pay_app_amt=4999999.99
";

fn cases() -> Vec<Case> {
    CASES
        .trim()
        .lines()
        .map(|line| {
            let (rule_code, both) = line.split_once(": ").unwrap();
            let (met, passed) = both.split_once(" | ").unwrap();
            Case { rule_code, met: changed(met), passed: changed(passed) }
        })
        .collect()
}

fn changed(fields: &str) -> PaymentFacts {
    with(|facts| {
        fields.split(';').filter_map(|field| field.split_once('=')).for_each(|(name, value)| set(facts, name, value))
    })
}

fn set(facts: &mut PaymentFacts, name: &str, value: &str) {
    match name {
        "set_mode_code" => facts.set_mode_code = value.parse().unwrap(),
        "pay_app_amt" => facts.pay_app_amt = value.parse().unwrap(),
        "dep_bgt_eco_code" => facts.dep_bgt_eco_code = value.parse().unwrap(),
        "fund_traobj_type_code" => facts.fund_traobj_type_code = value.parse().unwrap(),
        "fund_type_code" => facts.fund_type_code = value.parse().unwrap(),
        "pay_bus_type_code" => facts.pay_bus_type_code = value.parse().unwrap(),
        "pro_kind_code" => facts.pro_kind_code = Some(value.parse().unwrap()),
        "payee_acct_name" => facts.payee_acct_name = value.to_owned(),
        "use_des" => facts.use_des = value.to_owned(),
        "is_gov_pur" => facts.is_gov_pur = value.parse().unwrap(),
        "attachments" => facts.attachments = vec![attachment(value)],
        other => panic!("no such field: {other}"),
    }
}

#[tokio::test]
async fn each_rule_is_met_by_what_it_describes_and_lets_its_neighbour_pass() {
    let world = World::start().await;
    for case in cases() {
        let met = world.evaluate(case.met).await;
        assert!(codes(&met).contains(&case.rule_code), "{} is not met: {:?}", case.rule_code, codes(&met));
        let passed = world.evaluate(case.passed).await;
        assert!(!codes(&passed).contains(&case.rule_code), "{} does not pass", case.rule_code);
    }
}

#[tokio::test]
async fn an_ordinary_payment_meets_no_rule() {
    let world = World::start().await;
    let verdict = world.evaluate(with(|_| ())).await;
    assert_eq!(codes(&verdict), Vec::<&str>::new());
    assert!(verdict.rules >= 20, "only {} rules were looked at", verdict.rules);
}

#[tokio::test]
async fn the_rules_of_the_platform_cover_every_handling_and_both_triggers() {
    let world = World::start().await;
    let page: Page<Rule> = world.supervisor().get(&format!("{BASE}/rules")).await.unwrap();
    for handling in CtrlType::ALL {
        assert!(page.items.iter().any(|rule| rule.content.ctrl_type == *handling), "no rule would {handling:?}");
    }
    for trigger in TriggerClass::ALL {
        assert!(page.items.iter().any(|rule| rule.content.trigger_class == *trigger), "no rule is {trigger:?}");
    }
    for level in [WarnLevel::Yellow, WarnLevel::Orange, WarnLevel::Red] {
        assert!(page.items.iter().any(|rule| rule.content.warn_level == level), "no rule is {level:?}");
    }
    assert!(page.items.iter().all(|rule| rule.rule_version == 1 && rule.state.is_none()));
}
