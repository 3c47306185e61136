//! The documents that the clients of a run made, as their latest answers showed them, and the ways on and back from
//! there. What a desk believes may be out of date; the platform then refuses, and that is part of the test.

use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    arena::{department, finance, text, unit},
    money,
    wire::Request,
};

/// What kind of document it is; the route and the ways follow from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Payment,
    Freeze,
    Reduction,
    Swap,
    Refund,
    Correction,
}

impl Kind {
    pub(crate) const fn collection(self) -> &'static str {
        match self {
            Self::Payment => "payments",
            Self::Freeze => "freezes",
            Self::Reduction | Self::Swap => "adjustments",
            Self::Refund => "refunds",
            Self::Correction => "corrections",
        }
    }

    const fn id_field(self) -> &'static str {
        match self {
            Self::Payment => "pay_app_id",
            Self::Freeze => "freeze_id",
            Self::Reduction | Self::Swap => "adj_id",
            Self::Refund => "ref_id",
            Self::Correction => "correct_id",
        }
    }
}

/// One document, and the voucher of a payment.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    pub kind: Kind,
    pub agency: &'static str,
    pub indicator: Uuid,
    pub view: Value,
    pub voucher: Value,
}

/// Where the workflow part of a view is.
pub(crate) fn state_of(view: &Value) -> &Value {
    if view["workflow"].is_object() { &view["workflow"] } else { &view["state"] }
}

impl Document {
    pub(crate) fn path(&self) -> String {
        format!("/{}/{}", self.kind.collection(), text(&self.view, self.kind.id_field()))
    }

    fn voucher_path(&self) -> String {
        format!("/vouchers/{}", text(&self.voucher, "pay_cert_id"))
    }

    fn maker(&self) -> String {
        match self.kind {
            Kind::Payment | Kind::Swap | Kind::Refund | Kind::Correction => unit(self.agency, "u1"),
            Kind::Freeze | Kind::Reduction => finance("m1a"),
        }
    }

    /// Whoever acts at the present node.
    fn reviewer(&self) -> String {
        match text(state_of(&self.view), "node") {
            "U2" => unit(self.agency, "u2"),
            "M3" => finance("m3b"),
            "department" => department(),
            "M1" => finance("m1b"),
            _ => finance("m2a"),
        }
    }

    /// Whether the bank has paid it, as far as is known.
    pub(crate) fn was_sent(&self) -> bool {
        matches!(text(&self.voucher, "voucher_status"), "SENT" | "UNKNOWN" | "BANK_ACCEPTED" | "PAID" | "CLEARED")
    }

    fn act(&self, user: &str, action: &str) -> Request {
        Request::act(user, &self.path(), action).about(self.indicator)
    }

    /// The next step of its way, if there is one.
    pub(crate) fn onward(&self) -> Option<Request> {
        match text(state_of(&self.view), "status") {
            "DRAFT" | "RETURNED" => Some(self.act(&self.maker(), "submit")),
            "IN_REVIEW" => Some(self.act(&self.reviewer(), "approve")),
            "FINAL" if self.kind == Kind::Payment => self.voucher_onward(),
            _ => None,
        }
    }

    fn voucher_onward(&self) -> Option<Request> {
        let treasury = finance("m3a");
        let act = |user: &str, action: &str| {
            let body = json!({"action": action});
            Some(Request::post(user, format!("{}/actions", self.voucher_path()), body).about(self.indicator))
        };
        match text(&self.voucher, "voucher_status") {
            "" | "WITHDRAWN" => {
                let body = json!({"pay_app_id": self.view["pay_app_id"]});
                Some(Request::post(&treasury, "/vouchers".to_owned(), body).about(self.indicator))
            }
            "GENERATED" => act(&unit(self.agency, "u2"), "sign"),
            "SIGNED" => act(&finance("m3b"), "seal"),
            "SEALED" => act(&treasury, "send"),
            "SENT" | "UNKNOWN" | "BANK_ACCEPTED" => {
                let path = format!("{}/inquiries", self.voucher_path());
                Some(Request::post(&treasury, path, json!({})).about(self.indicator))
            }
            _ => None,
        }
    }

    /// A step back; which one among those that may be possible is for `how` to choose.
    pub(crate) fn back(&self, how: usize, fen: i64) -> Option<Request> {
        let choose = |choices: [Request; 2]| choices.into_iter().nth(how % 2);
        match text(state_of(&self.view), "status") {
            "DRAFT" | "RETURNED" if how.is_multiple_of(4) => Some(self.act(&self.maker(), "discard")),
            "IN_REVIEW" => choose([self.act(&self.reviewer(), "return"), self.act(&self.maker(), "recall")]),
            "FINAL" => match self.kind {
                Kind::Payment => choose([
                    self.act(&unit(self.agency, "u2"), "discard"),
                    Request::post(
                        &finance("m3a"),
                        format!("{}/actions", self.voucher_path()),
                        json!({"action": "withdraw"}),
                    ),
                ]),
                Kind::Freeze => {
                    let body = json!({"thaw_amt": money(fen), "opinion": "核验演练"});
                    Some(Request::post(&finance("m2a"), format!("{}/thaws", self.path()), body).about(self.indicator))
                }
                Kind::Reduction | Kind::Swap => Some(self.act(&finance("m2a"), "discard")),
                Kind::Refund | Kind::Correction => None,
            },
            _ => None,
        }
    }

    /// The present version, where the workflow shows one.
    pub(crate) fn version(&self) -> Option<i64> {
        state_of(&self.view)["version"].as_i64()
    }

    /// Takes in a newer answer about this document.
    pub(crate) fn learn(&mut self, answer: &Value) {
        if answer["pay_cert_id"].is_string() && answer["voucher_status"].is_string() {
            self.voucher = answer.clone();
        } else if answer[self.kind.id_field()] == self.view[self.kind.id_field()]
            && state_of(answer)["version"].as_i64() >= self.version()
        {
            self.view = answer.clone();
        }
    }
}

/// The documents of one client.
#[derive(Default)]
pub(crate) struct Desk(Mutex<Vec<Document>>);

impl Desk {
    /// The place of the document that is so many places back.
    pub(crate) fn find(&self, back: usize) -> Option<(usize, Document)> {
        let documents = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let last = documents.len().checked_sub(1)?;
        let place = last.checked_sub(back % documents.len())?;
        documents.get(place).map(|document| (place, document.clone()))
    }

    pub(crate) fn put(&self, document: Document) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(document);
    }

    pub(crate) fn learn(&self, place: usize, answer: &Value) {
        if let Some(document) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get_mut(place) {
            document.learn(answer);
        }
    }

    pub(crate) fn documents(&self) -> Vec<Document> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
