//! Every name on the wire is either the standard's or declared as our own in `own_fields.csv`.

use std::{collections::BTreeSet, fs};

use serde_json::Value;

use crate::{architecture::root, platform::Running};

fn own_fields() -> BTreeSet<String> {
    let path = root().join("integration-tests/own_fields.csv");
    let text = fs::read_to_string(path).unwrap_or_default();
    text.lines().skip(1).map(str::to_owned).collect()
}

fn property_names(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::Object(properties)) = fields.get("properties") {
                names.extend(properties.keys().cloned());
            }
            fields.values().for_each(|field| property_names(field, names));
        }
        Value::Array(items) => items.iter().for_each(|item| property_names(item, names)),
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_field_on_the_wire_is_the_standards_or_declared_ours() {
    let platform = Running::start().await;
    let document: Value =
        reqwest::get(platform.base.join("/openapi.json").unwrap()).await.unwrap().json().await.unwrap();
    let mut names = BTreeSet::new();
    property_names(&document["components"]["schemas"], &mut names);
    assert!(names.len() > 200, "only {} names are documented", names.len());
    let ours: BTreeSet<String> =
        names.into_iter().filter(|name| common_types::dictionary::find(name).is_none()).collect();
    if std::env::var("UPDATE_DOCS").is_ok() {
        let lines: Vec<&str> = ["field"].into_iter().chain(ours.iter().map(String::as_str)).collect();
        fs::write(root().join("integration-tests/own_fields.csv"), lines.join("\n") + "\n").unwrap();
    }
    let undeclared: Vec<_> = ours.difference(&own_fields()).cloned().collect();
    assert!(undeclared.is_empty(), "neither in the standard nor declared: {undeclared:#?}");
    let camel: Vec<_> = ours.iter().filter(|name| name.chars().any(char::is_uppercase)).collect();
    assert!(camel.is_empty(), "names are lower snake case: {camel:?}");
}
