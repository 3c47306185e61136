//! What the routes of a noun say of themselves.

use service_kit::{
    PageQuery,
    http::{BatchResult, ProblemDocument},
};
use utoipa::{
    IntoParams, ToSchema,
    openapi::{
        ContentBuilder, HttpMethod, ObjectBuilder, Ref, RefOr, Required, ResponseBuilder, Schema,
        path::{Operation as Described, OperationBuilder, Parameter, ParameterBuilder, ParameterIn},
        request_body::RequestBodyBuilder,
        schema::{ArrayBuilder, KnownFormat, SchemaFormat, Type},
    },
};

use super::Operation;
use crate::{ActionRequest, BatchRequest, LogEntry, noun::Noun};

const JSON: &str = "application/json";
const PROBLEM: &str = "application/problem+json";

type Schemas = Vec<(String, RefOr<Schema>)>;

impl Operation {
    pub(super) fn method(self) -> HttpMethod {
        match self {
            Self::List | Self::Read | Self::History => HttpMethod::Get,
            Self::Create | Self::Import | Self::ActOnMany | Self::Act => HttpMethod::Post,
            Self::Revise => HttpMethod::Put,
        }
    }

    /// The description of this operation of a noun.
    pub(super) fn described<N: Noun>(self) -> Described {
        let (name, what) = match self {
            Self::List => ("list", "查询: a page of documents within reach."),
            Self::Create => ("create", "录入: a new draft."),
            Self::Import => ("import", "导入: many new drafts, each on its own (W4)."),
            Self::ActOnMany => ("act_on_many", "批量办理: one action on many documents, each on its own (W4)."),
            Self::Read => ("read", "查看: one document."),
            Self::Revise => {
                ("revise", "修改: the maker changes a draft, or makes one with this id (If-None-Match: *).")
            }
            Self::Act => ("act", "办理: submit, approve, return, recall, discard, hang or resume."),
            Self::History => ("history", "办理记录: who did what and when."),
        };
        let mut described = OperationBuilder::new()
            .tag(N::COLLECTION)
            .operation_id(Some(format!("{}_{name}", N::COLLECTION.replace('-', "_"))))
            .summary(Some(format!("{}{what}", N::NAME[0])));
        for parameter in self.parameters::<N>() {
            described = described.parameter(parameter);
        }
        if let Some(body) = self.body::<N>() {
            let content = ContentBuilder::new().schema(Some(body)).build();
            let body = RequestBodyBuilder::new().content(JSON, content).required(Some(Required::True)).build();
            described = described.request_body(Some(body));
        }
        let (status, answer) = self.answer::<N>();
        described = described.response(status, response(JSON, answer, "done"));
        if self == Self::Revise {
            described = described.response("201", response(JSON, reference::<N::View>(), "made"));
        }
        for (status, told) in self.refusals() {
            described = described.response(*status, response(PROBLEM, reference::<ProblemDocument>(), told));
        }
        described.build()
    }

    fn parameters<N: Noun>(self) -> Vec<Parameter> {
        let precondition = |name: &str, told: &str| {
            let text = ObjectBuilder::new().schema_type(Type::String).build();
            parameter(name, ParameterIn::Header, Required::False, text.into()).description(Some(told)).build()
        };
        let mut parameters = Vec::new();
        if matches!(self, Self::Read | Self::Revise | Self::Act | Self::History) {
            let format = SchemaFormat::KnownFormat(KnownFormat::Uuid);
            let id = ObjectBuilder::new().schema_type(Type::String).format(Some(format)).build();
            parameters.push(parameter(N::ID, ParameterIn::Path, Required::True, id.into()).build());
        }
        match self {
            Self::List => {
                parameters.extend(N::Filter::into_params(|| Some(ParameterIn::Query)));
                parameters.extend(PageQuery::into_params(|| Some(ParameterIn::Query)));
            }
            Self::Revise => {
                parameters.push(precondition("If-Match", "The `ETag` that was read; 428 with neither of the two."));
                parameters.push(precondition("If-None-Match", "`*`: there is no such document yet."));
            }
            // what a command needs is added where the document of a service is gathered
            Self::Create | Self::Import | Self::ActOnMany | Self::Act | Self::Read | Self::History => {}
        }
        parameters
    }

