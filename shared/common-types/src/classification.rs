//! The classifications and divisions as trees, parsed once from the compiled-in files. Never changed at run time.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::standard;

/// One row of a classification (分类科目).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Row {
    /// The code itself.
    pub code: String,
    /// The Chinese name.
    pub name: String,
    /// The code one level up; none at the top.
    pub parent: Option<String>,
    /// Depth, as the file states it.
    pub level: u8,
    /// Divisions only: province, city, county, zone or township.
    #[serde(default)]
    pub kind: Option<String>,
}

/// A classification, in the order of its file.
#[derive(Debug)]
pub struct Table {
    rows: Vec<Row>,
    by_code: HashMap<String, usize>,
    children: HashMap<String, Vec<usize>>,
}

impl Table {
    /// The row with this code.
    pub fn find(&self, code: &str) -> Option<&Row> {
        self.by_code.get(code).map(|&index| &self.rows[index])
    }

    /// The rows directly below this code.
    pub fn children(&self, code: &str) -> impl Iterator<Item = &Row> {
        self.children.get(code).into_iter().flatten().map(|&index| &self.rows[index])
    }

    /// Whether the code is known and has nothing below it.
    pub fn is_leaf(&self, code: &str) -> bool {
        self.by_code.contains_key(code) && !self.children.contains_key(code)
    }

    /// Every row, in the order of the file.
    pub fn iter(&self) -> std::slice::Iter<'_, Row> {
        self.rows.iter()
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// A code that appears twice counts once, as its first row has it.
    fn from_file(file: &'static str) -> Self {
        Self::from_rows(standard::records(file).into_iter())
    }

    fn from_rows(rows: impl Iterator<Item = Row>) -> Self {
        let mut table = Self { rows: Vec::new(), by_code: HashMap::new(), children: HashMap::new() };
        for row in rows {
            if table.by_code.contains_key(&row.code) {
                continue;
            }
            let index = table.rows.len();
            table.by_code.insert(row.code.clone(), index);
            if let Some(parent) = &row.parent {
                table.children.entry(parent.clone()).or_default().push(index);
            }
            table.rows.push(row);
        }
        table
    }
}

impl<'a> IntoIterator for &'a Table {
    type Item = &'a Row;
    type IntoIter = std::slice::Iter<'a, Row>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Expenditure by function (支出功能分类).
pub fn exp_func() -> &'static Table {
    static TABLE: LazyLock<Table> = LazyLock::new(|| Table::from_file(standard::EXP_FUNC));
    &TABLE
}

/// Government expenditure by economic class (政府支出经济分类).
pub fn gov_bgt_eco() -> &'static Table {
    static TABLE: LazyLock<Table> = LazyLock::new(|| Table::from_file(standard::GOV_BGT_ECO));
    &TABLE
}

/// Department expenditure by economic class (部门支出经济分类).
pub fn dep_bgt_eco() -> &'static Table {
    static TABLE: LazyLock<Table> = LazyLock::new(|| Table::from_file(standard::DEP_BGT_ECO));
    &TABLE
}

/// Income classes (收入分类).
pub fn income_sort() -> &'static Table {
    static TABLE: LazyLock<Table> = LazyLock::new(|| Table::from_file(standard::INCOME_SORT));
    &TABLE
}

/// Unit accounts (单位会计科目).
pub fn agency_accounts() -> &'static Table {
    static TABLE: LazyLock<Table> = LazyLock::new(|| Table::from_file(standard::AGENCY_ACCOUNTS));
    &TABLE
}

/// Kinds of funds (资金性质), value set VD10001.
pub fn fund_types() -> &'static Table {
    static TABLE: LazyLock<Table> = LazyLock::new(fund_type_table);
    &TABLE
}

/// The 142 fiscal divisions of Jiangxi (财政区划), zones included.
pub fn divisions() -> &'static Table {
    static TABLE: LazyLock<Table> = LazyLock::new(|| Table::from_file(standard::JIANGXI_FISCAL_DIVISIONS));
    &TABLE
}

/// The townships of Jiangxi (乡镇).
pub fn townships() -> &'static Table {
    static TABLE: LazyLock<Table> = LazyLock::new(|| Table::from_file(standard::JIANGXI_TOWNSHIPS));
    &TABLE
}

/// The provinces and cities of the whole country (省市).
pub fn national() -> &'static Table {
    static TABLE: LazyLock<Table> = LazyLock::new(|| Table::from_file(standard::NATIONAL_PROVINCE_CITY));
    &TABLE
}

#[derive(Deserialize)]
struct ValueSetRow {
    set: String,
    code: String,
    name: String,
    parent: Option<String>,
}

fn fund_type_table() -> Table {
    let values = standard::records::<ValueSetRow>(standard::VALUE_SETS).into_iter();
    Table::from_rows(values.filter(|value| value.set == "VD10001").map(|value| Row {
        level: u8::try_from(value.code.len()).expect("a fund type has at most three digits"),
        code: value.code,
        name: value.name,
        parent: value.parent,
        kind: None,
    }))
}
