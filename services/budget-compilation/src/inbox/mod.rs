//! Events of peers. Projects are asked for when they are needed, so their events change nothing here; they are noted
//! once and answered.

pub(crate) mod http;
