//! Certificates (签章证书): with which key a person signs vouchers and a bank its receipts. The platform makes and keeps
//! the keys of its signers, sealed; a bank brings only its public key. A certificate is never changed, only ended.

use budget_execution_contract::{
    BankReceipt, Certificate, CertificateDraft, CertificateFilter, CertificateUsage, SignAlgorithm, SignStamp,
};
use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use common_types::Role;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr};
use service_kit::{Caller, Database, Page, PageQuery, Problem};
use uuid::Uuid;

use crate::{Execution, RULES, config::TrustedBank};

pub mod crypto;
pub mod entity;
pub mod http;
pub mod keeper;
pub mod store;

use entity::Model;
use keeper::Keeper;

const LONGEST_HOLDER: usize = 64;
const LONGEST_NAME: usize = 300;

/// Issues a certificate: to a signer with a new key, to a bank over the key that it brings.
pub async fn issue(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    draft: &CertificateDraft,
    keeper: &Keeper,
) -> Result<Certificate, Problem> {
    caller.require(&[Role::M7])?;
    caller.require_readable(&draft.mof_div_code, None, "区划", "the division")?;
    require_well_formed(draft)?;
    let cert_id = Uuid::now_v7();
    let (public_key, sealed_key) = match draft.usage {
        CertificateUsage::Signer => new_key(draft, cert_id, keeper)?,
        CertificateUsage::Bank => (brought_key(draft)?, None),
    };
    let row = Model {
        mof_div_code: draft.mof_div_code.clone(),
        cert_id,
        holder: draft.holder.clone(),
        holder_name: draft.holder_name.clone(),
        usage: draft.usage.into(),
        sign_algorithm: draft.sign_algorithm.into(),
        public_key,
        sealed_key,
        valid_from: draft.valid_from,
        valid_to: draft.valid_to,
        revoke_date: None,
        create_time: now,
    };
    store::insert(tx, &row).await?;
    Ok(view(row))
}

fn require_well_formed(draft: &CertificateDraft) -> Result<(), Problem> {
    let texts = [("/holder", &draft.holder, LONGEST_HOLDER), ("/holder_name", &draft.holder_name, LONGEST_NAME)];
    for (pointer, text, longest) in texts {
        if text.trim().is_empty() || text.chars().count() > longest {
            let en = format!("1 to {longest} characters are needed");
            return Err(Problem::field(pointer, format!("应为 1 至 {longest} 字"), en));
        }
    }
    if draft.valid_from > draft.valid_to {
        return Err(Problem::field("/valid_to", "不得早于生效日", "is before the first day"));
    }
    Ok(())
}

fn new_key(draft: &CertificateDraft, cert_id: Uuid, keeper: &Keeper) -> Result<(String, Option<String>), Problem> {
    if draft.public_key.is_some() {
        return Err(Problem::field("/public_key", "签章人的密钥由平台生成", "the platform makes the key of a signer"));
    }
    let pair = crypto::generate(draft.sign_algorithm).map_err(|error| Problem::internal(&error))?;
    let sealed = keeper.seal(cert_id, &pair.secret).map_err(|error| Problem::internal(&error))?;
    Ok((crypto::text_of(&pair.public_key), Some(crypto::text_of(&sealed))))
}

fn brought_key(draft: &CertificateDraft) -> Result<String, Problem> {
    draft
        .public_key
        .clone()
        .filter(|text| crypto::bytes_of(text).is_some_and(|bytes| crypto::is_public_key(draft.sign_algorithm, &bytes)))
        .ok_or_else(|| Problem::field("/public_key", "不是该算法的公钥", "is no public key of the algorithm"))
}

/// Ends a certificate (吊销); what it signed before stays signed.
pub async fn revoke(
    tx: &DatabaseTransaction,
    now: DateTime<Utc>,
    caller: &Caller,
    cert_id: Uuid,
) -> Result<Certificate, Problem> {
    caller.require(&[Role::M7])?;
    let row = store::certificate(tx, cert_id).await?.ok_or_else(not_found)?;
    caller.require_readable(&row.mof_div_code, None, "证书", "the certificate")?;
    if !store::revoke(tx, cert_id, service_kit::clock::china_date(now)).await? {
        return Err(Problem::conflict("证书已吊销", "the certificate was revoked before"));
    }
    Ok(view(store::certificate(tx, cert_id).await?.ok_or_else(not_found)?))
}

/// Certificates of a division that the caller may read.
pub async fn list(
    execution: &Execution,
    caller: &Caller,
    filter: &CertificateFilter,
) -> Result<Page<Certificate>, Problem> {
    caller.require_readable(&filter.mof_div_code, None, "证书", "the certificates")?;
    let query = PageQuery { page_size: filter.page_size, page_token: filter.page_token.clone() };
    let paged = query.paged()?;
    let rows = store::list(execution.database.read(), filter, &paged, paged.after_as::<Uuid>()?).await?;
    Ok(Page::of(rows, &paged, |row| row.cert_id.to_string()).map(view))
}

