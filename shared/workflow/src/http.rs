//! The routes of a kind of document, the same for every kind, and what they say of themselves in OpenAPI. A route and
//! its description come from one list, so that neither is without the other.

use std::{
    future::{Ready, ready},
    marker::PhantomData,
};

use actix_web::{
    FromRequest, HttpRequest, HttpResponse, Resource,
    dev::{AppService, HttpServiceFactory, Payload},
    guard,
    http::{StatusCode, header},
    web,
};
use serde::{Deserialize, Serialize};
use service_kit::{
    Caller, Command, PageQuery, Problem,
    http::{IfMatch, RULES, with_etag},
    store::audit,
};
use utoipa::openapi::{Paths, RefOr, Schema};
use utoipa_actix_web::OpenApiFactory;
use uuid::Uuid;

use crate::{
    ActionRequest, BatchRequest, Row,
    noun::{self, Noun, Service, Work},
};

mod openapi;

/// All routes of a noun: `config.service(Documents::<Freezes>::routes())`.
pub struct Documents<N>(PhantomData<N>);

impl<N: Noun> Documents<N> {
    pub const fn routes() -> Self {
        Self(PhantomData)
    }
}

/// What can be asked of a noun. Those with a word of their own come before those with an id in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operation {
    List,
    Create,
    Import,
    ActOnMany,
    Read,
    Revise,
    Act,
    History,
}

impl Operation {
    const ALL: [Self; 8] =
        [Self::List, Self::Create, Self::Import, Self::ActOnMany, Self::Read, Self::Revise, Self::Act, Self::History];

    fn path<N: Noun>(self) -> String {
        let (collection, id) = (N::COLLECTION, N::ID);
        match self {
            Self::List | Self::Create => format!("/{collection}"),
            Self::Import => format!("/{collection}/imports"),
            Self::ActOnMany => format!("/{collection}/actions"),
            Self::Read | Self::Revise => format!("/{collection}/{{{id}}}"),
            Self::Act => format!("/{collection}/{{{id}}}/actions"),
            Self::History => format!("/{collection}/{{{id}}}/history"),
        }
    }

    fn resource<N: Noun>(self) -> Resource {
        let resource = web::resource(self.path::<N>());
        match self {
            Self::List => resource.guard(guard::Get()).to(list::<N>),
            Self::Create => resource.guard(guard::Post()).to(create::<N>),
            Self::Import => resource.guard(guard::Post()).to(import::<N>),
            Self::ActOnMany => resource.guard(guard::Post()).to(act_on_many::<N>),
            Self::Read => resource.guard(guard::Get()).to(read::<N>),
            Self::Revise => resource.guard(guard::Put()).to(revise::<N>),
            Self::Act => resource.guard(guard::Post()).to(act::<N>),
            Self::History => resource.guard(guard::Get()).to(history::<N>),
        }
    }
}

impl<N: Noun> HttpServiceFactory for Documents<N> {
    fn register(self, config: &mut AppService) {
        for operation in Operation::ALL {
            operation.resource::<N>().register(config);
        }
    }
}

impl<N: Noun> OpenApiFactory for Documents<N> {
    fn paths(&self) -> Paths {
        Operation::ALL.into_iter().fold(Paths::new(), |mut paths, operation| {
            let described = operation.described::<N>();
            paths.add_path_operation(operation.path::<N>(), vec![operation.method()], described);
            paths
        })
    }

    fn schemas(&self, schemas: &mut Vec<(String, RefOr<Schema>)>) {
        openapi::add_schemas::<N>(schemas);
    }
}

async fn create<N: Noun>(command: Command<N::Draft>, service: web::Data<N::Service>) -> Result<HttpResponse, Problem> {
    create_one::<N>(command, &service).await
}

async fn create_one<N: Noun>(command: Command<N::Draft>, service: &N::Service) -> Result<HttpResponse, Problem> {
    let database = service.database();
    if let Some(answer) = command.replayed(database).await? {
        return Ok(answer);
    }
    let known = N::ask(service, &command.caller, &command.body).await?;
    let (now, is_dry_run) = (database.clock().now(), command.dry_run);
    command
        .once(database, async |tx, caller, draft| {
            let work = Work { tx, now, caller, is_dry_run };
            Ok((StatusCode::CREATED, noun::draft::<N>(work, Uuid::now_v7(), draft, known).await?))
        })
        .await
}

/// Drafts of one kind, each recorded on its own (导入).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Import<D> {
    items: Vec<D>,
}

async fn import<N: Noun>(
    command: Command<Import<N::Draft>>,
    service: web::Data<N::Service>,
) -> Result<HttpResponse, Problem> {
    let drafts = command.body.items.clone();
    command.apart(drafts, async |one| create_one::<N>(one, &service).await).await
}

