//! The rules of one adjustment (AD-001 to AD-003, AD-007) and what it does to the ledger (E10 to E12). Pure.

use std::collections::BTreeMap;

use budget_execution_contract::{AdjustmentKind, AdjustmentTarget};
use chrono::{Datelike as _, NaiveDate};
use common_types::ledger::{Account, Template};
use common_types::{
    Amount, BgtSource, BgtTypeCode, DocNo, ExpFuncCode, FiscalYear, FundTypeCode, Money, ProCatCode, ProCode,
    SourceTypeCode,
};
use serde::{Deserialize, Serialize};
use service_kit::Problem;
use uuid::Uuid;

use crate::RULES;
use crate::indicator::Indicator;
use crate::ledger::{Entry, Slot};

/// 三公经费: receptions, travel abroad, running and buying cars.
const THREE_PUBLIC: [&str; 5] = ["30212", "30217", "30231", "31013", "30913"];
/// The last day on which others than the budget division adjust.
const CUT_OFF: (u32, u32) = (11, 20);

/// A new indicator as the document keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptTarget {
    pub agency_name: String,
    pub target: AdjustmentTarget,
}

/// What a pair gives to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Receiver {
    /// 追减: back to where the money came from; the indicator that waits, when there is one.
    Source(Option<Indicator>),
    Existing(Indicator),
    New(KeptTarget),
}

/// One pair with its indicators.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    pub giver: Indicator,
    pub receiver: Receiver,
    pub amount: Amount,
}

/// The letters under which a kind is kept.
pub const fn code_of(kind: AdjustmentKind) -> &'static str {
    match kind {
        AdjustmentKind::A1 => "A1",
        AdjustmentKind::A2 => "A2",
        AdjustmentKind::A3 => "A3",
        AdjustmentKind::A4 => "A4",
    }
}

/// The kind that is kept under these letters.
pub fn kind_of(code: &str) -> Option<AdjustmentKind> {
    use AdjustmentKind::{A1, A2, A3, A4};
    [A1, A2, A3, A4].into_iter().find(|kind| code_of(*kind) == code)
}

/// Whether the money moves within the total (调剂).
pub const fn is_swap(kind: AdjustmentKind) -> bool {
    matches!(kind, AdjustmentKind::A3 | AdjustmentKind::A4)
}

/// Whether the giving indicator is one that units can pay from.
pub const fn gives_executable(kind: AdjustmentKind) -> bool {
    matches!(kind, AdjustmentKind::A2 | AdjustmentKind::A3)
}

/// Whether the receiving indicator is one that units can pay from.
pub const fn receives_executable(kind: AdjustmentKind) -> bool {
    matches!(kind, AdjustmentKind::A1 | AdjustmentKind::A3)
}

/// AD-007: past the cut-off of the year.
pub fn is_past_cut_off(year: FiscalYear, today: NaiveDate) -> bool {
    let year = i32::from(year.get());
    today.year() > year || (today.year() == year && (today.month(), today.day()) > CUT_OFF)
}

struct Receiving<'a> {
    pro_kind_code: Option<ProCatCode>,
    pro_code: Option<&'a ProCode>,
    exp_func_code: Option<&'a ExpFuncCode>,
    dep_bgt_eco_code: Option<&'a str>,
    fund_type_code: &'a FundTypeCode,
}

impl Pair {
    fn receiving(&self) -> Option<Receiving<'_>> {
        match &self.receiver {
            Receiver::Source(_) => None,
            Receiver::Existing(found) => Some(Receiving {
                pro_kind_code: found.pro_kind_code,
                pro_code: found.elements.pro_code.as_ref(),
                exp_func_code: found.elements.exp_func_code.as_ref(),
                dep_bgt_eco_code: found.elements.dep_bgt_eco_code.as_ref().map(|code| code.as_str()),
                fund_type_code: &found.elements.fund_type_code,
            }),
            Receiver::New(KeptTarget { target, .. }) => Some(Receiving {
                pro_kind_code: Some(target.pro_kind_code),
                pro_code: Some(&target.pro_code),
                exp_func_code: Some(&target.exp_func_code),
                dep_bgt_eco_code: Some(target.dep_bgt_eco_code.as_str()),
                fund_type_code: &self.giver.elements.fund_type_code,
            }),
        }
    }

    /// The other project whose library money a new indicator takes (AD-004, PM-010).
    pub fn reserves(&self) -> Option<&ProCode> {
        match &self.receiver {
            Receiver::New(_) => {
                self.receiving()?.pro_code.filter(|code| Some(*code) != self.giver.elements.pro_code.as_ref())
            }
            _ => None,
        }
    }

    /// Refuses what this pair may not do.
    pub fn check(&self, index: usize, is_of_unit: bool) -> Result<(), Problem> {
        let Some(receiving) = self.receiving() else { return Ok(()) };
        if *receiving.fund_type_code != self.giver.elements.fund_type_code {
            let zh = "调入调出的资金性质不同，同一资金性质内须收支相等";
            let en = "both sides must be of the same kind of funds, so that each kind adds up";
            return Err(refuse("AD-001", index, zh, en));
        }
        let kinds = self.giver.pro_kind_code.map(ProCatCode::code).zip(receiving.pro_kind_code.map(ProCatCode::code));
        if let Some((from, to)) = kinds {
            if from.starts_with('1') && !to.starts_with('1') {
                let zh = "人员经费不得调剂到公用经费或项目支出";
                return Err(refuse("AD-002", index, zh, "personnel money may not leave personnel"));
            }
            let is_project = from.starts_with('3') || from == ProCatCode::OtherOperating.code();
            if is_project && (to.starts_with('1') || to == ProCatCode::PublicUse.code()) {
                let zh = "项目支出不得调剂到基本支出";
                return Err(refuse("AD-002", index, zh, "project money may not become basic expenditure"));
            }
        }
        let class = |code: &ExpFuncCode| code.as_str().chars().take(3).collect::<String>();
        let from = self.giver.elements.exp_func_code.as_ref().map(class);
        if is_of_unit && from != receiving.exp_func_code.map(class) {
            let zh = "单位不得跨支出功能分类的类调剂";
            return Err(refuse("AD-003", index, zh, "a unit may not move money between classes of functions"));
        }
        Ok(())
    }

    /// Where the money comes from and where it goes, for a receiving indicator that exists by now.
    pub fn entries(&self, kind: AdjustmentKind, receiver: Slot) -> Vec<Entry> {
        let giver = self.giver.slot(self.giver.available_account());
        if !is_swap(kind) {
            return vec![Entry::new(receiver, giver, self.amount)];
        }
        let between = self.giver.slot(Account::AdjustmentClearing);
        vec![Entry::new(between, giver, self.amount), Entry::new(receiver, between, self.amount)]
    }
}

