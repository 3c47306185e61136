//! Which remaining authority is carried without asking, as data (CL-002). What no rule names is recovered (CL-001).

use std::sync::LazyLock;

use common_types::Elements;
use serde::Deserialize;

const ANY_VALUE: &str = "*";

/// What becomes of an indicator's remaining authority, and the rule that says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Treatment {
    Carry { rule: String },
    Recover { rule: String },
}

#[derive(Debug, Deserialize)]
struct CarryRule {
    rule: String,
    element: String,
    /// `*` takes any value that is present.
    starts_with: String,
    action: Action,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Action {
    Carry,
    Recover,
}

static RULES: LazyLock<Vec<CarryRule>> = LazyLock::new(|| {
    csv::Reader::from_reader(include_bytes!("carry_rules.csv").as_slice())
        .deserialize()
        .map(|row| row.expect("carry_rules.csv is part of the program and well formed"))
        .collect()
});

/// The treatment of an indicator with these elements: the first rule that fits.
pub fn treatment_of(elements: &Elements) -> Treatment {
    let values = serde_json::to_value(elements).unwrap_or_default();
    let value_of = |element: &str| match values.get(element) {
        Some(serde_json::Value::String(text)) => Some(text.clone()),
        Some(serde_json::Value::Bool(flag)) => Some(flag.to_string()),
        _ => None,
    };
    let fits = |rule: &&CarryRule| {
        value_of(&rule.element)
            .is_some_and(|value| rule.starts_with == ANY_VALUE || value.starts_with(rule.starts_with.as_str()))
    };
    match RULES.iter().find(fits) {
        Some(rule) if rule.action == Action::Carry => Treatment::Carry { rule: rule.rule.clone() },
        Some(rule) => Treatment::Recover { rule: rule.rule.clone() },
        None => Treatment::Recover { rule: "CL-001".to_owned() },
    }
}
