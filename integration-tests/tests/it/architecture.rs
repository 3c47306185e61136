//! What the tree promises and the compiler does not check: who may import whom, where actix and SQL may stand, and
//! how long a file may grow.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

const LONGEST_FILE: usize = 500;
const SERVICES: [&str; 7] = [
    "base-info",
    "project-library",
    "budget-compilation",
    "budget-execution",
    "final-accounts",
    "monitoring",
    "gateway",
];

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The tracked and new Rust sources below a folder of the workspace.
pub fn sources(below: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(below)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                if !path.ends_with("target") {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    found
}

fn workspace_imports() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(root())
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let names: BTreeSet<&str> = packages.iter().map(|package| package["name"].as_str().unwrap()).collect();
    let normal = |dependency: &&Value| dependency["kind"].is_null();
    let imports_of = |package: &Value| {
        let dependencies = package["dependencies"].as_array().unwrap();
        let inside = dependencies.iter().filter(normal).map(|dependency| dependency["name"].as_str().unwrap());
        inside.filter(|name| names.contains(name)).map(str::to_owned).collect()
    };
    packages.iter().map(|package| (package["name"].as_str().unwrap().to_owned(), imports_of(package))).collect()
}

fn allowed(package: &str) -> Box<dyn Fn(&str) -> bool> {
    let is_contract = |name: &str| name.ends_with("-contract");
    match package {
        "common-types" | "migrations" => Box::new(|_| false),
        "service-kit" => Box::new(|name| name == "common-types"),
        "workflow" => Box::new(|name| ["common-types", "service-kit"].contains(&name)),
        "testkit" => Box::new(|name| ["common-types", "service-kit", "migrations"].contains(&name)),
        "story" | "prover" | "bank" => {
            Box::new(move |name| is_contract(name) || ["common-types", "service-kit", "workflow"].contains(&name))
        }
        "all-in-one" => Box::new(|name| name != "testkit"),
        "integration-tests" => Box::new(|_| true),
        name if is_contract(name) => {
            Box::new(move |name| is_contract(name) || ["common-types", "service-kit", "workflow"].contains(&name))
        }
        name if SERVICES.contains(&name) => Box::new(move |name| {
            is_contract(name) || ["common-types", "service-kit", "workflow", "migrations"].contains(&name)
        }),
        other => panic!("{other} has no place in the import rules; give it one"),
    }
}

#[test]
fn a_package_imports_only_what_its_layer_may() {
    let mut violations = Vec::new();
    for (package, imports) in workspace_imports() {
        let may_import = allowed(&package);
        violations
            .extend(imports.iter().filter(|name| !may_import(name)).map(|name| format!("{package} imports {name}")));
    }
    assert!(violations.is_empty(), "{violations:#?}");
}

#[test]
fn actix_stands_only_at_the_door_of_a_service() {
    let at_the_door = |path: &Path| {
        let name = path.file_name().unwrap().to_str().unwrap();
        name.starts_with("http")
            || ["lib.rs", "error.rs"].contains(&name)
            || path.components().any(|part| part.as_os_str() == "http")
    };
    let mut violations = Vec::new();
    for service in SERVICES.iter().filter(|name| **name != "gateway") {
        for (path, text) in sources(&format!("services/{service}/src")) {
            let uses_actix =
                text.lines().any(|line| line.contains("actix_web::") && !line.trim_start().starts_with("//"));
            let only_status =
                text.lines().filter(|line| line.contains("actix_web::")).all(|line| line.contains("StatusCode"));
            if uses_actix && !only_status && !at_the_door(&path) {
                violations.push(path);
            }
        }
    }
    assert!(violations.is_empty(), "{violations:#?}");
}

#[test]
fn queries_stand_only_in_stores() {
    let is_query = |line: &str| {
        [".exec(", "::find()", "::find_by_id(", "::insert(", "::update_many()", "::delete_many()", "Statement::from"]
            .iter()
            .any(|mark| line.contains(mark))
            && !line.trim_start().starts_with("//")
    };
    let in_store = |path: &Path| path.components().any(|part| part.as_os_str().to_string_lossy().starts_with("store"));
    let mut violations = Vec::new();
    for service in SERVICES {
        for (path, text) in sources(&format!("services/{service}/src")) {
            if !in_store(&path) {
                let lines = text.lines().enumerate().filter(|(_, line)| is_query(line) && line.contains("Entity"));
                violations
                    .extend(lines.map(|(number, line)| format!("{}:{}: {}", path.display(), number + 1, line.trim())));
            }
        }
    }
    assert!(violations.is_empty(), "{violations:#?}");
}

#[test]
fn no_file_grows_past_its_limit() {
    let mut violations = Vec::new();
    for folder in ["services", "shared", "migrations", "simulators", "story", "prover", "integration-tests"] {
        for (path, text) in sources(folder) {
            let is_generated = path.ends_with("generated.rs");
            if text.lines().count() > LONGEST_FILE && !is_generated {
                violations.push(format!("{} has {} lines", path.display(), text.lines().count()));
            }
        }
    }
    assert!(violations.is_empty(), "{violations:#?}");
}

#[test]
fn domain_code_takes_time_from_the_injected_clock() {
    let mut violations = Vec::new();
    for service in SERVICES {
        for (path, text) in sources(&format!("services/{service}/src")) {
            let is_token = path.components().any(|part| part.as_os_str().to_string_lossy().starts_with("token"));
            if !is_token && text.lines().any(|line| line.contains("Utc::now()") || line.contains("Local::now()")) {
                violations.push(path);
            }
        }
    }
    assert!(violations.is_empty(), "{violations:#?}");
}
