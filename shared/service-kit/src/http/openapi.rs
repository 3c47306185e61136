//! What every command says of itself in OpenAPI, written once. A POST is a command unless it says otherwise: by the extension
//! `x-repeatable` when it may be sent again without a key, or by a key of its own.

use utoipa::openapi::{
    ObjectBuilder, OpenApi, RefOr, Required, Type,
    path::{Operation, Parameter, ParameterBuilder, ParameterIn},
};

use super::command::{IDEMPOTENCY_KEY, MAX_KEY_LENGTH};

const REPEATABLE: &str = "x-repeatable";
const KEY: &str = "The caller's own id for the operation; its repeat with the same content answers the same and has no further \
                   effect.";
const DRY_RUN: &str = "`true`: the same path and the same answer, and nothing is kept; needs no key.";

/// Adds the key and `dry_run` to the commands of a document.
pub(crate) fn describe_commands(document: &mut OpenApi) {
    for operation in document.paths.paths.values_mut().filter_map(|item| item.post.as_mut()) {
        if is_command(operation) {
            operation.parameters.get_or_insert_default().extend([key(), dry_run()].map(RefOr::T));
        }
    }
}

fn is_command(operation: &Operation) -> bool {
    let is_key = |one: &RefOr<Parameter>| matches!(one, RefOr::T(own) if own.name == IDEMPOTENCY_KEY);
    let is_repeatable = operation.extensions.as_ref().is_some_and(|told| told.contains_key(REPEATABLE));
    !is_repeatable && !operation.parameters.iter().flatten().any(is_key)
}

fn key() -> Parameter {
    let text =
        ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(MAX_KEY_LENGTH)).build();
    parameter(IDEMPOTENCY_KEY, ParameterIn::Header)
        .required(Required::True)
        .description(Some(KEY))
        .schema(Some(text))
        .build()
}

fn dry_run() -> Parameter {
    let yes_or_no = ObjectBuilder::new().schema_type(Type::Boolean).build();
    let optional = parameter("dry_run", ParameterIn::Query).required(Required::False);
    optional.description(Some(DRY_RUN)).schema(Some(yes_or_no)).build()
}

fn parameter(name: &str, place: ParameterIn) -> ParameterBuilder {
    ParameterBuilder::new().name(name).parameter_in(place)
}
