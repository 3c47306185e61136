//! Applications for many payees: how long one takes until it is recorded, and from there until it is posted.

use std::time::Instant;

use futures::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::{Value, json};
use service_kit::{Peer, PeerError};
use testkit::key;
use uuid::Uuid;

use crate::platform::{AGENCY, DIVISION, Platform, changed, draft, id, recorded, submitted};

const PAYEES: usize = 10_000;
/// Persons that are recorded at once.
const AT_ONCE: usize = 16;

/// The lines that tell of a batch and of a salary.
pub async fn measure(way: &str, platform: &Platform, bgt_id: Uuid) -> Vec<String> {
    let clerk = platform.clerk().await;
    let batch = timed(&clerk, &batch(bgt_id)).await;
    let salary = timed(&clerk, &salary(platform, &clerk, bgt_id).await).await;
    vec![
        format!("{way}: one batch of {PAYEES} payees {batch}"),
        format!("{way}: the salary of {PAYEES} persons of a unit {salary}"),
    ]
}

async fn timed(clerk: &Peer, draft: &Value) -> String {
    let begun = Instant::now();
    let pay_app_id = recorded(clerk, draft).await;
    let drafted = begun.elapsed();
    submitted(clerk, pay_app_id).await;
    format!("recorded in {drafted:.2?}, posted in {:.2?}", begun.elapsed() - drafted)
}

fn batch(bgt_id: Uuid) -> Value {
    let details: Vec<Value> = (0..PAYEES).map(|number| detail(number, "补贴")).collect();
    let amount = format!("{PAYEES}.00");
    changed(draft(bgt_id), &json!({"pay_bus_type_code": "4", "pay_app_amt": amount, "details": details}))
}

fn detail(number: usize, add_word: &str) -> Value {
    json!({
        "payee_acct_name": format!("教师{number}"), "payee_acct_no": format!("70{number:08}"),
        "payee_acct_bank_name": "中国银行南昌分行", "pay_amt": "1.00", "add_word": add_word,
    })
}

/// A salary of this month on an indicator for personnel, of persons that the unit has recorded.
async fn salary(platform: &Platform, clerk: &Peer, ordinary: Uuid) -> Value {
    let month = platform.today(clerk, ordinary).await.format("%m").to_string();
    let personnel = json!({"pro_kind_code": "11", "gov_bgt_eco_code": "50501", "dep_bgt_eco_code": "30101"});
    let bgt_id = platform.approved(1, "在职人员工资", &personnel).await[0];
    let persons: Vec<Uuid> =
        stream::iter(0..PAYEES).map(|number| person(clerk, number)).buffered(AT_ONCE).try_collect().await.unwrap();
    let paid = |(number, per_id): (usize, &Uuid)| changed(detail(number, "工资"), &json!({"receiver_code": per_id}));
    let details: Vec<Value> = persons.iter().enumerate().map(paid).collect();
    changed(
        draft(bgt_id),
        &json!({
            "pay_bus_type_code": "3", "pay_app_amt": format!("{PAYEES}.00"), "details": details, "pay_month": month,
            "dep_bgt_eco_code": "30101", "use_des": "发放工资", "fund_traobj_type_code": "32",
        }),
    )
}

async fn person(clerk: &Peer, number: usize) -> Result<Uuid, PeerError> {
    let body = json!({
        "mof_div_code": DIVISION, "fiscal_year": 2026, "agency_code": AGENCY, "per_name": format!("教师{number}"),
        "iden_type_code": "1", "iden_no": format!("3601211990{number:08}"), "per_sta_code": "1", "is_uni_sala": true,
        "sala_card_no": format!("70{number:08}"),
    });
    let made: Value = clerk.post("/api/base-info/v1/persons", &body, &key()).await?;
    Ok(id(&made["per_id"]))
}
