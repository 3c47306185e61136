//! The rules of a payment application (PAY-002 … PAY-024) as lists of pure functions over what is known. All of a list
//! are asked, so that a refusal names everything that is wrong at once; a warning passes with an explanation.

use budget_execution_contract::{Notice, PaymentDraft};
use chrono::NaiveDate;
use common_types::AgencyType;
use serde::Serialize;
use serde_json::{Map, Value};
use service_kit::Problem;

use super::model::Bearer;
use crate::{RULES, setting::Settings};

mod batch;
pub mod bond;
pub mod budget;
mod content;
mod facts;
mod foreign;
mod pattern;
mod payer;
mod procurement;

pub use batch::{month_key, salary_key};
pub use content::not_after;
pub use facts::{Collection, Contract, Duplicate, Findings, Person};
pub use payer::{is_to_own, paid_to_itself, since_submission};

/// Everything that the rules look at.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    pub content: &'a PaymentDraft,
    pub bearer: &'a Bearer,
    pub agency_type_code: AgencyType,
    pub settings: &'a Settings,
    pub today: NaiveDate,
    /// What was looked up for a submission; a draft has none of it yet.
    pub findings: &'a Findings,
}

/// How hard a rule holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Weight {
    Block,
    /// Passes with an explanation.
    Warn,
    /// Is told and passes.
    Remind,
}

/// One rule that is not kept, at one place.
#[derive(Debug, Clone)]
pub struct Breach {
    code: &'static str,
    pointer: String,
    zh: String,
    en: String,
    weight: Weight,
    figures: Map<String, Value>,
}

impl Breach {
    pub fn refuse(
        code: &'static str,
        pointer: impl Into<String>,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) -> Self {
        let (pointer, zh, en) = (pointer.into(), zh.into(), en.into());
        Self { code, pointer, zh, en, weight: Weight::Block, figures: Map::new() }
    }

    fn warning(self) -> Self {
        Self { weight: Weight::Warn, ..self }
    }

    fn reminder(self) -> Self {
        Self { weight: Weight::Remind, ..self }
    }

    fn with(mut self, name: &str, value: impl Serialize) -> Self {
        self.figures.insert(name.to_owned(), serde_json::to_value(value).unwrap_or_default());
        self
    }

    fn into_problem(self) -> Problem {
        let refused = RULES.refuse(self.code, self.zh.clone(), self.en.clone()).at(self.pointer, self.zh, self.en);
        self.figures.into_iter().fold(refused, |problem, (name, value)| problem.with(&name, value))
    }
}

type Rule = fn(&Facts<'_>) -> Vec<Breach>;

/// What a draft must keep to be saved.
const OF_DRAFT: [Rule; 9] = [
    content::lengths,
    budget::payable,
    budget::own,
    budget::amounts,
    payer::itself,
    budget::economic_class,
    foreign::amount,
    batch::month,
    procurement::no_batch,
];

/// What it must keep besides to leave its maker.
const OF_SUBMISSION: [Rule; 14] = [
    budget::written_off,
    content::open_year,
    content::payee,
    content::purpose,
    payer::account,
    payer::blacklist,
    payer::balance,
    procurement::contract,
    procurement::prepayment,
    batch::salary,
    batch::benefit,
    batch::card,
    bond::purpose,
    pattern::collection,
];

/// What asks for an explanation.
const OF_PATTERN: [Rule; 2] = [pattern::card_item, pattern::duplicate];

/// What is only told.
const REMINDERS: [Rule; 1] = [pattern::unbooked];

/// Whether a draft may be saved.
pub fn of_draft(facts: &Facts<'_>) -> Vec<Breach> {
    asked(&OF_DRAFT, facts)
}

/// Whether an application may leave its maker; the rules of the draft still hold then.
pub fn of_submission(facts: &Facts<'_>) -> Vec<Breach> {
    let mut breaches = asked(&OF_DRAFT, facts);
    breaches.extend(asked(&OF_SUBMISSION, facts));
    breaches.extend(asked(&OF_PATTERN, facts));
    breaches
}

/// What is told beside an answer.
pub fn reminders(facts: &Facts<'_>) -> Vec<Notice> {
    asked(&REMINDERS, facts).into_iter().map(noticed).collect()
}

fn asked(rules: &[Rule], facts: &Facts<'_>) -> Vec<Breach> {
    rules.iter().flat_map(|rule| rule(facts)).collect()
}

/// Refuses with everything that is wrong, the first telling the code; gives what is only to be noted otherwise.
pub fn judge(breaches: Vec<Breach>, is_explained: bool) -> Result<Vec<Notice>, Problem> {
    let (blocking, warning): (Vec<_>, Vec<_>) = breaches.into_iter().partition(|breach| breach.weight == Weight::Block);
    if blocking.is_empty() && (warning.is_empty() || is_explained) {
        return Ok(warning.into_iter().map(noticed).collect());
    }
    let unexplained = if is_explained { Vec::new() } else { warning };
    Err(together(blocking.into_iter().chain(unexplained).collect()))
}

/// One refusal of all of it.
fn together(breaches: Vec<Breach>) -> Problem {
    let violations: Vec<Notice> = breaches.iter().cloned().map(noticed).collect();
    let needs_words = breaches.iter().any(|breach| breach.weight == Weight::Warn);
    let mut breaches = breaches.into_iter();
    let Some(first) = breaches.next() else { return Problem::internal(&"a refusal without a reason") };
    let mut problem = breaches.fold(first.into_problem(), |problem, breach| {
        breach
            .figures
            .into_iter()
            .fold(problem.at(breach.pointer, breach.zh, breach.en), |problem, (name, value)| problem.with(&name, value))
    });
    if needs_words {
        problem = problem.at("/explanation", "请填写说明", "an explanation is needed");
    }
    problem.with("violations", violations)
}

fn noticed(breach: Breach) -> Notice {
    let told = breach.clone().into_problem().document();
    let detail = told.errors.into_iter().next().map(|error| error.detail).unwrap_or_default();
    Notice { code: breach.code.to_owned(), pointer: breach.pointer, detail }
}

/// One breach as a refusal of its own.
pub fn refusal(breach: Breach) -> Problem {
    breach.into_problem()
}
