//! The data files of the standard, as compiled in. Columns are described in `standard/README.md`.

macro_rules! data_files {
    ($($(#[$doc:meta])* $name:ident = $file:literal;)+) => {
        $($(#[$doc])* pub const $name: &str = include_str!(concat!("../standard/", $file));)+

        /// Every data file with its name.
        pub const FILES: &[(&str, &str)] = &[$(($file, $name)),+];
    };
}

data_files! {
    /// Unit accounts (单位会计科目).
    AGENCY_ACCOUNTS = "agency_accounts.csv";
    /// Department expenditure by economic class (部门支出经济分类).
    DEP_BGT_ECO = "dep_bgt_eco.csv";
    /// Department item to government item, by kind of unit (BG-005).
    DEP_TO_GOV_ECO = "dep_to_gov_eco.csv";
    /// The dictionary of field names (数据元).
    ELEMENTS = "elements.csv";
    /// Expenditure by function (支出功能分类).
    EXP_FUNC = "exp_func.csv";
    /// Government expenditure by economic class (政府支出经济分类).
    GOV_BGT_ECO = "gov_bgt_eco.csv";
    /// Income classes (收入分类).
    INCOME_SORT = "income_sort.csv";
    /// The 142 fiscal divisions of Jiangxi (财政区划).
    JIANGXI_FISCAL_DIVISIONS = "jiangxi_fiscal_divisions.csv";
    /// Townships of Jiangxi (乡镇).
    JIANGXI_TOWNSHIPS = "jiangxi_townships.csv";
    /// Chart of accounts of the indicator ledger (预算指标核算科目).
    LEDGER_ACCOUNTS = "ledger_accounts.csv";
    /// Standard entries E01 to E30 (分录模板).
    LEDGER_TEMPLATES = "ledger_templates.csv";
    /// Catalogue of monitoring rules (监控规则).
    MONITOR_RULES = "monitor_rules.csv";
    /// Provinces and cities of the whole country (省市).
    NATIONAL_PROVINCE_CITY = "national_province_city.csv";
    /// Actors (角色).
    ROLES = "roles.csv";
    /// Logical tables and their fields (逻辑库表).
    TABLES = "tables.csv";
    /// Short value sets (值集).
    VALUE_SETS = "value_sets.csv";
    /// English identifiers of the generated enums.
    VARIANT_NAMES = "variant_names.csv";
}

/// The records of one data file; the files are compiled in and every one of them is read by a test.
pub(crate) fn records<T: serde::de::DeserializeOwned>(file: &'static str) -> Vec<T> {
    let mut reader = csv::Reader::from_reader(file.as_bytes());
    reader.deserialize().map(|record| record.expect("compiled-in data files are well formed")).collect()
}
