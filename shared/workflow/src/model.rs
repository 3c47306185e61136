//! The rules of one document: what may happen to it, by whom, and what it becomes. Pure.

use chrono::{DateTime, Utc};
use common_types::{AgencyCode, DivisionCode, FiscalYear};
use sea_orm::{DeriveActiveEnum, EnumIter, prelude::StringLen};
use serde::{Deserialize, Serialize};
use service_kit::{Caller, Problem};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{Node, RULES};

/// Where a document stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(12))", rename_all = "SCREAMING_SNAKE_CASE")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// 未送审
    Draft,
    /// 已送审, at one of its nodes
    InReview,
    /// 被退回
    Returned,
    /// 终审
    Final,
    /// 作废
    Void,
    /// 挂起
    Hung,
    /// 删除, kept and no longer shown
    Deleted,
}

impl Status {
    /// As people call it.
    const fn zh(self) -> &'static str {
        match self {
            Self::Draft => "未送审",
            Self::InReview => "已送审",
            Self::Returned => "被退回",
            Self::Final => "终审",
            Self::Void => "作废",
            Self::Hung => "挂起",
            Self::Deleted => "已删除",
        }
    }
}

/// What a person does to a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(12))", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// 录入
    Open,
    /// 修改
    Revise,
    /// 送审
    Submit,
    /// 审核通过
    Approve,
    /// 退回
    Return,
    /// 撤回
    Recall,
    /// 作废
    Discard,
    /// 挂起
    Hang,
    /// 解挂
    Resume,
}

impl Action {
    /// As people call it.
    const fn zh(self) -> &'static str {
        match self {
            Self::Open => "录入",
            Self::Revise => "修改",
            Self::Submit => "送审",
            Self::Approve => "审核通过",
            Self::Return => "退回",
            Self::Recall => "撤回",
            Self::Discard => "作废",
            Self::Hang => "挂起",
            Self::Resume => "解挂",
        }
    }
}

/// A document as the workflow sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    pub document_id: Uuid,
    pub document_type: String,
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub agency_code: Option<AgencyCode>,
    pub status: Status,
    /// Position in `chain`; meaningful in review.
    pub node: usize,
    pub chain: Vec<Node>,
    pub version: i64,
    pub maker: String,
    pub maker_person: String,
    /// The person of the latest forward action; may recall it.
    pub last_person: String,
    pub hung_from: Option<Status>,
    pub update_time: DateTime<Utc>,
}

/// The workflow part of a document's view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct State {
    pub status: Status,
    /// Code of the node that acts next, in review.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// Name of the node that acts next, in review.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node_name: Option<String>,
    pub version: i64,
    pub maker: String,
}

/// A document before and after an action.
#[derive(Debug, Clone)]
pub struct Transition {
    pub action: Action,
    pub before: Document,
    pub after: Document,
}

impl Transition {
    /// The document has just reached its end: its effect is due now.
    pub fn became_final(&self) -> bool {
        self.before.status != Status::Final && self.after.status == Status::Final && self.action != Action::Resume
    }

    /// The document has just left the hands of its maker.
    pub fn was_submitted(&self) -> bool {
        self.action == Action::Submit
    }

    /// The document went back to its maker: what its submission reserved is released now.
    pub fn went_back(&self) -> bool {
        self.before.status == Status::InReview && matches!(self.after.status, Status::Draft | Status::Returned)
    }

    /// The document was voided after its end: its effect is reversed now.
    pub fn became_void(&self) -> bool {
        self.after.status == Status::Void
    }
}

impl Document {
    /// The node that acts next, in review.
    pub fn current_node(&self) -> Option<&Node> {
        if self.status == Status::InReview { self.chain.get(self.node) } else { None }
    }

    /// The view of this document's state.
    pub fn state(&self) -> State {
        let node = self.current_node();
        State {
            status: self.status,
            node: node.map(|node| node.code.clone()),
            node_name: node.map(|node| node.name.clone()),
            version: self.version,
            maker: self.maker.clone(),
        }
    }

    /// Whether its maker may still change it.
    pub fn is_editable(&self) -> bool {
        matches!(self.status, Status::Draft | Status::Returned)
    }

    /// 409 unless its maker may still change it.
    pub fn require_editable(&self, caller: &Caller) -> Result<(), Problem> {
        if !self.is_editable() {
            return Err(self.not_allowed(Action::Revise));
        }
        self.require_maker(caller)
    }

