//! One client: takes its commands in order, makes requests of them, sends them as their twist says, and keeps every
//! exchange.

use futures::future::join_all;
use serde_json::{Value, json};

use crate::{
    arena::{DIVISION, Line, YEAR, finance, unit},
    desk::{Desk, Document, Kind},
    history::History,
    money,
    stream::{Command, Step, Twist},
    wire::{Answer, Exchange, Expected, Request, Wire},
};

const TOGETHER: usize = 3;

/// A client at work.
pub(crate) struct Player<'a> {
    pub client: usize,
    pub wire: Wire,
    pub lines: &'a [Line],
    pub desks: &'a [Desk],
    pub history: &'a History,
    /// Makes purposes and payees differ, as those of real payments do.
    pub made: usize,
}

/// Where the document is that an answer is about.
#[derive(Clone, Copy)]
struct Place {
    desk: usize,
    place: usize,
}

/// A request with what its success would mean for the desks.
struct Move {
    request: Request,
    of: Option<Place>,
    makes: Option<(Kind, &'static str, uuid::Uuid)>,
}

impl Player<'_> {
    pub(crate) async fn play(&mut self, step: Step) {
        let Some(Move { request, of, makes }) = self.request_of(step.command) else {
            self.history.skip();
            return;
        };
        let request = match step.twist {
            Twist::StaleVersion => self.stale(request, of),
            _ => request,
        };
        let exchanges = self.send(request, step.twist).await;
        let success = exchanges.iter().filter_map(|one| one.answer.as_ref()).find(|answer| answer.is_success());
        if let Some(answer) = success {
            self.take_in(answer, of, makes);
        }
        self.history.keep(exchanges);
    }

