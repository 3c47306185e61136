//! (a) What PostgreSQL itself does with one payment as one statement per transaction: pgbench, prepared statements.
//! "(a) pgbench" has the effect of a submission, row for row: reservation with its guard, head and both entries,
//! application, workflow step and log, event, idempotency record, audit row. "(a) ledger only" leaves out what belongs to
//! the document and the request.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use crate::{
    books::{AGENCY, Books, CLERK, DIVISION, HOT, INDICATORS},
    clients::{self, MEASURED},
    table::{BASE, Figures, Line, Load, Table},
};

const LEDGER_ONLY: &str = "(a) ledger only";
const DRAFTS: usize = 60_000;
/// The length of what a submission is answered with.
const ANSWER: usize = 1_500;

/// The program.
pub struct Pgbench(PathBuf);

/// pgbench beside the server, or on the path.
pub fn find() -> Option<Pgbench> {
    let mut folders: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .map(|versions| versions.filter_map(Result::ok).map(|version| version.path().join("bin")).collect())
        .unwrap_or_default();
    folders.sort();
    folders.reverse();
    if let Ok(told) = Command::new("pg_config").arg("--bindir").output() {
        folders.push(PathBuf::from(String::from_utf8_lossy(&told.stdout).trim()));
    }
    folders.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    let found = folders.into_iter().map(|folder| folder.join("pgbench")).find(|program| program.is_file());
    if found.is_none() {
        eprintln!("pgbench is not here; (a) is left out");
    }
    found.map(Pgbench)
}

impl Pgbench {
    pub async fn measure(&self, books: &Books, load: Load, table: &mut Table) {
        for clients in clients::counts() {
            let figures = self.run(books, clients, &ledger_script(load));
            table.add(Line { way: LEDGER_ONLY, load, clients, figures });
        }
        for clients in clients::counts() {
            let drafts = books.drafts(if clients == 1 { DRAFTS / 4 } else { DRAFTS }, load).await;
            number_drafts(books, drafts.len()).await;
            let figures = self.run(books, clients, &whole_script());
            table.add(Line { way: BASE, load, clients, figures });
        }
    }

    fn run(&self, books: &Books, clients: usize, script: &str) -> Figures {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("payment.sql");
        fs::write(&file, script).unwrap();
        let seconds = MEASURED.as_secs().to_string();
        let (clients, threads) = (clients.to_string(), clients.min(2).to_string());
        let url = books.settings.url.reveal();
        let run = Command::new(&self.0)
            .args(["-n", "-M", "prepared", "-T", &seconds, "-c", &clients, "-j", &threads, "--log", "-f"])
            .arg(&file)
            .arg(url)
            .current_dir(folder.path())
            .env("PGOPTIONS", "-c search_path=budget_execution")
            .stdout(Stdio::null())
            .output()
            .unwrap();
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        Figures::of(MEASURED, times(folder.path()))
    }
}

/// The time of every transaction, from the logs of all threads: the third word of a line, in microseconds.
fn times(folder: &Path) -> Vec<Duration> {
    let logs = fs::read_dir(folder).unwrap().filter_map(Result::ok).map(|entry| entry.path());
    let logs = logs.filter(|path| path.file_name().unwrap().to_string_lossy().starts_with("pgbench_log"));
    let micros = |line: &str| line.split_whitespace().nth(2).and_then(|word| word.parse().ok());
    logs.flat_map(|log| {
        let text = fs::read_to_string(log).unwrap();
        text.lines().filter_map(micros).map(Duration::from_micros).collect::<Vec<_>>()
    })
    .collect()
}

