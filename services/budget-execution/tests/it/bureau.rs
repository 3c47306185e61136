//! A unit, its reviewer, the treasury division, the bank and the monitor, around the service on an empty database.

use std::sync::{Arc, Mutex, atomic::AtomicBool};

use budget_execution::config::TrustedBank;
use budget_execution_contract::{
    BankReceipt, Certificate, Indicator, IndicatorAmounts, Payment, SignAlgorithm, Verification, Voucher, VoucherStatus,
};
use common_types::{Money, Role};
use serde_json::{Value, json};
use service_kit::{Clock, Page, Peer, PeerError, config::DatabaseSettings, host::Start};
use testkit::{Server, key};
use uuid::Uuid;

use crate::{
    stubs::stubs,
    world::{BASE, DIVISION, Monitor, annual_line, approval},
};

pub const AGENCY: &str = "101001";
pub const PAYER: &str = "36001050300050000001";
pub const PAYEE: &str = "62220202020202";
pub const DAY: &str = "2026-03-10";

pub fn yuan(text: &str) -> Money {
    text.parse().unwrap()
}

pub struct Bureau {
    pub server: Server,
    /// What `base-info` says of the payer's account from now on.
    pub payer_is_stopped: Arc<AtomicBool>,
    stopped_units: Arc<Mutex<Vec<String>>>,
    /// How many payments each question to `base-info` and each to the monitor was about.
    questions: Arc<Mutex<Vec<usize>>>,
}

impl Bureau {
    /// With a bank whose receipts do not arrive: tests deliver their own.
    pub async fn start() -> Self {
        Self::start_on(|database| database).await
    }

    /// The same, on a database with other settings.
    pub async fn start_on(change: fn(DatabaseSettings) -> DatabaseSettings) -> Self {
        Self::start_with(bank::Config::default(), change).await
    }

    /// With a bank that signs in as itself, so that its receipts arrive.
    pub async fn start_with_delivering_bank() -> Self {
        let bank = bank::Config { client_id: "bank".to_owned(), ..bank::Config::default() };
        Self::start_with(bank, |database| database).await
    }

    async fn start_with(bank: bank::Config, change: fn(DatabaseSettings) -> DatabaseSettings) -> Self {
        let clock = Clock::manual("2026-03-10T02:00:00Z".parse().unwrap());
        let payer_is_stopped = Arc::new(AtomicBool::new(false));
        let stopped_units = Arc::<Mutex<Vec<String>>>::default();
        let questions = Arc::<Mutex<Vec<usize>>>::default();
        let told = (payer_is_stopped.clone(), stopped_units.clone(), questions.clone());
        let server = Server::start_with(clock, move |surroundings, database| async move {
            let bank = bank::module(bank, &surroundings).unwrap();
            let start = Start { surroundings, database: change(database), config: config() };
            Ok(vec![budget_execution::start(start).await?, bank, stubs(told), Monitor::default().module()])
        })
        .await;
        let bureau = Self { server, payer_is_stopped, stopped_units, questions };
        for signer in ["reviewer", "treasury", "treasury-2"] {
            bureau.certify(signer, "SM2", ("2026-01-01", "2026-12-31")).await.unwrap();
        }
        bureau
    }

    /// The same people around a server that others have started.
    pub fn around(server: Server) -> Self {
        Self { server, payer_is_stopped: Arc::default(), stopped_units: Arc::default(), questions: Arc::default() }
    }

    /// `base-info` says from now on that these units, and no others, were stopped.
    pub fn stop_units(&self, codes: &[&str]) {
        *self.stopped_units.lock().unwrap() = codes.iter().map(|code| (*code).to_owned()).collect();
    }

    /// How many payments each question to a peer was about since this was asked last.
    pub fn questions(&self) -> Vec<usize> {
        std::mem::take(&mut self.questions.lock().unwrap())
    }

    /// Issues a signer's certificate.
    pub async fn certify(&self, holder: &str, algorithm: &str, valid: (&str, &str)) -> Result<Certificate, PeerError> {
        let body = json!({
            "mof_div_code": DIVISION, "holder": holder, "holder_name": holder, "usage": "SIGNER",
            "sign_algorithm": algorithm, "valid_from": valid.0, "valid_to": valid.1,
        });
        self.admin().post(&format!("{BASE}/certificates"), &body, &key()).await
    }

