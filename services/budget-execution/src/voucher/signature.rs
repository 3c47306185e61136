//! The two stamps of a voucher (签名, 复核签章; PAY-019) and what they prove (PAY-103): from the first one on, every change
//! of the content or of a stamp is found, whoever made it and however.

use std::collections::HashMap;

use budget_execution_contract::{StampKind, Voucher, VoucherSignatures, VoucherStamp};
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use service_kit::{Caller, Problem};
use uuid::Uuid;

use super::{
    entity::{Kind, Model, Stage, stamp},
    model, not_found, present, require_own, store,
};
use crate::{
    Execution,
    certificate::{self, entity::Model as Certificate, keeper::Keeper},
    payment::{self, entity::detail},
};

/// What was signed, found unchanged.
pub struct Signed {
    pub content_hash: String,
    pub details: Vec<detail::Model>,
    pub stamps: Vec<stamp::Model>,
}

/// Puts a stamp under a voucher: the first fixes its content, the second is of a third person.
pub async fn stamp(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    (pay_cert_id, kind): (Uuid, Kind),
    keeper: &Keeper,
) -> Result<Voucher, Problem> {
    let row = require_own(tx, caller, pay_cert_id).await?;
    let document = workflow::document(tx, payment::DOCUMENT, row.pay_app_id).await?.ok_or_else(not_found)?;
    model::require_other_signer(&row, &document, caller)?;
    let application = payment::store::application(tx, row.pay_app_id).await?.ok_or_else(not_found)?;
    payment::model::require_stamper(&application, caller)?;
    let stamps = store::stamps(tx, vec![pay_cert_id]).await?;
    model::require_third_person(&row, stamps.first(), caller)?;
    let today = service_kit::clock::china_date(now);
    let certificate = certificate::of_signer(tx, caller, &row.mof_div_code, today).await?;
    let details = payment::store::detail_rows(tx, row.pay_app_id).await?;
    let content_hash = model::content_hash(&row, &details);
    if row.content_hash.as_ref().is_some_and(|signed| *signed != content_hash) {
        return Err(model::changed(&row));
    }
    let made = certificate::stamp(keeper, &certificate, &model::stamped_text(&content_hash, kind))?;
    let stamp = stamp::Model {
        mof_div_code: row.mof_div_code.clone(),
        pay_cert_id,
        stamp_kind: kind,
        signer: caller.subject.clone(),
        signer_person: caller.person.clone(),
        cert_id: made.cert_id,
        sign_algorithm: made.sign_algorithm.into(),
        signature: made.signature,
        sign_time: now,
    };
    if !store::stamp(tx, now, &stamp, &content_hash).await? {
        return Err(model::not_possible(&row));
    }
    present(tx, pay_cert_id).await
}

/// What both stamps stand for, when it is unchanged (PAY-103).
pub async fn require_unchanged<C: ConnectionTrait>(db: &C, row: &Model) -> Result<Signed, Problem> {
    let details = payment::store::detail_rows(db, row.pay_app_id).await?;
    let stamps = store::stamps(db, vec![row.pay_cert_id]).await?;
    let certificates = certificates_of(db, &stamps).await?;
    let content_hash = model::content_hash(row, &details);
    if stamps.len() == 2 && is_intact(row, &content_hash, &stamps, &certificates) {
        return Ok(Signed { content_hash, details, stamps });
    }
    Err(model::changed(row))
}

/// Whether the content is the signed one and every stamp is true.
pub fn is_intact(
    row: &Model,
    present_hash: &str,
    stamps: &[stamp::Model],
    certificates: &HashMap<Uuid, Certificate>,
) -> bool {
    let is_true = |row: &stamp::Model| {
        certificates.get(&row.cert_id).is_some_and(|certificate| {
            let text = model::stamped_text(present_hash, row.stamp_kind);
            certificate.holder == row.signer
                && certificate::is_signed_by(certificate, &text, &model::stamp_of(row.clone()))
        })
    };
    let is_signer = |kind: Kind, by: &Option<String>| {
        stamps.iter().find(|stamp| stamp.stamp_kind == kind).map(|stamp| &stamp.signer) == by.as_ref()
    };
    row.content_hash.as_deref() == (!stamps.is_empty()).then_some(present_hash)
        && is_signer(Kind::Sign, &row.signed_by)
        && is_signer(Kind::Seal, &row.sealed_by)
        && stamps.iter().all(is_true)
}

/// Those of these vouchers that are not what was signed.
pub async fn changed_of<C: ConnectionTrait>(db: &C, rows: Vec<Model>) -> Result<Vec<Model>, Problem> {
    let mut stamps: HashMap<Uuid, Vec<stamp::Model>> = HashMap::new();
    for stamp in store::stamps(db, rows.iter().map(|row| row.pay_cert_id).collect()).await? {
        stamps.entry(stamp.pay_cert_id).or_default().push(stamp);
    }
    let of_all: Vec<stamp::Model> = stamps.values().flatten().cloned().collect();
    let certificates = certificates_of(db, &of_all).await?;
    let mut changed = Vec::new();
    for row in rows {
        let details = payment::store::detail_rows(db, row.pay_app_id).await?;
        let own = stamps.remove(&row.pay_cert_id).unwrap_or_default();
        if !is_intact(&row, &model::content_hash(&row, &details), &own, &certificates) || own.len() < least(&row) {
            changed.push(row);
        }
    }
    Ok(changed)
}

/// How many stamps a voucher at this stage carries at least.
fn least(row: &Model) -> usize {
    match row.voucher_status {
        Stage::Generated | Stage::Withdrawn => 0,
        Stage::Signed => 1,
        Stage::Sealed
        | Stage::Sent
        | Stage::Unknown
        | Stage::BankAccepted
        | Stage::BankRejected
        | Stage::Paid
        | Stage::Failed
        | Stage::Cleared => 2,
    }
}

/// The certificates behind stamps, by their ids.
pub async fn certificates_of<C: ConnectionTrait>(
    db: &C,
    stamps: &[stamp::Model],
) -> Result<HashMap<Uuid, Certificate>, Problem> {
    let mut ids: Vec<Uuid> = stamps.iter().map(|stamp| stamp.cert_id).collect();
    ids.sort();
    ids.dedup();
    Ok(certificate::store::of_ids(db, ids).await?.into_iter().map(|row| (row.cert_id, row)).collect())
}

/// Whether a voucher is what was signed, with its stamps (验签).
pub async fn signatures(
    execution: &Execution,
    caller: &Caller,
    pay_cert_id: Uuid,
) -> Result<VoucherSignatures, Problem> {
    let row = super::readable(execution, caller, pay_cert_id).await?;
    let db = execution.database.read();
    let details = payment::store::detail_rows(db, row.pay_app_id).await?;
    let stamps = store::stamps(db, vec![pay_cert_id]).await?;
    let certificates = certificates_of(db, &stamps).await?;
    let present_hash = model::content_hash(&row, &details);
    let is_intact = is_intact(&row, &present_hash, &stamps, &certificates);
    Ok(VoucherSignatures {
        pay_cert_id,
        pay_cert_no: row.pay_cert_no,
        present_hash,
        content_hash: row.content_hash,
        is_intact,
        stamps: stamps.into_iter().map(shown).collect(),
    })
}

fn shown(row: stamp::Model) -> VoucherStamp {
    let stamp_kind: StampKind = row.stamp_kind.into();
    let (signer, sign_time) = (row.signer.clone(), row.sign_time);
    VoucherStamp { stamp_kind, signer, sign_time, stamp: model::stamp_of(row) }
}
