//! The rules of one adjustment (AD-001 to AD-003) and what it does to the ledger (E10 to E12). Pure.

use std::collections::BTreeMap;

use budget_execution_contract::{AdjustmentKind, AdjustmentTarget, EntryLine};
use chrono::NaiveDate;
use common_types::ledger::{Account, Template};
use common_types::{
    Amount, BgtExeFlag, BgtSource, BgtTypeCode, DocNo, Elements, ExpFuncCode, FundTypeCode, Money, ProCatCode, ProCode,
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
/// 预备费.
const RESERVE: &str = "227";

/// What a line makes, as the document keeps it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Making {
    pub agency_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<AdjustmentTarget>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<EntryLine>,
}

/// A new indicator that is made after the one that gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptTarget {
    pub agency_name: Option<String>,
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
    /// Its line of the document.
    pub index: usize,
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
        AdjustmentKind::A5 => "A5",
        AdjustmentKind::A6 => "A6",
        AdjustmentKind::A7 => "A7",
    }
}

/// The kind that is kept under these letters.
pub fn kind_of(code: &str) -> Option<AdjustmentKind> {
    use AdjustmentKind::{A1, A2, A3, A4, A5, A6, A7};
    [A1, A2, A3, A4, A5, A6, A7].into_iter().find(|kind| code_of(*kind) == code)
}

/// Whether the money moves within the total (调剂).
pub const fn is_swap(kind: AdjustmentKind) -> bool {
    matches!(kind, AdjustmentKind::A3 | AdjustmentKind::A4)
}

/// What kind of indicator may give, by kind.
pub fn may_give(kind: AdjustmentKind, giver: &Indicator) -> Result<(), (&'static str, &'static str, &'static str)> {
    use AdjustmentKind::{A1, A2, A3, A4, A5, A6, A7};
    match (kind, giver.available_account()) {
        (A1 | A4, Account::UnallocatedIndicator) | (A2 | A3 | A7, Account::Executable) | (A7, _) => Ok(()),
        (A5, Account::UnallocatedIndicator | Account::PendingTransfer) => Ok(()),
        (A6, Account::UnallocatedIndicator) if is_reserve(giver.elements.exp_func_code.as_ref()) => Ok(()),
        (A6, _) => Err(("AD-010", "动用预备费须从预备费（227）待分指标调出", "the reserve gives from function 227")),
        (A2 | A3, _) => Err(("BA-007", "须选择可执行指标", "an executable indicator is needed")),
        (A1 | A4 | A5, _) => Err(("BE-104", "须选择待分指标", "an indicator that waits is needed")),
    }
}

/// What kind of indicator may receive, by kind.
pub fn may_receive(
    kind: AdjustmentKind,
    receiver: &Indicator,
) -> Result<(), (&'static str, &'static str, &'static str)> {
    use AdjustmentKind::{A1, A2, A3, A4, A5, A6, A7};
    match (kind, receiver.available_account()) {
        (A1 | A3, Account::Executable) | (A4, Account::UnallocatedIndicator) | (A5, Account::PendingTransfer) => Ok(()),
        (A7, _) => Ok(()),
        (A6, Account::Executable | Account::UnallocatedIndicator)
            if !is_reserve(receiver.elements.exp_func_code.as_ref()) =>
        {
            Ok(())
        }
        (A6, _) => Err(("AD-010", "预备费须用于其他支出", "the reserve is used for something else")),
        (A1 | A2 | A3, _) => Err(("BA-007", "须选择可执行指标", "an executable indicator is needed")),
        (A4, _) => Err(("BE-104", "须选择待分指标", "an indicator that waits is needed")),
        (A5, _) => Err(("V-001", "须选择转移支付指标", "an indicator for a division below is needed")),
    }
}

fn is_reserve(function: Option<&ExpFuncCode>) -> bool {
    function.is_some_and(|code| code.as_str().starts_with(RESERVE))
}

