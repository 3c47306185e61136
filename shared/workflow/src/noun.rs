//! One kind of document of a service: what its drafts hold, how it is kept and what becomes of it. Drafting, revising,
//! acting, reading and listing are the same for every kind and are done here, once.

use chrono::{DateTime, Utc};
use common_types::{AgencyCode, DivisionCode, FiscalYear};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use service_kit::{
    Caller, Database, Page, PageQuery, Problem,
    http::{IfMatch, Paged},
};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{Act, ActionRequest, Document, LogEntry, NewDocument, Node, Transition, document, log, store};

/// What the handlers of a service share.
pub trait Service: 'static {
    fn database(&self) -> &Database;
    /// A command was carried out: wakes who sends its events.
    fn carried_out(&self) {}
}

/// What is being done: its transaction, its moment and its person.
#[derive(Clone, Copy)]
pub struct Work<'a> {
    pub tx: &'a DatabaseTransaction,
    pub now: DateTime<Utc>,
    pub caller: &'a Caller,
    /// Nothing of it will be kept.
    pub is_dry_run: bool,
}

/// What the workflow keeps of a document, and the nodes that it goes through.
pub struct Heading {
    pub document_type: &'static str,
    pub mof_div_code: DivisionCode,
    pub fiscal_year: FiscalYear,
    pub agency_code: Option<AgencyCode>,
    pub chain: Vec<Node>,
}

/// Filters of a list of documents that belong to a division and year.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct BooksFilter {
    pub mof_div_code: Option<DivisionCode>,
    pub fiscal_year: Option<FiscalYear>,
}