    fn body<N: Noun>(self) -> Option<RefOr<Schema>> {
        match self {
            Self::Create | Self::Revise => Some(reference::<N::Draft>()),
            Self::Import => Some(Ref::from_schema_name(import_name::<N>()).into()),
            Self::ActOnMany => Some(reference::<BatchRequest>()),
            Self::Act => Some(reference::<ActionRequest>()),
            Self::List | Self::Read | Self::History => None,
        }
    }

    fn answer<N: Noun>(self) -> (&'static str, RefOr<Schema>) {
        match self {
            Self::List => ("200", Ref::from_schema_name(page_name::<N>()).into()),
            Self::Create => ("201", reference::<N::View>()),
            Self::Import | Self::ActOnMany => ("200", reference::<BatchResult>()),
            Self::Read | Self::Revise | Self::Act => ("200", reference::<N::View>()),
            Self::History => ("200", Schema::from(ArrayBuilder::new().items(reference::<LogEntry>()).build()).into()),
        }
    }

    fn refusals(self) -> &'static [(&'static str, &'static str)] {
        const READ: [(&str, &str); 2] = [("400", "malformed"), ("401", "no token")];
        const ONE: [(&str, &str); 2] = [("401", "no token"), ("404", "none within reach")];
        const WRITE: [(&str, &str); 7] = [
            ("400", "malformed"),
            ("401", "no token"),
            ("403", "not this person"),
            ("404", "none within reach"),
            ("409", "not in this state"),
            ("422", "against a rule"),
            ("503", "a peer does not answer"),
        ];
        const CHANGE: [(&str, &str); 9] = [
            ("400", "malformed"),
            ("401", "no token"),
            ("403", "not this person"),
            ("404", "none within reach"),
            ("409", "not in this state"),
            ("412", "not at this version"),
            ("422", "against a rule"),
            ("428", "no version given"),
            ("503", "a peer does not answer"),
        ];
        match self {
            Self::List => &READ,
            Self::Read | Self::History => &ONE,
            Self::Create | Self::Import | Self::ActOnMany | Self::Act => &WRITE,
            Self::Revise => &CHANGE,
        }
    }
}

/// The schemas that the descriptions of a noun refer to.
pub(super) fn add_schemas<N: Noun>(schemas: &mut Schemas) {
    add::<N::Draft>(schemas);
    add::<N::View>(schemas);
    add::<ActionRequest>(schemas);
    add::<BatchRequest>(schemas);
    add::<BatchResult>(schemas);
    add::<LogEntry>(schemas);
    add::<ProblemDocument>(schemas);
    let items = |of: RefOr<Schema>| ArrayBuilder::new().items(of).build();
    let token = ObjectBuilder::new().schema_type(Type::String).build();
    let page = ObjectBuilder::new()
        .property("items", items(reference::<N::View>()))
        .required("items")
        .property("next_page_token", token);
    schemas.push((page_name::<N>(), Schema::from(page.build()).into()));
    let import = ObjectBuilder::new().property("items", items(reference::<N::Draft>())).required("items");
    schemas.push((import_name::<N>(), Schema::from(import.build()).into()));
}

fn add<T: ToSchema>(schemas: &mut Schemas) {
    schemas.push((T::name().into_owned(), T::schema()));
    T::schemas(schemas);
}

fn reference<T: ToSchema>() -> RefOr<Schema> {
    Ref::from_schema_name(T::name()).into()
}

fn page_name<N: Noun>() -> String {
    format!("Page_{}", N::View::name())
}

fn import_name<N: Noun>() -> String {
    format!("Import_{}", N::Draft::name())
}

fn parameter(name: &str, place: ParameterIn, required: Required, schema: Schema) -> ParameterBuilder {
    ParameterBuilder::new().name(name).parameter_in(place).required(required).schema(Some(schema))
}

fn response(media: &str, schema: RefOr<Schema>, told: &str) -> utoipa::openapi::Response {
    let content = ContentBuilder::new().schema(Some(schema)).build();
    ResponseBuilder::new().description(told).content(media, content).build()
}
