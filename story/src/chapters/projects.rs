//! No project in the library, no budget: projects of all three kinds are prepared and reviewed.

use serde_json::{Value, json};

use super::Thread;
use crate::{
    cast::{COUNTY, PROVINCE, YEAR, finance, unit},
    stage::{Stage, StoryError, key, text},
};

const PROJECTS: &str = "/api/project-library/v1/projects";

pub(crate) async fn tell(stage: &mut Stage, thread: &mut Thread) -> Result<(), StoryError> {
    stage.teller.chapter("项目库：先有项目，后有预算", "Project library: no project, no budget");
    refusals(stage).await?;
    generated(stage, thread).await?;
    declared(stage, thread).await?;
    show(stage).await
}

async fn refusals(stage: &mut Stage) -> Result<(), StoryError> {
    let clerk = unit(COUNTY, "205009", "u1");
    let mut no_goal = Declared { name: "无绩效目标的项目", amount: "100000.00", ..Declared::laboratory() }.draft();
    no_goal["perf_goals"] = json!([]);
    no_goal["perf_indicators"] = json!([]);
    refused_at_submit(stage, &clerk, &no_goal, "PM-001", ("未编绩效目标就送审", "submits without a goal")).await?;
    let mut policy = Declared { name: "新出台重大政策", amount: "100000.00", ..Declared::laboratory() }.draft();
    policy["is_major_policy"] = json!(true);
    let tried = ("重大政策没有事前绩效评估", "a major policy without an ex-ante evaluation");
    refused_at_submit(stage, &clerk, &policy, "PM-002", tried).await?;
    let mut sums = Declared { name: "分年计划不等于总额", amount: "100000.00", ..Declared::laboratory() }.draft();
    sums["pro_total_amt"] = json!("100000.01");
    let tried = ("总额与分年计划之和不符", "a total that its yearly plan does not make up");
    stage.refused(&clerk, PROJECTS, &sums, "PM-004", tried).await
}

async fn refused_at_submit(
    stage: &mut Stage,
    clerk: &str,
    draft: &Value,
    code: &str,
    tried: (&str, &str),
) -> Result<(), StoryError> {
    let project = stage.post(clerk, PROJECTS, draft).await?;
    let document = format!("{PROJECTS}/{}", text(&project, "pro_id")?);
    let submit = json!({"action": "submit", "opinion": ""});
    stage.refused(clerk, &format!("{document}/actions"), &submit, code, tried).await?;
    stage.act(clerk, &document, "discard").await?;
    Ok(())
}

/// Personnel and public-use projects come out of formulas (PM-011).
async fn generated(stage: &mut Stage, thread: &mut Thread) -> Result<(), StoryError> {
    let of = |category: &str, item: &str, qty: u32, price: &str, eco: &str| {
        json!({
            "mof_div_code": COUNTY, "fiscal_year": YEAR, "agency_code": "205009", "pro_cat_code": category,
            "exp_func_code": "2050204", "fund_type_code": "111",
            "items": [{"item_name": item, "qty": qty, "price": price, "measmt_unit": "人月", "dep_bgt_eco_code": eco}],
        })
    };
    let generations = [
        ("salary", of("11", "在职人员基本工资", 1200, "1000.00", "30101")),
        ("office", of("21", "公用经费定额", 500, "500.00", "30201")),
    ];
    for (name, body) in generations {
        let maker = finance(COUNTY, "m1a");
        let result = stage.post(&maker, &format!("{PROJECTS}/generations"), &body).await?;
        let project = result.pointer("/items/0").cloned().unwrap_or_default();
        let document = format!("{PROJECTS}/{}", text(&project, "pro_id")?);
        thread.projects.insert(name, text(&project, "pro_code")?);
        let chain =
            [unit(COUNTY, "205009", "u2"), unit(COUNTY, "205", "d1"), finance(COUNTY, "m1b"), finance(COUNTY, "m2a")];
        stage.through(&document, &maker, &chain).await?;
    }
    stage.say(
        "人员类、公用经费项目由定员定额测算生成，经单位、主管部门、业务处室、预算处入库。",
        "Personnel and public-use projects are computed from head-count and quota, reviewed and stored.",
    );
    Ok(())
}

/// A project that a unit declares.
struct Declared {
    division: &'static str,
    agency: &'static str,
    name: &'static str,
    category: &'static str,
    function: &'static str,
    amount: &'static str,
    economic: &'static str,
    is_scientific: bool,
    is_wait_divide: bool,
}

impl Declared {
    const fn laboratory() -> Self {
        Self {
            division: COUNTY,
            agency: "205009",
            name: "理化实验室设备更新",
            category: "31",
            function: "2050204",
            amount: "1500000.00",
            economic: "31003",
            is_scientific: false,
            is_wait_divide: false,
        }
    }

    fn draft(&self) -> Value {
        json!({
            "mof_div_code": self.division, "fiscal_year": YEAR, "agency_code": self.agency,
            "pro_name": self.name, "pro_cat_code": self.category, "exist_statue_code": "001",
            "exp_func_code": self.function, "fund_type_code": "111",
            "pro_start_year": YEAR, "pro_term": 1, "pro_total_amt": self.amount, "support_amount": self.amount,
            "pro_desc": "演示项目", "degisn_consideration": "年度工作计划", "leader_name": "张负责",
            "is_scientific": self.is_scientific, "is_wait_divide": self.is_wait_divide,
            "annual_plans": [{"fiscal_year": YEAR, "plan_amt": self.amount, "support_amount": self.amount}],
            "details": [{
                "fiscal_year": YEAR, "task_name": self.name, "qty": 1, "price": self.amount, "measmt_unit": "项",
                "est_amt": self.amount, "check_amt": self.amount, "dep_bgt_eco_code": self.economic,
            }],
            "perf_goals": [{"yearflag": "1", "kpi_target": "按期完成并发挥效益"}],
            "perf_indicators": [
                indicator("1", "11", "完成数量", "1", 50),
                indicator("2", "22", "受益师生比例", "90", 30),
                indicator("3", "31", "满意度", "90", 20),
            ],
        })
    }
}

