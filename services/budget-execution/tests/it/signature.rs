//! What was signed is what is paid: certificates, stamps, and changes behind their back.

use budget_execution_contract::{
    BankReceipt, Certificate, SignAlgorithm, StampKind, Voucher, VoucherSignatures, VoucherStatus,
};
use common_types::Role;
use serde_json::{Value, json};
use service_kit::{Page, PeerError};
use testkit::key;
use uuid::Uuid;

use crate::{
    bureau::{AGENCY, Bureau, receipt, signed_by_bank},
    world::{BASE, DIVISION, refusal},
};

async fn generated(bureau: &Bureau) -> Voucher {
    let bgt_id = bureau.indicator("1000.00").await;
    let approved = bureau.approved(bgt_id, "100.00").await;
    bureau.vouchered(approved.pay_app_id).await.unwrap()
}

async fn signatures(bureau: &Bureau, pay_cert_id: Uuid) -> VoucherSignatures {
    bureau.clerk().get(&format!("{BASE}/vouchers/{pay_cert_id}/signatures")).await.unwrap()
}

/// What somebody with access to the database does.
async fn behind_our_back(bureau: &Bureau, statement: &str) -> Result<(), sea_orm::DbErr> {
    let clock = bureau.server.clock.clone();
    let database = service_kit::Database::open(&bureau.server.database, "budget-execution", clock).await?;
    let tx = database.begin_write().await?;
    sea_orm::ConnectionTrait::execute_unprepared(&tx, statement).await?;
    tx.commit().await
}

#[tokio::test]
async fn a_sealed_voucher_carries_two_sm2_stamps_over_its_sm3() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let sealed = bureau.signed(bgt_id, "100.00").await;
    let found = signatures(&bureau, sealed.pay_cert_id).await;
    assert!(found.is_intact);
    assert_eq!(found.content_hash.as_ref(), Some(&found.present_hash));
    let kinds: Vec<_> = found.stamps.iter().map(|one| (one.stamp_kind, one.signer.as_str())).collect();
    assert_eq!(kinds, [(StampKind::Sign, "treasury"), (StampKind::Seal, "treasury-2")]);
    assert!(found.stamps.iter().all(|one| one.stamp.sign_algorithm == SignAlgorithm::Sm2));
}

#[tokio::test]
async fn only_a_certificate_in_force_signs() {
    let bureau = Bureau::start().await;
    let voucher = generated(&bureau).await;
    let newcomer = bureau.server.client(&bureau.server.identity.token("newcomer", &[Role::U2], DIVISION, Some(AGENCY)));
    for valid in [None, Some(("2026-01-01", "2026-03-09")), Some(("2026-03-11", "2026-12-31"))] {
        if let Some(valid) = valid {
            bureau.certify("newcomer", "SM2", valid).await.unwrap();
        }
        assert_eq!(refusal(bureau.do_voucher(&newcomer, voucher.pay_cert_id, "sign").await).code(), "PAY-019");
    }
    let current = bureau.certify("newcomer", "ED25519", ("2026-03-10", "2026-03-10")).await.unwrap();
    let revoke = format!("{BASE}/certificates/{}/revocations", current.cert_id);
    let revoked: Certificate = bureau.admin().post(&revoke, &json!({}), &key()).await.unwrap();
    assert!(revoked.revoke_date.is_some());
    let again: Result<Certificate, _> = bureau.admin().post(&revoke, &json!({}), &key()).await;
    assert_eq!(refusal(again).status().as_u16(), 409);
    assert_eq!(refusal(bureau.do_voucher(&newcomer, voucher.pay_cert_id, "sign").await).code(), "PAY-019");
    bureau.certify("newcomer", "ED25519", ("2026-03-10", "2026-03-10")).await.unwrap();
    bureau.do_voucher(&newcomer, voucher.pay_cert_id, "sign").await.unwrap();
    bureau.do_voucher(&bureau.treasury(), voucher.pay_cert_id, "seal").await.unwrap();
    let found = signatures(&bureau, voucher.pay_cert_id).await;
    let algorithms: Vec<_> = found.stamps.iter().map(|one| one.stamp.sign_algorithm).collect();
    assert_eq!(algorithms, [SignAlgorithm::Ed25519, SignAlgorithm::Sm2]);
    assert!(found.is_intact);
}

