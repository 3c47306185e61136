//! The people of the demonstration as whom the prover acts, signed in when they are first needed and again when their
//! token grows old.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use reqwest::Client;
use serde_json::{Value, json};
use tokio::sync::Mutex;
use url::Url;
use uuid::Uuid;

use crate::ProveError;

const SIGN_IN_WITHIN: Duration = Duration::from_secs(30);
const MOST_SIGN_INS: usize = 100;
const BETWEEN_SIGN_INS: Duration = Duration::from_millis(200);

struct Token {
    text: Arc<str>,
    renew_at: Instant,
}

/// Whoever signs in, with the passwords that let them.
pub(crate) struct People {
    base: Url,
    /// The one user that is not of the demonstration, and who verifies at the end.
    verifier: (String, String),
    password: String,
    tokens: Mutex<HashMap<String, Token>>,
}

impl People {
    pub(crate) fn new(base: Url, verifier: (String, String), password: String) -> Self {
        Self { base, verifier, password, tokens: Mutex::default() }
    }

    pub(crate) fn verifier(&self) -> &str {
        &self.verifier.0
    }

    /// A token of this user that is good for some time.
    pub(crate) async fn token(&self, user: &str) -> Result<Arc<str>, ProveError> {
        let mut tokens = self.tokens.lock().await;
        if let Some(token) = tokens.get(user).filter(|token| token.renew_at > Instant::now()) {
            return Ok(token.text.clone());
        }
        let token = self.sign_in_patiently(user).await?;
        let text = token.text.clone();
        tokens.insert(user.to_owned(), token);
        Ok(text)
    }

    /// Lets this user sign in anew.
    pub(crate) async fn forget(&self, user: &str) {
        self.tokens.lock().await.remove(user);
    }

    async fn sign_in_patiently(&self, user: &str) -> Result<Token, ProveError> {
        let mut failure = ProveError::SignIn { user: user.to_owned(), cause: "never tried".to_owned() };
        for _ in 0..MOST_SIGN_INS {
            match self.sign_in(user).await {
                Ok(token) => return Ok(token),
                Err(error @ ProveError::Refused { .. }) => return Err(error),
                Err(error) => failure = error,
            }
            tokio::time::sleep(BETWEEN_SIGN_INS).await;
        }
        Err(failure)
    }

    async fn sign_in(&self, user: &str) -> Result<Token, ProveError> {
        let failed = |cause: String| ProveError::SignIn { user: user.to_owned(), cause };
        let password = if user == self.verifier.0 { &self.verifier.1 } else { &self.password };
        let url = self.base.join("/api/base-info/v1/tokens").map_err(|error| failed(error.to_string()))?;
        let grant = json!({"grant_type": "password", "username": user, "password": password});
        let request = Client::new().post(url).header("Idempotency-Key", Uuid::now_v7().to_string()).json(&grant);
        let answer = request.timeout(SIGN_IN_WITHIN).send().await.map_err(|error| failed(error.to_string()))?;
        let status = answer.status();
        let body: Value = answer.json().await.map_err(|error| failed(error.to_string()))?;
        let text = body["access_token"].as_str().unwrap_or_default();
        if status.is_client_error() {
            let refusal = format!("{} {}", body["code"], body["detail"]);
            return Err(ProveError::Refused { what: format!("sign-in of {user}"), refusal });
        }
        if text.is_empty() {
            return Err(failed(format!("{status} without a token")));
        }
        let seconds = body["expires_in"].as_u64().unwrap_or_default() / 2;
        Ok(Token { text: text.into(), renew_at: Instant::now() + Duration::from_secs(seconds) })
    }
}
