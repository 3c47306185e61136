//! Short-lived Ed25519 tokens: issued by one service, verified by each with the published key set.

use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use aws_lc_rs::signature::Ed25519KeyPair;
use common_types::{AgencyCode, DivisionCode, MofDepCode, Role};
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation,
    errors::ErrorKind,
    jwk::{Jwk, JwkSet},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tokio::sync::RwLock;
use url::Url;

use crate::{
    http::{Problem, RULES},
    upstream,
};

const ISSUER: &str = "yitihua";
const REFRESH_AT_MOST_EVERY: Duration = Duration::from_secs(2);
/// Some 5 MB at the most.
const MOST_VERIFIED: usize = 10_000;
const FETCH_TIMEOUT: Duration = Duration::from_secs(5);

/// What a token says.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
pub struct Claims {
    pub iss: String,
    pub sub: String,
    pub name: String,
    /// The natural person behind the account, when it belongs to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    pub roles: Vec<Role>,
    pub mof_div_code: DivisionCode,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agency_code: Option<AgencyCode>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mof_dep_code: Option<MofDepCode>,
    /// Seconds since 1970.
    pub iat: i64,
    /// Seconds since 1970.
    pub exp: i64,
}

impl Claims {
    /// The issuer that every verifier expects.
    pub fn issuer() -> String {
        ISSUER.to_owned()
    }
}

/// Why a signing key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    #[error("signing key cannot be read or written: {0}")]
    File(#[from] std::io::Error),
    #[error("signing key cannot be made or is not Ed25519 PKCS#8")]
    Key,
    #[error("token cannot be signed: {0}")]
    Sign(#[from] jsonwebtoken::errors::Error),
}

/// Signs tokens with one Ed25519 key.
#[derive(Clone)]
pub struct Signer {
    key: EncodingKey,
    key_id: String,
}

impl Signer {
    /// Makes a new key that lives only in memory.
    pub fn ephemeral() -> Result<Self, SignError> {
        Self::from_pkcs8(&generate()?)
    }

    /// Reads the key from a file; makes it, readable by its owner only, when the file is absent.
    pub fn from_file(path: &Path) -> Result<Self, SignError> {
        match std::fs::read(path) {
            Ok(pkcs8) => Self::from_pkcs8(&pkcs8),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let pkcs8 = generate()?;
                write_private(path, &pkcs8)?;
                Self::from_pkcs8(&pkcs8)
            }
            Err(error) => Err(error.into()),
        }
    }

    fn from_pkcs8(pkcs8: &[u8]) -> Result<Self, SignError> {
        Ed25519KeyPair::from_pkcs8(pkcs8).map_err(|_| SignError::Key)?;
        let digest = Sha256::digest(pkcs8);
        let key_id = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { key: EncodingKey::from_ed_der(pkcs8), key_id })
    }

    /// Signs claims.
    pub fn sign(&self, claims: &Claims) -> Result<String, SignError> {
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(self.key_id.clone());
        Ok(jsonwebtoken::encode(&header, claims, &self.key)?)
    }

    /// The public key set to publish.
    pub fn key_set(&self) -> Result<JwkSet, SignError> {
        let mut key = Jwk::from_encoding_key(&self.key, Algorithm::EdDSA)?;
        key.common.key_id = Some(self.key_id.clone());
        Ok(JwkSet { keys: vec![key] })
    }
}

fn generate() -> Result<Vec<u8>, SignError> {
    let document =
        Ed25519KeyPair::generate_pkcs8v1(&aws_lc_rs::rand::SystemRandom::new()).map_err(|_| SignError::Key)?;
    Ok(document.as_ref().to_vec())
}

fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::{io::Write as _, os::unix::fs::OpenOptionsExt as _};
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Verifies tokens with a key set, fetched from the issuer when a key is not known yet.
#[derive(Clone)]
pub struct Verifier(Arc<Inner>);

struct Inner {
    source: Option<Url>,
    http: reqwest::Client,
    keys: RwLock<Keys>,
    verified: Verified,
}

struct Keys {
    set: JwkSet,
    fetched: Option<Instant>,
}

impl Verifier {
    /// Knows the keys already.
    pub fn of_keys(set: JwkSet) -> Self {
        Self::build(None, set)
    }