    pub fn admin(&self) -> Peer {
        self.person("admin", &[Role::M7], "360000000", None)
    }

    pub fn person(&self, name: &str, roles: &[Role], division: &str, agency: Option<&str>) -> Peer {
        self.server.client(&self.server.identity.token(name, roles, division, agency))
    }

    pub fn clerk(&self) -> Peer {
        self.person("clerk", &[Role::U1], DIVISION, Some(AGENCY))
    }

    pub fn reviewer(&self) -> Peer {
        self.person("reviewer", &[Role::U2], DIVISION, Some(AGENCY))
    }

    pub fn sector(&self) -> Peer {
        self.person("sector", &[Role::M1], DIVISION, None)
    }

    pub fn treasury(&self) -> Peer {
        self.person("treasury", &[Role::M3], DIVISION, None)
    }

    pub fn other_treasury(&self) -> Peer {
        self.person("treasury-2", &[Role::M3], DIVISION, None)
    }

    pub fn stranger(&self) -> Peer {
        self.person("stranger", &[Role::U1, Role::U2], DIVISION, Some("205001"))
    }

    pub fn bank(&self) -> Peer {
        self.person("bank", &[Role::B1], "360000000", None)
    }

    pub fn platform(&self) -> Peer {
        self.server.client(&self.server.identity.service_token())
    }

    /// A new executable indicator of the unit.
    pub async fn indicator(&self, amount: &str) -> Uuid {
        self.indicator_of(amount, json!({})).await
    }

    /// The same with other elements.
    pub async fn indicator_of(&self, amount: &str, changes: Value) -> Uuid {
        let pman = Uuid::now_v7().to_string();
        let mut line = annual_line(&pman, Some(AGENCY), amount);
        for (field, value) in changes.as_object().unwrap() {
            line[field] = value.clone();
        }
        let data = approval(1, &format!("洪财预〔2026〕{}号", key()), vec![line], vec![]);
        let event = json!({
            "specversion": "1.0", "id": key(), "source": "budget-compilation",
            "type": "budget-compilation.approval.granted", "subject": "x",
            "time": "2026-01-05T00:00:00Z", "data": data,
        });
        let _: Value = self.platform().post(&format!("{BASE}/events"), &event, &key()).await.unwrap();
        let all = self.indicators().await;
        all.into_iter().find(|one| one.bgt_pman_id.as_deref() == Some(pman.as_str())).unwrap().bgt_id
    }

    async fn indicators(&self) -> Vec<Indicator> {
        let path = format!("{BASE}/indicators?agency_code={AGENCY}&page_size=1000");
        let page: Page<Indicator> = self.treasury().get(&path).await.unwrap();
        page.items
    }

    pub async fn amounts(&self, bgt_id: Uuid) -> IndicatorAmounts {
        self.indicators().await.into_iter().find(|one| one.bgt_id == bgt_id).unwrap().amounts
    }

    /// What is available, in payment and paid.
    pub async fn stands(&self, bgt_id: Uuid) -> [String; 3] {
        let amounts = self.amounts(bgt_id).await;
        [amounts.available, amounts.in_payment, amounts.paid].map(|amount| amount.to_string())
    }

    pub async fn draft(&self, body: &Value) -> Result<Payment, PeerError> {
        self.clerk().post(&format!("{BASE}/payments"), body, &key()).await
    }

    pub async fn drafted(&self, bgt_id: Uuid, amount: &str) -> Payment {
        self.draft(&payment(bgt_id, amount)).await.unwrap()
    }

    pub async fn act(&self, who: &Peer, pay_app_id: Uuid, action: &str) -> Result<Payment, PeerError> {
        who.post(
            &format!("{BASE}/payments/{pay_app_id}/actions"),
            &json!({"action": action, "opinion": "依规办理"}),
            &key(),
        )
        .await
    }

    pub async fn payment(&self, pay_app_id: Uuid) -> Payment {
        self.clerk().get(&format!("{BASE}/payments/{pay_app_id}")).await.unwrap()
    }

    pub async fn submitted(&self, bgt_id: Uuid, amount: &str) -> Payment {
        let drafted = self.drafted(bgt_id, amount).await;
        self.act(&self.clerk(), drafted.pay_app_id, "submit").await.unwrap()
    }

    pub async fn approved(&self, bgt_id: Uuid, amount: &str) -> Payment {
        let submitted = self.submitted(bgt_id, amount).await;
        self.act(&self.reviewer(), submitted.pay_app_id, "approve").await.unwrap()
    }

