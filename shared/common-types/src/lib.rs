//! The unified technical standard as types: money, years, codes, value sets, elements, the chart of the indicator ledger.
//! Parses at the door; knows nothing of any service, and never reads or writes anything outside the process.

pub mod classification;
pub mod codes;
#[cfg(feature = "database")]
mod database;
pub mod dictionary;
pub mod economic_mapping;
pub mod elements;
pub mod ledger;
pub mod money;
#[cfg(feature = "openapi")]
mod openapi;
pub mod role;
pub mod standard;
pub mod value_sets;
pub mod year;

pub use codes::{
    AccountNo, AgencyCode, CodeError, DepBgtEcoCode, DivisionCode, DivisionLevel, DocNo, ExpFuncCode, FundTypeCode,
    GovBgtEcoCode, IncomeSortCode, MofDepCode, ProCode,
};
pub use elements::Elements;
pub use money::{Amount, AmountError, Money, MoneyError};
pub use role::Role;
pub use value_sets::*;
pub use year::{FiscalYear, FiscalYearError};