/// The guard, the reservation and its entries, as clauses of one statement; `chosen` names the indicator.
fn ledger_clauses() -> String {
    let balance =
        |account: &str| format!("mof_div_code = '{DIVISION}' AND fiscal_year = 2026 AND acct_cls_code = '{account}'");
    let (executable, in_payment) = (balance("6101"), balance("7101"));
    format!(
        "open_year AS (SELECT 1 FROM glb_year WHERE mof_div_code = '{DIVISION}' AND fiscal_year = 2026 \
             AND close_time IS NULL FOR SHARE), \
         guarded AS (UPDATE glb_bal SET bal_amt = bal_amt - 1000, cr_amt = cr_amt + 1000 WHERE {executable} \
             AND key_id = (SELECT key_id FROM chosen) AND bal_amt >= 1000 AND EXISTS (SELECT 1 FROM open_year) \
             RETURNING key_id), \
         reserved AS (UPDATE glb_bal SET bal_amt = bal_amt + 1000, dr_amt = dr_amt + 1000 WHERE {in_payment} \
             AND key_id = (SELECT key_id FROM guarded) RETURNING key_id), \
         head AS (INSERT INTO glb_vou_head SELECT '{DIVISION}', gen_random_uuid(), 2026, '2026-03-01', \
             gen_random_uuid(), 'E16', 1, 'payments/' || key_id, repeat('a', 64), now() FROM reserved \
             RETURNING vou_id), \
         entries AS (INSERT INTO glb_vou_detail SELECT '{DIVISION}', vou_id, seq, 2026, account, key_id, side, 1000, \
             'E16', '2026-03-01', now() FROM head, reserved, (VALUES (1, '7101', 1), (2, '6101', -1)) \
             AS sides(seq, account, side)), \
         event AS (INSERT INTO outbox SELECT gen_random_uuid(), 'budget-execution.payment.submitted', vou_id::text, \
             json_build_object('pay_app_no', repeat('x', 300)), now(), false FROM head)"
    )
}

fn ledger_script(load: Load) -> String {
    let last = if load == Load::Hot { HOT } else { INDICATORS - 1 };
    format!(
        "\\set n random(0, {last})\n\
         WITH chosen AS (SELECT CAST('00000000-0000-7000-8000-' || lpad(CAST(:n AS text), 12, '0') AS uuid) AS key_id), \
         {} SELECT vou_id FROM head;\n",
        ledger_clauses()
    )
}

fn whole_script() -> String {
    let draft = format!(
        "draft AS (SELECT pay_app_id FROM bench_draft WHERE number = (SELECT nextval('bench_next'))), \
         chosen AS (SELECT bgt_id AS key_id FROM pay_voucher WHERE mof_div_code = '{DIVISION}' \
             AND pay_app_id = (SELECT pay_app_id FROM draft)), \
         step AS (UPDATE workflow_document SET status = 'IN_REVIEW', version = version + 1, last_person = '{CLERK}', \
             update_time = now() WHERE mof_div_code = '{DIVISION}' AND document_id = (SELECT pay_app_id FROM draft) \
             AND version = 1 RETURNING document_id)"
    );
    format!(
        "WITH {draft}, {}, \
         log AS (INSERT INTO workflow_log SELECT '{DIVISION}', gen_random_uuid(), document_id, 'submit', NULL, 'DRAFT', \
             'IN_REVIEW', '{CLERK}', '{CLERK}', '', repeat('b', 64), repeat('c', 64), now() FROM step), \
         application AS (UPDATE pay_voucher SET pay_status = 'IN_REVIEW', reservation_id = (SELECT vou_id FROM head), \
             warn_ids = '{{\"all\": [], \"pending\": []}}', pay_acct_name = '南昌县第一小学', \
             pay_acct_bank_name = '中国工商银行', update_time = now() WHERE mof_div_code = '{DIVISION}' \
             AND pay_app_id = (SELECT document_id FROM step) AND pay_status = 'DRAFT' RETURNING pay_app_id), \
         record AS (INSERT INTO idempotency_record SELECT '{CLERK}', gen_random_uuid()::text, 'POST /payments', \
             repeat('d', 64), 200, repeat('e', {ANSWER}) FROM application), \
         audit AS (INSERT INTO audit_log SELECT gen_random_uuid(), '{CLERK}', '{AGENCY}', '{DIVISION}', \
             'POST /payments', repeat('d', 64), repeat('e', 64), repeat('f', 32), now() FROM application) \
         SELECT pay_app_id FROM application;\n",
        ledger_clauses()
    )
}

/// Numbers the drafts that are left, so that every transaction takes another one.
async fn number_drafts(books: &Books, count: usize) {
    for statement in [
        "DROP TABLE IF EXISTS bench_draft",
        "DROP SEQUENCE IF EXISTS bench_next",
        "CREATE SEQUENCE bench_next",
        "CREATE TABLE bench_draft (number BIGINT PRIMARY KEY, pay_app_id UUID NOT NULL)",
    ] {
        books.execute(statement).await;
    }
    let newest = format!(
        "INSERT INTO bench_draft SELECT row_number() OVER (), pay_app_id FROM (SELECT pay_app_id FROM pay_voucher \
         WHERE pay_status = 'DRAFT' ORDER BY create_time DESC LIMIT {count}) AS newest"
    );
    books.execute(&newest).await;
    books.execute("ANALYZE bench_draft").await;
}
