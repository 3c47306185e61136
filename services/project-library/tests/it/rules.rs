//! What the rules of the library refuse, each by its number.

use common_types::{AuditOpinion, ExpCriClass, KpiLv1, KpiLv2, Role};
use project_library_contract::{AnnualPlan, ExAnteEvaluation, Project, ProjectDraft, ProjectFilter};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::key;
use workflow::Action;

use crate::world::{World, action, code, draft, indicator, reservation, yuan};

async fn submit(world: &World, body: &ProjectDraft) -> Result<Project, service_kit::PeerError> {
    let project = world.clerk().create(body, &key()).await?;
    world.clerk().act(project.head.pro_id, &action(Action::Submit), &key()).await
}

#[actix_web::test]
async fn no_goal_no_entry() {
    let world = World::start().await;
    let mut without_goal = draft("31", "100.00");
    without_goal.perf_goals.clear();
    assert_eq!(code(submit(&world, &without_goal).await), "PM-001");
    for level in [KpiLv1::Output, KpiLv1::Benefit, KpiLv1::Satisfaction] {
        let mut incomplete = draft("22", "100.00");
        incomplete.perf_indicators.retain(|indicator| indicator.kpi_lv1 != level);
        assert_eq!(code(submit(&world, &incomplete).await), "PM-001", "{level}");
    }
    let mut light = draft("31", "100.00");
    light.perf_indicators[0].weight = 45;
    assert_eq!(code(submit(&world, &light).await), "PF-001");
    light.perf_indicators.push(indicator(KpiLv1::Cost, KpiLv2::EconomicCost, 5));
    submit(&world, &light).await.unwrap();
}

#[actix_web::test]
async fn a_major_policy_needs_an_evaluation_that_agrees() {
    let world = World::start().await;
    let mut major = draft("31", "100.00");
    major.is_major_policy = true;
    assert_eq!(code(submit(&world, &major).await), "PM-002");
    let evaluation = |opinion_code| {
        let eval_date = chrono::NaiveDate::from_ymd_opt(2025, 9, 1).unwrap();
        Some(ExAnteEvaluation { report_no: "评〔2025〕3号".to_owned(), eval_date, opinion_code })
    };
    major.ex_ante_evaluation = evaluation(AuditOpinion::Disagreed);
    assert_eq!(code(submit(&world, &major).await), "PM-002");
    major.ex_ante_evaluation = evaluation(AuditOpinion::Agreed);
    submit(&world, &major).await.unwrap();
    let mut building = draft("31", "100.00");
    building.is_captial_cons_pro = true;
    assert_eq!(code(submit(&world, &building).await), "PM-012");
}

#[actix_web::test]
async fn amounts_must_tie() {
    let world = World::start().await;
    let breaks: [fn(&mut ProjectDraft); 7] = [
        |body| body.pro_total_amt = yuan("100.01"),
        |body| body.annual_plans[0].plan_amt = yuan("99.99"),
        |body| body.support_amount = yuan("100.01"),
        |body| body.annual_plans[0].fiscal_year = 2025_u16.try_into().unwrap(),
        |body| body.annual_plans.push(body.annual_plans[0].clone()),
        |body| body.details[0].fiscal_year = 2027_u16.try_into().unwrap(),
        |body| body.details[0].check_amt = yuan("-1.00"),
    ];
    for (index, break_it) in breaks.into_iter().enumerate() {
        let mut body = draft("31", "100.00");
        break_it(&mut body);
        assert_eq!(code(world.clerk().create(&body, &key()).await), "PM-004", "{index}");
    }
    let mut two_years = draft("31", "100.00");
    let next = 2027_u16.try_into().unwrap();
    two_years.pro_term = 2;
    two_years.pro_total_amt = yuan("200.00");
    two_years.annual_plans.push(AnnualPlan {
        fiscal_year: next,
        plan_amt: yuan("100.00"),
        support_amount: yuan("0.00"),
    });
    let mut line = two_years.details[0].clone();
    (line.fiscal_year, line.check_amt) = (next, yuan("0.00"));
    two_years.details.push(line);
    let project = world.clerk().create(&two_years, &key()).await.unwrap();
    assert_eq!((project.head.scoi_invest_fund, project.head.pro_term), (yuan("100.00"), 2));
    assert_eq!(world.clerk().projects(&ProjectFilter::default(), 50, None).await.unwrap().items.len(), 1);
}

