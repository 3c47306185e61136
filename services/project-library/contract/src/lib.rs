//! project-library contract
