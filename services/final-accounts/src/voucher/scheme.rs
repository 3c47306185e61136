//! Posting schemes (记账方案): which accounts a payment touches, as data in `schemes.csv`; the first match wins.

use std::sync::LazyLock;

use budget_execution_contract::ChargedTo;
use common_types::{AgencyType, Money};
use final_accounts_contract::{Auxiliary, EntrySide, VoucherLine};
use serde::Deserialize;
use service_kit::Problem;

use crate::RULES;

#[derive(Deserialize)]
struct Scheme {
    dep_eco_prefix: String,
    /// `administrative`, `institution` or `any`.
    agency_kind: String,
    fund_prefix: String,
    /// Pairs `debit/credit` of 财务会计, separated by blanks.
    financial: String,
    /// Pairs of 预算会计.
    budget: String,
}

static SCHEMES: LazyLock<Vec<Scheme>> = LazyLock::new(|| {
    csv::Reader::from_reader(include_str!("../../schemes.csv").as_bytes())
        .deserialize()
        .map(|row| row.expect("schemes.csv is part of the program and well formed"))
        .collect()
});

impl Scheme {
    fn fits(&self, charged: &ChargedTo, kind: &str) -> bool {
        charged.dep_bgt_eco_code.as_str().starts_with(&self.dep_eco_prefix)
            && charged.fund_type_code.as_str().starts_with(&self.fund_prefix)
            && (self.agency_kind == "any" || self.agency_kind == kind)
    }

    fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let both = self.financial.split_whitespace().chain(self.budget.split_whitespace());
        both.filter_map(|pair| pair.split_once('/'))
    }
}

/// The lines of both groups for an amount paid, or with the sides reversed for one that came back.
pub(crate) fn lines(
    charged: &ChargedTo,
    agency_type: AgencyType,
    amt: Money,
    reversed: bool,
    text: &str,
) -> Result<Vec<VoucherLine>, Problem> {
    let kind = if agency_type.code().starts_with('1') { "administrative" } else { "institution" };
    let scheme = SCHEMES.iter().find(|scheme| scheme.fits(charged, kind)).ok_or_else(|| no_scheme(charged))?;
    let line = |account: &str, side: EntrySide| VoucherLine {
        gov_acct_cls_code: account.to_owned(),
        dr_cr: if reversed { side.opposite() } else { side },
        amt,
        vou_det_desc: text.to_owned(),
        auxiliary: auxiliary_of(charged),
    };
    let entries = scheme.pairs().flat_map(|(debit, credit)| [(debit, EntrySide::Debit), (credit, EntrySide::Credit)]);
    Ok(entries.map(|(account, side)| line(account, side)).collect())
}

fn auxiliary_of(charged: &ChargedTo) -> Auxiliary {
    Auxiliary {
        pro_code: Some(charged.pro_code.clone()),
        pro_kind_code: charged.pro_kind_code,
        exp_func_code: Some(charged.exp_func_code.clone()),
        gov_bgt_eco_code: Some(charged.gov_bgt_eco_code.clone()),
        dep_bgt_eco_code: Some(charged.dep_bgt_eco_code.clone()),
        fund_type_code: Some(charged.fund_type_code.clone()),
        bgt_type_code: Some(charged.bgt_type_code),
        fund_tra_obj_name: None,
    }
}

fn no_scheme(charged: &ChargedTo) -> Problem {
    let (eco, fund) = (&charged.dep_bgt_eco_code, &charged.fund_type_code);
    RULES.refuse(
        "ACC-103",
        format!("经济分类 {eco}、资金性质 {fund} 没有记账方案"),
        format!("no posting scheme for class {eco} and fund {fund}"),
    )
}
