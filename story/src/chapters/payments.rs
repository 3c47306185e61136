//! Units pay straight against indicators, and can never spend what they were not given.

use futures::future::join_all;
use serde_json::{Value, json};

use super::Thread;
use crate::{
    cast::{COUNTY, YEAR, finance, unit},
    stage::{Stage, StoryError, items, key, text},
    teller::plain,
};

const BASE: &str = "/api/budget-execution/v1";
const RACERS: usize = 12;

/// What a clerk writes.
pub(crate) struct Payment<'a> {
    pub division: &'a str,
    pub agency: &'a str,
    pub indicator: String,
    pub economic: &'a str,
    pub amount: &'a str,
    pub purpose: &'a str,
    pub payee: &'a str,
    pub payee_account: &'a str,
    pub object: &'a str,
    pub explanation: &'a str,
}

impl Payment<'_> {
    pub(crate) fn body(&self) -> Value {
        let six = &self.division[..6];
        json!({
            "mof_div_code": self.division, "fiscal_year": YEAR, "agency_code": self.agency,
            "bgt_id": self.indicator, "pay_app_amt": self.amount, "dep_bgt_eco_code": self.economic,
            "pay_bus_type_code": "1", "set_mode_code": "1", "fund_traobj_type_code": self.object,
            "use_des": self.purpose, "pay_acct_no": format!("21{six}{}", self.agency),
            "payee_acct_name": self.payee, "payee_acct_no": self.payee_account,
            "payee_acct_bank_name": "中国银行南昌县支行", "payee_acct_bank_code": "104421000123",
            "explanation": self.explanation,
        })
    }
}

pub(crate) fn school<'a>(
    thread: &Thread,
    indicator: &str,
    economic: &'a str,
    amount: &'a str,
    purpose: &'a str,
) -> Payment<'a> {
    Payment {
        division: COUNTY,
        agency: "205009",
        indicator: thread.indicator(indicator),
        economic,
        amount,
        purpose,
        payee: "南昌县文华办公用品有限公司",
        payee_account: "6222000000001001",
        object: "31",
        explanation: "",
    }
}

pub(crate) async fn tell(stage: &mut Stage, thread: &mut Thread) -> Result<(), StoryError> {
    stage.teller.chapter("支付：指标直接控制每一笔支出", "Payment: the indicator controls every spending");
    refusals(stage, thread).await?;
    race(stage, thread).await?;
    let paid = [
        ("paper", school(thread, "office", "30201", "5000.00", "采购教学办公用纸")),
        ("printer", school(thread, "office", "30201", "8000.00", "采购打印机耗材一批")),
        ("device", school(thread, "laboratory", "31003", "600000.00", "理化实验室设备首批采购")),
    ];
    for (index, (name, payment)) in paid.iter().enumerate() {
        stage.teller.progress(index.saturating_add(1), paid.len(), "payments");
        let voucher = pay(stage, payment).await?;
        thread.vouchers.insert(name, voucher);
    }
    let repair = Payment {
        agency: "205007",
        indicator: thread.indicator("repair"),
        economic: "30213",
        amount: "120000.00",
        purpose: "校园运动场维修进度款",
        payee: "南昌县众建工程有限公司",
        payee_account: "6222000000001002",
        ..school(thread, "repair", "30213", "120000.00", "")
    };
    let voucher = pay(stage, &repair).await?;
    thread.vouchers.insert("repair", voucher);
    clear(stage).await
}

async fn refusals(stage: &mut Stage, thread: &Thread) -> Result<(), StoryError> {
    let clerk = unit(COUNTY, "205009", "u1");
    let payments = format!("{BASE}/payments");
    let over = school(thread, "travel", "30211", "50000.01", "教师外出培训差旅费").body();
    let tried = ("申请比指标多 0.01 元", "asks for 0.01 more than the indicator has");
    stage.refused(&clerk, &payments, &over, "BA-001", tried).await?;
    let mut third_decimal = school(thread, "office", "30201", "10.001", "采购教学办公用纸").body();
    stage.refused(&clerk, &payments, &third_decimal, "HTTP-422", ("金额有三位小数", "a third decimal")).await?;
    third_decimal["pay_app_amt"] = json!("10.00");
    third_decimal["dep_bgt_eco_code"] = json!("30101");
    let tried = ("用公用经费指标发工资（经济分类不符）", "an economic class that the indicator does not cover");
    stage.refused(&clerk, &payments, &third_decimal, "PAY-004", tried).await?;
    let pool = school(thread, "pool", "30213", "100.00", "直接使用待分指标").body();
    let clerk_of_bureau = unit(COUNTY, "205001", "u1");
    let mut unallocated = pool;
    unallocated["agency_code"] = json!("205001");
    unallocated["pay_acct_no"] = json!("21360121205001");
    let tried = ("从待分指标支付", "pays from an unallocated indicator");
    stage.refused(&clerk_of_bureau, &payments, &unallocated, "PAY-002", tried).await
}

