//! Who and what exists: divisions, agencies, accounts, payees, users, persons.

use futures::future::try_join_all;
use serde_json::{Value, json};

use crate::{
    cast::{self, COUNTY, DIVISIONS, PASSWORD, PROVINCE, YEAR},
    stage::{Stage, StoryError, items},
};

const BASE: &str = "/api/base-info/v1";
const AT_ONCE: usize = 4;

pub(crate) async fn tell(stage: &mut Stage) -> Result<(), StoryError> {
    stage.teller.chapter("基础信息：一个省，一个平台", "Base data: one province, one platform");
    super::set_clock(stage, "2025-07-01T01:00:00Z").await?;
    divisions(stage).await?;
    agencies(stage).await?;
    users(stage).await?;
    certificates(stage).await?;
    persons(stage).await?;
    refusals(stage).await
}

async fn divisions(stage: &mut Stage) -> Result<(), StoryError> {
    let admin = stage.admin();
    let rows: Vec<Value> = csv::Reader::from_reader(DIVISIONS.as_bytes())
        .deserialize::<std::collections::BTreeMap<String, String>>()
        .filter_map(Result::ok)
        .map(|row| {
            let parent = row.get("parent").filter(|parent| !parent.is_empty());
            json!({
                "mof_div_code": row["code"], "mof_div_name": row["name"], "parent": parent,
                "level": row["level"].parse::<i32>().unwrap_or_default(), "kind": row["kind"],
            })
        })
        .collect();
    stage.post(&admin, &format!("{BASE}/divisions/imports"), &json!({"items": rows})).await?;
    let known = items(&stage.get(&admin, &format!("{BASE}/divisions")).await?).len();
    stage.expect(
        known == 142,
        &format!("导入江西省 {known} 个财政区划"),
        &format!("{known} fiscal divisions of Jiangxi are imported"),
    );
    Ok(())
}

async fn agencies(stage: &mut Stage) -> Result<(), StoryError> {
    let admin = stage.admin();
    let all = cast::agencies();
    for (index, agency) in all.iter().enumerate() {
        stage.teller.progress(index.saturating_add(1), all.len(), "agencies");
        for year in [YEAR.saturating_sub(1), YEAR] {
            let body = json!({
                "mof_div_code": agency.mof_div_code, "fiscal_year": year, "agency_code": agency.agency_code,
                "agency_name": agency.agency_name, "agency_type_code": agency.agency_type_code,
                "unifsoc_cred_code": agency.unifsoc_cred_code, "manage_mof_dep_code": agency.manage_mof_dep_code,
                "exp_func_code": agency.exp_func_code, "fund_sup_code": "1", "admin_staf_num": 120,
            });
            stage.post(&admin, &format!("{BASE}/agencies"), &body).await?;
        }
        if agency.is_unit() {
            let body = json!({
                "mof_div_code": agency.mof_div_code, "agency_code": agency.agency_code,
                "account_no": agency.account_no(), "account_name": agency.agency_name,
                "bank_code": "104421000101", "bank_name": "中国银行江西省分行", "acc_type_code": "21",
                "approve_no": "财库批〔2025〕1号",
            });
            stage.post(&admin, &format!("{BASE}/accounts"), &body).await?;
        }
    }
    let blacklisted = json!({
        "mof_div_code": COUNTY, "payee_acct_name": "失信企业有限公司", "payee_acct_no": "6222000000006666",
        "payee_acct_bank_name": "中国银行南昌县支行", "payee_acct_bank_code": "104421000123", "is_blacklisted": true,
        "basis": "失信被执行人名单",
    });
    stage.post(&admin, &format!("{BASE}/payees"), &blacklisted).await?;
    let (units, divisions) = (all.len(), cast::divisions().len());
    stage.say(
        &format!("登记 {divisions} 个区划的部门和单位 {units} 家，开立零余额账户。"),
        &format!("{units} departments and units in {divisions} divisions, with their zero-balance accounts."),
    );
    Ok(())
}

