//! budget-compilation
