//! A database with funded indicators, and drafts of payments on them.

use budget_execution::{
    ledger::{self, Entry, Posting, Slot},
    payment::entity::{Standing, Variant, application},
};
use common_types::{
    AgencyType, BgtTypeCode, DivisionCode, FiscalYear, Money, PayTypeCode,
    ledger::{Account, Template},
};
use sea_orm::{ActiveModelTrait as _, ConnectionTrait as _, DbBackend, IntoActiveModel as _};
use serde_json::json;
use service_kit::{Clock, Database, config::DatabaseSettings, store::rows};
use uuid::Uuid;

use crate::table::Load;

pub const INDICATORS: usize = 5_000;
pub const DIVISION: &str = "360121000";
pub const AGENCY: &str = "205009";
pub const CLERK: &str = "clerk";
const DRAFTS_PER_INSERT: usize = 5_000;
/// The indicator that everybody wants.
pub const HOT: usize = 0;

pub struct Books {
    pub database: Database,
    pub settings: DatabaseSettings,
}

/// The indicator of this number; pgbench makes the same text.
pub fn indicator(number: usize) -> Uuid {
    format!("00000000-0000-7000-8000-{number:012}").parse().unwrap()
}

fn division() -> DivisionCode {
    DIVISION.parse().unwrap()
}

fn year() -> FiscalYear {
    2026_u16.try_into().unwrap()
}

impl Books {
    /// An empty database with funded indicators.
    pub async fn open() -> Self {
        let settings = testkit::settings().await;
        let database = Database::open(&settings, budget_execution::NAME, Clock::System).await.unwrap();
        database.migrate::<migrations::budget_execution::Migrator>().await.unwrap();
        let books = Self { database, settings };
        books.fund().await;
        books
    }

    pub fn is_postgres(&self) -> bool {
        self.database.backend() == DbBackend::Postgres
    }

    async fn fund(&self) {
        let amount = "1000000000.00".parse().unwrap();
        let source = Slot::new(Account::CarryOverSource, Uuid::nil());
        let postings: Vec<Posting> = (0..INDICATORS)
            .map(|number| Posting {
                event_id: Uuid::now_v7(),
                template: Template::E30,
                line: 1,
                mof_div_code: division(),
                fiscal_year: year(),
                vou_date: year().first_day(),
                source_doc: "bench".to_owned(),
                entries: vec![
                    Entry::new(Slot::new(Account::Executable, indicator(number)), source, amount),
                    // both balances exist from the beginning, for pgbench
                    Entry::new(Slot::new(Account::InPayment, indicator(number)), source, amount),
                ],
            })
            .collect();
        let tx = self.database.begin_write().await.unwrap();
        ledger::post(&tx, self.database.clock().now(), &postings).await.unwrap();
        tx.commit().await.unwrap();
        self.analyze().await;
    }

    /// Statistics as a database that has been running for a while would have them.
    async fn analyze(&self) {
        self.execute("ANALYZE").await;
    }

    pub async fn execute(&self, sql: &str) {
        let tx = self.database.begin_write().await.unwrap();
        tx.execute_unprepared(sql).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// New drafts, ready to be submitted.
    pub async fn drafts(&self, count: usize, load: Load) -> Vec<application::Model> {
        let bearer = |number: usize| indicator(if load == Load::Hot { HOT } else { number % INDICATORS });
        let drafts: Vec<_> = (0..count).map(|number| draft(Uuid::now_v7(), bearer(number))).collect();
        for chunk in drafts.chunks(DRAFTS_PER_INSERT) {
            let tx = self.database.begin_write().await.unwrap();
            let inserted = chunk.iter().map(|draft| draft.clone().into_active_model().reset_all());
            rows::insert(&tx, inserted.collect()).await.unwrap();
            tx.commit().await.unwrap();
        }
        let chain = budget_execution::CHAINS.resolve("payment", &division(), "10.00".parse().unwrap());
        let chain = serde_json::to_string(&chain).unwrap();
        self.execute(&format!(
            "INSERT INTO workflow_document (mof_div_code, document_id, document_type, fiscal_year, agency_code, status, \
             node, chain, version, maker, maker_person, last_person, update_time) \
             SELECT mof_div_code, pay_app_id, 'payment', fiscal_year, agency_code, 'DRAFT', 0, '{chain}', 1, \
             '{CLERK}', '{CLERK}', '', update_time FROM pay_voucher AS drafted WHERE pay_status = 'DRAFT' \
             AND NOT EXISTS (SELECT 1 FROM workflow_document WHERE document_id = drafted.pay_app_id)"
        ))
        .await;
        self.analyze().await;
        drafts
    }
}

fn draft(pay_app_id: Uuid, bgt_id: Uuid) -> application::Model {
    let now = chrono::Utc::now();
    application::Model {
        mof_div_code: division(),
        pay_app_id,
        pay_app_no: format!("SQ-{pay_app_id}"),
        fiscal_year: year(),
        agency_code: AGENCY.parse().unwrap(),
        agency_name: "南昌县第一小学".to_owned(),
        agency_type_code: AgencyType::Institution,
        bgt_id,
        bgt_type_code: BgtTypeCode::CurrentYear,
        pro_code: "360121261000000000001".parse().unwrap(),
        pro_name: "日常公用经费".to_owned(),
        pro_kind_code: None,
        exp_func_code: "2050202".parse().unwrap(),
        gov_bgt_eco_code: "50502".parse().unwrap(),
        dep_bgt_eco_code: "30201".parse().unwrap(),
        fund_type_code: "111".parse().unwrap(),
        manage_mof_dep_code: None,
        pay_type_code: PayTypeCode::Treasury,
        pay_bus_type_code: "1".parse().unwrap(),
        set_mode_code: "1".parse().unwrap(),
        fund_traobj_type_code: "31".parse().unwrap(),
        use_des: "办公用纸采购".to_owned(),
        pay_app_amt: "10.00".parse().unwrap(),
        xpay_amt: Money::ZERO,
        pay_acct_no: "21360121205009".parse().unwrap(),
        pay_acct_name: "南昌县第一小学".to_owned(),
        pay_acct_bank_name: "中国工商银行".to_owned(),
        payee_acct_name: "南昌县文华办公用品有限公司".to_owned(),
        payee_acct_no: "62220000000001".parse().unwrap(),
        payee_acct_bank_name: "中国银行南昌县支行".to_owned(),
        payee_acct_bank_code: "104421000123".to_owned(),
        contract_no: None,
        pay_variant: Variant::UnitZeroBalance,
        apply_agency_code: None,
        foreign_amt: None,
        currency_code: None,
        est_rat: None,
        receiver_code: None,
        internal_dep_code: None,
        bond_code: None,
        pro_loangrant_num: None,
        entpay_app_no: None,
        pay_month: None,
        is_prepayment: false,
        draft_available_amt: Money::ZERO,
        commitment_id: None,
        close_commitment: false,
        is_contrlbyplan: false,
        explanation: String::new(),
        attachments: json!([]),
        is_gov_pur: false,
        create_date: now.date_naive(),
        pay_status: Standing::Draft,
        reservation_id: None,
        warn_ids: json!({"all": [], "pending": []}),
        create_time: now,
        update_time: now,
    }
}
