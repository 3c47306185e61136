//! A machine's own sign-in: client credentials, with the token kept until shortly before it expires.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use url::Url;

use crate::{config::Secret, peer::PeerError, upstream};

const RENEW_BEFORE_EXPIRY: Duration = Duration::from_secs(30);
const SIGN_IN_TIMEOUT: Duration = Duration::from_secs(10);

#[derive(Serialize)]
struct ClientGrant<'a> {
    grant_type: &'static str,
    client_id: &'a str,
    client_secret: &'a str,
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    expires_in: u64,
}

/// Signs a machine in and renews its token.
#[derive(Clone)]
pub struct Credentials(Arc<Inner>);

struct Inner {
    token_url: Url,
    client_id: String,
    client_secret: Secret,
    http: reqwest::Client,
    token: Mutex<Option<(String, Instant)>>,
}

impl Credentials {
    /// `token_url` answers `{access_token, expires_in}` to a client-credentials grant.
    pub fn new(token_url: Url, client_id: String, client_secret: Secret) -> Self {
        let http = upstream::client().build().unwrap_or_default();
        Self(Arc::new(Inner { token_url, client_id, client_secret, http, token: Mutex::new(None) }))
    }

    /// A token that is still valid for a while.
    pub async fn token(&self) -> Result<String, PeerError> {
        let mut kept = self.0.token.lock().await;
        if let Some((token, until)) = kept.as_ref()
            && *until > Instant::now()
        {
            return Ok(token.clone());
        }
        let granted = self.sign_in().await?;
        let lifetime = Duration::from_secs(granted.expires_in).saturating_sub(RENEW_BEFORE_EXPIRY);
        *kept = Some((granted.access_token.clone(), Instant::now() + lifetime));
        Ok(granted.access_token)
    }

    async fn sign_in(&self) -> Result<Granted, PeerError> {
        let grant = ClientGrant {
            grant_type: "client_credentials",
            client_id: &self.0.client_id,
            client_secret: self.0.client_secret.reveal(),
        };
        let request = self.0.http.post(self.0.token_url.clone()).timeout(SIGN_IN_TIMEOUT).json(&grant);
        crate::peer::read(request.send().await?).await
    }
}
