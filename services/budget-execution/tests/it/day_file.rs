//! Day files of the bank: every line once, whatever comes before, beside or after it.

use std::time::{Duration, Instant};

use budget_execution_contract::{DayFile, DayFileRefusal, DayFileStatus, VoucherStatus};
use serde_json::json;
use service_kit::{Page, Peer, PeerError};
use testkit::key;
use uuid::Uuid;

use crate::{
    bureau::{Bureau, receipt, signed_by_bank, with},
    world::{BASE, refusal},
};

/// A whole day of a debug build.
const PATIENCE: Duration = Duration::from_secs(600);

async fn deliver(bank: &Peer, file: String, key: &str) -> Result<DayFile, PeerError> {
    let request = bank.request(reqwest::Method::POST, &format!("{BASE}/bank-day-files")).unwrap();
    let request = request
        .header("Idempotency-Key", key)
        .header("Content-Type", "application/x-ndjson")
        .timeout(PATIENCE)
        .body(file);
    service_kit::peer::read(bank.send(request).await.unwrap()).await
}

fn line(pay_cert_no: &str, result: &str, amount: &str) -> String {
    serde_json::to_string(&signed_by_bank(&receipt(pay_cert_no, result, amount))).unwrap()
}

/// Copies of a voucher of 1.00 with the bank, as many as were reserved for.
async fn vouchers(bureau: &Bureau, bgt_id: Uuid, count: usize) -> Vec<String> {
    let sent = bureau.sent(bgt_id, &format!("{count}.00")).await;
    let clock = bureau.server.clock.clone();
    let database = service_kit::Database::open(&bureau.server.database, "budget-execution", clock).await.unwrap();
    let tx = database.begin_write().await.unwrap();
    copies(&tx, sent.pay_cert_id, sent.pay_app_id, count).await;
    tx.commit().await.unwrap();
    (1..=count).map(|number| format!("C{number:06}")).collect()
}

async fn copies(tx: &sea_orm::DatabaseTransaction, pay_cert_id: Uuid, pay_app_id: Uuid, count: usize) {
    use budget_execution::{payment, voucher};
    use sea_orm::{EntityTrait as _, IntoActiveModel as _};
    let voucher = voucher::store::voucher(tx, pay_cert_id).await.unwrap().unwrap();
    let application = payment::store::application(tx, pay_app_id).await.unwrap().unwrap();
    let one = "1.00".parse().unwrap();
    let numbers: Vec<usize> = (1..=count).collect();
    for chunk in numbers.chunks(400) {
        let (mut applications, mut vouchers) = (Vec::new(), Vec::new());
        for number in chunk {
            let (pay_app_id, reservation_id) = (Uuid::now_v7(), Uuid::now_v7());
            let mut application = application.clone();
            application.pay_app_id = pay_app_id;
            application.pay_app_no = format!("A{number:06}");
            application.pay_app_amt = one;
            application.reservation_id = Some(reservation_id);
            let mut voucher = voucher.clone();
            voucher.pay_cert_id = Uuid::now_v7();
            voucher.pay_cert_no = format!("C{number:06}");
            voucher.pay_app_id = pay_app_id;
            voucher.reservation_id = reservation_id;
            voucher.pay_amt = one;
            applications.push(application.into_active_model());
            vouchers.push(voucher.into_active_model());
        }
        payment::entity::application::Entity::insert_many(applications).exec_without_returning(tx).await.unwrap();
        voucher::entity::Entity::insert_many(vouchers).exec_without_returning(tx).await.unwrap();
    }
    let gone = [(pay_cert_id, "pay_voucher_bill", "pay_cert_id"), (pay_app_id, "pay_voucher", "pay_app_id")];
    for (id, table, column) in gone {
        let hex = id.simple().to_string();
        let statement = match sea_orm::ConnectionTrait::get_database_backend(tx) {
            sea_orm::DbBackend::Postgres => format!("DELETE FROM {table} WHERE {column} = '{id}'"),
            _ => format!("DELETE FROM {table} WHERE hex({column}) = upper('{hex}')"),
        };
        sea_orm::ConnectionTrait::execute_unprepared(tx, &statement).await.unwrap();
    }
}

fn counts(file: &DayFile) -> [u32; 5] {
    [file.line_count, file.settled_count, file.already_count, file.unmatched_count, file.refused_count]
}

/// A few thousand; `YITIHUA_DAY_FILE_LINES=50000` measures a whole day.
fn size() -> usize {
    std::env::var("YITIHUA_DAY_FILE_LINES").ok().and_then(|text| text.parse().ok()).unwrap_or(1200)
}

#[tokio::test]
async fn a_day_file_settles_thousands_once_however_often_it_is_sent() {
    let (bureau, count) = (Bureau::start().await, size());
    let bgt_id = bureau.indicator("100000.00").await;
    let numbers = vouchers(&bureau, bgt_id, count).await;
    let file: String = numbers.iter().map(|number| line(number, "PAID", "1.00") + "\n").collect();
    let begun = Instant::now();
    let first = deliver(&bureau.bank(), file.clone(), "day-1").await.unwrap();
    eprintln!("{count} lines in {:?}", begun.elapsed());
    let all = u32::try_from(count).unwrap();
    assert_eq!((first.status, counts(&first)), (DayFileStatus::Done, [all, all, 0, 0, 0]));
    let paid = format!("{count}.00");
    assert_eq!(bureau.stands(bgt_id).await[1..], ["0.00".to_owned(), paid.clone()]);
    assert_eq!(deliver(&bureau.bank(), file.clone(), "day-1").await.unwrap(), first, "the same answer");
    let again = deliver(&bureau.bank(), file, "day-2").await.unwrap();
    assert_eq!(counts(&again), [all, 0, all, 0, 0]);
    let other = deliver(&bureau.bank(), line("C000001", "PAID", "1.00"), "day-1").await;
    assert_eq!(refusal(other).code(), "IDEM-002");
    assert_eq!(bureau.stands(bgt_id).await[1..], ["0.00".to_owned(), paid]);
}

