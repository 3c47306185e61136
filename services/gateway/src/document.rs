//! One interface document for the whole platform, merged from those of the services.

use actix_web::{HttpResponse, web};
use futures::future::join_all;
use serde_json::{Map, Value, json};
use service_kit::Problem;

use crate::proxy::Door;

const SCHEMAS: &str = "#/components/schemas/";

/// `GET /openapi.json`: the union of all services that answer; the others are named under `x-unavailable`.
pub(crate) async fn merged(door: web::Data<Door>) -> Result<HttpResponse, Problem> {
    let fetched = join_all(door.upstreams.iter().map(|(name, upstream)| {
        let url = upstream.first().join(&format!("/api/{name}/v1/openapi.json"));
        let door = door.clone();
        async move {
            let document = match url {
                Ok(url) => fetch(&door, url).await,
                Err(_) => None,
            };
            (*name, document)
        }
    }))
    .await;
    Ok(HttpResponse::Ok().json(merge(fetched)))
}

async fn fetch(door: &Door, url: url::Url) -> Option<Value> {
    let answer = door.http.get(url).timeout(door.timeout).send().await.ok()?;
    answer.error_for_status().ok()?.json().await.ok()
}

fn merge(fetched: Vec<(&str, Option<Value>)>) -> Value {
    let (mut paths, mut schemas, mut unavailable) = (Map::new(), Map::new(), Vec::new());
    for (name, document) in fetched {
        let Some(document) = document else {
            unavailable.push(name);
            continue;
        };
        let document = own_names(document, name);
        extend(&mut paths, document.pointer("/paths"));
        for (schema, content) in
            document.pointer("/components/schemas").and_then(Value::as_object).into_iter().flatten()
        {
            schemas.insert(format!("{name}.{schema}"), content.clone());
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {"title": "Yitihua 一体化", "version": env!("CARGO_PKG_VERSION")},
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
        "security": [{"bearer": []}],
        "x-unavailable": unavailable,
    })
}

/// Points every reference to the service's own schemas: two services may use one name for different things.
fn own_names(value: Value, service: &str) -> Value {
    match value {
        Value::Object(fields) => {
            Value::Object(fields.into_iter().map(|(name, field)| (name, own_names(field, service))).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(|item| own_names(item, service)).collect()),
        Value::String(text) => Value::String(match text.strip_prefix(SCHEMAS) {
            Some(schema) => format!("{SCHEMAS}{service}.{schema}"),
            None => text,
        }),
        other => other,
    }
}

fn extend(into: &mut Map<String, Value>, from: Option<&Value>) {
    if let Some(Value::Object(entries)) = from {
        into.extend(entries.clone());
    }
}
