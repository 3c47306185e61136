//! final-accounts contract