    fn take_in(&self, answer: &Answer, of: Option<Place>, makes: Option<(Kind, &'static str, uuid::Uuid)>) {
        if let Some((kind, agency, indicator)) = makes {
            let document = Document { kind, agency, indicator, view: answer.body.clone(), voucher: Value::Null };
            self.desks[self.client].put(document);
        } else if let Some(Place { desk, place }) = of {
            self.desks[desk].learn(place, &answer.body);
        }
    }

    async fn send(&self, request: Request, twist: Twist) -> Vec<Exchange> {
        if request.key.is_none() || request.is_rehearsal() {
            return vec![self.wire.ask(request).await];
        }
        match twist {
            Twist::Plain | Twist::StaleVersion => vec![self.wire.ask(request).await],
            Twist::RepeatTogether => {
                let connections: Vec<Wire> = (0..TOGETHER).map(|_| self.wire.other()).collect();
                join_all(connections.iter().map(|wire| wire.ask(request.clone()))).await
            }
            Twist::RepeatAfter => {
                let first = self.wire.ask(request.clone()).await;
                vec![first, self.wire.ask(request).await]
            }
            Twist::OtherContent => {
                let first = self.wire.ask(request.clone()).await;
                if !first.answer.as_ref().is_some_and(Answer::is_success) {
                    return vec![first];
                }
                vec![first, self.wire.ask(other_content(request)).await]
            }
        }
    }

    /// The same action on a version that has passed.
    fn stale(&self, mut request: Request, of: Option<Place>) -> Request {
        let version = of.and_then(|at| self.desks[at.desk].documents().get(at.place).and_then(Document::version));
        match version {
            Some(version) if request.body["opinion"].is_string() && request.path.ends_with("/actions") => {
                request.body["version"] = json!(version.saturating_sub(1));
                request.expecting(Expected::Refusal)
            }
            _ => request,
        }
    }

    fn request_of(&mut self, command: Command) -> Option<Move> {
        match command {
            Command::Pay { line, fen } => Some(self.payment(line, fen)),
            Command::Freeze { line, fen } => Some(self.freeze(line, fen)),
            Command::Reduce { lines, fen } => Some(self.reduction(lines, fen)),
            Command::Swap { lines, fen } => self.swap(lines, fen),
            Command::Advance { back } => self.of_desk(self.client, back, Document::onward),
            Command::SetBack { back, how, fen } => self.of_desk(self.client, back, |document| document.back(how, fen)),
            Command::Meddle { client, back, how } => {
                let meddle = |document: &Document| if how < 5 { document.onward() } else { document.back(how, 1) };
                self.of_desk(client, back, meddle)
            }
            Command::Undo { back, line, fen } => self.undo(back, line, fen),
            Command::Rehearse { back } => {
                let rehearsed = self.of_desk(self.client, back, Document::onward)?;
                let mut request = rehearsed.request;
                request.path.push_str("?dry_run=true");
                Some(Move { request, of: None, makes: None })
            }
            Command::Look { line } => {
                let path = format!("/indicators/{}", self.lines[line].bgt_id);
                Some(Move { request: Request::get(&finance("m2a"), path), of: None, makes: None })
            }
        }
    }

    fn of_desk(&self, desk: usize, back: usize, step: impl Fn(&Document) -> Option<Request>) -> Option<Move> {
        let (place, document) = self.desks[desk].find(back)?;
        Some(Move { request: step(&document)?, of: Some(Place { desk, place }), makes: None })
    }

    fn payment(&mut self, line: usize, fen: i64) -> Move {
        self.made = self.made.saturating_add(1);
        let line = &self.lines[line];
        let body = payment_body(line, fen, (self.client, self.made));
        let request = Request::post(&unit(line.agency, "u1"), "/payments".to_owned(), body).about(line.bgt_id);
        Move { request, of: None, makes: Some((Kind::Payment, line.agency, line.bgt_id)) }
    }

    fn freeze(&self, line: usize, fen: i64) -> Move {
        let line = &self.lines[line];
        let body = json!({
            "mof_div_code": DIVISION, "fiscal_year": YEAR, "bgt_id": line.bgt_id, "freeze_amt": money(fen),
            "reason": "核验演练",
        });
        let request = Request::post(&finance("m1a"), "/freezes".to_owned(), body).about(line.bgt_id);
        Move { request, of: None, makes: Some((Kind::Freeze, line.agency, line.bgt_id)) }
    }

    fn reduction(&self, lines: (usize, usize), fen: i64) -> Move {
        let (one, other) = (&self.lines[lines.0], &self.lines[lines.1]);
        let body = reduction_body(&[one, other], fen);
        let request = Request::post(&finance("m1a"), "/adjustments".to_owned(), body).about(one.bgt_id);
        Move { request, of: None, makes: Some((Kind::Reduction, one.agency, one.bgt_id)) }
    }

    /// Between indicators of one unit; the unit asks for it.
    fn swap(&self, lines: (usize, usize), fen: i64) -> Option<Move> {
        let (from, to) = (&self.lines[lines.0], &self.lines[lines.1]);
        if from.agency != to.agency || from.bgt_id == to.bgt_id {
            return None;
        }
        let line = json!({"ori_bgt_id": from.bgt_id, "bgt_id": to.bgt_id, "add_amount": money(fen)});
        let body = adjustment("A3", Some(from.agency), &[line]);
        let request = Request::post(&unit(from.agency, "u1"), "/adjustments".to_owned(), body).about(from.bgt_id);
        Some(Move { request, of: None, makes: Some((Kind::Swap, from.agency, from.bgt_id)) })
    }

    /// A payment is either refunded or corrected, so that what bears it is known.
    fn undo(&self, back: usize, line: usize, fen: i64) -> Option<Move> {
        let (place, document) = self.desks[self.client].find(back)?;
        if document.kind != Kind::Payment || !document.was_sent() {
            return None;
        }
        let (clerk, voucher) = (unit(document.agency, "u1"), &document.voucher["pay_cert_id"]);
        if place.is_multiple_of(2) {
            let body = json!({"pay_cert_id": voucher, "ref_amt": money(fen), "ref_reason": "核验演练退款"});
            let request = Request::post(&clerk, "/refunds".to_owned(), body).about(document.indicator);
            return Some(Move { request, of: None, makes: Some((Kind::Refund, document.agency, document.indicator)) });
        }
        let to = &self.lines[line];
        let body = json!({
            "pay_cert_id": voucher, "new_bgt_id": to.bgt_id, "new_dep_bgt_eco_code": to.economic,
            "correct_type": "2", "reason": "核验演练更正",
        });
        let request = Request::post(&clerk, "/corrections".to_owned(), body).about(document.indicator);
        Some(Move { request, of: None, makes: Some((Kind::Correction, document.agency, document.indicator)) })
    }
}

/// The same key with something else in it: readable where there is a text to change, else with a field too many.
fn other_content(mut request: Request) -> Request {
    let texts = ["opinion", "use_des", "reason", "adj_reason", "ref_reason"];
    match texts.into_iter().find(|field| request.body[*field].is_string()) {
        Some(field) => {
            request.body[field] = json!("核验演练另一内容");
            request.expecting(Expected::Code("IDEM-002"))
        }
        None => {
            request.body["another_field"] = json!("另一内容");
            request.expecting(Expected::Refusal)
        }
    }
}

/// What a clerk writes; `number` makes purpose and payee differ from those of other payments.
pub(crate) fn payment_body(line: &Line, fen: i64, number: (usize, usize)) -> Value {
    let payee = number.0.saturating_mul(10_000).saturating_add(number.1);
    json!({
        "mof_div_code": DIVISION, "fiscal_year": YEAR, "agency_code": line.agency, "bgt_id": line.bgt_id,
        "pay_app_amt": money(fen), "dep_bgt_eco_code": line.economic, "pay_bus_type_code": "1",
        "set_mode_code": "1", "fund_traobj_type_code": "31",
        "use_des": format!("校舍零星维修工程款第{}批", number.1),
        "pay_acct_no": format!("21{}{}", &DIVISION[..6], line.agency),
        "payee_acct_name": format!("南昌县演练维修服务部{payee}号"),
        "payee_acct_no": format!("62229{payee:011}"), "payee_acct_bank_name": "中国银行南昌县支行",
        "payee_acct_bank_code": "104421000123", "explanation": "核验演练，明细见附表",
    })
}

/// A reduction of several indicators by the same amount.
pub(crate) fn reduction_body(lines: &[&Line], fen: i64) -> Value {
    let lines: Vec<Value> =
        lines.iter().map(|line| json!({"ori_bgt_id": line.bgt_id, "add_amount": money(fen)})).collect();
    adjustment("A2", None, &lines)
}

fn adjustment(kind: &str, agency: Option<&str>, lines: &[Value]) -> Value {
    json!({
        "mof_div_code": DIVISION, "fiscal_year": YEAR, "adj_kind": kind, "agency_code": agency,
        "cor_bgt_doc_no": format!("核验调〔{YEAR}〕{}号", uuid::Uuid::now_v7().simple()), "adj_reason": "核验演练",
        "lines": lines,
    })
}
