//! All SQL on warnings.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use common_types::{
    AffirmResult, AgencyCode, CtrlType, DivisionCode, FiscalYear, Money, VerifyResult, WarnLevel, WarnStatus,
};
use monitoring_contract::{Warning, WarningCount, WarningFilter};
use sea_orm::{
    ActiveValue::Set, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, entity::prelude::*, sea_query::OnConflict,
};
use service_kit::{Page, PageQuery, Problem, store::rows};

/// FI_WARN.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "fi_warn")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub mof_div_code: DivisionCode,
    #[sea_orm(primary_key, auto_increment = false)]
    pub warn_id: Uuid,
    pub fiscal_year: FiscalYear,
    pub rule_code: String,
    pub rule_version: i32,
    pub rule_name: String,
    pub warn_level: WarnLevel,
    pub ctrl_type: CtrlType,
    pub document_type: String,
    pub document_id: Uuid,
    pub bgt_id: Option<Uuid>,
    pub period: String,
    pub agency_code: AgencyCode,
    pub amount: Money,
    pub payee_acct_name: String,
    pub use_des: String,
    pub message_zh: String,
    pub message_en: String,
    pub status: WarnStatus,
    pub affirm_result: AffirmResult,
    pub verify_result: Option<VerifyResult>,
    pub is_archived: bool,
    pub case_record: Json,
    pub version: i32,
    pub create_time: DateTime<Utc>,
}

impl ActiveModelBehavior for ActiveModel {}

/// Opens a warning; where one of the same rule version, document and period exists, gives that one's id.
/// True when it is new.
pub(crate) async fn open(tx: &DatabaseTransaction, warning: &Warning, period: &str) -> Result<(Uuid, bool), Problem> {
    let key = [Column::MofDivCode, Column::RuleCode, Column::RuleVersion, Column::DocumentId, Column::Period];
    let on_conflict = OnConflict::columns(key).do_nothing().to_owned();
    let row = row_of(warning, period, 1)?;
    if Entity::insert(row).on_conflict(on_conflict).exec_without_returning(tx).await? == 1 {
        return Ok((warning.warn_id, true));
    }
    let earlier = Entity::find()
        .filter(Column::MofDivCode.eq(warning.mof_div_code.clone()))
        .filter(Column::RuleCode.eq(warning.rule_code.as_str()))
        .filter(Column::RuleVersion.eq(warning.rule_version))
        .filter(Column::DocumentId.eq(warning.document_id))
        .filter(Column::Period.eq(period))
        .one(tx)
        .await?;
    earlier.map(|row| (row.warn_id, false)).ok_or_else(|| Problem::internal(&"a conflicting warning vanished"))
}

/// Which warnings stand for those of documents.
pub(crate) struct Standing {
    /// In the order of the warnings.
    pub(crate) ids: Vec<Uuid>,
    /// Those that are not open yet.
    opened: Vec<Warning>,
    earlier: Vec<Model>,
}

/// An earlier warning of the same document and rule version stands while it is undecided. A decided warning cannot hold a
/// document again, so a new attempt opens a new one.
pub(crate) async fn standing<C: ConnectionTrait>(db: &C, warnings: Vec<Warning>) -> Result<Standing, Problem> {
    let earlier = of_documents(db, &warnings).await?;
    let (mut ids, mut opened) = (Vec::with_capacity(warnings.len()), Vec::<Warning>::new());
    for warning in warnings {
        let twin = || opened.iter().find(|one| subject(one) == subject(&warning)).map(|one| one.warn_id);
        match undecided(&earlier, &warning).or_else(twin) {
            Some(standing) => ids.push(standing),
            None => {
                ids.push(warning.warn_id);
                opened.push(warning);
            }
        }
    }
    Ok(Standing { ids, opened, earlier })
}

impl Standing {
    /// The rows of those that are not open yet.
    pub(crate) fn rows(&self) -> Result<Vec<ActiveModel>, Problem> {
        let row = |warning: &Warning| {
            let attempt = self.earlier.iter().filter(|row| is_about(row, warning)).count().saturating_add(1);
            row_of(warning, &attempt.to_string(), 1)
        };
        self.opened.iter().map(row).collect()
    }
}

