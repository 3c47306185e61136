//! What other services know of `base-info`: who and what exists, and a typed client.

mod account;
mod agency;
mod client;
mod division;
mod party;
mod payee;
mod person;
mod token;
mod user;
mod value;

pub use account::*;
pub use agency::*;
pub use client::BaseInfo;
pub use division::*;
pub use party::*;
pub use payee::*;
pub use person::*;
pub use token::*;
pub use user::*;
pub use value::*;