    pub async fn vouchered(&self, pay_app_id: Uuid) -> Result<Voucher, PeerError> {
        self.reviewer().post(&format!("{BASE}/vouchers"), &json!({"pay_app_id": pay_app_id}), &key()).await
    }

    pub async fn do_voucher(&self, who: &Peer, pay_cert_id: Uuid, action: &str) -> Result<Voucher, PeerError> {
        who.post(&format!("{BASE}/vouchers/{pay_cert_id}/actions"), &json!({"action": action}), &key()).await
    }

    pub async fn voucher(&self, pay_cert_id: Uuid) -> Voucher {
        self.clerk().get(&format!("{BASE}/vouchers/{pay_cert_id}")).await.unwrap()
    }

    /// Takes an approved application through its voucher to the bank's receipt; the treasury does all of it.
    pub async fn pay(&self, pay_app_id: Uuid) -> Voucher {
        let made: Voucher = self
            .treasury()
            .post(&format!("{BASE}/vouchers"), &json!({"pay_app_id": pay_app_id}), &key())
            .await
            .unwrap();
        self.do_voucher(&self.other_treasury(), made.pay_cert_id, "sign").await.unwrap();
        self.certify("treasury-3", "SM2", ("2026-01-01", "2026-12-31")).await.unwrap();
        let third = self.person("treasury-3", &[Role::M3], DIVISION, None);
        self.do_voucher(&third, made.pay_cert_id, "seal").await.unwrap();
        let sent = self.do_voucher(&self.treasury(), made.pay_cert_id, "send").await.unwrap();
        let amount = sent.pay_amt.to_string();
        self.settled(sent, &amount).await
    }

    /// A voucher over the amount with both stamps.
    pub async fn signed(&self, bgt_id: Uuid, amount: &str) -> Voucher {
        let approved = self.approved(bgt_id, amount).await;
        let voucher = self.vouchered(approved.pay_app_id).await.unwrap();
        self.do_voucher(&self.treasury(), voucher.pay_cert_id, "sign").await.unwrap();
        self.do_voucher(&self.other_treasury(), voucher.pay_cert_id, "seal").await.unwrap()
    }

    /// A voucher that the bank has taken.
    pub async fn sent(&self, bgt_id: Uuid, amount: &str) -> Voucher {
        let signed = self.signed(bgt_id, amount).await;
        self.do_voucher(&self.treasury(), signed.pay_cert_id, "send").await.unwrap()
    }

    /// A voucher that the bank has paid.
    pub async fn paid(&self, bgt_id: Uuid, amount: &str) -> Voucher {
        let sent = self.sent(bgt_id, amount).await;
        self.settled(sent, amount).await
    }

    /// A drafted application, taken all the way until the bank has paid.
    pub async fn paid_draft(&self, pay_app_id: Uuid, amount: &str) -> Voucher {
        self.act(&self.clerk(), pay_app_id, "submit").await.unwrap();
        self.act(&self.reviewer(), pay_app_id, "approve").await.unwrap();
        let voucher = self.vouchered(pay_app_id).await.unwrap();
        self.do_voucher(&self.treasury(), voucher.pay_cert_id, "sign").await.unwrap();
        self.do_voucher(&self.other_treasury(), voucher.pay_cert_id, "seal").await.unwrap();
        let sent = self.do_voucher(&self.treasury(), voucher.pay_cert_id, "send").await.unwrap();
        self.settled(sent, amount).await
    }

    pub async fn settled(&self, sent: Voucher, amount: &str) -> Voucher {
        let state: budget_execution_contract::BankVoucherState = self
            .platform()
            .get(&format!("/api/bank/v1/vouchers/{}?mof_div_code={DIVISION}", sent.pay_cert_no))
            .await
            .unwrap();
        let mut said = receipt(&sent.pay_cert_no, "PAID", amount);
        said["agent_business_no"] = json!(state.agent_business_no);
        self.receive(&said).await.unwrap();
        self.voucher(sent.pay_cert_id).await
    }

    /// Delivers a receipt with the bank's signature.
    pub async fn receive(&self, receipt: &Value) -> Result<Value, PeerError> {
        self.bank().post(&format!("{BASE}/bank-receipts"), &signed_by_bank(receipt), &key()).await
    }