#[tokio::test]
async fn only_the_administrator_issues_certificates_and_no_private_key_is_told() {
    let bureau = Bureau::start().await;
    let body = json!({
        "mof_div_code": DIVISION, "holder": "x", "holder_name": "x", "usage": "SIGNER", "sign_algorithm": "SM2",
        "valid_from": "2026-01-01", "valid_to": "2026-12-31",
    });
    let answer: Result<Value, _> = bureau.treasury().post(&format!("{BASE}/certificates"), &body, &key()).await;
    assert_eq!(refusal(answer).code(), "AUTH-004");
    let mut wrong = body.clone();
    wrong["public_key"] = json!("AAAA");
    let answer: Result<Value, _> = bureau.admin().post(&format!("{BASE}/certificates"), &wrong, &key()).await;
    assert_eq!(refusal(answer).status().as_u16(), 422);
    wrong["usage"] = json!("BANK");
    let answer: Result<Value, _> = bureau.admin().post(&format!("{BASE}/certificates"), &wrong, &key()).await;
    assert_eq!(refusal(answer).status().as_u16(), 422);
    let path = format!("{BASE}/certificates?mof_div_code={DIVISION}&holder=treasury");
    let page: Page<Value> = bureau.treasury().get(&path).await.unwrap();
    assert_eq!(page.items.len(), 1);
    assert!(page.items[0].get("sealed_key").is_none() && page.items[0].get("public_key").is_some());
}

#[tokio::test]
async fn a_change_of_any_signed_part_is_found_before_sending_and_by_the_verifier() {
    let changes = [
        "UPDATE pay_voucher_bill SET payee_acct_no = '666'",
        "UPDATE pay_voucher_bill SET pay_amt = pay_amt + 1",
        "UPDATE pay_voucher_bill SET use_des = use_des || '1'",
        "UPDATE pay_voucher_bill SET sealed_by = 'clerk'",
        "UPDATE pay_voucher_bill SET content_hash = 'a'",
        "UPDATE pay_certificate SET holder = 'clerk' WHERE holder = 'treasury'",
    ];
    for change in changes {
        let bureau = Bureau::start().await;
        let bgt_id = bureau.indicator("1000.00").await;
        let sealed = bureau.signed(bgt_id, "100.00").await;
        behind_our_back(&bureau, change).await.unwrap();
        let answer = bureau.do_voucher(&bureau.treasury(), sealed.pay_cert_id, "send").await;
        assert_eq!(refusal(answer).code(), "PAY-103", "{change}");
        assert!(!signatures(&bureau, sealed.pay_cert_id).await.is_intact, "{change}");
        assert_eq!(bureau.voucher(sealed.pay_cert_id).await.voucher_status, VoucherStatus::Sealed);
        let report = bureau.verification().await;
        let broken: Vec<_> = report.invariants.iter().filter(|check| !check.ok).collect();
        assert!(broken.iter().any(|check| check.name_zh.contains("签章")), "{change}: {broken:?}");
    }
}

#[tokio::test]
async fn a_change_between_the_stamps_is_not_sealed_over() {
    let bureau = Bureau::start().await;
    let voucher = generated(&bureau).await;
    bureau.do_voucher(&bureau.treasury(), voucher.pay_cert_id, "sign").await.unwrap();
    behind_our_back(&bureau, "UPDATE pay_voucher_bill SET payee_acct_no = '666'").await.unwrap();
    let answer = bureau.do_voucher(&bureau.other_treasury(), voucher.pay_cert_id, "seal").await;
    assert_eq!(refusal(answer).code(), "PAY-103");
}

#[tokio::test]
async fn stamps_are_never_changed_or_deleted() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let sealed = bureau.signed(bgt_id, "100.00").await;
    for change in ["UPDATE pay_voucher_stamp SET signer = 'clerk'", "DELETE FROM pay_voucher_stamp"] {
        assert!(behind_our_back(&bureau, change).await.is_err(), "{change}");
    }
    assert!(signatures(&bureau, sealed.pay_cert_id).await.is_intact);
}

