//! Users with their roles and scope.

use common_types::{AgencyCode, DivisionCode, MofDepCode, Role};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Grants an account to a person.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    pub username: String,
    pub name: String,
    /// The natural person; all accounts of one person count together for separation of duty.
    pub person: String,
    pub password: String,
    pub roles: Vec<Role>,
    pub mof_div_code: DivisionCode,
    /// A unit or department; absent for the staff of the finance bureau.
    #[serde(default)]
    pub agency_code: Option<AgencyCode>,
    #[serde(default)]
    pub mof_dep_code: Option<MofDepCode>,
}

/// A user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct User {
    pub user_id: Uuid,
    pub username: String,
    pub name: String,
    pub person: String,
    pub roles: Vec<Role>,
    pub mof_div_code: DivisionCode,
    pub agency_code: Option<AgencyCode>,
    pub mof_dep_code: Option<MofDepCode>,
    pub is_enabled: bool,
}

/// Filters of `GET /users`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UserFilter {
    #[param(value_type = Option<String>)]
    pub mof_div_code: Option<DivisionCode>,
    /// Rows per page, 1 to 1000; 50 when absent.
    pub page_size: Option<u64>,
    /// `next_page_token` of the page before.
    pub page_token: Option<String>,
}
