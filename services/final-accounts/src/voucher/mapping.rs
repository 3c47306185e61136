//! From rows to the wire.

use final_accounts_contract::{
    Auxiliary, EntryGroup, EntrySide, UnitVoucher, UnitVoucherDetail, VoucherLine, VoucherSource, VoucherStatus,
};
use service_kit::Problem;
use workflow::State;

use super::entity::{detail, head};
use crate::books::account_name;

fn unknown_word(word: &str) -> Problem {
    Problem::internal(&format!("unknown word {word} in a column"))
}

/// The view of a voucher.
pub(super) fn view(head: head::Model, lines: Vec<detail::Model>, state: Option<State>) -> Result<UnitVoucher, Problem> {
    Ok(UnitVoucher {
        vou_id: head.vou_id,
        mof_div_code: head.mof_div_code,
        fiscal_year: head.fiscal_year,
        agency_code: head.agency_code,
        acct_period: head.acct_period,
        voucher_no: head.voucher_no,
        voucher_abs: head.voucher_abs,
        voucher_date: head.voucher_date,
        vou_status: VoucherStatus::of(&head.vou_status).ok_or_else(|| unknown_word(&head.vou_status))?,
        source_kind: VoucherSource::of(&head.source_kind).ok_or_else(|| unknown_word(&head.source_kind))?,
        source_id: head.source_id,
        pay_cert_no: head.pay_cert_no,
        inputer: head.inputer,
        poster: head.poster,
        red_flag: head.red_flag,
        is_adjust_period: head.is_adjust_period,
        is_carry_over: head.is_carry_over,
        dr_amt: head.dr_amt,
        cr_amt: head.cr_amt,
        dr_ys_amt: head.dr_ys_amt,
        cr_ys_amt: head.cr_ys_amt,
        details: lines.into_iter().map(line).collect::<Result<_, _>>()?,
        state,
        create_time: head.create_time,
        post_time: head.post_time,
    })
}

fn line(row: detail::Model) -> Result<UnitVoucherDetail, Problem> {
    Ok(UnitVoucherDetail {
        vou_seq: row.vou_seq,
        group: EntryGroup::of_account(&row.gov_acct_cls_code),
        gov_acct_cls_name: account_name(&row.gov_acct_cls_code),
        line: VoucherLine {
            dr_cr: EntrySide::of(&row.dr_cr).ok_or_else(|| unknown_word(&row.dr_cr))?,
            gov_acct_cls_code: row.gov_acct_cls_code,
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
        },
    })
}
