//! All services in one process. The binary `yitihua` and the tests across services start them here.

pub mod platform;
pub mod settings;
