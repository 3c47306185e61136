//! Sign-in. Whether the user or the password was wrong is never told.

pub mod http;

use std::sync::Arc;

use argon2::{
    Argon2, PasswordHash, PasswordHasher as _, PasswordVerifier as _,
    password_hash::{SaltString, rand_core::OsRng},
};
use base_info_contract::{Grant, Token};
use chrono::{TimeDelta, Utc};
use common_types::Role;
use service_kit::{Problem, auth::Claims};
use sha2::{Digest as _, Sha256};

use crate::{BaseInfo, Config, RULES, user::store};

/// A hash to check against when there is no such user, so that both cases take as long.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5bm9ib2R5$Vb0p0nOQb0fJ4bJ3W3m4oGm1R0ZQ0F7yq1yD0r8w1oY";

/// A token for the person or machine; 401 otherwise, 429 while locked.
pub async fn sign_in(base_info: &BaseInfo, grant: Grant) -> Result<Token, Problem> {
    let claims = match grant {
        Grant::Password { username, password } => person(base_info, &username, password).await?,
        Grant::ClientCredentials { client_id, client_secret } => {
            machine(&base_info.config, &client_id, &client_secret)?
        }
    };
    let access_token = base_info.signer.sign(&claims).map_err(|error| Problem::internal(&error))?;
    Ok(Token { access_token, token_type: "Bearer".to_owned(), expires_in: base_info.config.token_seconds })
}

async fn person(base_info: &BaseInfo, username: &str, password: String) -> Result<Claims, Problem> {
    let user = store::by_username(base_info.database.read(), username).await?;
    if let Some(until) = user.as_ref().and_then(|user| user.locked_until)
        && until > Utc::now()
    {
        return Err(RULES.refuse("BI-102", format!("账户锁定至 {until}"), format!("locked until {until}")));
    }
    let hash = user.as_ref().map_or_else(|| NOBODY.to_owned(), |user| user.password_hash.clone());
    let is_right = verify(password, hash).await?;
    let Some(user) = user.filter(|user| user.is_enabled) else { return Err(wrong()) };
    let config = &base_info.config;
    let tx = base_info.database.begin_write().await?;
    if !is_right {
        let locked_until = Utc::now() + TimeDelta::minutes(config.lock_minutes);
        store::note_failure(&tx, user.user_id, config.lock_after_failures, locked_until).await?;
        tx.commit().await?;
        return Err(wrong());
    }
    store::forget_failures(&tx, user.user_id).await?;
    tx.commit().await?;
    let roles: Vec<Role> = serde_json::from_value(user.roles).map_err(|error| Problem::internal(&error))?;
    let mut claims = claims(config, user.username, user.name, roles, user.mof_div_code);
    claims.person = Some(user.person);
    claims.agency_code = user.agency_code;
    claims.mof_dep_code = user.mof_dep_code;
    Ok(claims)
}

fn machine(config: &Config, client_id: &str, client_secret: &str) -> Result<Claims, Problem> {
    let client = config.clients.iter().find(|client| client.client_id == client_id).ok_or_else(wrong)?;
    let (given, known) = (Sha256::digest(client_secret), Sha256::digest(client.client_secret.reveal()));
    if client.client_secret.is_empty() || given != known {
        return Err(wrong());
    }
    let id = client.client_id.clone();
    Ok(claims(config, id.clone(), id, client.roles.clone(), client.mof_div_code.clone()))
}

fn claims(
    config: &Config,
    sub: String,
    name: String,
    roles: Vec<Role>,
    mof_div_code: common_types::DivisionCode,
) -> Claims {
    let now = Utc::now().timestamp();
    let lifetime = i64::try_from(config.token_seconds).unwrap_or(i64::MAX);
    Claims {
        iss: Claims::issuer(),
        sub,
        name,
        person: None,
        roles,
        mof_div_code,
        agency_code: None,
        mof_dep_code: None,
        iat: now,
        exp: now.saturating_add(lifetime),
    }
}

fn wrong() -> Problem {
    RULES.refuse("BI-101", "用户名或密码错误", "user name or password is wrong")
}

/// Hashing is slow on purpose and runs beside the server's own threads.
pub(crate) async fn hash(password: String) -> Result<String, Problem> {
    let hashed = tokio::task::spawn_blocking(move || {
        Argon2::default()
            .hash_password(password.as_bytes(), &SaltString::generate(&mut OsRng))
            .map(|hash| hash.to_string())
    });
    hashed.await.map_err(|error| Problem::internal(&error))?.map_err(|error| Problem::internal(&error))
}

async fn verify(password: String, hash: String) -> Result<bool, Problem> {
    let verified = tokio::task::spawn_blocking(move || {
        PasswordHash::new(&hash).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
    });
    verified.await.map_err(|error| Problem::internal(&error))
}

/// The public keys with which every service verifies tokens.
pub fn key_set(base_info: &BaseInfo) -> Result<serde_json::Value, Problem> {
    let set = base_info.signer.key_set().map_err(|error| Problem::internal(&Arc::new(error)))?;
    serde_json::to_value(set).map_err(|error| Problem::internal(&error))
}