async fn list<N: Noun>(
    caller: Caller,
    filter: web::Query<N::Filter>,
    page: web::Query<PageQuery>,
    service: web::Data<N::Service>,
) -> Result<HttpResponse, Problem> {
    let page = noun::list::<N, _>(service.database().read(), &caller, &filter, &page).await?;
    Ok(HttpResponse::Ok().json(page))
}

async fn read<N: Noun>(
    caller: Caller,
    id: web::Path<Uuid>,
    service: web::Data<N::Service>,
) -> Result<HttpResponse, Problem> {
    let (view, version) = noun::read::<N, _>(service.database().read(), &caller, *id).await?;
    Ok(with_etag(HttpResponse::Ok(), version).json(view))
}

/// What a PUT says of the state it expects.
enum Precondition {
    /// `If-Match`: the version that the caller read.
    Version(IfMatch),
    /// `If-None-Match: *`: there is no such document yet.
    Absent,
}

impl FromRequest for Precondition {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_any = request.headers().get(header::IF_NONE_MATCH).is_some_and(|value| value.as_bytes() == b"*");
        if is_any && !request.headers().contains_key(header::IF_MATCH) {
            return ready(Ok(Self::Absent));
        }
        ready(IfMatch::from_request(request, payload).into_inner().map(Self::Version))
    }
}

async fn revise<N: Noun>(
    caller: Caller,
    precondition: Precondition,
    id: web::Path<Uuid>,
    body: web::Json<N::Draft>,
    service: web::Data<N::Service>,
) -> Result<HttpResponse, Problem> {
    let (database, draft, id) = (service.database(), body.into_inner(), *id);
    let known = N::ask(&service, &caller, &draft).await?;
    let now = database.clock().now();
    let tx = database.begin_write().await?;
    let work = Work { tx: &tx, now, caller: &caller, is_dry_run: false };
    let (view, version, answer) = match precondition {
        Precondition::Version(version) => {
            let (view, version) = noun::revise::<N>(work, (id, version), draft, known).await?;
            (view, version, HttpResponse::Ok())
        }
        Precondition::Absent => {
            require_absent(&tx, id).await?;
            (noun::draft::<N>(work, id, draft, known).await?, 1, HttpResponse::Created())
        }
    };
    let operation = format!("PUT /{}/{id}", N::COLLECTION);
    audit::append(&tx, database.clock(), &caller, &operation, "", &version.to_string()).await?;
    tx.commit().await?;
    Ok(with_etag(answer, version).json(view))
}

/// 412 when any document has this id; its version is told to nobody who may not read it.
async fn require_absent(tx: &sea_orm::DatabaseTransaction, id: Uuid) -> Result<(), Problem> {
    if crate::store::documents(tx, vec![id]).await?.is_empty() {
        return Ok(());
    }
    Err(RULES.refuse("WF-412", "该编号的单据已存在", "a document with this id exists"))
}

async fn act<N: Noun>(
    command: Command<ActionRequest>,
    id: web::Path<Uuid>,
    service: web::Data<N::Service>,
) -> Result<HttpResponse, Problem> {
    act_on_one::<N, _>(command, &service, |request| (*id, request)).await
}

async fn act_on_many<N: Noun>(
    command: Command<BatchRequest>,
    service: web::Data<N::Service>,
) -> Result<HttpResponse, Problem> {
    let BatchRequest { action, opinion, items } = command.body.clone();
    let of_row = |row: Row| (row.id, ActionRequest { action, opinion: opinion.clone(), version: row.version });
    command.apart(items, async |one| act_on_one::<N, Row>(one, &service, of_row).await).await
}

async fn act_on_one<N: Noun, B>(
    command: Command<B>,
    service: &N::Service,
    read: impl Fn(B) -> (Uuid, ActionRequest),
) -> Result<HttpResponse, Problem>
where
    B: Clone,
{
    let (database, is_dry_run) = (service.database(), command.dry_run);
    if let Some(answer) = command.replayed(database).await? {
        return Ok(answer);
    }
    let (id, request) = read(command.body.clone());
    N::before_action(service, &command.caller, id, &request, is_dry_run).await?;
    let now = database.clock().now();
    let answer = command
        .once(database, async |tx, caller, _| {
            Ok((StatusCode::OK, noun::act::<N>(Work { tx, now, caller, is_dry_run }, id, &request).await?))
        })
        .await;
    if !is_dry_run {
        N::after_action(service, id, &request, answer.is_ok()).await?;
    }
    service.carried_out();
    answer
}

async fn history<N: Noun>(
    caller: Caller,
    id: web::Path<Uuid>,
    service: web::Data<N::Service>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(noun::history::<N, _>(service.database().read(), &caller, *id).await?))
}
