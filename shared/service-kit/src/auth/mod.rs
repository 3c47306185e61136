//! Who is calling: tokens are verified in every service, scope is prefix arithmetic on hierarchical codes.

mod caller;
mod credentials;
mod token;

pub use caller::Caller;
pub use credentials::Credentials;
pub use token::{Claims, SignError, Signer, Verifier};
