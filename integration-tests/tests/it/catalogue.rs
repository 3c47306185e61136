//! Every refusal that the code can give is registered, and `docs/errors.md` lists exactly the registered ones.

use std::{collections::BTreeMap, fmt::Write as _, fs};

use serde::Deserialize;

use crate::architecture::{root, sources};

#[derive(Deserialize)]
struct Rule {
    code: String,
    status: u16,
    title_zh: String,
    title_en: String,
    remedy_zh: String,
    remedy_en: String,
}

/// Catalogues in the order of `docs/errors.md`: heading, folder of the `errors.csv`.
const CATALOGUES: [(&str, &str); 10] = [
    ("Every service", "shared/service-kit"),
    ("Documents and workflow", "shared/workflow"),
    ("base-info", "services/base-info"),
    ("project-library", "services/project-library"),
    ("budget-compilation", "services/budget-compilation"),
    ("budget-execution", "services/budget-execution"),
    ("final-accounts", "services/final-accounts"),
    ("monitoring", "services/monitoring"),
    ("gateway", "services/gateway"),
    ("bank (simulator)", "simulators/bank"),
];

fn rules(folder: &str) -> Vec<Rule> {
    let path = root().join(folder).join("errors.csv");
    match csv::Reader::from_path(&path) {
        Ok(mut reader) => {
            reader.deserialize().map(|row| row.unwrap_or_else(|error| panic!("{}: {error}", path.display()))).collect()
        }
        Err(_) => Vec::new(),
    }
}

fn document() -> String {
    let mut text = String::from(
        "# Errors\n\nEvery refusal is `application/problem+json` with one of these codes in `code`. Generated from the \
         `errors.csv` beside each service; renew it with\n`UPDATE_DOCS=1 cargo test -p integration-tests --test it \
         catalogue`.\n",
    );
    for (heading, folder) in CATALOGUES {
        let rules = rules(folder);
        if rules.is_empty() {
            continue;
        }
        write!(text, "\n## {heading}\n\n| code | status | what | what can be done |\n|---|---|---|---|\n").unwrap();
        for rule in rules {
            let Rule { code, status, title_zh, title_en, remedy_zh, remedy_en } = rule;
            writeln!(text, "| `{code}` | {status} | {title_zh}<br>{title_en} | {remedy_zh}<br>{remedy_en} |").unwrap();
        }
    }
    text
}

#[test]
fn the_error_document_is_fresh() {
    let path = root().join("docs/errors.md");
    let fresh = document();
    if std::env::var("UPDATE_DOCS").is_ok() {
        fs::write(&path, &fresh).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), fresh, "run with UPDATE_DOCS=1");
}

#[test]
fn a_code_is_registered_once_per_catalogue() {
    for (_, folder) in CATALOGUES {
        let mut seen = BTreeMap::new();
        for rule in rules(folder) {
            assert!(seen.insert(rule.code.clone(), ()).is_none(), "{} twice in {folder}", rule.code);
        }
    }
}

#[test]
fn every_code_that_the_source_refuses_with_is_registered() {
    let mut missing = Vec::new();
    for (_, folder) in CATALOGUES {
        if !root().join(folder).exists() {
            continue;
        }
        let known: Vec<String> = rules(folder)
            .into_iter()
            .chain(rules("shared/service-kit"))
            .chain(rules("shared/workflow"))
            .map(|rule| rule.code)
            .collect();
        for (path, text) in sources(&format!("{folder}/src")) {
            for code in refused_codes(&text) {
                if !known.contains(&code) {
                    missing.push(format!("{code} in {}", path.display()));
                }
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

/// The literal codes in calls of `refuse("…"`.
fn refused_codes(text: &str) -> Vec<String> {
    let compact: String = text.split_whitespace().collect();
    compact.split("refuse(\"").skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
}
