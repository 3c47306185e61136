//! The chart of accounts of the indicator ledger (§4.3) and its entry templates (§4.4). Names accounts; never posts.
//! Class, side and control level are read from `standard/ledger_accounts.csv`, so that the official chart can replace ours.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::codes::FundTypeCode;
use crate::standard;
use crate::value_sets::closed_set;

closed_set! {
    /// An account of the indicator ledger (核算科目).
    Account: "核算科目", name;
    PlanGranted = "0101" "用款计划 (批复数)",
    PlanOfLaterMonths = "0102" "未到期用款计划",
    PlanAvailable = "0103" "可用用款计划",
    PlanInPayment = "0104" "用款计划占用 (申请在途)",
    PlanUsed = "0105" "已用用款计划",
    GeneralIncomeBudget = "1101" "一般公共预算收入预算",
    GovernmentFundIncomeBudget = "1201" "政府性基金收入预算",
    StateCapitalIncomeBudget = "1301" "国有资本经营收入预算",
    SpecialAccountIncomeBudget = "1501" "财政专户管理资金收入预算",
    UnitFundsIncomeBudget = "1601" "单位资金收入预算",
    HigherLevelGrantSource = "2101" "上级补助收入预算 (转移支付来源)",
    DebtSource = "2201" "债务收入预算",
    CarryOverSource = "2301" "上年结转来源",
    TransferInSource = "2401" "调入/动用稳定基金",
    GeneralExpenseBudget = "3101" "一般公共预算支出预算",
    GovernmentFundExpenseBudget = "3201" "政府性基金支出预算",
    StateCapitalExpenseBudget = "3301" "国有资本经营支出预算",
    SpecialAccountExpenseBudget = "3501" "财政专户支出预算",
    UnitFundsExpenseBudget = "3601" "单位资金支出预算",
    Reserve = "3901" "预备费",
    UnallocatedIndicator = "4101" "待分配指标 (处室)",
    PendingIssue = "4102" "待下达指标",
    PendingTransfer = "4201" "待下达转移支付",
    IssuedTransfer = "5101" "对下转移支付指标 (已下达)",
    Executable = "6101" "可执行指标",
    Frozen = "6102" "冻结指标",
    Committed = "6103" "采购占用指标",
    InPayment = "7101" "支付占用 (申请在途)",
    Paid = "7201" "已支付指标",
    Cleared = "7301" "已清算 (memo)",
    Allocated = "7401" "实拨支出",
    UnitFundsSpent = "7501" "单位资金支出",
    AdjustmentClearing = "8101" "调剂过渡",
    Recovered = "8201" "收回指标",
    CarryOver = "9601" "指标结转结余",
    CarryOverResult = "9701" "结转结余",
}

closed_set! {
    /// A standard entry (分录模板), E01 to E30, or one of the memo accounts of the cash plan, P01 to P03.
    Template: "分录模板", event;
    E01 = "E01" "年初预算批复 (income & expense)",
    E02 = "E02" "上级转移支付 接收/提前下达",
    E03 = "E03" "债务/结转/调入 安排",
    E04 = "E04" "分解到处室",
    E05 = "E05" "落实到单位但未下达 (指标生成)",
    E06 = "E06" "下达 (单位可执行)",
    E07 = "E07" "直接生成可执行 (批复到单位)",
    E08 = "E08" "待分分配 (child key)",
    E09 = "E09" "预备费动用",
    E10 = "E10" "追加",
    E11 = "E11" "追减/调减",
    E12 = "E12" "调剂 (A→B)",
    E13 = "E13" "要素调整",
    E14 = "E14" "冻结 / 解冻",
    E15 = "E15" "采购计划/合同占用",
    E16 = "E16" "支付申请占用",
    E17 = "E17" "支付申请退回/作废/银行拒付",
    E18 = "E18" "支付成功(回单)",
    E19 = "E19" "清算",
    E20 = "E20" "退款 (same year)",
    E21 = "E21" "更正 A→B",
    E22 = "E22" "实拨",
    E23 = "E23" "单位资金 income plan / execute",
    E24 = "E24" "转移支付 下达 to lower",
    E25 = "E25" "提前下达 (next year)",
    E26 = "E26" "预拨 & 核销",
    E27 = "E27" "年终收回 (not carried)",
    E28 = "E28" "年终结转核销",
    E29 = "E29" "年终结账",
    E30 = "E30" "次年结转下达",
    P01 = "P01" "用款计划批复 (memo)",
    P02 = "P02" "用款计划到期 (memo)",
    P03 = "P03" "用款计划年终注销 (memo)",
}

/// The side on which the balance of an account normally stands (余额方向).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// Debit (借).
    Debit,
    /// Credit (贷).
    Credit,
    /// Neither one by rule, such as the adjustment account that is empty after each event.
    #[serde(rename = "none")]
    Either,
}

impl Account {
    /// The category, 1 to 9 (科目类别); 0 for a memo account (表外) that stands beside the chart and balances in itself.
    pub fn class(self) -> u8 {
        self.row().account_class
    }

    /// The side on which the balance normally stands.
    pub fn normal_side(self) -> Side {
        self.row().normal_side
    }

    /// 2 when the balance of a key must never go below zero, otherwise 0.
    pub fn ctrl_level(self) -> u8 {
        self.row().ctrl_level
    }

    fn row(self) -> &'static ChartRow {
        static CHART: LazyLock<HashMap<String, ChartRow>> = LazyLock::new(|| {
            standard::records::<ChartRow>(standard::LEDGER_ACCOUNTS)
                .into_iter()
                .map(|row| (row.account_code.clone(), row))
                .collect()
        });
        CHART.get(self.code()).expect("a test compares the accounts with the chart")
    }
}

#[derive(Deserialize)]
struct ChartRow {
    account_code: String,
    account_class: u8,
    normal_side: Side,
    ctrl_level: u8,
}

/// The expenditure budget (支出预算) that money of this kind belongs to; social insurance funds stand with the government funds.
pub fn expense_budget_account(fund: &FundTypeCode) -> Account {
    match Budget::of(fund) {
        Budget::General => Account::GeneralExpenseBudget,
        Budget::GovernmentFund => Account::GovernmentFundExpenseBudget,
        Budget::StateCapital => Account::StateCapitalExpenseBudget,
        Budget::SpecialAccount => Account::SpecialAccountExpenseBudget,
        Budget::UnitFunds => Account::UnitFundsExpenseBudget,
    }
}

/// The income budget (收入预算) that money of this kind belongs to.
pub fn income_budget_account(fund: &FundTypeCode) -> Account {
    match Budget::of(fund) {
        Budget::General => Account::GeneralIncomeBudget,
        Budget::GovernmentFund => Account::GovernmentFundIncomeBudget,
        Budget::StateCapital => Account::StateCapitalIncomeBudget,
        Budget::SpecialAccount => Account::SpecialAccountIncomeBudget,
        Budget::UnitFunds => Account::UnitFundsIncomeBudget,
    }
}

enum Budget {
    General,
    GovernmentFund,
    StateCapital,
    SpecialAccount,
    UnitFunds,
}

impl Budget {
    /// The top code `1` names no budget of its own and is read as the general one.
    fn of(fund: &FundTypeCode) -> Self {
        let mut digits = fund.as_str().chars();
        match (digits.next(), digits.next()) {
            (Some('1'), Some('2' | '4')) => Self::GovernmentFund,
            (Some('1'), Some('3')) => Self::StateCapital,
            (Some('2'), _) => Self::SpecialAccount,
            (Some('3'), _) => Self::UnitFunds,
            _ => Self::General,
        }
    }
}