/// A kind of document. Its routes are [`crate::http::Documents`].
#[allow(async_fn_in_trait, reason = "a request stays on its thread")]
pub trait Noun: Sized + 'static {
    type Service: Service;
    /// Body of a new document and of a change.
    type Draft: DeserializeOwned + Serialize + Clone + ToSchema + 'static;
    /// What peers said about a draft before its transaction.
    type Known: Default;
    /// As it is kept, with its lines.
    type Row: Clone;
    type View: Serialize + ToSchema + 'static;
    type Filter: DeserializeOwned + IntoParams + 'static;

    /// The collection in the paths: `freezes`.
    const COLLECTION: &'static str;
    /// The name of the id: `freeze_id`.
    const ID: &'static str;
    /// In Chinese and in English: `冻结单`, `the freeze`.
    const NAME: [&'static str; 2];

    /// Asks peers about a draft, outside any transaction.
    async fn ask(_: &Self::Service, _: &Caller, _: &Self::Draft) -> Result<Self::Known, Problem> {
        Ok(Self::Known::default())
    }
    /// The row that a draft becomes, or why it may not.
    async fn check(work: Work<'_>, id: Uuid, draft: Self::Draft, known: Self::Known) -> Result<Self::Row, Problem>;
    fn heading(row: &Self::Row) -> Heading;
    async fn insert(tx: &DatabaseTransaction, row: Self::Row) -> Result<(), Problem>;
    /// Replaces the content of a draft; what only time or the workflow wrote stays as it was in `earlier`.
    async fn replace(tx: &DatabaseTransaction, earlier: Self::Row, row: Self::Row) -> Result<Self::Row, Problem>;
    /// A row by its id, whatever its division.
    async fn find<C: ConnectionTrait>(db: &C, id: Uuid) -> Result<Option<Self::Row>, Problem>;
    /// Up to one row more than the page shows, within the caller's reach, in ascending order of their ids.
    async fn page<C: ConnectionTrait>(
        db: &C,
        caller: &Caller,
        filter: &Self::Filter,
        paged: &Paged,
    ) -> Result<Vec<Self::Row>, Problem>;
    fn id(row: &Self::Row) -> Uuid;
    fn view(row: Self::Row, document: &Document) -> Result<Self::View, Problem>;
    /// A row that no document stands behind, where a noun has such rows.
    fn view_without_document(_: Self::Row) -> Result<Self::View, Problem> {
        Err(not_found::<Self>())
    }
    /// Asked outside any transaction before an action is carried out for the first time; a dry run leaves nothing behind.
    async fn before_action(
        _: &Self::Service,
        _: &Caller,
        _: Uuid,
        _: &ActionRequest,
        _is_dry_run: bool,
    ) -> Result<(), Problem> {
        Ok(())
    }
    /// What an action does beside the workflow, in its transaction. Gives the row as it stands after it.
    async fn effect(work: Work<'_>, row: Self::Row, transition: &Transition) -> Result<Self::Row, Problem>;
    /// Told outside any transaction after an action was carried out, or was not.
    async fn after_action(_: &Self::Service, _: Uuid, _: &ActionRequest, _is_done: bool) -> Result<(), Problem> {
        Ok(())
    }
}

/// 404: there is none, or it is out of reach.
pub fn not_found<N: Noun>() -> Problem {
    let [zh, en] = N::NAME;
    Problem::not_found(zh, en)
}

/// Records a draft.
pub async fn draft<N: Noun>(work: Work<'_>, id: Uuid, draft: N::Draft, known: N::Known) -> Result<N::View, Problem> {
    let row = N::check(work, id, draft, known).await?;
    let heading = N::heading(&row);
    let new = NewDocument {
        document_id: id,
        document_type: heading.document_type,
        mof_div_code: heading.mof_div_code,
        fiscal_year: heading.fiscal_year,
        agency_code: heading.agency_code,
        chain: heading.chain,
    };
    let document = document::open(work.tx, work.now, work.caller, new).await?;
    N::insert(work.tx, row.clone()).await?;
    N::view(row, &document)
}

/// Changes a draft: 404 out of reach, 412 for a stale version, 409 once it is submitted. Division, year and kind stay.
pub async fn revise<N: Noun>(
    work: Work<'_>,
    (id, version): (Uuid, IfMatch),
    draft: N::Draft,
    known: N::Known,
) -> Result<(N::View, i64), Problem> {
    let earlier = N::find(work.tx, id).await?.ok_or_else(not_found::<N>)?;
    let document_type = N::heading(&earlier).document_type;
    let before = store::document(work.tx, document_type, id)
        .await?
        .filter(|document| work.caller.acts_in(&document.mof_div_code, document.agency_code.as_ref()))
        .ok_or_else(not_found::<N>)?;
    version.check(before.version)?;
    before.require_editable(work.caller)?;
    let row = N::check(work, id, draft, known).await?;
    let heading = N::heading(&row);
    let stays = heading.mof_div_code == before.mof_div_code
        && heading.fiscal_year == before.fiscal_year
        && heading.document_type == document_type;
    if !stays {
        let (zh, en) = ("区划、年度和单据类型不能修改", "division, year and kind of a document stay as they are");
        return Err(Problem::field("/mof_div_code", zh, en));
    }
    let revision = document::Revision { agency_code: heading.agency_code, chain: heading.chain };
    let Some(after) = document::revise_as(work.tx, work.now, work.caller, &before, revision).await? else {
        let present = store::document(work.tx, document_type, id).await?.ok_or_else(not_found::<N>)?;
        version.check(present.version)?;
        return Err(document::changed_meanwhile(&present));
    };
    let row = N::replace(work.tx, earlier, row).await?;
    Ok((N::view(row, &after)?, after.version))
}

/// Carries out an action with its effect, or refuses it and changes nothing.
pub async fn act<N: Noun>(work: Work<'_>, id: Uuid, request: &ActionRequest) -> Result<N::View, Problem> {
    let row = N::find(work.tx, id).await?.ok_or_else(not_found::<N>)?;
    let act = Act { document_type: N::heading(&row).document_type, document_id: id, request };
    let transition = document::act(work.tx, work.now, work.caller, act).await?;
    let row = N::effect(work, row, &transition).await?;
    N::view(row, &transition.after)
}

/// One document within reach, with its version.
pub async fn read<N: Noun, C: ConnectionTrait>(db: &C, caller: &Caller, id: Uuid) -> Result<(N::View, i64), Problem> {
    let row = N::find(db, id).await?.ok_or_else(not_found::<N>)?;
    let Heading { document_type, mof_div_code, agency_code, .. } = N::heading(&row);
    let [zh, en] = N::NAME;
    caller.require_readable(&mof_div_code, agency_code.as_ref(), zh, en)?;
    Ok(match store::document(db, document_type, id).await? {
        Some(document) => (N::view(row, &document)?, document.version),
        None => (N::view_without_document(row)?, 0),
    })
}

/// Who did what to a document within reach, oldest first.
pub async fn history<N: Noun, C: ConnectionTrait>(db: &C, caller: &Caller, id: Uuid) -> Result<Vec<LogEntry>, Problem> {
    read::<N, C>(db, caller, id).await?;
    log::history(db, id).await
}

/// A page of documents within reach.
pub async fn list<N: Noun, C: ConnectionTrait>(
    db: &C,
    caller: &Caller,
    filter: &N::Filter,
    page: &PageQuery,
) -> Result<Page<N::View>, Problem> {
    let paged = page.paged()?;
    let page = Page::of(N::page(db, caller, filter, &paged).await?, &paged, |row| N::id(row).to_string());
    let documents = store::documents(db, page.items.iter().map(N::id).collect()).await?;
    let view = |row: N::Row| match documents.get(&N::id(&row)) {
        Some(document) => N::view(row, document),
        None => N::view_without_document(row),
    };
    let items = page.items.into_iter().map(view).collect::<Result<_, _>>()?;
    Ok(Page { items, next_page_token: page.next_page_token })
}
