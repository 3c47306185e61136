//! The authenticated caller and what lies within reach.

use std::{collections::BTreeSet, future::Future, pin::Pin};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header, web};
use common_types::{AgencyCode, DivisionCode, MofDepCode, Role};

use super::{Claims, Verifier};
use crate::http::{Problem, RULES};

/// A person or machine that has signed in. Extraction answers 401 without a valid token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// User or client id: one per account.
    pub subject: String,
    /// The natural person behind the account; two accounts of one person are the same for separation of duty.
    pub person: String,
    pub name: String,
    pub roles: BTreeSet<Role>,
    pub mof_div_code: DivisionCode,
    /// A unit or department; `None` reaches the whole division.
    pub agency_code: Option<AgencyCode>,
    /// A division of the finance bureau (处室); `None` reaches all of them.
    pub mof_dep_code: Option<MofDepCode>,
}

impl Caller {
    /// Whether the caller holds one of the roles.
    pub fn has_any(&self, roles: &[Role]) -> bool {
        roles.iter().any(|role| self.roles.contains(role))
    }

    /// A machine of the platform itself.
    pub fn is_service(&self) -> bool {
        self.roles.contains(&Role::S1)
    }

    /// 403 unless the caller holds one of the roles.
    pub fn require(&self, roles: &[Role]) -> Result<(), Problem> {
        if self.has_any(roles) {
            return Ok(());
        }
        let needed: Vec<_> = roles.iter().map(|role| role.name_zh()).collect();
        let codes: Vec<_> = roles.iter().map(ToString::to_string).collect();
        Err(RULES
            .refuse(
                "AUTH-004",
                format!("此操作须由{}办理", needed.join("或")),
                format!("this needs one of the roles {}", codes.join(", ")),
            )
            .with("required_roles", codes))
    }

    /// 403 without one of the roles; 404 outside the caller's own division and agency subtree.
    pub fn require_in(
        &self,
        roles: &[Role],
        division: &DivisionCode,
        agency: Option<&AgencyCode>,
    ) -> Result<(), Problem> {
        self.require(roles)?;
        if self.acts_in(division, agency) {
            Ok(())
        } else {
            Err(Problem::not_found("所请求的数据", "the record"))
        }
    }

    /// Whether the caller may act on data of this division and agency: only inside the own division.
    pub fn acts_in(&self, division: &DivisionCode, agency: Option<&AgencyCode>) -> bool {
        self.is_service() || (self.mof_div_code == *division && self.covers(agency))
    }

    /// Whether the caller may read data of this division and agency: the own division, and for the whole-division
    /// staff of a finance bureau also the divisions below (upward roll-up, T6).
    pub fn reads_in(&self, division: &DivisionCode, agency: Option<&AgencyCode>) -> bool {
        let from_above = self.agency_code.is_none() && self.mof_div_code.contains(division);
        self.acts_in(division, agency) || from_above
    }

    /// 404 for what lies outside the reading scope.
    pub fn require_readable(
        &self,
        division: &DivisionCode,
        agency: Option<&AgencyCode>,
        what_zh: &str,
        what_en: &str,
    ) -> Result<(), Problem> {
        if self.reads_in(division, agency) { Ok(()) } else { Err(Problem::not_found(what_zh, what_en)) }
    }

    fn covers(&self, agency: Option<&AgencyCode>) -> bool {
        match (&self.agency_code, agency) {
            (None, _) => true,
            (Some(own), Some(asked)) => own.contains(asked),
            (Some(_), None) => false,
        }
    }

    /// The caller that verified claims describe.
    pub fn from_claims(claims: Claims) -> Self {
        Self {
            person: claims.person.unwrap_or_else(|| claims.sub.clone()),
            subject: claims.sub,
            name: claims.name,
            roles: claims.roles.into_iter().collect(),
            mof_div_code: claims.mof_div_code,
            agency_code: claims.agency_code,
            mof_dep_code: claims.mof_dep_code,
        }
    }
}

impl FromRequest for Caller {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let token = bearer(request);
        let verifier = request.app_data::<web::Data<Verifier>>().cloned();
        Box::pin(async move {
            let token =
                token.ok_or_else(|| RULES.refuse("AUTH-001", "请求未携带登录令牌", "the request carries no token"))?;
            let verifier = verifier.ok_or_else(|| Problem::internal(&"no token verifier is configured"))?;
            Ok(Self::from_claims(verifier.verify(&token).await?))
        })
    }
}

fn bearer(request: &HttpRequest) -> Option<String> {
    let value = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}
