//! The instances of one service: which of them is asked next, and when another may be asked instead.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use url::Url;

/// How long a server keeps a connection on which nothing is asked, be it yet or any more: a pool opens some ahead of use.
pub const KEPT_BY_SERVER: Duration = Duration::from_secs(75);
/// A client lets go well before, so that no request meets the end of its connection.
const KEPT_BY_CLIENT: Duration = Duration::from_secs(30);

/// A client of services as `host` serves them.
pub fn client() -> reqwest::ClientBuilder {
    reqwest::Client::builder().pool_idle_timeout(KEPT_BY_CLIENT)
}

/// Addresses that serve the same, asked in turn. Clones share the turn.
#[derive(Debug, Clone)]
pub struct Upstream {
    instances: Arc<[Url]>,
    turn: Arc<AtomicUsize>,
}

impl Upstream {
    /// The instances of a service; `home` serves it when there is none.
    pub fn new(instances: &[Url], home: &Url) -> Self {
        let instances: Arc<[Url]> =
            if instances.is_empty() { std::slice::from_ref(home).into() } else { instances.into() };
        Self { instances, turn: Arc::default() }
    }

    /// The first instance: for what is asked once, at a start.
    pub fn first(&self) -> &Url {
        &self.instances[0]
    }

    /// Every instance once, beginning with the one whose turn it is.
    pub fn in_turn(&self) -> impl Iterator<Item = &Url> {
        let start = self.turn.fetch_add(1, Ordering::Relaxed) % self.instances.len();
        self.instances[start..].iter().chain(&self.instances[..start])
    }
}

/// Whether the request may be sent to another instance after this failure. What never arrived may always be; what may
/// have arrived only when carrying it out twice is the same as once; what is still being waited for, never.
pub fn may_ask_another(error: &reqwest::Error, is_repeatable: bool) -> bool {
    error.is_connect() || (is_repeatable && !error.is_timeout())
}
