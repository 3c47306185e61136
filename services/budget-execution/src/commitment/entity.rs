//! BA_COMMITMENT: commitments and their amendments; what they still keep stands on the ledger, under their id.

use budget_execution_contract::CommitmentStatus;
use chrono::{DateTime, Utc};
use common_types::{AccountNo, AgencyCode, DivisionCode, FiscalYear, Money};
use sea_orm::entity::prelude::*;

use crate::payment::status::stored_status;

stored_status! {
    /// Where a commitment stands on the ledger (占用状态).
    Occupation stores CommitmentStatus { Free, Occupied, InForce, Closed, }
}

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ba_commitment")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub mof_div_code: DivisionCode,
    #[sea_orm(primary_key, auto_increment = false)]
    pub commitment_id: Uuid,
    pub fiscal_year: FiscalYear,
    pub agency_code: AgencyCode,
    pub bgt_id: Uuid,
    pub contract_no: Option<String>,
    pub contract_name: String,
    pub payee_acct_name: String,
    pub payee_acct_no: AccountNo,
    pub commitment_amt: Money,
    pub contract_amt: Money,
    pub released_amt: Money,
    pub prepay_percent: i32,
    pub ori_commitment_id: Option<Uuid>,
    pub is_reduction: bool,
    pub carried_from: Option<Uuid>,
    pub commitment_status: Occupation,
    /// The application whose submission closed it; it opens again when that one comes back.
    pub closing_pay_app_id: Option<Uuid>,
    /// How many E15 it has posted; the number of the next one.
    pub posting_count: i32,
    pub create_time: DateTime<Utc>,
}

impl ActiveModelBehavior for ActiveModel {}