/// Opens the warnings of documents or finds those that stand; the ids are in the order of the warnings.
pub(crate) async fn open_for_documents(tx: &DatabaseTransaction, warnings: Vec<Warning>) -> Result<Vec<Uuid>, Problem> {
    let before = standing(tx, warnings.clone()).await?;
    if before.opened.is_empty() {
        return Ok(before.ids);
    }
    rows::insert_absent(tx, before.rows()?).await?;
    // read again: of two evaluations at once the first one's warning stands
    let after = standing(tx, warnings).await?;
    if after.opened.is_empty() { Ok(after.ids) } else { Err(Problem::internal(&"a warning vanished")) }
}

async fn of_documents<C: ConnectionTrait>(db: &C, warnings: &[Warning]) -> Result<Vec<Model>, Problem> {
    if warnings.is_empty() {
        return Ok(Vec::new());
    }
    let divisions: BTreeSet<_> = warnings.iter().map(|warning| warning.mof_div_code.clone()).collect();
    let documents: BTreeSet<_> = warnings.iter().map(|warning| warning.document_id).collect();
    let rows = Entity::find()
        .filter(rows::one_of(db, Column::MofDivCode, divisions))
        .filter(rows::one_of(db, Column::DocumentId, documents))
        .all(db)
        .await?;
    Ok(rows)
}

fn subject(warning: &Warning) -> (&DivisionCode, &str, i32, Uuid) {
    (&warning.mof_div_code, &warning.rule_code, warning.rule_version, warning.document_id)
}

fn undecided(rows: &[Model], warning: &Warning) -> Option<Uuid> {
    let mut about = rows.iter().filter(|row| is_about(row, warning));
    about.find(|row| row.affirm_result == AffirmResult::Undetermined).map(|row| row.warn_id)
}

fn is_about(row: &Model, warning: &Warning) -> bool {
    (&row.mof_div_code, row.rule_code.as_str(), row.rule_version, row.document_id) == subject(warning)
}

/// A warning and the version that it is at.
pub(crate) async fn find<C: ConnectionTrait>(db: &C, warn_id: Uuid) -> Result<Option<(Warning, i32)>, Problem> {
    let row = Entity::find().filter(Column::WarnId.eq(warn_id)).one(db).await?;
    row.map(|row| {
        let version = row.version;
        warning_of(row).map(|warning| (warning, version))
    })
    .transpose()
}

/// Writes the next state only if nobody else did.
pub(crate) async fn advance(tx: &DatabaseTransaction, warning: &Warning, version: i32) -> Result<bool, Problem> {
    let case = serde_json::to_value(&warning.case).map_err(|error| Problem::internal(&error))?;
    let result = Entity::update_many()
        .col_expr(Column::Status, Expr::value(warning.status))
        .col_expr(Column::AffirmResult, Expr::value(warning.affirm_result))
        .col_expr(Column::VerifyResult, Expr::value(warning.verify_result))
        .col_expr(Column::IsArchived, Expr::value(warning.is_archived))
        .col_expr(Column::CaseRecord, Expr::value(case))
        .col_expr(Column::Version, Expr::value(version.saturating_add(1)))
        .filter(Column::WarnId.eq(warning.warn_id))
        .filter(Column::Version.eq(version))
        .exec(tx)
        .await?;
    Ok(result.rows_affected == 1)
}

pub(crate) async fn list<C: ConnectionTrait>(
    db: &C,
    division: &DivisionCode,
    within: Option<&AgencyCode>,
    filter: &WarningFilter,
) -> Result<Page<Warning>, Problem> {
    let paged = PageQuery { page_size: filter.page_size, page_token: filter.page_token.clone() }.paged()?;
    let mut query = of_scope(division, within);
    if let Some(document_id) = filter.document_id {
        query = query.filter(Column::DocumentId.eq(document_id));
    }
    if let Some(code) = &filter.rule_code {
        query = query.filter(Column::RuleCode.eq(code.as_str()));
    }
    if let Some(after) = paged.after_as::<Uuid>()? {
        query = query.filter(Column::WarnId.gt(after));
    }
    let rows = query.order_by_asc(Column::WarnId).limit(paged.limit()).all(db).await?;
    let warnings = rows.into_iter().map(warning_of).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::of(warnings, &paged, |warning| warning.warn_id.to_string()))
}