/// AD-002: a swap does not raise what goes to receptions, travel abroad and cars.
pub fn check_three_public(kind: AdjustmentKind, pairs: &[Pair]) -> Result<(), Problem> {
    if !is_swap(kind) {
        return Ok(());
    }
    let mut rises = BTreeMap::<&str, i128>::new();
    for pair in pairs {
        let fen = i128::from(pair.amount.money().fen());
        let gives = pair.giver.elements.dep_bgt_eco_code.as_ref().map(|code| code.as_str());
        let takes = pair.receiving().and_then(|receiving| receiving.dep_bgt_eco_code);
        for (code, change) in [(gives, fen.saturating_neg()), (takes, fen)] {
            if let Some(code) = code.filter(|code| THREE_PUBLIC.contains(code)) {
                let sum = rises.entry(code).or_default();
                *sum = sum.saturating_add(change);
            }
        }
    }
    let Some((risen, _)) = rises.into_iter().find(|(_, change)| *change > 0) else { return Ok(()) };
    let takes = |pair: &Pair| pair.receiving().and_then(|receiving| receiving.dep_bgt_eco_code) == Some(risen);
    let index = pairs.iter().position(takes).unwrap_or_default();
    let zh = "不得通过调剂增加“三公”经费";
    Err(refuse("AD-002", index, zh, "a swap may not raise receptions, travel abroad or cars"))
}

/// The event of this kind.
pub const fn template_of(kind: AdjustmentKind) -> Template {
    match kind {
        AdjustmentKind::A1 => Template::E10,
        AdjustmentKind::A2 => Template::E11,
        AdjustmentKind::A3 | AdjustmentKind::A4 => Template::E12,
    }
}

/// What a document says of every indicator that it makes.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    pub adj_id: Uuid,
    pub kind: AdjustmentKind,
    pub doc_no: &'a DocNo,
    pub day: NaiveDate,
}

/// The indicator that a target makes; what it does not name, it keeps from the one that gives.
pub fn made(giver: &Indicator, kept: &KeptTarget, amount: Money, origin: Origin<'_>) -> Indicator {
    let target = kept.target.clone();
    let mut elements = giver.elements.clone();
    elements.cor_bgt_doc_no = Some(origin.doc_no.clone());
    elements.agency_code = Some(target.agency_code);
    elements.pro_code = Some(target.pro_code);
    elements.exp_func_code = Some(target.exp_func_code);
    elements.gov_bgt_eco_code = Some(target.gov_bgt_eco_code);
    elements.dep_bgt_eco_code = Some(target.dep_bgt_eco_code);
    let source_type_code = if is_swap(origin.kind) {
        elements.bgt_source_code = BgtSource::Reallocation;
        SourceTypeCode::Reallocation
    } else {
        elements.bgt_type_code = BgtTypeCode::Supplement;
        elements.bgt_source_code = BgtSource::Adjustment;
        SourceTypeCode::Adjustment
    };
    let flag = if receives_executable(origin.kind) {
        common_types::BgtExeFlag::Executable
    } else {
        common_types::BgtExeFlag::Unallocated
    };
    Indicator {
        bgt_id: Uuid::now_v7(),
        elements,
        bgt_doc_title: None,
        doc_date: Some(origin.day),
        bgt_exe_flag: flag,
        amount,
        ori_bgt_id: Some(giver.bgt_id),
        source_type_code,
        pro_kind_code: Some(target.pro_kind_code),
        pro_name: Some(target.pro_name),
        agency_name: Some(kept.agency_name.clone()),
        origin_id: origin.adj_id,
        ..giver.clone()
    }
}

/// A refusal that points to its line.
pub fn refuse(code: &str, index: usize, zh: &str, en: &str) -> Problem {
    RULES.refuse(code, zh, en).at(format!("/lines/{index}"), zh, en)
}
