//! base-info
