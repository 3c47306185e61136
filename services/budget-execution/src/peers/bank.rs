//! The agent bank (代理银行), whichever it is: the platform needs nothing of it but this.

use std::future::Future;

use budget_execution_contract::{
    BankClearingAnswer, BankClearingRequest, BankStatement, BankVoucher, BankVoucherState, VoucherAnswer,
};
use chrono::NaiveDate;
use common_types::DivisionCode;
use service_kit::{Peer, PeerError};

/// What any agent bank does for the platform. Sending twice is safe: the bank gives its first answer again (PAY-020).
pub trait AgentBank {
    /// Hands over a voucher (5214).
    fn send(&self, voucher: &BankVoucher) -> impl Future<Output = Result<VoucherAnswer, PeerError>>;
    /// Asks what became of a voucher; none when the bank never got it.
    fn inquire(
        &self,
        division: &DivisionCode,
        pay_cert_no: &str,
    ) -> impl Future<Output = Result<Option<BankVoucherState>, PeerError>>;
    /// Asks for clearing of a day (2301), or for the return of its refunds (2302).
    fn clear(&self, request: &BankClearingRequest) -> impl Future<Output = Result<BankClearingAnswer, PeerError>>;
    /// The bank's own list of these days, the last one included.
    fn statement(
        &self,
        division: &DivisionCode,
        days: (NaiveDate, NaiveDate),
    ) -> impl Future<Output = Result<BankStatement, PeerError>>;
}

/// An agent bank behind the HTTP interface of `/api/bank/v1`.
#[derive(Clone)]
pub struct HttpBank(pub Peer);

impl AgentBank for HttpBank {
    async fn send(&self, voucher: &BankVoucher) -> Result<VoucherAnswer, PeerError> {
        self.0.post("/api/bank/v1/vouchers", voucher, &voucher.pay_cert_no).await
    }

    async fn inquire(&self, division: &DivisionCode, pay_cert_no: &str) -> Result<Option<BankVoucherState>, PeerError> {
        self.0.find(&format!("/api/bank/v1/vouchers/{pay_cert_no}?mof_div_code={division}")).await
    }

    async fn clear(&self, request: &BankClearingRequest) -> Result<BankClearingAnswer, PeerError> {
        self.0.post("/api/bank/v1/clearing-requests", request, &request.lqd_cert_no).await
    }

    async fn statement(
        &self,
        division: &DivisionCode,
        (day, until): (NaiveDate, NaiveDate),
    ) -> Result<BankStatement, PeerError> {
        self.0.get(&format!("/api/bank/v1/statements?mof_div_code={division}&day={day}&until={until}")).await
    }
}
