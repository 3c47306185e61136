//! The services that the project library asks.

pub(crate) mod base_info;
