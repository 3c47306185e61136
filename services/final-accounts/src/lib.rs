//! final-accounts
