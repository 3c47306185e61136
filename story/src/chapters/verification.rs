//! The verifier has the last word.

use serde_json::{Value, json};

use super::Thread;
use crate::{
    cast::{COUNTY, PROVINCE, finance},
    stage::{Stage, StoryError},
    teller::plain,
};

const BASE: &str = "/api/budget-execution/v1";

pub(crate) async fn tell(stage: &mut Stage, _thread: &Thread) -> Result<(), StoryError> {
    stage.teller.chapter("核验：从分录重算一切", "Verification: everything recomputed from the entries");
    for division in [PROVINCE, COUNTY] {
        let body = json!({"mof_div_code": division});
        let report = stage.post(&finance(division, "m3a"), &format!("{BASE}/verifications"), &body).await?;
        show(stage, &report, division);
    }
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
        report["ok"] == true && invariants.len() == 8,
        &format!("{division}：{} 条分录重算一致，八条不变式全部成立", plain(&report["entries"])),
        &format!("{division}: {} entries recomputed, all eight invariants hold", plain(&report["entries"])),
    );
}