struct Receiving<'a> {
    pro_kind_code: Option<ProCatCode>,
    pro_code: Option<&'a ProCode>,
    exp_func_code: Option<&'a ExpFuncCode>,
    dep_bgt_eco_code: Option<&'a str>,
    fund_type_code: &'a FundTypeCode,
    is_executable: bool,
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
                is_executable: found.is_executable(),
            }),
            Receiver::New(KeptTarget { target, .. }) => Some(Receiving {
                pro_kind_code: Some(target.pro_kind_code),
                pro_code: Some(&target.pro_code),
                exp_func_code: Some(&target.exp_func_code),
                dep_bgt_eco_code: target.dep_bgt_eco_code.as_ref().map(|code| code.as_str()),
                fund_type_code: &self.giver.elements.fund_type_code,
                is_executable: target.agency_code.is_some(),
            }),
        }
    }

    /// The other project whose library money the pair takes (AD-004, PM-010).
    pub fn reserves(&self) -> Option<&ProCode> {
        self.receiving()?.pro_code.filter(|code| Some(*code) != self.giver.elements.pro_code.as_ref())
    }

    /// The projects of units that lose and gain; money that waits is nobody's yet.
    pub fn projects(&self) -> (Option<&ProCode>, Option<&ProCode>) {
        let loses = self.giver.elements.pro_code.as_ref().filter(|_| self.giver.is_executable());
        let receives = self.receiving().filter(|receiving| receiving.is_executable);
        (loses, receives.and_then(|receiving| receiving.pro_code))
    }

    /// Whether the money stays with unit, project and function, within one 款 of the government's economic classes.
    pub fn is_same_item(&self) -> bool {
        let Receiver::Existing(to) = &self.receiver else { return false };
        let (from, to) = (&self.giver.elements, &to.elements);
        from.agency_code == to.agency_code
            && from.pro_code == to.pro_code
            && from.exp_func_code == to.exp_func_code
            && from.gov_bgt_eco_code.is_some()
            && from.gov_bgt_eco_code == to.gov_bgt_eco_code
    }

    /// Refuses what this pair may not do.
    pub fn check(&self, kind: AdjustmentKind, is_of_unit: bool) -> Result<(), Problem> {
        let (index, Some(receiving)) = (self.index, self.receiving()) else { return Ok(()) };
        if *receiving.fund_type_code != self.giver.elements.fund_type_code {
            let zh = "调入调出的资金性质不同，同一资金性质内须收支相等";
            let en = "both sides must be of the same kind of funds, so that each kind adds up";
            return Err(refuse("AD-001", index, zh, en));
        }
        let kinds = self.giver.pro_kind_code.map(ProCatCode::code).zip(receiving.pro_kind_code.map(ProCatCode::code));
        if let Some((from, to)) = kinds.filter(|_| kind != AdjustmentKind::A6) {
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
    let takes = |pair: &&Pair| pair.receiving().and_then(|receiving| receiving.dep_bgt_eco_code) == Some(risen);
    let index = pairs.iter().find(takes).map(|pair| pair.index).unwrap_or_default();
    let zh = "不得通过调剂增加“三公”经费";
    Err(refuse("AD-002", index, zh, "a swap may not raise receptions, travel abroad or cars"))
}

/// The event of this kind; a transfer that is cut is a reduction.
pub fn template_of(kind: AdjustmentKind, pair: &Pair) -> Template {
    match (kind, &pair.receiver) {
        (AdjustmentKind::A2, _) | (AdjustmentKind::A5 | AdjustmentKind::A7, Receiver::Source(_)) => Template::E11,
        (AdjustmentKind::A1 | AdjustmentKind::A5 | AdjustmentKind::A7, _) => Template::E10,
        (AdjustmentKind::A3 | AdjustmentKind::A4, _) => Template::E12,
        (AdjustmentKind::A6, _) => Template::E09,
    }
}

/// What a document says of every indicator that it makes.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    pub adj_id: Uuid,
    pub kind: AdjustmentKind,
    pub doc_no: &'a DocNo,
    pub batch_no: Option<&'a str>,
    pub day: NaiveDate,
}

/// The indicator that a target makes; what it does not name, it keeps from the one that gives.
pub fn made(giver: &Indicator, kept: &KeptTarget, amount: Money, origin: Origin<'_>) -> Indicator {
    let target = kept.target.clone();
    let mut elements = giver.elements.clone();
    elements.cor_bgt_doc_no = Some(origin.doc_no.clone());
    elements.agency_code = target.agency_code;
    elements.rec_div_code = target.rec_div_code;
    elements.pro_code = Some(target.pro_code);
    elements.exp_func_code = Some(target.exp_func_code);
    elements.gov_bgt_eco_code = Some(target.gov_bgt_eco_code);
    elements.dep_bgt_eco_code = target.dep_bgt_eco_code;
    let source_type_code = source_type(origin.kind);
    if is_swap(origin.kind) {
        elements.bgt_source_code = BgtSource::Reallocation;
    } else {
        elements.bgt_type_code = BgtTypeCode::Supplement;
        elements.bgt_source_code = BgtSource::Adjustment;
    }
    Indicator {
        bgt_id: Uuid::now_v7(),
        bgt_exe_flag: flag_of(origin.kind, &elements),
        elements,
        bgt_doc_title: None,
        doc_date: Some(origin.day),
        amount,
        ori_bgt_id: Some(giver.bgt_id),
        adj_batch_no: origin.batch_no.map(ToOwned::to_owned),
        source_type_code,
        pro_kind_code: Some(target.pro_kind_code),
        pro_name: Some(target.pro_name),
        agency_name: kept.agency_name.clone(),
        origin_id: origin.adj_id,
        ..giver.clone()
    }
}

/// Where indicators and pairs of this kind come from.
pub const fn source_type(kind: AdjustmentKind) -> SourceTypeCode {
    match kind {
        AdjustmentKind::A3 | AdjustmentKind::A4 => SourceTypeCode::Reallocation,
        AdjustmentKind::A6 => SourceTypeCode::ReserveUse,
        AdjustmentKind::A1 | AdjustmentKind::A2 | AdjustmentKind::A5 | AdjustmentKind::A7 => SourceTypeCode::Adjustment,
    }
}

fn flag_of(kind: AdjustmentKind, elements: &Elements) -> BgtExeFlag {
    match kind {
        AdjustmentKind::A4 | AdjustmentKind::A5 => BgtExeFlag::Unallocated,
        _ if elements.agency_code.is_none() => BgtExeFlag::Unallocated,
        _ => BgtExeFlag::Executable,
    }
}

/// A refusal that points to its line.
pub fn refuse(code: &str, index: usize, zh: &str, en: &str) -> Problem {
    RULES.refuse(code, zh, en).at(format!("/lines/{index}"), zh, en)
}
