//! Signs tokens for any caller a test needs, and answers machine sign-ins.

use std::sync::Arc;

use common_types::{AgencyCode, DivisionCode, Role};
use service_kit::{
    Caller, Module,
    auth::{Claims, Signer, Verifier},
};
use utoipa_actix_web::service_config::ServiceConfig;

const BANK: &str = "bank";
const LIFETIME_SECONDS: i64 = 3600;

/// A token issuer of the test's own.
#[derive(Clone)]
pub struct Identity(Signer);

impl Default for Identity {
    fn default() -> Self {
        Self(Signer::ephemeral().expect("a key can be made"))
    }
}

impl Identity {
    /// Verifies what this identity signs.
    pub fn verifier(&self) -> Verifier {
        Verifier::of_keys(self.0.key_set().expect("a key set can be derived"))
    }

    /// A valid token.
    pub fn token(&self, subject: &str, roles: &[Role], division: &str, agency: Option<&str>) -> String {
        let now = chrono::Utc::now().timestamp();
        self.sign(&claims(subject, roles, division, agency, now, now + LIFETIME_SECONDS))
    }

    /// A token that expired an hour ago.
    pub fn expired_token(&self, subject: &str, roles: &[Role], division: &str) -> String {
        let now = chrono::Utc::now().timestamp();
        self.sign(&claims(subject, roles, division, None, now - 2 * LIFETIME_SECONDS, now - LIFETIME_SECONDS))
    }

    /// A token of the platform itself.
    pub fn service_token(&self) -> String {
        self.token("platform", &[Role::S1], "360000000", None)
    }

    fn sign(&self, claims: &Claims) -> String {
        self.0.sign(claims).expect("claims can be signed")
    }

    /// Stands in for `base-info` where a service only needs its machine token, or the client `bank` that of a bank.
    pub fn token_module(&self) -> Module {
        let platform = self.service_token();
        let bank = self.token(BANK, &[Role::B1], "360000000", None);
        let routes = move |config: &mut ServiceConfig<'_>| {
            let (platform, bank) = (platform.clone(), bank.clone());
            let answer = move |grant: actix_web::web::Json<serde_json::Value>| {
                let token = if grant["client_id"] == BANK { bank.clone() } else { platform.clone() };
                async move {
                    actix_web::HttpResponse::Ok().json(serde_json::json!({"access_token": token, "expires_in": 3600}))
                }
            };
            config.route("/api/base-info/v1/tokens", actix_web::web::post().to(answer));
        };
        Module { name: "token-issuer", routes: Arc::new(routes), workers: Vec::new(), database: None }
    }
}

fn claims(subject: &str, roles: &[Role], division: &str, agency: Option<&str>, iat: i64, exp: i64) -> Claims {
    Claims {
        iss: Claims::issuer(),
        sub: subject.to_owned(),
        name: subject.to_owned(),
        person: None,
        roles: roles.to_vec(),
        mof_div_code: division.parse::<DivisionCode>().expect("tests use known divisions"),
        agency_code: agency.map(|code| code.parse::<AgencyCode>().expect("tests use well formed agencies")),
        mof_dep_code: None,
        iat,
        exp,
    }
}

/// The caller that a token of this identity would describe, for tests below HTTP.
impl Identity {
    pub fn caller(subject: &str, roles: &[Role], division: &str, agency: Option<&str>) -> Caller {
        Caller::from_claims(claims(subject, roles, division, agency, 0, 0))
    }
}
