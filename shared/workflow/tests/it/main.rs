//! The workflow on a real database: who may do what to a document, and what it becomes.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use common_types::{Money, Role};
use service_kit::{Caller, Database, Problem};
use testkit::Identity;
use uuid::Uuid;
use workflow::{Act, Action, ActionRequest, Chains, Document, NewDocument, Status, Transition};

static CHAINS: Chains = Chains::new(
    "document_type,mof_div_code,node,name,roles,min_amt\n\
     note,,unit,单位审核,U2,\n\
     note,,bureau,财政审核,M2,1000.00\n\
     note,360121000,county,县级审核,M3,\n",
);
const PROVINCE: &str = "360000000";

struct World {
    database: Database,
    document: Document,
}

fn person(name: &str, role: Role) -> Caller {
    Identity::caller(name, &[role], PROVINCE, None)
}

impl World {
    async fn drafted() -> Self {
        let database = testkit::database::<migrations::monitoring::Migrator>("workflow").await;
        let tx = database.begin_write().await.unwrap();
        let division = PROVINCE.parse().unwrap();
        let chain = CHAINS.resolve("note", &division, "1000.00".parse().unwrap());
        let new = NewDocument {
            document_id: Uuid::now_v7(),
            document_type: "note",
            mof_div_code: division,
            fiscal_year: 2026_u16.try_into().unwrap(),
            agency_code: None,
            chain,
        };
        let document = workflow::open(&tx, database.clock().now(), &person("maker", Role::U1), new).await.unwrap();
        tx.commit().await.unwrap();
        Self { database, document }
    }

    async fn act(&self, who: &Caller, action: Action, version: Option<i64>) -> Result<Transition, Problem> {
        let request = ActionRequest { action, opinion: "意见".to_owned(), version };
        let act = Act { document_type: "note", document_id: self.document.document_id, request: &request };
        let tx = self.database.begin_write().await.unwrap();
        let result = workflow::act(&tx, self.database.clock().now(), who, act).await;
        tx.commit().await.unwrap();
        result
    }

    async fn now(&self) -> Document {
        workflow::document(self.database.read(), "note", self.document.document_id).await.unwrap().unwrap()
    }
}

#[test]
fn a_chain_depends_on_amount_and_division() {
    let nodes = |division: &str, amount: Money| {
        let chain = CHAINS.resolve("note", &division.parse().unwrap(), amount);
        chain.into_iter().map(|node| node.code).collect::<Vec<_>>()
    };
    assert_eq!(nodes(PROVINCE, "999.99".parse().unwrap()), ["unit"]);
    assert_eq!(nodes(PROVINCE, "1000.00".parse().unwrap()), ["unit", "bureau"]);
    assert_eq!(nodes("360121000", Money::ZERO), ["county"]);
}

#[tokio::test]
async fn a_document_passes_its_nodes_in_order_and_ends() {
    let world = World::drafted().await;
    world.act(&person("maker", Role::U1), Action::Submit, Some(1)).await.unwrap();
    let early = world.act(&person("bureau", Role::M2), Action::Approve, None).await.unwrap_err();
    assert_eq!(early.code(), "WF-003");
    assert!(!world.act(&person("reviewer", Role::U2), Action::Approve, None).await.unwrap().became_final());
    assert!(world.act(&person("bureau", Role::M2), Action::Approve, None).await.unwrap().became_final());
    assert_eq!((world.now().await.status, world.now().await.version), (Status::Final, 4));
    let history = workflow::history(world.database.read(), world.document.document_id).await.unwrap();
    let actions: Vec<_> = history.iter().map(|entry| entry.action).collect();
    assert_eq!(actions, [Action::Open, Action::Submit, Action::Approve, Action::Approve]);
}

#[tokio::test]
async fn the_maker_never_approves_under_any_account_or_role() {
    let world = World::drafted().await;
    world.act(&person("maker", Role::U1), Action::Submit, None).await.unwrap();
    let mut other_account = person("other-account", Role::U2);
    other_account.person = "maker".to_owned();
    for who in [person("maker", Role::U2), other_account] {
        let refused = world.act(&who, Action::Approve, None).await.unwrap_err();
        assert_eq!((refused.code(), refused.status().as_u16()), ("WF-002", 403));
    }
    assert_eq!(world.now().await.version, 2);
}

#[tokio::test]
async fn a_stale_action_changes_nothing() {
    let world = World::drafted().await;
    world.act(&person("maker", Role::U1), Action::Submit, Some(1)).await.unwrap();
    let stale = world.act(&person("reviewer", Role::U2), Action::Approve, Some(1)).await.unwrap_err();
    assert_eq!((stale.code(), stale.status().as_u16()), ("WF-409", 409));
    assert_eq!(world.now().await.status, Status::InReview);
}

#[tokio::test]
async fn only_the_previous_actor_recalls_and_only_before_the_next_one_acts() {
    let world = World::drafted().await;
    let (maker, reviewer) = (person("maker", Role::U1), person("reviewer", Role::U2));
    world.act(&maker, Action::Submit, None).await.unwrap();
    assert_eq!(world.act(&reviewer, Action::Recall, None).await.unwrap_err().code(), "WF-003");
    assert!(world.act(&maker, Action::Recall, None).await.unwrap().went_back());
    world.act(&maker, Action::Submit, None).await.unwrap();
    world.act(&reviewer, Action::Approve, None).await.unwrap();
    assert_eq!(world.act(&maker, Action::Recall, None).await.unwrap_err().code(), "WF-003");
}

#[tokio::test]
async fn a_document_out_of_scope_does_not_exist() {
    let world = World::drafted().await;
    let stranger = Identity::caller("stranger", &[Role::U2], "360121000", None);
    let refused = world.act(&stranger, Action::Approve, None).await.unwrap_err();
    assert_eq!(refused.status().as_u16(), 404);
}
