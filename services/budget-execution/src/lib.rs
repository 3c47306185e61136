//! budget-execution
