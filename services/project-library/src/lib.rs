//! project-library
