//! `yitihua verify`: a running installation's ledger, recomputed by itself, and every paid voucher followed back.

use std::{io::Write as _, process::ExitCode};

use serde_json::{Value, json};
use service_kit::Peer;
use url::Url;

use super::Failure;

pub async fn verify(url: Url, user: &str, password: &str, division: Option<String>) -> Result<ExitCode, Failure> {
    let door = Peer::anonymous(url);
    let grant = json!({"grant_type": "password", "username": user, "password": password});
    let key = || uuid::Uuid::now_v7().to_string();
    let granted: Value = door.post("/api/base-info/v1/tokens", &grant, &key()).await?;
    let token = granted["access_token"].as_str().ok_or("sign-in gave no token")?;
    let reader = door.with_token(token);
    let scope = json!({"mof_div_code": division});
    let report: Value = reader.post("/api/budget-execution/v1/verifications", &scope, &key()).await?;
    let origins = origins(&reader, division.as_deref()).await?;
    let mut out = std::io::stdout();
    for check in report["invariants"].as_array().into_iter().flatten() {
        let mark = if check["ok"] == true { "✔" } else { "✘" };
        writeln!(
            out,
            "{mark} {} {} ({})",
            check["invariant"],
            check["name_zh"].as_str().unwrap_or(""),
            check["checked"]
        )?;
        for difference in check["differences"].as_array().into_iter().flatten() {
            writeln!(out, "    {difference}")?;
        }
    }
    writeln!(
        out,
        "entries {} · balances {} · debit {} · credit {}",
        report["entries"], report["balances"], report["dr_amt"], report["cr_amt"]
    )?;
    let mark = if origins.lost.is_empty() { "✔" } else { "✘" };
    writeln!(
        out,
        "{mark} 每张已支付凭证可追溯到预算 every paid voucher leads back to its budget line ({})",
        origins.traced
    )?;
    for voucher in &origins.lost {
        writeln!(out, "    {voucher}")?;
    }
    let is_good = report["ok"] == true && origins.lost.is_empty();
    Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Paid vouchers whose chain of origin ends at a budget line, and those whose chain is broken.
#[derive(Default)]
struct Origins {
    traced: usize,
    lost: Vec<String>,
}

/// Follows every paid voucher back through its indicators to the budget line that began it.
async fn origins(reader: &Peer, division: Option<&str>) -> Result<Origins, Failure> {
    let scope = division.map(|code| format!("&mof_div_code={code}")).unwrap_or_default();
    let (mut origins, mut token) = (Origins::default(), String::new());
    loop {
        let path = format!("/api/budget-execution/v1/vouchers?page_size=200{scope}{token}");
        let page: Value = reader.get(&path).await?;
        for voucher in page["items"].as_array().into_iter().flatten() {
            if voucher["voucher_status"] != "PAID" && voucher["voucher_status"] != "CLEARED" {
                continue;
            }
            let id = voucher["pay_cert_id"].as_str().unwrap_or_default();
            let lineage: Value = reader.get(&format!("/api/budget-execution/v1/vouchers/{id}/lineage")).await?;
            if lineage["bgt_pman_id"].is_string() {
                origins.traced = origins.traced.saturating_add(1);
            } else {
                origins.lost.push(format!("{} {lineage}", voucher["pay_cert_no"]));
            }
        }
        match page["next_page_token"].as_str() {
            Some(next) => token = format!("&page_token={next}"),
            None => return Ok(origins),
        }
    }
}