fn indicator(level_one: &str, level_two: &str, name: &str, value: &str, weight: u16) -> Value {
    json!({
        "yearflag": "1", "kpi_lv1": level_one, "kpi_lv2": level_two, "kpi_lv3": name, "computesign": "1",
        "kpi_val": value, "meterunit": "%", "weight": weight,
    })
}

async fn declared(stage: &mut Stage, thread: &mut Thread) -> Result<(), StoryError> {
    let repair = Declared {
        agency: "205007",
        name: "校园运动场维修",
        category: "22",
        function: "2050202",
        amount: "300000.00",
        economic: "30213",
        ..Declared::laboratory()
    };
    let pool = Declared {
        agency: "205001",
        name: "义务教育校舍维修统筹资金",
        function: "2050202",
        amount: "800000.00",
        economic: "30213",
        is_wait_divide: true,
        ..Declared::laboratory()
    };
    let subsidy = Declared {
        agency: "205001",
        name: "城乡义务教育补助县级承接项目",
        function: "2050202",
        amount: "900000.00",
        economic: "30213",
        is_wait_divide: true,
        ..Declared::laboratory()
    };
    let research = Declared {
        division: PROVINCE,
        agency: "118002",
        name: "鄱阳湖湿地生态监测研究",
        function: "2060302",
        amount: "900000.00",
        economic: "30227",
        is_scientific: true,
        ..Declared::laboratory()
    };
    let grant = Declared {
        division: PROVINCE,
        agency: "105001",
        name: "城乡义务教育补助经费（对下转移支付）",
        category: "32",
        function: "2050202",
        amount: "5000000.00",
        economic: "30213",
        ..Declared::laboratory()
    };
    let all = [
        ("laboratory", Declared::laboratory(), Some("1400000.00")),
        ("repair", repair, None),
        ("pool", pool, None),
        ("subsidy", subsidy, None),
        ("research", research, None),
        ("grant", grant, Some("5000000.00")),
    ];
    for (index, (name, project, reviewed)) in all.into_iter().enumerate() {
        stage.teller.progress(index.saturating_add(1), 6, "projects");
        let code = store(stage, &project, reviewed).await?;
        thread.projects.insert(name, code);
    }
    Ok(())
}

/// Draft → unit → department → sector division → (review centre) → performance → library.
async fn store(stage: &mut Stage, project: &Declared, reviewed: Option<&str>) -> Result<String, StoryError> {
    let (division, agency) = (project.division, project.agency);
    let maker = unit(division, agency, "u1");
    let created = stage.post(&maker, PROJECTS, &project.draft()).await?;
    let document = format!("{PROJECTS}/{}", text(&created, "pro_id")?);
    stage.act(&maker, &document, "submit").await?;
    for reviewer in [unit(division, agency, "u2"), unit(division, &agency[..3], "d1"), finance(division, "m1a")] {
        stage.act(&reviewer, &document, "approve").await?;
    }
    if let Some(amount) = reviewed {
        review(stage, division, &document, amount).await?;
    }
    stage.act(&finance(division, "m4"), &document, "approve").await?;
    let stored = stage.act(&finance(division, "m2a"), &document, "approve").await?;
    text(&stored, "pro_code")
}

/// The review centre must say an amount before it approves (PM-003).
async fn review(stage: &mut Stage, division: &str, document: &str, amount: &str) -> Result<(), StoryError> {
    let centre = finance(division, "m6");
    let peer = stage.of(&centre).await?;
    let approve = json!({"action": "approve", "opinion": ""});
    let answer = peer.post::<Value, Value>(&format!("{document}/actions"), &approve, &key()).await;
    stage.tell_refusal(
        answer,
        "PM-003",
        ("限额以上项目未出具评审金额就通过", "passes a project above the threshold without a reviewed amount"),
    );
    let current = stage.get(&centre, document).await?;
    let version = current.pointer("/workflow/version").and_then(Value::as_i64);
    let body = json!({"review_amt": amount, "review_opinion": "核减后同意"});
    stage.put(&centre, &format!("{document}/review"), &body, version).await?;
    stage.act(&centre, document, "approve").await?;
    Ok(())
}

async fn show(stage: &mut Stage) -> Result<(), StoryError> {
    let mut rows = Vec::new();
    for division in [COUNTY, PROVINCE] {
        let page = stage
            .get(&finance(division, "m2a"), &format!("{PROJECTS}?mof_div_code={division}&status=1&page_size=100"))
            .await?;
        for project in crate::stage::items(&page) {
            let field = |name: &str| crate::teller::plain(project.get(name).unwrap_or(&Value::Null));
            rows.push(vec![
                field("pro_code"),
                field("pro_name"),
                field("pro_cat_code"),
                field("pro_total_amt"),
                field("library_amt"),
            ]);
        }
    }
    let stored = rows.len();
    let header = if stage.teller.choose("zh", "en") == "zh" {
        ["项目代码", "项目名称", "类别", "申报总额", "入库金额"]
    } else {
        ["code", "name", "kind", "declared", "in library"]
    };
    stage.teller.table(&header, rows, &[3, 4]);
    stage.expect(
        stored == 8,
        "八个项目入库，评审核减生效",
        "eight projects are in the library, the reviewed amount counts",
    );
    Ok(())
}