/// Warnings of these documents, and of payments made from them, that nobody has settled and that ask for more than to be
/// recorded, oldest first.
pub(crate) async fn open_of<C: ConnectionTrait>(
    db: &C,
    division: &DivisionCode,
    document_ids: &[Uuid],
    most: u64,
) -> Result<Vec<Model>, DbErr> {
    let asked = || document_ids.iter().copied();
    let is_named = Condition::any().add(Column::DocumentId.is_in(asked())).add(Column::BgtId.is_in(asked()));
    Entity::find()
        .filter(Column::MofDivCode.eq(division.clone()))
        .filter(is_named)
        .filter(Column::Status.is_in([WarnStatus::Pending, WarnStatus::Returned]))
        .filter(Column::CtrlType.ne(CtrlType::Record))
        .order_by_asc(Column::WarnId)
        .limit(most)
        .all(db)
        .await
}

pub(crate) async fn statistics<C: ConnectionTrait>(
    db: &C,
    division: &DivisionCode,
    within: Option<&AgencyCode>,
) -> Result<Vec<WarningCount>, Problem> {
    let lines = of_scope(division, within)
        .select_only()
        .column(Column::RuleCode)
        .column_as(Column::RuleName.max(), "rule_name")
        .column(Column::WarnLevel)
        .column(Column::Status)
        .column_as(Column::WarnId.count(), "count")
        .group_by(Column::RuleCode)
        .group_by(Column::WarnLevel)
        .group_by(Column::Status)
        .order_by_asc(Column::RuleCode)
        .order_by_asc(Column::Status)
        .into_tuple::<(String, String, WarnLevel, WarnStatus, i64)>()
        .all(db)
        .await?;
    let count_of = |(rule_code, rule_name, warn_level, status, count): (_, _, _, _, i64)| WarningCount {
        rule_code,
        rule_name,
        warn_level,
        status,
        count: count.unsigned_abs(),
    };
    Ok(lines.into_iter().map(count_of).collect())
}

fn of_scope(division: &DivisionCode, within: Option<&AgencyCode>) -> Select<Entity> {
    let query = Entity::find().filter(Column::MofDivCode.eq(division.clone()));
    match within {
        Some(own) => query.filter(Column::AgencyCode.starts_with(own.as_str())),
        None => query,
    }
}

fn row_of(warning: &Warning, period: &str, version: i32) -> Result<ActiveModel, Problem> {
    Ok(ActiveModel {
        mof_div_code: Set(warning.mof_div_code.clone()),
        warn_id: Set(warning.warn_id),
        fiscal_year: Set(warning.fiscal_year),
        rule_code: Set(warning.rule_code.clone()),
        rule_version: Set(warning.rule_version),
        rule_name: Set(warning.rule_name.clone()),
        warn_level: Set(warning.warn_level),
        ctrl_type: Set(warning.ctrl_type),
        document_type: Set(warning.document_type.clone()),
        document_id: Set(warning.document_id),
        bgt_id: Set(warning.bgt_id),
        period: Set(period.to_owned()),
        agency_code: Set(warning.agency_code.clone()),
        amount: Set(warning.amount),
        payee_acct_name: Set(warning.payee_acct_name.clone()),
        use_des: Set(warning.use_des.clone()),
        message_zh: Set(warning.message_zh.clone()),
        message_en: Set(warning.message_en.clone()),
        status: Set(warning.status),
        affirm_result: Set(warning.affirm_result),
        verify_result: Set(warning.verify_result),
        is_archived: Set(warning.is_archived),
        case_record: Set(serde_json::to_value(&warning.case).map_err(|error| Problem::internal(&error))?),
        version: Set(version),
        create_time: Set(warning.create_time),
    })
}

fn warning_of(row: Model) -> Result<Warning, Problem> {
    Ok(Warning {
        warn_id: row.warn_id,
        mof_div_code: row.mof_div_code,
        fiscal_year: row.fiscal_year,
        rule_code: row.rule_code,
        rule_version: row.rule_version,
        rule_name: row.rule_name,
        warn_level: row.warn_level,
        ctrl_type: row.ctrl_type,
        document_type: row.document_type,
        document_id: row.document_id,
        bgt_id: row.bgt_id,
        agency_code: row.agency_code,
        amount: row.amount,
        payee_acct_name: row.payee_acct_name,
        use_des: row.use_des,
        message_zh: row.message_zh,
        message_en: row.message_en,
        status: row.status,
        affirm_result: row.affirm_result,
        verify_result: row.verify_result,
        is_archived: row.is_archived,
        case: serde_json::from_value(row.case_record).map_err(|error| Problem::internal(&error))?,
        create_time: row.create_time,
    })
}
