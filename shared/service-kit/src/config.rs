//! Typed settings in layers: defaults, then a file, then environment variables `YITIHUA__…`, then flags.
//! A key that no setting reads is refused, so that a typing error never passes for a default.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize, Serializer, de::DeserializeOwned};
use url::Url;

use crate::clock::{Clock, ClockMode};

const ENVIRONMENT_PREFIX: &str = "YITIHUA";

/// A value that is never shown: printing and serialising give `******`.
#[derive(Clone, Default, Deserialize, PartialEq, Eq)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one place that needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether no secret was given.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("******")
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(if self.0.is_empty() { "" } else { "******" })
    }
}

/// Everything a process can be told; `S` is the section of the service, or of all services together.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings<S> {
    pub server: Server,
    pub telemetry: Telemetry,
    pub database: DatabaseSettings,
    pub identity: Identity,
    pub peers: Peers,
    pub clock: ClockSettings,
    pub service: S,
}

/// The HTTP server.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// Address to listen on; port 0 takes any free port.
    pub listen: String,
    /// Worker threads of the HTTP server.
    pub workers: usize,
    /// Largest request body in bytes.
    pub body_limit_bytes: usize,
    /// How long running requests may take after SIGTERM.
    pub drain_seconds: u64,
}

impl Default for Server {
    fn default() -> Self {
        Self { listen: "127.0.0.1:8080".into(), workers: 2, body_limit_bytes: 8 * 1024 * 1024, drain_seconds: 20 }
    }
}

/// Logs, traces and metrics.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Telemetry {
    /// Filter in the syntax of `RUST_LOG`.
    pub filter: String,
    pub format: LogFormat,
    /// OTLP over HTTP; traces are exported only when it is set.
    pub otlp_endpoint: Option<Url>,
}

impl Default for Telemetry {
    fn default() -> Self {
        Self { filter: "info,sqlx=warn,sea_orm_migration=warn".into(), format: LogFormat::Pretty, otlp_endpoint: None }
    }
}

/// How log lines look.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    #[default]
    Pretty,
    Json,
}

/// Where data lives.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DatabaseSettings {
    /// `postgres://…` keeps each service in a schema of its own; empty keeps SQLite files under `data_dir`.
    pub url: Secret,
    pub data_dir: PathBuf,
    /// Of each service to PostgreSQL: half for writers, half for readers.
    pub max_connections: u32,
    /// How long a request waits for a connection before it is told to try again.
    pub acquire_seconds: u64,
    /// Of transactions on PostgreSQL.
    pub isolation: Isolation,
}

/// How transactions on PostgreSQL see each other.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Isolation {
    /// A guard waits for the row and looks again.
    #[default]
    ReadCommitted,
    /// As proof: a guard that looked at what changed meanwhile is given up with 503, and its caller sends the key again.
    Serializable,
}

impl Isolation {
    /// Its name in SQL.
    pub fn name(self) -> &'static str {
        match self {
            Self::ReadCommitted => "read committed",
            Self::Serializable => "serializable",
        }
    }
}

impl Default for DatabaseSettings {
    fn default() -> Self {
        Self {
            url: Secret::default(),
            data_dir: PathBuf::from("var"),
            max_connections: 16,
            acquire_seconds: 30,
            isolation: Isolation::default(),
        }
    }
}

/// How tokens are checked, and who this process is when it calls a peer.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Identity {
    pub client_id: String,
    pub client_secret: Secret,
}

/// Base addresses of the services; an absent one is reached at this process's own address.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Peers {
    pub base_info: Instances,
    pub project_library: Instances,
    pub budget_compilation: Instances,
    pub budget_execution: Instances,
    pub final_accounts: Instances,
    pub monitoring: Instances,
    pub bank: Instances,
}

/// Addresses of the instances of one service: a list, or one text with commas between.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Addresses")]
pub struct Instances(pub Vec<Url>);

#[derive(Deserialize)]
#[serde(untagged)]
enum Addresses {
    List(Vec<Url>),
    #[serde(deserialize_with = "comma_separated")]
    Text(Vec<Url>),
}

impl From<Addresses> for Instances {
    fn from(addresses: Addresses) -> Self {
        match addresses {
            Addresses::List(urls) | Addresses::Text(urls) => Self(urls),
        }
    }
}

fn comma_separated<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<Url>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let addresses = text.split(',').map(str::trim).filter(|address| !address.is_empty());
    addresses.map(|address| address.parse().map_err(serde::de::Error::custom)).collect()
}

/// Business time.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClockSettings {
    pub mode: ClockMode,
    /// Where a manual clock stands at the start.
    pub start: Option<DateTime<Utc>>,
}

impl ClockSettings {
    /// The clock that these settings ask for.
    pub fn clock(&self) -> Clock {
        match self.mode {
            ClockMode::System => Clock::System,
            ClockMode::Manual => Clock::manual(self.start.unwrap_or_else(Utc::now)),
        }
    }
}

/// Why settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{0}")]
    Invalid(#[from] config::ConfigError),
    #[error("a flag reads key=value, not {0:?}")]
    Flag(String),
}

/// Reads all layers. `flags` are `key=value` pairs such as `server.listen=127.0.0.1:0`.
pub fn load<T: DeserializeOwned>(file: Option<&Path>, flags: &[String]) -> Result<T, ConfigError> {
    let mut builder = config::Config::builder();
    if let Some(path) = file {
        builder = builder.add_source(config::File::from(path));
    }
    builder = builder.add_source(
        config::Environment::with_prefix(ENVIRONMENT_PREFIX).prefix_separator("__").separator("__").try_parsing(true),
    );
    for flag in flags {
        let (key, value) = flag.split_once('=').ok_or_else(|| ConfigError::Flag(flag.clone()))?;
        builder = builder.set_override(key, value)?;
    }
    Ok(builder.build()?.try_deserialize()?)
}
