//! All SQL on evaluations.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use common_types::DivisionCode;
use monitoring_contract::{Verdict, VersionedEvaluation};
use sea_orm::{
    ActiveValue::Set, DatabaseTransaction, DbErr, EntityTrait, QueryFilter as _, QuerySelect as _, entity::prelude::*,
    sea_query::OnConflict,
};
use serde_json::json;
use service_kit::Problem;

use super::Judged;

/// FI_EVALUATION: what was looked at, and with which versions of the rules.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "fi_evaluation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub mof_div_code: DivisionCode,
    #[sea_orm(primary_key, auto_increment = false)]
    pub evaluation_id: Uuid,
    pub document_type: String,
    pub document_id: Uuid,
    pub stage: String,
    pub outcome: String,
    pub rules: Json,
    /// Evaluated once per version, with the verdict that every repetition is given.
    pub document_version: Option<i64>,
    pub verdict: Option<Json>,
    pub create_time: DateTime<Utc>,
}

impl ActiveModelBehavior for ActiveModel {}

/// A version of a document at a stage.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    mof_div_code: DivisionCode,
    document_type: String,
    document_id: Uuid,
    stage: String,
    version: i64,
}

impl Key {
    pub(crate) fn of(item: &VersionedEvaluation) -> Self {
        let request = &item.evaluation;
        Self {
            mof_div_code: request.facts.mof_div_code.clone(),
            document_type: request.document_type.clone(),
            document_id: request.document_id,
            stage: request.stage.clone(),
            version: item.version,
        }
    }
}

/// The verdicts on these versions that are there already.
pub(crate) async fn earlier(
    tx: &DatabaseTransaction,
    items: &[VersionedEvaluation],
) -> Result<BTreeMap<Key, Verdict>, Problem> {
    let divisions: BTreeSet<_> = items.iter().map(|item| item.evaluation.facts.mof_div_code.clone()).collect();
    let rows = Entity::find()
        .select_only()
        .columns([
            Column::MofDivCode,
            Column::DocumentType,
            Column::DocumentId,
            Column::Stage,
            Column::DocumentVersion,
            Column::Verdict,
        ])
        .filter(Column::MofDivCode.is_in(divisions))
        .filter(Column::DocumentId.is_in(items.iter().map(|item| item.evaluation.document_id)))
        .filter(Column::DocumentVersion.is_not_null())
        .into_tuple::<(DivisionCode, String, Uuid, String, i64, Json)>()
        .all(tx)
        .await?;
    rows.into_iter()
        .map(|(mof_div_code, document_type, document_id, stage, version, verdict)| {
            let key = Key { mof_div_code, document_type, document_id, stage, version };
            let verdict = serde_json::from_value(verdict).map_err(|error| Problem::internal(&error))?;
            Ok((key, verdict))
        })
        .collect()
}

/// Records evaluations that belong to no version.
pub(crate) async fn insert(tx: &DatabaseTransaction, judged: &[Judged<'_>], now: DateTime<Utc>) -> Result<(), DbErr> {
    let rows = judged.iter().map(|one| row_of(one, now));
    Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}

/// Records the evaluations of versions; false when some of them were evaluated meanwhile, and those stand.
pub(crate) async fn insert_versions(
    tx: &DatabaseTransaction,
    judged: &[Judged<'_>],
    keys: &[Key],
    now: DateTime<Utc>,
) -> Result<bool, Problem> {
    if judged.is_empty() {
        return Ok(true);
    }
    let mut rows = Vec::with_capacity(judged.len());
    for (one, key) in judged.iter().zip(keys) {
        let verdict = serde_json::to_value(&one.verdict).map_err(|error| Problem::internal(&error))?;
        let row = row_of(one, now);
        rows.push(ActiveModel { document_version: Set(Some(key.version)), verdict: Set(Some(verdict)), ..row });
    }
    let version =
        [Column::MofDivCode, Column::DocumentId, Column::DocumentVersion, Column::Stage, Column::DocumentType];
    let on_conflict = OnConflict::columns(version).do_nothing().to_owned();
    let inserted = Entity::insert_many(rows).on_conflict(on_conflict).exec_without_returning(tx).await?;
    Ok(usize::try_from(inserted).is_ok_and(|inserted| inserted == judged.len()))
}

fn row_of(one: &Judged<'_>, now: DateTime<Utc>) -> ActiveModel {
    let met: Vec<_> = one.verdict.warnings.iter().map(|hit| &hit.rule_code).collect();
    ActiveModel {
        mof_div_code: Set(one.request.facts.mof_div_code.clone()),
        evaluation_id: Set(one.verdict.evaluation_id),
        document_type: Set(one.request.document_type.clone()),
        document_id: Set(one.request.document_id),
        stage: Set(one.request.stage.clone()),
        outcome: Set(format!("{:?}", one.verdict.outcome)),
        rules: Set(json!({"applied": *one.applied, "met": met, "whitelisted": one.verdict.whitelisted})),
        document_version: Set(None),
        verdict: Set(None),
        create_time: Set(now),
    }
}