/// The certificate with which this caller signs today (PAY-019).
pub async fn of_signer<C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    division: &common_types::DivisionCode,
    today: NaiveDate,
) -> Result<Model, Problem> {
    store::in_force(db, division, &caller.subject, today).await?.ok_or_else(|| {
        RULES.refuse(
            "PAY-019",
            format!("{}没有在 {today} 有效的签章证书", caller.name),
            format!("{} has no certificate that is valid on {today}", caller.subject),
        )
    })
}

/// Signs a message with the kept key of a certificate.
pub fn stamp(keeper: &Keeper, row: &Model, message: &str) -> Result<SignStamp, Problem> {
    let sealed = row.sealed_key.as_deref().and_then(crypto::bytes_of).unwrap_or_default();
    let secret = keeper.open(row.cert_id, &sealed).map_err(|error| Problem::internal(&error))?;
    let algorithm: SignAlgorithm = row.sign_algorithm.into();
    let signature = crypto::sign(algorithm, &secret, message.as_bytes()).map_err(|error| Problem::internal(&error))?;
    Ok(SignStamp { cert_id: row.cert_id, sign_algorithm: algorithm, signature: crypto::text_of(&signature) })
}

/// Whether the holder of this certificate signed the message.
pub fn is_signed_by(row: &Model, message: &str, stamp: &SignStamp) -> bool {
    let algorithm: SignAlgorithm = row.sign_algorithm.into();
    let (Some(public_key), Some(signature)) = (crypto::bytes_of(&row.public_key), crypto::bytes_of(&stamp.signature))
    else {
        return false;
    };
    row.cert_id == stamp.cert_id
        && algorithm == stamp.sign_algorithm
        && crypto::verifies(algorithm, &public_key, message.as_bytes(), &signature)
}

/// CLR-103: only what the bank signed with a key in force is a receipt.
pub async fn require_signed_by_bank<C: ConnectionTrait>(
    db: &C,
    (caller, today): (&Caller, NaiveDate),
    receipt: &BankReceipt,
) -> Result<(), Problem> {
    let certificates = store::of_bank(db, &caller.subject, today).await?;
    if is_signed_by_bank(&certificates, receipt) { Ok(()) } else { Err(forged(receipt)) }
}

/// Whether one of these certificates of a bank is that of the receipt.
pub fn is_signed_by_bank(certificates: &[Model], receipt: &BankReceipt) -> bool {
    let Some(signature) = &receipt.signature else { return false };
    let content = receipt.signed_content();
    certificates.iter().filter(|row| row.mof_div_code.contains(&receipt.mof_div_code)).any(|row| {
        let algorithm = row.sign_algorithm.into();
        let stamp = SignStamp { cert_id: row.cert_id, sign_algorithm: algorithm, signature: signature.clone() };
        is_signed_by(row, &content, &stamp)
    })
}

/// CLR-103
pub fn forged(receipt: &BankReceipt) -> Problem {
    RULES.refuse(
        "CLR-103",
        format!("凭证 {} 的回单没有代理银行的有效签名", receipt.pay_cert_no),
        format!("the receipt for {} has no valid signature of the bank", receipt.pay_cert_no),
    )
}

/// Takes the banks of the settings over into the certificates, once each.
pub async fn trust(database: &Database, banks: &[TrustedBank]) -> Result<(), DbErr> {
    let tx = database.begin_write().await?;
    for bank in banks {
        let row = Model {
            mof_div_code: bank.mof_div_code.clone(),
            cert_id: Uuid::now_v7(),
            holder: bank.holder.clone(),
            holder_name: bank.holder.clone(),
            usage: entity::Usage::Bank,
            sign_algorithm: bank.sign_algorithm.into(),
            public_key: bank.public_key.clone(),
            sealed_key: None,
            valid_from: NaiveDate::default(),
            valid_to: NaiveDate::MAX.with_year(9999).unwrap_or(NaiveDate::MAX),
            revoke_date: None,
            create_time: database.clock().now(),
        };
        store::insert_once(&tx, &row).await?;
    }
    tx.commit().await
}

fn not_found() -> Problem {
    Problem::not_found("证书", "the certificate")
}

fn view(row: Model) -> Certificate {
    Certificate {
        cert_id: row.cert_id,
        mof_div_code: row.mof_div_code,
        holder: row.holder,
        holder_name: row.holder_name,
        usage: row.usage.into(),
        sign_algorithm: row.sign_algorithm.into(),
        public_key: row.public_key,
        valid_from: row.valid_from,
        valid_to: row.valid_to,
        revoke_date: row.revoke_date,
        create_time: row.create_time,
    }
}