/// Twelve clerks, one indicator with room for five.
async fn race(stage: &mut Stage, thread: &Thread) -> Result<(), StoryError> {
    let clerk = unit(COUNTY, "205009", "u1");
    let payments = format!("{BASE}/payments");
    let mut drafts = Vec::new();
    for number in 0..RACERS {
        let purpose = format!("教研活动差旅费第{}批", number.saturating_add(1));
        let mut body = school(thread, "travel", "30211", "10000.00", &purpose).body();
        body["payee_acct_no"] = json!(format!("62220000000020{number:02}"));
        body["explanation"] = json!("教研活动集中报销，明细见附表");
        let draft = stage.post(&clerk, &payments, &body).await?;
        drafts.push(format!("{payments}/{}/actions", text(&draft, "pay_app_id")?));
    }
    let peer = stage.of(&clerk).await?;
    let submit = json!({"action": "submit", "opinion": ""});
    let answers = join_all(drafts.iter().map(|path| {
        let (peer, submit) = (peer.clone(), submit.clone());
        async move { peer.post::<Value, Value>(path, &submit, &key()).await }
    }))
    .await;
    let accepted = answers.iter().filter(|answer| answer.is_ok()).count();
    let refused = RACERS.saturating_sub(accepted);
    stage.expect(
        accepted == 5 && refused == 7,
        &format!("50,000.00 元指标，12 人同时各送审 10,000.00 元：通过 {accepted} 笔，拒绝 {refused} 笔"),
        &format!("50,000.00 on the indicator, twelve submit 10,000.00 at once: {accepted} accepted, {refused} refused"),
    );
    let after = stage.get(&clerk, &format!("{BASE}/indicators/{}", thread.indicator("travel"))).await?;
    let available = plain(&after["amounts"]["available"]);
    stage.expect(available == "0.00", "指标可用额恰好为 0.00", "exactly 0.00 is left");
    for (path, answer) in drafts.iter().zip(answers) {
        let document = path.trim_end_matches("/actions");
        if answer.is_ok() {
            stage.act_because(&unit(COUNTY, "205009", "u2"), document, "return", "合并后重报").await?;
        }
        stage.act(&clerk, document, "discard").await?;
    }
    let after = stage.get(&clerk, &format!("{BASE}/indicators/{}", thread.indicator("travel"))).await?;
    let available = plain(&after["amounts"]["available"]);
    stage.expect(available == "50000.00", "退回后额度全部释放", "returned, all of it is free again");
    Ok(())
}

/// A payment from application to the bank's receipt; gives the voucher's id.
pub(crate) async fn pay(stage: &mut Stage, payment: &Payment<'_>) -> Result<String, StoryError> {
    let clerk = unit(payment.division, payment.agency, "u1");
    let draft = stage.post(&clerk, &format!("{BASE}/payments"), &payment.body()).await?;
    let application = text(&draft, "pay_app_id")?;
    let document = format!("{BASE}/payments/{application}");
    stage.act(&clerk, &document, "submit").await?;
    finish(stage, payment.division, payment.agency, &application).await
}

/// From a submitted application to the bank's receipt.
pub(crate) async fn finish(
    stage: &mut Stage,
    division: &str,
    agency: &str,
    application: &str,
) -> Result<String, StoryError> {
    let reviewer = unit(division, agency, "u2");
    stage.act(&reviewer, &format!("{BASE}/payments/{application}"), "approve").await?;
    let treasury = finance(division, "m3a");
    let created = stage.post(&treasury, &format!("{BASE}/vouchers"), &json!({"pay_app_id": application})).await?;
    let voucher = text(&created, "pay_cert_id")?;
    let path = format!("{BASE}/vouchers/{voucher}");
    stage.post(&reviewer, &format!("{path}/actions"), &json!({"action": "sign"})).await?;
    let second = finance(division, "m3b");
    stage.post(&second, &format!("{path}/actions"), &json!({"action": "seal"})).await?;
    stage.post(&treasury, &format!("{path}/actions"), &json!({"action": "send"})).await?;
    let settled = stage.until(&treasury, &path, |voucher| voucher["voucher_status"] == "PAID").await?;
    let number = plain(&settled["pay_cert_no"]);
    let amount = plain(&settled["xpay_amt"]);
    stage.expect(
        settled["voucher_status"] == "PAID",
        &format!("凭证 {number} 两人签名、签章（SM2），银行回单已支付 {amount} 元"),
        &format!("voucher {number} is signed and sealed by two persons (SM2) and paid by the bank: {amount}"),
    );
    Ok(voucher)
}

async fn clear(stage: &mut Stage) -> Result<(), StoryError> {
    let treasury = finance(COUNTY, "m3a");
    let request = json!({"mof_div_code": COUNTY, "fiscal_year": YEAR, "day": "2026-03-10"});
    let clearing = stage.post(&treasury, &format!("{BASE}/clearings"), &request).await?;
    let cleared = plain(&clearing["lqd_amt"]);
    stage.expect(
        cleared == "733000.00" && clearing["status"] == "CLEARED",
        &format!("当日清算 {cleared} 元，与支付凭证合计一致（CLR-002）"),
        &format!("{cleared} is cleared, the sum of the day's vouchers (CLR-002)"),
    );
    let request = json!({"mof_div_code": COUNTY, "day": "2026-03-10"});
    let result = stage.post(&treasury, &format!("{BASE}/reconciliations"), &request).await?;
    stage.expect(
        result["result"] == "0" && items(&result).is_empty(),
        "与代理银行对账相符",
        "our books and the bank's agree",
    );
    Ok(())
}