#[tokio::test]
async fn of_racing_signers_one_signs_and_one_seals() {
    let bureau = Bureau::start().await;
    for number in 0..4 {
        bureau.certify(&format!("signer-{number}"), "SM2", ("2026-01-01", "2026-12-31")).await.unwrap();
    }
    let voucher = generated(&bureau).await;
    for action in ["sign", "seal"] {
        let attempts = (0..4).map(|number| {
            let name = format!("signer-{number}");
            let token = bureau.server.identity.token(&name, &[Role::M3], DIVISION, None);
            let signer = bureau.server.client(&token);
            let bureau = &bureau;
            async move { bureau.do_voucher(&signer, voucher.pay_cert_id, action).await }
        });
        let answers = futures::future::join_all(attempts).await;
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{action}");
    }
    let found = signatures(&bureau, voucher.pay_cert_id).await;
    assert!(found.is_intact);
    assert_eq!(found.stamps.len(), 2);
    assert_ne!(found.stamps[0].signer, found.stamps[1].signer);
}

#[tokio::test]
async fn a_receipt_that_the_bank_did_not_sign_is_401_and_changes_nothing() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let sent = bureau.sent(bgt_id, "100.00").await;
    let plain = receipt(&sent.pay_cert_no, "PAID", "100.00");
    let other_amount = signed_by_bank(&receipt(&sent.pay_cert_no, "PAID", "1.00"));
    let unsigned: BankReceipt = serde_json::from_value(plain.clone()).unwrap();
    let borrowed = BankReceipt { signature: other_amount.signature.clone(), ..unsigned.clone() };
    let garbled = BankReceipt { signature: Some("!".to_owned()), ..unsigned.clone() };
    for forged in [unsigned, borrowed, garbled] {
        let answer: Result<Value, PeerError> =
            bureau.bank().post(&format!("{BASE}/bank-receipts"), &forged, &key()).await;
        let problem = refusal(answer);
        assert_eq!((problem.code(), problem.status().as_u16()), ("CLR-103", 401));
    }
    let token = bureau.server.identity.token("another-bank", &[Role::B1], "360000000", None);
    let answer: Result<Value, PeerError> =
        bureau.server.client(&token).post(&format!("{BASE}/bank-receipts"), &signed_by_bank(&plain), &key()).await;
    assert_eq!(refusal(answer).code(), "CLR-103");
    assert_eq!(bureau.stands(bgt_id).await, ["900.00", "100.00", "0.00"]);
    bureau.receive(&plain).await.unwrap();
    assert_eq!(bureau.stands(bgt_id).await, ["900.00", "0.00", "100.00"]);
}

/// The receipt of "Connecting a bank", and how each algorithm signs it: name, public key, signature.
fn guide() -> (BankReceipt, Vec<[String; 3]>) {
    let text = include_str!("../../README.md");
    let block = text.split("```json").find(|block| block.contains("\"agent_business_no\"")).unwrap();
    let receipt = serde_json::from_str(block.split("```").next().unwrap()).unwrap();
    let cells = |line: &str| -> Option<[String; 3]> {
        let cells: Vec<String> =
            line.trim_matches('|').split('|').map(|cell| cell.replace('`', "").trim().into()).collect();
        cells.try_into().ok()
    };
    let rows = text.lines().filter(|line| line.starts_with("| `ED25519`") || line.starts_with("| `SM2`"));
    (receipt, rows.filter_map(cells).collect())
}

#[tokio::test]
async fn a_bank_that_signs_as_the_guide_says_is_understood() {
    let bureau = Bureau::start().await;
    let (example, algorithms) = guide();
    assert_eq!(algorithms.len(), 2);
    assert_eq!(example.signature.as_ref(), Some(&algorithms[0][2]));
    for [sign_algorithm, public_key, signature] in algorithms {
        let bank = bureau.person(&format!("bank-{sign_algorithm}"), &[Role::B1], "360000000", None);
        let receipt = BankReceipt { signature: Some(signature), ..example.clone() };
        let deliver = async || -> Result<Value, PeerError> {
            bank.post(&format!("{BASE}/bank-receipts"), &receipt, &key()).await
        };
        assert_eq!(refusal(deliver().await).code(), "CLR-103", "{sign_algorithm} without a certificate");
        let certificate = json!({
            "mof_div_code": "360000000", "holder": format!("bank-{sign_algorithm}"), "holder_name": "代理银行",
            "usage": "BANK", "sign_algorithm": sign_algorithm, "public_key": public_key,
            "valid_from": "2026-03-10", "valid_to": "2026-03-10",
        });
        let _: Certificate = bureau.admin().post(&format!("{BASE}/certificates"), &certificate, &key()).await.unwrap();
        assert_eq!(deliver().await.unwrap()["outcome"], "UNMATCHED", "{sign_algorithm}");
    }
}
