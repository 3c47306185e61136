//! All SQL on evaluations.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use common_types::DivisionCode;
use monitoring_contract::{EvaluationRequest, Rule, Verdict};
use sea_orm::{ActiveValue::Set, DatabaseTransaction, EntityTrait, entity::prelude::*};
use serde_json::json;
use service_kit::Problem;

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
    pub create_time: DateTime<Utc>,
}

impl ActiveModelBehavior for ActiveModel {}

pub(crate) async fn insert(
    tx: &DatabaseTransaction,
    request: &EvaluationRequest,
    verdict: &Verdict,
    applied: &[Rule],
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    let applied: BTreeMap<_, _> = applied.iter().map(|rule| (&rule.content.rule_code, rule.rule_version)).collect();
    let met: Vec<_> = verdict.warnings.iter().map(|hit| &hit.rule_code).collect();
    let row = ActiveModel {
        mof_div_code: Set(request.facts.mof_div_code.clone()),
        evaluation_id: Set(verdict.evaluation_id),
        document_type: Set(request.document_type.clone()),
        document_id: Set(request.document_id),
        stage: Set(request.stage.clone()),
        outcome: Set(format!("{:?}", verdict.outcome)),
        rules: Set(json!({"applied": applied, "met": met, "whitelisted": verdict.whitelisted})),
        create_time: Set(now),
    };
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}