#[actix_web::test]
async fn a_line_above_a_binding_standard_is_blocked_and_above_a_provisional_one_warned_of() {
    let world = World::start().await;
    let mut body = draft("31", "100.00");
    body.details[0].exp_cri_amt = Some(yuan("99.99"));
    for class in [ExpCriClass::Statutory, ExpCriClass::Fixed] {
        body.details[0].exp_cri_class = Some(class);
        assert_eq!(code(world.clerk().create(&body, &key()).await), "PM-005");
    }
    body.details[0].exp_cri_class = Some(ExpCriClass::Provisional);
    let project = world.clerk().create(&body, &key()).await.unwrap();
    assert_eq!(project.warnings.iter().map(|warning| warning.code.as_str()).collect::<Vec<_>>(), ["PM-005"]);
    body.details[0].qty = 2;
    assert_eq!(code(world.clerk().create(&body, &key()).await), "PM-005");
}

#[actix_web::test]
async fn a_similar_project_of_the_unit_is_warned_of() {
    let world = World::start().await;
    let mut first = draft("31", "100.00");
    first.pro_name = "第一中学教学楼维修改造项目（一期）".to_owned();
    let mut second = draft("31", "200.00");
    second.pro_name = "第一中学教学楼维修改造项目（二期）".to_owned();
    assert!(world.clerk().create(&first, &key()).await.unwrap().warnings.is_empty());
    let warnings = world.clerk().create(&second, &key()).await.unwrap().warnings;
    assert_eq!(warnings.iter().map(|warning| warning.code.as_str()).collect::<Vec<_>>(), ["PM-007"]);
}

#[actix_web::test]
async fn what_an_arranged_project_is_cannot_change() {
    let world = World::start().await;
    let body = draft("31", "1000.00");
    let stored = world.stored(&body).await;
    let (id, version) = (stored.head.pro_id, stored.workflow.version);
    world.machine().reserve(&reservation(&stored, "1.00")).await.unwrap();
    let mut other = body.clone();
    other.pro_cat_code = "32".parse().unwrap();
    assert_eq!(code(world.clerk().update(id, &other, version).await), "PM-008");
    let mut other = body.clone();
    other.fund_type_code = "121".parse().unwrap();
    assert_eq!(code(world.clerk().update(id, &other, version).await), "PM-008");
    let unchanged = world.clerk().0.request(Method::PUT, &format!("/api/project-library/v1/projects/{id}")).unwrap();
    let unchanged = unchanged.header("If-Match", format!("\"{version}\"")).json(&body);
    assert_eq!(world.clerk().0.send(unchanged).await.unwrap().status().as_u16(), 409);
    assert_eq!(world.clerk().project(id).await.unwrap().head.fund_type_code, stored.head.fund_type_code);
}

#[actix_web::test]
async fn personnel_projects_are_not_declared_by_hand() {
    let world = World::start().await;
    for category in ["11", "12", "13", "21"] {
        assert_eq!(code(world.clerk().create(&draft(category, "100.00"), &key()).await), "PM-011");
    }
    for group in ["1", "2", "3"] {
        assert_eq!(code(world.clerk().create(&draft(group, "100.00"), &key()).await), "BI-007");
    }
    let project = world.clerk().create(&draft("31", "100.00"), &key()).await.unwrap();
    let other_kind = world.clerk().update(project.head.pro_id, &draft("22", "100.00"), 1).await;
    assert_eq!(code(other_kind), "PL-102");
}

#[actix_web::test]
async fn bad_input_is_refused_and_leaves_nothing() {
    let world = World::start().await;
    let clerk = world.clerk();
    let send = async |change: fn(&mut Value)| {
        let mut body = serde_json::to_value(draft("31", "100.00")).unwrap();
        change(&mut body);
        code(clerk.0.post::<_, Value>("/api/project-library/v1/projects", &body, &key()).await)
    };
    assert_eq!(send(|body| body["pro_total_amt"] = json!("100.001")).await, "HTTP-422");
    assert_eq!(send(|body| body["pro_total_amt"] = json!(100)).await, "HTTP-422");
    assert_eq!(send(|body| body["exp_func_code"] = json!("9999999")).await, "HTTP-422");
    assert_eq!(send(|body| body["exp_func_code"] = json!("205")).await, "BI-007");
    assert_eq!(send(|body| body["unknown"] = json!(1)).await, "HTTP-422");
    assert_eq!(send(|body| body["pro_name"] = json!(" ")).await, "HTTP-422");
    assert_eq!(send(|body| body["pro_term"] = json!(0)).await, "HTTP-422");
    assert_eq!(send(|body| body["pro_total_amt"] = json!("-100.00")).await, "PM-004");
    assert_eq!(send(|body| body["mof_div_code"] = json!("360122000")).await, "HTTP-404");
    assert_eq!(send(|body| body["agency_code"] = json!("205008")).await, "HTTP-404");
    let mut unknown = draft("31", "100.00");
    unknown.agency_code = "205999".parse().unwrap();
    let department = world.person("department", Role::D1, Some("205"));
    assert_eq!(code(department.create(&unknown, &key()).await), "PL-101");
    let all = world.machine().projects(&ProjectFilter::default(), 50, None).await.unwrap();
    assert!(all.items.is_empty());
}
