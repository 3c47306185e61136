//! Transfer packages (转移支付预算) as a noun of their own on the wire; inside they are packages of kind transfer.

pub(crate) mod http;
