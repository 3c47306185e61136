//! Monitoring rules (监控规则, FI_RULE) as data.
#![allow(clippy::disallowed_types, reason = "what serde writes for flatten names f32; no field is one")]

use std::collections::BTreeMap;

use chrono::NaiveDate;
use common_types::{CtrlType, DivisionCode, TriggerClass, WarnLevel};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use workflow::State;

/// What a rule looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RuleSubject {
    /// A payment application, or a paid voucher for scheduled rules.
    Payment,
    /// An indicator.
    Indicator,
    /// A unit's year.
    Agency,
}

/// A new rule, or a new version of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRule {
    /// For example `M017`.
    pub rule_code: String,
    pub rule_name: String,
    /// The division that the rule is for, and all below it.
    pub mof_div_code: DivisionCode,
    pub trigger_class: TriggerClass,
    pub subject: RuleSubject,
    pub warn_level: WarnLevel,
    pub ctrl_type: CtrlType,
    /// A condition in CEL over `pay`, `window`, `param` (real time) or the subject's variables; amounts in fen.
    pub condition: String,
    /// Whole numbers that the condition reads as `param.<name>`; amounts in fen.
    #[serde(default)]
    pub params: BTreeMap<String, i64>,
    /// What was paid before, read as `window.<name>`; real-time rules only.
    #[serde(default)]
    pub windows: Vec<Window>,
    pub message_zh: String,
    pub message_en: String,
    pub start_date: NaiveDate,
    #[serde(default)]
    pub end_date: Option<NaiveDate>,
}

/// A window over what was paid before (聚合窗口).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Window {
    pub name: String,
    pub measure: WindowMeasure,
    /// How many days it reaches back from the present one.
    pub days: u32,
    /// Where earlier payments agree with the present one.
    pub same: Vec<WindowField>,
    /// Where they do not.
    #[serde(default)]
    pub other: Vec<WindowField>,
}

/// What a window gives: how many payments, or how much in fen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WindowMeasure {
    Count,
    Sum,
}

/// By what a window compares payments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WindowField {
    AgencyCode,
    BgtId,
    DepBgtEcoCode,
    PayeeAcctNo,
    PayeeAcctName,
    UseDes,
    PayAppAmt,
}

impl WindowField {
    /// All of them, in the order of their declaration.
    pub const ALL: [Self; 7] = [
        Self::AgencyCode,
        Self::BgtId,
        Self::DepBgtEcoCode,
        Self::PayeeAcctNo,
        Self::PayeeAcctName,
        Self::UseDes,
        Self::PayAppAmt,
    ];
}

/// A version of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Rule {
    pub rule_id: Uuid,
    pub rule_version: i32,
    #[serde(flatten)]
    pub content: NewRule,
    /// Absent for the rules that the platform brings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
}

/// Filters of `GET /rules`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RuleFilter {
    pub rule_code: Option<String>,
}

/// Body of `POST /whitelist-entries` (白名单): whom a rule lets pass, and on what basis.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWhitelistEntry {
    pub mof_div_code: DivisionCode,
    pub rule_code: String,
    pub dimension: WhitelistDimension,
    pub value: String,
    pub reason: String,
    pub basis: String,
    pub end_date: NaiveDate,
}

/// By what an entry is recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WhitelistDimension {
    AgencyCode,
    ProCode,
    PayeeAcctNo,
    PayeeAcctName,
}

/// A whitelist entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WhitelistEntry {
    pub white_id: Uuid,
    #[serde(flatten)]
    pub content: NewWhitelistEntry,
}

/// Body of `POST /scans`: evaluates the scheduled rules (事后监控).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScanRequest {
    pub mof_div_code: DivisionCode,
    pub fiscal_year: common_types::FiscalYear,
    pub as_of: NaiveDate,
}

/// What a scan found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ScanResult {
    pub rules: usize,
    pub subjects: usize,
    /// Warnings that were not there before.
    pub opened: usize,
    /// Codes of rules that could not be evaluated; they stop no other.
    #[serde(default)]
    pub failed: Vec<String>,
}