    /// The voucher as soon as it is as awaited; its last state when it does not become so.
    pub async fn until(&self, pay_cert_id: Uuid, awaited: VoucherStatus) -> Voucher {
        const MOST_READS: usize = 3000;
        for _ in 0..MOST_READS {
            let voucher = self.voucher(pay_cert_id).await;
            if voucher.voucher_status == awaited {
                return voucher;
            }
        }
        panic!("{pay_cert_id} never became {awaited:?}");
    }

    pub async fn behave_for(&self, pay_cert_no: &str, behaviour: &str) {
        let body = json!({"pay_cert_no": pay_cert_no, "behaviour": behaviour});
        let _: Value = self.platform().put("/api/bank/v1/behaviours", &body, None).await.unwrap();
    }

    pub async fn behave(&self, payee: &str, behaviour: &str) {
        let body = json!({"payee_acct_no": payee, "behaviour": behaviour});
        let _: Value = self.platform().put("/api/bank/v1/behaviours", &body, None).await.unwrap();
    }

    /// Decides a setting of the division and goes on to the next day, on which it holds.
    pub async fn set(&self, setting_key: &str, setting_value: Value) {
        let tomorrow = self.server.clock.now() + chrono::Duration::days(1);
        let body = json!({
            "mof_div_code": DIVISION, "setting_key": setting_key, "setting_value": setting_value,
            "start_date": service_kit::clock::china_date(tomorrow), "reason": "洪财库〔2026〕1号",
        });
        let change: Value = self.treasury().post(&format!("{BASE}/setting-changes"), &body, &key()).await.unwrap();
        let path = format!("{BASE}/setting-changes/{}/actions", change["setting_id"].as_str().unwrap());
        let _: Value = self.treasury().post(&path, &json!({"action": "submit"}), &key()).await.unwrap();
        let _: Value = self.other_treasury().post(&path, &json!({"action": "approve"}), &key()).await.unwrap();
        self.server.clock.set(tomorrow);
    }

    /// The books balance and agree with their entries.
    pub async fn verified(&self) {
        let report = self.verification().await;
        assert!(report.ok, "{report:?}");
    }

    pub async fn verification(&self) -> Verification {
        let auditor = self.person("m5", &[Role::M5], DIVISION, None);
        auditor.post(&format!("{BASE}/verifications"), &json!({}), &key()).await.unwrap()
    }
}

fn config() -> budget_execution::Config {
    let bank = TrustedBank {
        holder: "bank".to_owned(),
        mof_div_code: "360000000".parse().unwrap(),
        sign_algorithm: SignAlgorithm::Ed25519,
        public_key: bank::Seal::of(&bank::Config::default()).public_key(),
    };
    budget_execution::Config { banks: vec![bank], ..budget_execution::Config::default() }
}

/// The receipt as the bank delivers it.
pub fn signed_by_bank(receipt: &Value) -> BankReceipt {
    bank::Seal::of(&bank::Config::default()).sign(serde_json::from_value(receipt.clone()).unwrap())
}

pub fn payment(bgt_id: Uuid, amount: &str) -> Value {
    json!({
        "mof_div_code": DIVISION, "fiscal_year": 2026, "agency_code": AGENCY, "bgt_id": bgt_id,
        "pay_app_amt": amount, "dep_bgt_eco_code": "30201", "pay_bus_type_code": "1", "set_mode_code": "1",
        "fund_traobj_type_code": "31", "use_des": "办公用纸采购", "pay_acct_no": PAYER,
        "payee_acct_name": "南昌纸业有限公司", "payee_acct_no": PAYEE, "payee_acct_bank_name": "中国银行南昌分行",
        "payee_acct_bank_code": "104421000001",
    })
}

/// A payment to many payees.
pub fn batch(bgt_id: Uuid, amount: &str, details: Value) -> Value {
    with(with(payment(bgt_id, amount), "pay_bus_type_code", json!("4")), "details", details)
}

pub fn with(mut body: Value, field: &str, value: Value) -> Value {
    body[field] = value;
    body
}

pub fn receipt(pay_cert_no: &str, result: &str, amount: &str) -> Value {
    json!({
        "mof_div_code": DIVISION, "pay_cert_no": pay_cert_no, "result": result, "xpay_amt": amount,
        "xpay_date": DAY, "agent_business_no": "B1", "receipt_add_word": "",
    })
}
