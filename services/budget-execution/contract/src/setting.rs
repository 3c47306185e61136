//! Settings of divisions (参数设置) on the wire: whitelists, thresholds and switches as dated data.

use chrono::{DateTime, NaiveDate, Utc};
use common_types::DivisionCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;
use workflow::State;

/// Body of `POST /setting-changes` and `PUT /setting-changes/{setting_id}`: a value from a day on.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SettingDraft {
    pub mof_div_code: DivisionCode,
    /// One of the keys that `GET /settings` lists.
    pub setting_key: String,
    #[schema(value_type = Object)]
    pub setting_value: Value,
    /// After today; the settings of a day do not change during it.
    pub start_date: NaiveDate,
    pub reason: String,
}

/// A proposed or decided value of a setting.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SettingChange {
    pub setting_id: Uuid,
    pub mof_div_code: DivisionCode,
    pub setting_key: String,
    #[schema(value_type = Object)]
    pub setting_value: Value,
    pub start_date: NaiveDate,
    pub reason: String,
    pub create_time: DateTime<Utc>,
    pub workflow: State,
}

/// What holds for a division on a day, and who said so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SettingInForce {
    pub setting_key: String,
    pub name_zh: String,
    pub name_en: String,
    #[schema(value_type = Object)]
    pub setting_value: Value,
    /// The division whose value it is: the own one or one above; absent for the value that the platform ships with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mof_div_code: Option<DivisionCode>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_date: Option<NaiveDate>,
    /// The document that decided it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub setting_id: Option<Uuid>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set_by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Filters of `GET /settings`.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct SettingDay {
    #[param(value_type = String)]
    pub mof_div_code: DivisionCode,
    /// Today when absent.
    pub day: Option<NaiveDate>,
}

/// Filters of `GET /setting-changes`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SettingFilter {
    #[param(value_type = Option<String>)]
    pub mof_div_code: Option<DivisionCode>,
    pub setting_key: Option<String>,
}
