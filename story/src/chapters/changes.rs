//! What changes during the year: refund, correction, freeze and thaw, adjustment, reduction.

use serde_json::{Value, json};

use super::Thread;
use crate::{
    cast::{COUNTY, YEAR, finance, unit},
    stage::{Stage, StoryError, text},
    teller::plain,
};

const BASE: &str = "/api/budget-execution/v1";

pub(crate) async fn tell(stage: &mut Stage, thread: &mut Thread) -> Result<(), StoryError> {
    stage.teller.chapter("执行中的变动", "What changes during the year");
    refund(stage, thread).await?;
    correction(stage, thread).await?;
    freeze_and_thaw(stage, thread).await?;
    swap(stage, thread).await?;
    reduction(stage, thread).await
}

async fn available(stage: &mut Stage, indicator: &str) -> Result<String, StoryError> {
    let reader = finance(COUNTY, "m2a");
    let read = stage.get(&reader, &format!("{BASE}/indicators/{indicator}")).await?;
    Ok(plain(&read["amounts"]["available"]))
}

async fn refund(stage: &mut Stage, thread: &Thread) -> Result<(), StoryError> {
    let clerk = unit(COUNTY, "205009", "u1");
    let chain = [unit(COUNTY, "205009", "u2"), finance(COUNTY, "m3a")];
    let draft = |amount: &str| json!({"pay_cert_id": thread.voucher("paper"), "ref_amt": amount, "ref_reason": "退货，收款人退回货款"});
    let created = stage.post(&clerk, &format!("{BASE}/refunds"), &draft("2000.00")).await?;
    let document = format!("{BASE}/refunds/{}", text(&created, "ref_id")?);
    stage.through(&document, &clerk, &chain).await?;
    let left = available(stage, &thread.indicator("office")).await?;
    stage.expect(
        left == "189000.00",
        &format!("退款 2,000.00 元回到原指标，可用 {left} 元"),
        &format!("2,000.00 is refunded to its indicator, {left} available"),
    );
    let tried = ("退款累计超过原支付金额", "refunds more than was paid");
    stage.refused(&clerk, &format!("{BASE}/refunds"), &draft("3000.01"), "PAY-017", tried).await
}

async fn correction(stage: &mut Stage, thread: &Thread) -> Result<(), StoryError> {
    let clerk = unit(COUNTY, "205009", "u1");
    let body = json!({
        "pay_cert_id": thread.voucher("printer"), "new_bgt_id": thread.indicator("laboratory"),
        "new_dep_bgt_eco_code": "31003", "correct_type": "2", "reason": "应列实验室专项",
    });
    let created = stage.post(&clerk, &format!("{BASE}/corrections"), &body).await?;
    let document = format!("{BASE}/corrections/{}", text(&created, "correct_id")?);
    stage.through(&document, &clerk, &[finance(COUNTY, "m1a"), finance(COUNTY, "m3a")]).await?;
    let (office, laboratory) = (
        available(stage, &thread.indicator("office")).await?,
        available(stage, &thread.indicator("laboratory")).await?,
    );
    stage.expect(
        office == "197000.00" && laboratory == "742000.00",
        &format!("更正 8,000.00 元：公用经费可用 {office} 元，实验室可用 {laboratory} 元，一增一减同时发生"),
        &format!("8,000.00 corrected: {office} on running costs, {laboratory} on the laboratory, both at once"),
    );
    Ok(())
}

