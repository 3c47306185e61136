//! How much one client may ask: a token bucket for each, by its token or, without one, its address.

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    num::NonZeroU32,
    sync::atomic::{AtomicU32, Ordering},
};

use actix_web::{HttpRequest, http::header};
use governor::{DefaultKeyedRateLimiter, Quota};
use service_kit::Problem;

use crate::RULES;

const FORGET_ABOVE_CLIENTS: usize = 10_000;
/// Counting the buckets takes a lock on each part of their table, so it is not done for each request.
const COUNT_EVERY_REQUESTS: u32 = 1024;

/// The buckets of all clients.
pub(crate) struct Limit {
    buckets: DefaultKeyedRateLimiter<u64>,
    requests: AtomicU32,
}

impl Limit {
    pub(crate) fn new(requests_per_second: u32, burst: u32) -> Self {
        let at_least_one = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_second(at_least_one(requests_per_second)).allow_burst(at_least_one(burst));
        Self { buckets: DefaultKeyedRateLimiter::keyed(quota), requests: AtomicU32::new(0) }
    }

    /// 429 when the client has used up its bucket.
    pub(crate) fn check(&self, request: &HttpRequest) -> Result<(), Problem> {
        let count = self.requests.fetch_add(1, Ordering::Relaxed);
        if count.is_multiple_of(COUNT_EVERY_REQUESTS) && self.buckets.len() > FORGET_ABOVE_CLIENTS {
            self.buckets.retain_recent();
            self.buckets.shrink_to_fit();
        }
        self.buckets
            .check_key(&client_of(request))
            .map_err(|_| RULES.refuse("GW-429", "请求过于频繁", "too many requests from this client"))
    }
}

fn client_of(request: &HttpRequest) -> u64 {
    let mut hasher = DefaultHasher::new();
    match request.headers().get(header::AUTHORIZATION) {
        Some(token) => token.as_bytes().hash(&mut hasher),
        None => request.peer_addr().map(|address| address.ip()).hash(&mut hasher),
    }
    hasher.finish()
}
