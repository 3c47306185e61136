//! Between rows and what callers see. Pure.

use common_types::DivisionCode;
use final_accounts_contract::{Auxiliary, EntrySide, UnitVoucher, UnitVoucherDetail, VoucherLine};
use uuid::Uuid;
use workflow::State;

use super::entity::{detail, head};
use crate::chart;

/// 借 in DR_CR.
pub const DEBIT: i32 = 1;
/// 贷 in DR_CR.
pub const CREDIT: i32 = 2;

/// The row of a line.
pub fn line_row(head: &head::Model, sequence: i32, line: &VoucherLine) -> detail::Model {
    let auxiliary = line.auxiliary.clone();
    let mof_div_code: DivisionCode = head.mof_div_code.clone();
    detail::Model {
        mof_div_code,
        vou_det_id: Uuid::now_v7(),
        vou_id: head.vou_id,
        vou_seq: sequence,
        fiscal_year: head.fiscal_year,
        agency_code: head.agency_code.clone(),
        acct_period: head.acct_period,
        is_posted: head.post_time.is_some(),
        is_carry_over: head.is_carry_over,
        gov_acct_cls_code: line.gov_acct_cls_code.clone(),
        dr_cr: match line.dr_cr {
            EntrySide::Debit => DEBIT,
            EntrySide::Credit => CREDIT,
        },
        amt: line.amt,
        vou_det_desc: line.vou_det_desc.clone(),
        pro_code: auxiliary.pro_code,
        pro_kind_code: auxiliary.pro_kind_code,
        exp_func_code: auxiliary.exp_func_code,
        gov_bgt_eco_code: auxiliary.gov_bgt_eco_code,
        dep_bgt_eco_code: auxiliary.dep_bgt_eco_code,
        fund_type_code: auxiliary.fund_type_code,
        bgt_type_code: auxiliary.bgt_type_code,
        fund_tra_obj_name: auxiliary.fund_tra_obj_name,
    }
}

/// A line as a person writes it.
pub fn line(row: detail::Model) -> VoucherLine {
    VoucherLine {
        gov_acct_cls_code: row.gov_acct_cls_code,
        dr_cr: if row.dr_cr == DEBIT { EntrySide::Debit } else { EntrySide::Credit },
        amt: row.amt,
        vou_det_desc: row.vou_det_desc,
        auxiliary: Auxiliary {
            pro_code: row.pro_code,
            pro_kind_code: row.pro_kind_code,
            exp_func_code: row.exp_func_code,
            gov_bgt_eco_code: row.gov_bgt_eco_code,
            dep_bgt_eco_code: row.dep_bgt_eco_code,
            fund_type_code: row.fund_type_code,
            bgt_type_code: row.bgt_type_code,
            fund_tra_obj_name: row.fund_tra_obj_name,
        },
    }
}

fn detail(row: detail::Model) -> UnitVoucherDetail {
    UnitVoucherDetail {
        vou_seq: row.vou_seq,
        entry_group: chart::group(&row.gov_acct_cls_code),
        gov_acct_cls_name: chart::name(&row.gov_acct_cls_code).unwrap_or_default().to_owned(),
        line: line(row),
    }
}

/// A voucher with its lines, and its state when it is a document.
pub fn voucher(row: head::Model, lines: Vec<detail::Model>, workflow: Option<State>) -> UnitVoucher {
    UnitVoucher {
        vou_id: row.vou_id,
        mof_div_code: row.mof_div_code,
        fiscal_year: row.fiscal_year,
        agency_code: row.agency_code,
        acct_period: row.acct_period,
        voucher_no: row.voucher_no,
        voucher_abs: row.voucher_abs,
        voucher_date: row.voucher_date,
        vou_cnt: row.vou_cnt,
        vou_status: row.vou_status.into(),
        source: row.source.into(),
        pay_cert_no: row.pay_cert_no,
        poster: row.poster,
        red_flag: row.red_flag,
        red_vou_no: row.red_vou_no,
        is_adjust_period: row.is_adjust_period,
        is_carry_over: row.is_carry_over,
        dr_amt: row.dr_amt,
        cr_amt: row.cr_amt,
        dr_ys_amt: row.dr_ys_amt,
        cr_ys_amt: row.cr_ys_amt,
        details: lines.into_iter().map(detail).collect(),
        workflow,
        post_time: row.post_time,
        create_time: row.create_time,
    }
}
