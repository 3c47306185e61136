//! The verifier has the last word.

use serde_json::{Value, json};

use super::Thread;
use crate::{
    cast::{COUNTY, PROVINCE, finance},
    stage::{Stage, StoryError, items},
    teller::plain,
};

const BASE: &str = "/api/budget-execution/v1";

pub(crate) async fn tell(stage: &mut Stage, _thread: &Thread) -> Result<(), StoryError> {
    stage.teller.chapter("核验：从分录重算一切", "Verification: everything recomputed from the entries");
    for division in [PROVINCE, COUNTY] {
        let body = json!({"mof_div_code": division});
        let report = stage.post(&finance(division, "m3a"), &format!("{BASE}/verifications"), &body).await?;
        show(stage, &report, division);
        origins(stage, division).await?;
    }
    Ok(())
}

/// Every paid voucher leads back to the budget line that began it, across levels where money came from above.
async fn origins(stage: &mut Stage, division: &str) -> Result<(), StoryError> {
    let reader = finance(division, "m3a");
    let page = stage.get(&reader, &format!("{BASE}/vouchers?mof_div_code={division}&page_size=1000")).await?;
    let (mut paid, mut traced) = (0_usize, 0_usize);
    for voucher in items(&page) {
        if voucher["voucher_status"] == "PAID" || voucher["voucher_status"] == "CLEARED" {
            let path = format!("{BASE}/vouchers/{}/lineage", plain(&voucher["pay_cert_id"]));
            let lineage = stage.get(&reader, &path).await?;
            paid = paid.saturating_add(1);
            traced = traced.saturating_add(usize::from(lineage["bgt_pman_id"].is_string()));
        }
    }
    stage.expect(
        paid > 0 && traced == paid,
        &format!("{division}：{traced}/{paid} 张已支付凭证追溯到预算"),
        &format!("{division}: {traced} of {paid} paid vouchers lead back to their budget line"),
    );
    Ok(())
}

fn show(stage: &mut Stage, report: &Value, division: &str) {
    let invariants = report["invariants"].as_array().cloned().unwrap_or_default();
    let name = stage.teller.choose("name_zh", "name_en").to_owned();
    let rows = invariants
        .iter()
        .map(|one| {
            let mark = if one["ok"] == true { "✔" } else { "✘" };
            vec![plain(&one["invariant"]), plain(&one[&name]), plain(&one["checked"]), mark.to_owned()]
        })
        .collect();
    let header = if stage.teller.choose("zh", "en") == "zh" {
        ["序号", "不变式", "核对数", "结果"]
    } else {
        ["no.", "invariant", "checked", "result"]
    };
    stage.teller.table(&header, rows, &[2]);
    stage.expect(
        report["ok"] == true && !invariants.is_empty(),
        &format!("{division}：{} 条分录重算一致，{} 条不变式全部成立", plain(&report["entries"]), invariants.len()),
        &format!(
            "{division}: {} entries recomputed, all {} invariants hold",
            plain(&report["entries"]),
            invariants.len()
        ),
    );
}
