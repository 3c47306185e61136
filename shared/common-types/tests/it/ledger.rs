use std::collections::BTreeMap;

use common_types::FundTypeCode;
use common_types::ledger::{Account, Side, Template, expense_budget_account, income_budget_account};
use common_types::{Role, standard};

fn records(file: &str) -> Vec<BTreeMap<String, String>> {
    csv::Reader::from_reader(file.as_bytes()).deserialize().map(Result::unwrap).collect()
}

#[test]
fn the_chart_has_its_31_accounts_and_five_memo_accounts() {
    let rows = records(standard::LEDGER_ACCOUNTS);
    assert_eq!((rows.len(), Account::ALL.len()), (36, 36));
    for row in rows {
        let account: Account = row["account_code"].parse().unwrap();
        let side = match account.normal_side() {
            Side::Debit => "debit",
            Side::Credit => "credit",
            Side::Either => "none",
        };
        assert_eq!((account.name(), side), (row["account_name"].as_str(), row["normal_side"].as_str()));
        assert_eq!(account.ctrl_level().to_string(), row["ctrl_level"]);
        assert_eq!(account.class().to_string(), row["account_class"]);
    }
}

#[test]
fn the_named_accounts_are_the_ones_meant() {
    let meant = [
        (Account::GeneralIncomeBudget, "1101"),
        (Account::GeneralExpenseBudget, "3101"),
        (Account::UnallocatedIndicator, "4101"),
        (Account::PendingIssue, "4102"),
        (Account::Executable, "6101"),
        (Account::InPayment, "7101"),
        (Account::Paid, "7201"),
        (Account::CarryOver, "9601"),
    ];
    for (account, code) in meant {
        assert_eq!(account.code(), code);
    }
}

#[test]
fn spending_authority_never_goes_below_zero() {
    for account in Account::ALL {
        let guarded = matches!(
            account.code(),
            "0102"
                | "0103"
                | "0104"
                | "0105"
                | "6101"
                | "6102"
                | "6103"
                | "7101"
                | "7201"
                | "5101"
                | "7401"
                | "7501"
                | "8201"
                | "9601"
        ) || account.code().starts_with(['3', '4']);
        assert_eq!(account.ctrl_level(), if guarded { 2 } else { 0 }, "{account}");
    }
}

#[test]
fn there_are_30_templates_and_three_of_the_cash_plan() {
    let rows = records(standard::LEDGER_TEMPLATES);
    assert_eq!((rows.len(), Template::ALL.len()), (33, 33));
    for row in rows {
        assert_eq!(row["template"].parse::<Template>().unwrap().event(), row["event"]);
    }
    assert_eq!(Template::E16.event(), "支付申请占用");
}

#[test]
fn funds_are_kept_in_the_budget_they_belong_to() {
    let kept = [
        ("11", "3101", "1101"),
        ("112", "3101", "1101"),
        ("122", "3201", "1201"),
        ("14", "3201", "1201"),
        ("131", "3301", "1301"),
        ("21", "3501", "1501"),
        ("2", "3501", "1501"),
        ("39", "3601", "1601"),
    ];
    for (fund_type, expense, income) in kept {
        let fund_type: FundTypeCode = fund_type.parse().unwrap();
        assert_eq!(expense_budget_account(&fund_type).code(), expense);
        assert_eq!(income_budget_account(&fund_type).code(), income);
    }
}

#[test]
fn the_roles_are_the_actors_of_the_standard() {
    let rows = records(standard::ROLES);
    assert_eq!(rows.len(), Role::ALL.len());
    for (row, role) in rows.iter().zip(Role::ALL) {
        assert_eq!(
            (role.code(), role.name_zh(), role.name_en()),
            (row["code"].as_str(), row["name_zh"].as_str(), row["name_en"].as_str())
        );
    }
    assert_eq!(serde_json::to_string(&Role::S1).unwrap(), "\"S1\"");
}
