//! (b) The engine in process: submissions through the queue that shares commits, without HTTP and without peers.

use std::sync::Arc;

use budget_execution::{
    cash_plan::control::PlanLayer,
    payment::{
        entity::application,
        reservation::{Submission, Together},
        submission::Cleared,
    },
};
use budget_execution_contract::PaymentDraft;
use common_types::Role;
use serde_json::json;
use service_kit::{
    Caller, Clock,
    http::group::{AsTheyCome, Grouped, Queue},
};
use tokio::task::JoinSet;
use uuid::Uuid;
use workflow::{Action, ActionRequest};

use crate::{
    books::{AGENCY, Books, CLERK, DIVISION},
    clients,
    table::{Figures, Line, Load, Table},
};

const WAY: &str = "(b) engine";
const CROWD: usize = 32;

/// A queue with the workers that the service gives it, until dropped.
struct Engine {
    queue: Queue<Submission>,
    _committers: JoinSet<()>,
}

impl Engine {
    fn start(books: &Books) -> Self {
        let queue = Queue::default();
        let mut committers = JoinSet::new();
        for _ in 0..budget_execution::GROUPS_ON_THEIR_WAY {
            let serve = queue.clone().serve(books.database.clone(), AsTheyCome, Together(Clock::System));
            committers.spawn(async move {
                let _never = serve.await;
            });
        }
        Self { queue, _committers: committers }
    }

    async fn run(&self, clients: usize, drafts: Vec<application::Model>) -> Figures {
        let (queue, clerk, content) = (self.queue.clone(), clerk(), content());
        clients::run(clients, drafts, move |draft| {
            let (queue, clerk, content) = (queue.clone(), clerk.clone(), content.clone());
            async move {
                let submission = submission(draft, content);
                let key = submission.pay_app_id.to_string();
                let command = Grouped::of(clerk, submission, key, "POST /payments");
                let answer = queue.ask(command).await.expect("nothing goes alone").expect("nothing is refused");
                assert_eq!(answer.status.as_u16(), 200);
            }
        })
        .await
    }
}

fn clerk() -> Caller {
    testkit::Identity::caller(CLERK, &[Role::U1], DIVISION, Some(AGENCY))
}

fn content() -> Arc<PaymentDraft> {
    let draft = json!({
        "mof_div_code": DIVISION, "fiscal_year": 2026, "agency_code": AGENCY, "bgt_id": Uuid::nil(),
        "pay_app_amt": "10.00", "dep_bgt_eco_code": "30201", "pay_bus_type_code": "1", "set_mode_code": "1",
        "fund_traobj_type_code": "31", "use_des": "办公用纸采购", "pay_acct_no": "21360121205009",
        "payee_acct_name": "南昌县文华办公用品有限公司", "payee_acct_no": "62220000000001",
        "payee_acct_bank_name": "中国银行南昌县支行", "payee_acct_bank_code": "104421000123",
    });
    Arc::new(serde_json::from_value(draft).unwrap())
}

fn submission(application: application::Model, content: Arc<PaymentDraft>) -> Submission {
    let pay_app_id = application.pay_app_id;
    let cleared = Cleared {
        version: 1,
        application: Arc::new(application),
        is_held: false,
        warn_ids: Vec::new(),
        pay_acct_name: "南昌县第一小学".to_owned(),
        pay_acct_bank_name: "中国工商银行".to_owned(),
        plan: PlanLayer::default(),
        content,
        notices: Vec::new(),
    };
    Submission {
        pay_app_id,
        request: ActionRequest { action: Action::Submit, opinion: String::new(), version: None },
        cleared,
    }
}

/// Enough drafts for the time of one measurement.
fn enough(clients: usize) -> usize {
    if clients == 1 { 6_000 } else { 60_000 }
}

pub async fn measure(books: &Books, load: Load, table: &mut Table) {
    let engine = Engine::start(books);
    for clients in clients::counts() {
        let drafts = books.drafts(enough(clients), load).await;
        let figures = engine.run(clients, drafts).await;
        table.add(Line { way: WAY, load, clients, figures });
    }
}

/// What a crowd on one indicator does to the payments of everybody else.
pub async fn measure_beside_a_crowd(books: &Books, table: &mut Table) {
    let engine = Engine::start(books);
    let (spread, hot) = (books.drafts(enough(CROWD), Load::Spread).await, books.drafts(enough(CROWD), Load::Hot).await);
    let (beside, _) = tokio::join!(engine.run(CROWD, spread), engine.run(CROWD, hot));
    table.add(Line { way: "(b) beside a hot crowd of 32", load: Load::Spread, clients: CROWD, figures: beside });
}
