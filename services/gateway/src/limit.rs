//! How much one client may ask: a token bucket for each, by its token or, without one, its address.

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    num::NonZeroU32,
};

use actix_web::{HttpRequest, http::header};
use governor::{DefaultKeyedRateLimiter, Quota};
use service_kit::Problem;

use crate::RULES;

const FORGET_ABOVE_CLIENTS: usize = 10_000;

/// The buckets of all clients.
pub(crate) struct Limit(DefaultKeyedRateLimiter<u64>);

impl Limit {
    pub(crate) fn new(requests_per_second: u32, burst: u32) -> Self {
        let at_least_one = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_second(at_least_one(requests_per_second)).allow_burst(at_least_one(burst));
        Self(DefaultKeyedRateLimiter::keyed(quota))
    }

    /// 429 when the client has used up its bucket.
    pub(crate) fn check(&self, request: &HttpRequest) -> Result<(), Problem> {
        if self.0.len() > FORGET_ABOVE_CLIENTS {
            self.0.retain_recent();
        }
        self.0
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