/// More than a body may hold that is read at once (8 MiB).
const PADDING: usize = 9;

#[tokio::test]
async fn a_file_longer_than_any_body_streams_and_its_lines_are_checked() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let number = vouchers(&bureau, bgt_id, 1).await.remove(0);
    let blank = " ".repeat(1024 * 1024) + "\n";
    let hidden = line("C000009", "PAID", "1.00").replace("C000009", "C\u{202e}9");
    let file = blank.repeat(PADDING) + &line(&number, "PAID", "1.00") + "\n" + &hidden;
    let taken = deliver(&bureau.bank(), file, &key()).await.unwrap();
    assert_eq!((taken.status, counts(&taken)), (DayFileStatus::Done, [2, 1, 0, 0, 1]));
    let path = format!("{BASE}/bank-day-files/{}/refusals", taken.file_id);
    let refusals: Page<DayFileRefusal> = bureau.bank().get(&path).await.unwrap();
    assert_eq!(refusals.items[0].code, "HTTP-422");
}

#[tokio::test]
async fn racing_sendings_of_one_file_and_single_receipts_settle_each_voucher_once() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let numbers = vouchers(&bureau, bgt_id, 24).await;
    let file: String = numbers.iter().map(|number| line(number, "PAID", "1.00") + "\n").collect();
    let bank = bureau.bank();
    let files = futures::future::join_all(["a", "b", "c"].map(|key| deliver(&bank, file.clone(), key)));
    let singles = futures::future::join_all(numbers.iter().map(|number| {
        let said = receipt(number, "PAID", "1.00");
        let bureau = &bureau;
        async move { bureau.receive(&said).await.unwrap()["outcome"] == "SETTLED" }
    }));
    let (files, singles) = tokio::join!(files, singles);
    let by_file: u32 = files.iter().map(|file| file.as_ref().unwrap().settled_count).sum();
    let by_receipt = u32::try_from(singles.iter().filter(|settled| **settled).count()).unwrap();
    assert_eq!(by_file + by_receipt, 24);
    assert_eq!(bureau.stands(bgt_id).await, ["976.00", "0.00", "24.00"]);
}

#[tokio::test]
async fn lines_that_cannot_be_taken_are_told_and_the_others_are_taken() {
    let bureau = Bureau::start().await;
    let bgt_id = bureau.indicator("1000.00").await;
    let sent = bureau.sent(bgt_id, "100.00").await;
    let failing = bureau.sent(bgt_id, "50.00").await;
    let forged = line(&failing.pay_cert_no, "PAID", "50.00").replace("50.00", "49.00");
    let returned = with(receipt(&sent.pay_cert_no, "RETURNED", "40.00"), "agent_business_no", json!("B2"));
    let lines = [
        line(&sent.pay_cert_no, "PAID", "100.00"),
        "not json".to_owned(),
        forged,
        String::new(),
        line(&sent.pay_cert_no, "PAID", "100.00"),
        line(&sent.pay_cert_no, "PAID", "99.00"),
        line(&failing.pay_cert_no, "FAILED", "0.00"),
        line("W999", "PAID", "1.00"),
        serde_json::to_string(&signed_by_bank(&returned)).unwrap(),
    ];
    let taken = deliver(&bureau.bank(), lines.join("\r\n"), &key()).await.unwrap();
    assert_eq!(counts(&taken), [8, 3, 1, 1, 3]);
    let path = format!("{BASE}/bank-day-files/{}", taken.file_id);
    let refused: Page<DayFileRefusal> = bureau.bank().get(&format!("{path}/refusals")).await.unwrap();
    let refused: Vec<_> = refused.items.iter().map(|line| (line.line_no, line.code.as_str())).collect();
    assert_eq!(refused, [(2, "HTTP-400"), (3, "CLR-103"), (6, "CLR-101")]);
    assert_eq!(bureau.voucher(failing.pay_cert_id).await.voucher_status, VoucherStatus::Failed);
    assert_eq!(bureau.stands(bgt_id).await, ["940.00", "0.00", "60.00"]);
    let read: DayFile = bureau.bank().get(&path).await.unwrap();
    assert_eq!(read, taken);
    let listed: Page<DayFile> = bureau.bank().get(&format!("{BASE}/bank-day-files")).await.unwrap();
    assert_eq!(listed.items, [taken]);
    bureau.verified().await;
}

#[tokio::test]
async fn only_a_bank_sends_day_files_and_only_under_a_key() {
    let bureau = Bureau::start().await;
    assert_eq!(refusal(deliver(&bureau.treasury(), String::new(), "x").await).code(), "AUTH-004");
    assert_eq!(refusal(deliver(&bureau.bank(), String::new(), "").await).code(), "IDEM-001");
    let empty = deliver(&bureau.bank(), String::new(), "x").await.unwrap();
    assert_eq!(counts(&empty), [0; 5]);
    let other = bureau.server.identity.token("another-bank", &[common_types::Role::B1], "360000000", None);
    let path = format!("{BASE}/bank-day-files/{}", empty.file_id);
    let foreign: Result<DayFile, _> = bureau.server.client(&other).get(&path).await;
    assert_eq!(refusal(foreign).status().as_u16(), 404);
}
