//! Clearing of a day and comparison with the bank.

use budget_execution_contract::{Clearing, ClearingStatus, DifferenceKind, Reconciliation, VoucherStatus};
use common_types::ReconResult;
use serde_json::json;
use service_kit::PeerError;
use testkit::key;

use crate::{
    bureau::{Bureau, DAY, PAYEE, receipt, yuan},
    world::{BASE, DIVISION, refusal},
};

async fn clear(bureau: &Bureau) -> Result<Clearing, PeerError> {
    let body = json!({"mof_div_code": DIVISION, "fiscal_year": 2026, "day": DAY});
    bureau.treasury().post(&format!("{BASE}/clearings"), &body, &key()).await
}

async fn reconcile(bureau: &Bureau) -> Reconciliation {
    let body = json!({"mof_div_code": DIVISION, "day": DAY});
    bureau.treasury().post(&format!("{BASE}/reconciliations"), &body, &key()).await.unwrap()
}

#[tokio::test]
async fn a_day_is_cleared_once_for_what_was_paid() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    assert_eq!(refusal(clear(&bureau).await).code(), "CLR-102");
    let (one, two) = (bureau.paid(bgt_id, "100.00").await, bureau.paid(bgt_id, "50.00").await);
    bureau.sent(bgt_id, "10.00").await;
    let cleared = clear(&bureau).await.unwrap();
    assert_eq!((cleared.status, cleared.voucher_count, cleared.lqd_amt), (ClearingStatus::Cleared, 2, yuan("150.00")));
    assert_eq!(cleared.sums.len(), 1);
    for voucher in [one, two] {
        let now = bureau.voucher(voucher.pay_cert_id).await;
        assert_eq!(now.voucher_status, VoucherStatus::Cleared);
        assert_eq!(now.act_lqd_date.unwrap().to_string(), DAY);
    }
    assert_eq!(refusal(clear(&bureau).await).code(), "CLR-102");
    assert_eq!(bureau.stands(bgt_id).await, ["840.00", "10.00", "150.00"]);
}

#[tokio::test]
async fn a_day_that_the_bank_knows_otherwise_is_not_cleared() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    bureau.behave(PAYEE, "fail").await;
    let sent = bureau.sent(bgt_id, "100.00").await;
    bureau.receive(&receipt(&sent.pay_cert_no, "PAID", "100.00")).await.unwrap();
    assert_eq!(clear(&bureau).await.unwrap().status, ClearingStatus::Refused);
    assert_eq!(bureau.voucher(sent.pay_cert_id).await.voucher_status, VoucherStatus::Paid);
    let compared = reconcile(&bureau).await;
    assert_eq!(compared.result, ReconResult::Mismatched);
    assert_eq!(compared.differences[0].kind, DifferenceKind::Status);
}

#[tokio::test]
async fn a_day_in_order_reconciles() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    bureau.paid(bgt_id, "100.00").await;
    let compared = reconcile(&bureau).await;
    assert_eq!((compared.result, compared.our_count, compared.bank_amt), (ReconResult::Matched, 1, yuan("100.00")));
    let unsettled = bureau.sent(bgt_id, "10.00").await;
    let compared = reconcile(&bureau).await;
    assert_eq!(compared.differences.len(), 1, "the bank has paid {} already", unsettled.pay_cert_no);
}
