//! The schema of `monitoring`.

use sea_orm_migration::prelude::*;

use crate::{
    platform,
    shape::{
        big_number_null, create, day, day_null, fen, fiscal_year, flag, id, id_null, index, instant, json, json_null,
        mof_div_code, number, table, text, text_null, unique,
    },
};

/// All migrations of the service, oldest first.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(platform::Migration),
            Box::new(Monitoring),
            Box::new(Versions),
            Box::new(platform::Deliveries),
            Box::new(WarnedIndicator),
            Box::new(EvaluationsByDocument),
        ]
    }
}

struct Monitoring;

impl MigrationName for Monitoring {
    fn name(&self) -> &str {
        "m0002_monitoring"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Monitoring {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = vec![fi_rule(), fi_white(), fi_evaluation(), fi_warn(), fi_fact(), fi_indicator()];
        let indexes = vec![
            unique("fi_rule", &["mof_div_code", "rule_code", "rule_version"]),
            unique("fi_warn", &["mof_div_code", "rule_code", "rule_version", "document_id", "period"]),
            index("fi_warn", &["mof_div_code", "agency_code"]),
            index("fi_fact", &["mof_div_code", "payee_acct_no"]),
            index("fi_fact", &["mof_div_code", "fiscal_year", "agency_code"]),
        ];
        create(manager, tables, indexes).await
    }
}

/// An evaluation belongs to a version of its document and keeps its verdict; warnings are found by their documents.
struct Versions;

impl MigrationName for Versions {
    fn name(&self) -> &str {
        "m0003_evaluation_versions"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Versions {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [big_number_null("document_version"), json_null("verdict")] {
            manager.alter_table(Table::alter().table("fi_evaluation").add_column(column).to_owned()).await?;
        }
        let version = ["mof_div_code", "document_id", "document_version", "stage", "document_type"];
        let indexes = vec![unique("fi_evaluation", &version), index("fi_warn", &["mof_div_code", "document_id"])];
        create(manager, Vec::new(), indexes).await
    }
}

/// A warning knows the indicator that its payment is made from.
struct WarnedIndicator;

/// Earlier warnings learn it from the payment that they are about, when that was paid.
const OF_PAID: [&str; 2] = [
    "UPDATE fi_warn SET bgt_id = (SELECT bgt_id FROM fi_fact WHERE fi_fact.mof_div_code = fi_warn.mof_div_code \
     AND fi_fact.fact_id = fi_warn.document_id) WHERE document_type = 'voucher'",
    "UPDATE fi_warn SET bgt_id = (SELECT bgt_id FROM fi_fact WHERE fi_fact.mof_div_code = fi_warn.mof_div_code \
     AND fi_fact.kind = 'paid' AND fi_fact.document_id = fi_warn.document_id LIMIT 1) WHERE document_type = 'payment'",
];

impl MigrationName for WarnedIndicator {
    fn name(&self) -> &str {
        "m0005_warned_indicator"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for WarnedIndicator {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = id_null("bgt_id");
        manager.alter_table(Table::alter().table("fi_warn").add_column(column).to_owned()).await?;
        for statement in OF_PAID {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        create(manager, Vec::new(), vec![index("fi_warn", &["mof_div_code", "bgt_id"])]).await
    }
}

/// Evaluations of a document are found by its id alone: another index that begins with the division could stand in for one
/// that does, at the cost of reading all evaluations of the division.
struct EvaluationsByDocument;

impl MigrationName for EvaluationsByDocument {
    fn name(&self) -> &str {
        "m0006_evaluations_by_document"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for EvaluationsByDocument {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let old = "fi_evaluation__mof_div_code_document_id_document_version_stage_document_type";
        manager.drop_index(Index::drop().name(old).table("fi_evaluation").to_owned()).await?;
        let version = ["document_id", "document_version", "stage", "document_type", "mof_div_code"];
        create(manager, Vec::new(), vec![unique("fi_evaluation", &version)]).await
    }
}

fn fi_rule() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        id("rule_id"),
        text("rule_code", 20),
        number("rule_version"),
        json("content"),
        text("trigger_class", 1),
        flag("is_effective"),
        day("start_date"),
        day_null("end_date"),
    ];
    table("fi_rule", columns, &["mof_div_code", "rule_id"])
}

fn fi_white() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        id("white_id"),
        text("rule_code", 20),
        text("dimension", 20),
        text("value", 300),
        text("reason", 300),
        text("basis", 300),
        day("end_date"),
        text("create_user", 64),
    ];
    table("fi_white", columns, &["mof_div_code", "white_id"])
}

fn fi_evaluation() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        id("evaluation_id"),
        text("document_type", 60),
        id("document_id"),
        text("stage", 20),
        text("outcome", 24),
        json("rules"),
        instant("create_time"),
    ];
    table("fi_evaluation", columns, &["mof_div_code", "evaluation_id"])
}

fn fi_warn() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        id("warn_id"),
        fiscal_year(),
        text("rule_code", 20),
        number("rule_version"),
        text("rule_name", 180),
        text("warn_level", 1),
        text("ctrl_type", 1),
        text("document_type", 60),
        id("document_id"),
        // for scheduled rules the month, else empty
        text("period", 10),
        text("agency_code", 21),
        fen("amount"),
        text("payee_acct_name", 300),
        text("use_des", 300),
        text("message_zh", 600),
        text("message_en", 600),
        text("status", 1),
        text("affirm_result", 1),
        text_null("verify_result", 1),
        flag("is_archived"),
        json("case_record"),
        number("version"),
        instant("create_time"),
    ];
    table("fi_warn", columns, &["mof_div_code", "warn_id"])
}

fn fi_fact() -> TableCreateStatement {
    let columns = vec![
        mof_div_code(),
        id("fact_id"),
        fiscal_year(),
        text("kind", 12),
        id("document_id"),
        text("agency_code", 21),
        id("bgt_id"),
        text("dep_bgt_eco_code", 20),
        text("payee_acct_no", 40),
        text("payee_acct_name", 300),
        text("use_des", 300),
        fen("amount"),
        day("occurred_on"),
        instant("recorded_at"),
    ];
    table("fi_fact", columns, &["mof_div_code", "fact_id"])
}

fn fi_indicator() -> TableCreateStatement {
    let columns =
        vec![mof_div_code(), id("bgt_id"), fiscal_year(), text("agency_code", 21), fen("amount"), day("issued_on")];
    table("fi_indicator", columns, &["mof_div_code", "bgt_id"])
}
