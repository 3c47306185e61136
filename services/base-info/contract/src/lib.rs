//! base-info contract