async fn users(stage: &mut Stage) -> Result<(), StoryError> {
    let admin = stage.admin();
    let all = cast::demo_users();
    let peer = stage.of(&admin).await?;
    for (index, group) in all.chunks(AT_ONCE).enumerate() {
        stage.teller.progress(index.saturating_mul(AT_ONCE), all.len(), "users");
        let created = group.iter().map(|user| {
            let peer = peer.clone();
            let body = json!({
                "username": user.username, "name": user.name, "person": format!("person:{}", user.username),
                "password": PASSWORD, "roles": [user.role], "mof_div_code": user.mof_div_code,
                "agency_code": user.agency_code,
            });
            async move { peer.post::<Value, Value>(&format!("{BASE}/users"), &body, &crate::stage::key()).await }
        });
        try_join_all(created).await.map_err(|error| StoryError::Request {
            user: admin.clone(),
            what: "users".to_owned(),
            cause: error.to_string(),
        })?;
    }
    stage.teller.progress(all.len(), all.len(), "users");
    let count = all.len();
    stage.say(
        &format!("授权 {count} 名虚构用户，覆盖各岗位；不相容岗位分授不同人员。"),
        &format!("{count} invented users hold the roles; roles that exclude each other go to different persons."),
    );
    Ok(())
}

/// Who reviews payments, in units and treasury divisions, signs vouchers with a certificate.
async fn certificates(stage: &mut Stage) -> Result<(), StoryError> {
    let admin = stage.admin();
    let peer = stage.of(&admin).await?;
    let signers: Vec<_> = cast::demo_users().into_iter().filter(|user| matches!(user.role, "U2" | "M3")).collect();
    for group in signers.chunks(AT_ONCE) {
        let issued = group.iter().map(|signer| {
            let peer = peer.clone();
            let body = json!({
                "mof_div_code": signer.mof_div_code, "holder": signer.username, "holder_name": signer.name,
                "usage": "SIGNER", "sign_algorithm": "SM2", "valid_from": "2025-07-01", "valid_to": "2028-06-30",
            });
            async move {
                let path = "/api/budget-execution/v1/certificates";
                peer.post::<Value, Value>(path, &body, &crate::stage::key()).await
            }
        });
        try_join_all(issued).await.map_err(|error| StoryError::Request {
            user: admin.clone(),
            what: "certificates".to_owned(),
            cause: error.to_string(),
        })?;
    }
    let count = signers.len();
    stage.say(
        &format!("为 {count} 名审核、国库人员签发国密（SM2）签章证书。"),
        &format!("{count} reviewers and treasury staff hold SM2 certificates to sign vouchers with."),
    );
    Ok(())
}

async fn persons(stage: &mut Stage) -> Result<(), StoryError> {
    let clerk = cast::unit(COUNTY, "205009", "u1");
    for (number, name) in ["陈一鸣", "林晓慧", "周文远"].into_iter().enumerate() {
        let body = json!({
            "mof_div_code": COUNTY, "fiscal_year": YEAR, "agency_code": "205009", "per_name": name,
            "iden_type_code": "1", "iden_no": format!("36012119800101{:04}", number.saturating_add(11)),
            "per_sta_code": "1", "is_uni_sala": true, "sala_card_no": format!("622200000000{:04}", number),
        });
        stage.post(&clerk, &format!("{BASE}/persons"), &body).await?;
    }
    Ok(())
}

async fn refusals(stage: &mut Stage) -> Result<(), StoryError> {
    let admin = stage.admin();
    let toxic = json!({
        "username": "another-account", "name": "同一人的第二个账号", "person": "person:360121.205009.u1",
        "password": PASSWORD, "roles": ["U2"], "mof_div_code": COUNTY, "agency_code": "205009",
    });
    let tried = ("给经办人再授予审核岗（第二个账号）", "grants the clerk the reviewer's role through a second account");
    stage.refused(&admin, &format!("{BASE}/users"), &toxic, "BI-110", tried).await?;
    let stranger = cast::finance("360124000", "m2a");
    let peer = stage.of(&stranger).await?;
    let path = format!("{BASE}/agencies/{PROVINCE}/{YEAR}/105001");
    let answer = peer.get::<Value>(&path).await;
    stage.tell_refusal(answer, "HTTP-404", ("进贤县读取省级单位资料", "a county reads a unit of the province"));
    Ok(())
}
