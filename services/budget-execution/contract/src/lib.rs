//! budget-execution contract
