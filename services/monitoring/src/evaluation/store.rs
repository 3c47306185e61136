//! All SQL on evaluations.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use common_types::DivisionCode;
use monitoring_contract::{Verdict, VersionedEvaluation};
use sea_orm::{
    ActiveValue::Set, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter as _, entity::prelude::*,
};
use serde_json::json;
use service_kit::{
    Problem,
    store::{Writes, rows},
};

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

/// The verdicts on versions of these documents that are there already.
pub(crate) async fn earlier<C: ConnectionTrait>(
    db: &C,
    items: &[VersionedEvaluation],
) -> Result<BTreeMap<Key, Verdict>, Problem> {
    let documents = items.iter().map(|item| item.evaluation.document_id);
    let rows = Entity::find().filter(rows::one_of(db, Column::DocumentId, documents)).all(db).await?;
    rows.into_iter().filter_map(known).collect()
}

/// None for an evaluation that belongs to no version.
fn known(row: Model) -> Option<Result<(Key, Verdict), Problem>> {
    let Model { mof_div_code, document_type, document_id, stage, document_version, verdict, .. } = row;
    let key = Key { mof_div_code, document_type, document_id, stage, version: document_version? };
    Some(serde_json::from_value(verdict?).map(|verdict| (key, verdict)).map_err(|error| Problem::internal(&error)))
}

/// Records an evaluation that belongs to no version.
pub(crate) async fn insert(tx: &DatabaseTransaction, judged: &Judged, now: DateTime<Utc>) -> Result<(), DbErr> {
    Entity::insert(row_of(judged, now)).exec_without_returning(tx).await?;
    Ok(())
}

/// Adds the evaluations of versions, none of which is evaluated yet.
pub(crate) fn insert_versions(
    writes: &mut Writes,
    judged: &[(Key, Judged)],
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    let mut rows = Vec::with_capacity(judged.len());
    for (key, one) in judged {
        let verdict = serde_json::to_value(&one.verdict).map_err(|error| Problem::internal(&error))?;
        let row = row_of(one, now);
        rows.push(ActiveModel { document_version: Set(Some(key.version)), verdict: Set(Some(verdict)), ..row });
    }
    Ok(writes.insert(&rows)?)
}

fn row_of(one: &Judged, now: DateTime<Utc>) -> ActiveModel {
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
