//! budget-compilation contract
