//! A catalogue of refusals: every code with its status, title and remedy, as data beside the code that refuses.

use std::{collections::BTreeMap, sync::OnceLock};

use actix_web::http::StatusCode;
use serde::Deserialize;

use super::Problem;

/// One registered refusal.
#[derive(Debug, Clone, Deserialize)]
pub struct Rule {
    pub code: String,
    pub status: u16,
    pub title_zh: String,
    pub title_en: String,
    pub remedy_zh: String,
    pub remedy_en: String,
}

/// The refusals of one service, read from its `errors.csv`.
pub struct Catalogue {
    source: &'static str,
    rules: OnceLock<BTreeMap<String, Rule>>,
}

impl Catalogue {
    /// Takes the text of an `errors.csv`; it is parsed at first use.
    pub const fn new(source: &'static str) -> Self {
        Self { source, rules: OnceLock::new() }
    }

    /// All rules by code.
    pub fn rules(&self) -> &BTreeMap<String, Rule> {
        self.rules.get_or_init(|| {
            csv::Reader::from_reader(self.source.as_bytes())
                .deserialize()
                .map(|row| row.expect("errors.csv is part of the program and well formed"))
                .map(|rule: Rule| (rule.code.clone(), rule))
                .collect()
        })
    }

    /// A refusal by this rule, with what was true in both languages.
    ///
    /// A code that the catalogue lacks is a defect of the program and answers 500.
    pub fn refuse(&self, code: &str, zh: impl Into<String>, en: impl Into<String>) -> Problem {
        match self.rules().get(code) {
            Some(rule) => Problem::of_rule(rule, zh.into(), en.into()),
            None => Problem::internal(&format!("rule {code} is not in the catalogue")),
        }
    }
}

impl Rule {
    /// The HTTP status of this refusal.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}