    /// What the document becomes by this action of this caller.
    pub fn after(&self, action: Action, caller: &Caller, opinion: &str) -> Result<Self, Problem> {
        let mut next = self.clone();
        match (action, self.status) {
            (Action::Submit, Status::Draft | Status::Returned) => {
                self.require_maker(caller)?;
                next.node = 0;
                next.status = if self.chain.is_empty() { Status::Final } else { Status::InReview };
                next.last_person = caller.person.clone();
            }
            (Action::Approve, Status::InReview) => {
                self.require_node_actor(caller)?;
                next.node = self.node.saturating_add(1);
                if next.node >= self.chain.len() {
                    next.status = Status::Final;
                }
                next.last_person = caller.person.clone();
            }
            (Action::Return, Status::InReview) => {
                self.require_node_actor(caller)?;
                require_opinion(opinion)?;
                next.status = Status::Returned;
                next.node = 0;
            }
            (Action::Recall, Status::InReview) => {
                if caller.person != self.last_person {
                    return Err(not_this_actor(
                        "只有上一步办理人可以撤回",
                        "only the actor of the previous step may recall",
                    ));
                }
                match self.node.checked_sub(1) {
                    Some(previous) => next.node = previous,
                    None => next.status = Status::Draft,
                }
                next.last_person = String::new();
            }
            (Action::Discard, Status::Draft | Status::Returned) => {
                self.require_maker(caller)?;
                next.status = Status::Deleted;
            }
            (Action::Discard, Status::Final) => {
                self.require_last_actor_role(caller)?;
                require_opinion(opinion)?;
                next.status = Status::Void;
            }
            (Action::Hang, Status::InReview) => {
                self.require_node_actor(caller)?;
                require_opinion(opinion)?;
                next.hung_from = Some(self.status);
                next.status = Status::Hung;
            }
            (Action::Resume, Status::Hung) => {
                next.status = self.hung_from.unwrap_or(Status::InReview);
                next.hung_from = None;
                next.require_node_actor(caller)?;
            }
            _ => return Err(self.not_allowed(action)),
        }
        next.version = self.version.saturating_add(1);
        Ok(next)
    }

    fn require_maker(&self, caller: &Caller) -> Result<(), Problem> {
        if caller.subject == self.maker {
            return Ok(());
        }
        Err(not_this_actor("只有经办人本人可以进行此操作", "only the maker may do this"))
    }

    fn require_node_actor(&self, caller: &Caller) -> Result<(), Problem> {
        let node = self.chain.get(self.node).ok_or_else(|| self.not_allowed(Action::Approve))?;
        self.require_not_maker(caller)?;
        require_role_of(node, caller)
    }

    fn require_last_actor_role(&self, caller: &Caller) -> Result<(), Problem> {
        match self.chain.last() {
            Some(node) => {
                self.require_not_maker(caller)?;
                require_role_of(node, caller)
            }
            None => self.require_maker(caller),
        }
    }

    fn require_not_maker(&self, caller: &Caller) -> Result<(), Problem> {
        if caller.person != self.maker_person && caller.subject != self.maker {
            return Ok(());
        }
        Err(RULES.refuse(
            "WF-002",
            format!("{}是本单据的经办人，不能审批本人经办的单据", caller.name),
            format!("{} made this document and may not review it", caller.subject),
        ))
    }

    fn not_allowed(&self, action: Action) -> Problem {
        RULES
            .refuse(
                "WF-001",
                format!("单据状态为“{}”，不能{}", self.status.zh(), action.zh()),
                format!("document is {:?}, {action:?} is not possible", self.status),
            )
            .with("document_status", self.status)
    }
}

fn require_role_of(node: &Node, caller: &Caller) -> Result<(), Problem> {
    if caller.has_any(&node.roles) {
        return Ok(());
    }
    let names: Vec<_> = node.roles.iter().map(|role| role.name_zh()).collect();
    Err(not_this_actor(
        &format!("当前节点“{}”须由{}办理", node.name, names.join("或")),
        &format!("the present node {} needs one of the roles {:?}", node.code, node.roles),
    ))
}

fn require_opinion(opinion: &str) -> Result<(), Problem> {
    if opinion.trim().is_empty() {
        return Err(RULES.refuse("WF-004", "请说明理由", "a reason is needed"));
    }
    Ok(())
}

fn not_this_actor(zh: &str, en: &str) -> Problem {
    RULES.refuse("WF-003", zh, en)
}