async fn freeze_and_thaw(stage: &mut Stage, thread: &Thread) -> Result<(), StoryError> {
    let maker = finance(COUNTY, "m1a");
    let laboratory = thread.indicator("laboratory");
    let body = json!({
        "mof_div_code": COUNTY, "fiscal_year": YEAR, "bgt_id": laboratory, "freeze_amt": "300000.00",
        "reason": "等待设备验收",
    });
    let created = stage.post(&maker, &format!("{BASE}/freezes"), &body).await?;
    let freeze = text(&created, "freeze_id")?;
    stage.through(&format!("{BASE}/freezes/{freeze}"), &maker, &[finance(COUNTY, "m2a")]).await?;
    let frozen = available(stage, &laboratory).await?;
    let thaw = json!({"thaw_amt": "300000.00", "opinion": "验收完成"});
    let path = format!("{BASE}/freezes/{freeze}/thaws");
    stage.post(&finance(COUNTY, "m2a"), &path, &thaw).await?;
    let thawed = available(stage, &laboratory).await?;
    stage.expect(
        frozen == "442000.00" && thawed == "742000.00",
        &format!("冻结 300,000.00 元后可用 {frozen} 元，解冻后 {thawed} 元"),
        &format!("frozen 300,000.00: {frozen} available, thawed: {thawed}"),
    );
    Ok(())
}

fn adjustment(kind: &str, agency: Option<&str>, doc_no: &str, line: Value) -> Value {
    json!({
        "mof_div_code": COUNTY, "fiscal_year": YEAR, "adj_kind": kind, "agency_code": agency, "cor_bgt_doc_no": doc_no,
        "adj_reason": "年中调整", "lines": [line],
    })
}

async fn swap(stage: &mut Stage, thread: &Thread) -> Result<(), StoryError> {
    let clerk = unit(COUNTY, "205009", "u1");
    let adjustments = format!("{BASE}/adjustments");
    let forbidden =
        json!({"ori_bgt_id": thread.indicator("salary"), "bgt_id": thread.indicator("office"), "add_amount": "100.00"});
    let body = adjustment("A3", Some("205009"), "南财调〔2026〕2号", forbidden);
    refused_adjustment(stage, &clerk, &body, "AD-002").await?;
    let line = json!({"ori_bgt_id": thread.indicator("office"), "bgt_id": thread.indicator("travel"), "add_amount": "20000.00"});
    let body = adjustment("A3", Some("205009"), "南财调〔2026〕3号", line);
    let created = stage.post(&clerk, &adjustments, &body).await?;
    let document = format!("{adjustments}/{}", text(&created, "adj_id")?);
    // within one economic item the department decides
    stage.through(&document, &clerk, &[unit(COUNTY, "205", "d1")]).await?;
    let (office, travel) =
        (available(stage, &thread.indicator("office")).await?, available(stage, &thread.indicator("travel")).await?);
    stage.expect(
        office == "177000.00" && travel == "70000.00",
        &format!("调剂 20,000.00 元：办公费可用 {office} 元，差旅费可用 {travel} 元，总额不变"),
        &format!("20,000.00 moved: office {office}, travel {travel}, the total stays"),
    );
    Ok(())
}

async fn refused_adjustment(stage: &mut Stage, clerk: &str, body: &Value, code: &str) -> Result<(), StoryError> {
    let tried = ("把人员经费调剂到公用经费", "moves personnel money to running costs");
    stage.refused(clerk, &format!("{BASE}/adjustments"), body, code, tried).await
}

async fn reduction(stage: &mut Stage, thread: &Thread) -> Result<(), StoryError> {
    let maker = finance(COUNTY, "m1a");
    let adjustments = format!("{BASE}/adjustments");
    let line = json!({"ori_bgt_id": thread.indicator("pool-school"), "add_amount": "50000.00"});
    let body = adjustment("A2", None, "南财追减〔2026〕1号", line);
    let created = stage.post(&maker, &adjustments, &body).await?;
    let document = format!("{adjustments}/{}", text(&created, "adj_id")?);
    stage.through(&document, &maker, &[finance(COUNTY, "m2a")]).await?;
    let (child, pool) =
        (available(stage, &thread.indicator("pool-school")).await?, available(stage, &thread.indicator("pool")).await?);
    stage.expect(
        child == "150000.00" && pool == "350000.00",
        &format!("追减 50,000.00 元：单位可用 {child} 元，待分指标回到 {pool} 元"),
        &format!("50,000.00 taken back: the unit has {child}, the unallocated indicator {pool}"),
    );
    Ok(())
}
