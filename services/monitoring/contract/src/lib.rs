//! monitoring contract