    /// Fetches keys from this address at first need and whenever a token names an unknown key.
    pub fn of_url(source: Url) -> Self {
        Self::build(Some(source), JwkSet { keys: Vec::new() })
    }

    fn build(source: Option<Url>, set: JwkSet) -> Self {
        let keys = RwLock::new(Keys { set, fetched: None });
        Self(Arc::new(Inner {
            source,
            http: upstream::client().build().unwrap_or_default(),
            keys,
            verified: Verified::default(),
        }))
    }

    /// The claims of a valid token; 401 otherwise. The signature of a token is verified once, its expiry every time.
    pub async fn verify(&self, token: &str) -> Result<Claims, Problem> {
        let fingerprint = fingerprint_of(token);
        let now = chrono::Utc::now().timestamp();
        if let Some(claims) = self.0.verified.find(&fingerprint) {
            return if claims.exp < now { Err(expired()) } else { Ok(claims) };
        }
        let claims = self.verify_signature(token).await?;
        self.0.verified.keep(fingerprint, claims.clone(), now);
        Ok(claims)
    }

    async fn verify_signature(&self, token: &str) -> Result<Claims, Problem> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| forged())?;
        if header.alg != Algorithm::EdDSA {
            return Err(forged());
        }
        let key_id = header.kid.ok_or_else(forged)?;
        let key = self.key(&key_id).await?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[ISSUER]);
        validation.leeway = 0;
        match jsonwebtoken::decode::<Claims>(token, &key, &validation) {
            Ok(data) => Ok(data.claims),
            Err(error) if matches!(error.kind(), ErrorKind::ExpiredSignature) => Err(expired()),
            Err(_) => Err(forged()),
        }
    }

    async fn key(&self, key_id: &str) -> Result<DecodingKey, Problem> {
        if let Some(key) = find(&self.0.keys.read().await.set, key_id)? {
            return Ok(key);
        }
        self.refresh().await?;
        find(&self.0.keys.read().await.set, key_id)?.ok_or_else(forged)
    }

    async fn refresh(&self) -> Result<(), Problem> {
        let Some(source) = &self.0.source else { return Ok(()) };
        let mut keys = self.0.keys.write().await;
        if keys.fetched.is_some_and(|fetched| fetched.elapsed() < REFRESH_AT_MOST_EVERY) {
            return Ok(());
        }
        let unavailable =
            |_| RULES.refuse("HTTP-503", "暂时无法取得令牌公钥", "the key set of the token issuer cannot be fetched");
        let request = self.0.http.get(source.clone()).timeout(FETCH_TIMEOUT);
        keys.set = request.send().await.map_err(unavailable)?.json().await.map_err(unavailable)?;
        keys.fetched = Some(Instant::now());
        // a key that the issuer withdrew vouches for nothing any more
        self.0.verified.forget();
        Ok(())
    }
}

/// Tokens whose signature was verified, by their SHA-256: the tokens themselves are not kept.
#[derive(Default)]
struct Verified(Mutex<HashMap<[u8; 32], Claims>>);

impl Verified {
    fn find(&self, fingerprint: &[u8; 32]) -> Option<Claims> {
        self.kept().get(fingerprint).cloned()
    }

    fn keep(&self, fingerprint: [u8; 32], claims: Claims, now: i64) {
        let mut kept = self.kept();
        if kept.len() >= MOST_VERIFIED {
            kept.retain(|_, claims| claims.exp >= now);
        }
        if kept.len() >= MOST_VERIFIED {
            kept.clear();
        }
        kept.insert(fingerprint, claims);
    }

    fn forget(&self) {
        self.kept().clear();
    }

    fn kept(&self) -> MutexGuard<'_, HashMap<[u8; 32], Claims>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn fingerprint_of(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

fn expired() -> Problem {
    RULES.refuse("AUTH-002", "登录令牌已过期", "the token has expired")
}

fn find(set: &JwkSet, key_id: &str) -> Result<Option<DecodingKey>, Problem> {
    set.find(key_id).map(|jwk| DecodingKey::from_jwk(jwk).map_err(|error| Problem::internal(&error))).transpose()
}

fn forged() -> Problem {
    RULES.refuse("AUTH-003", "登录令牌无效", "the token is not valid")
}
