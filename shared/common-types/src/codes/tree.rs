//! Codes of the classifications. A code exists only if the standard has it.

use super::{CodeError, code, digits};
use crate::classification::{self, Row, Table};

fn known(table: &Table, field: &'static str, text: &str) -> Result<(), CodeError> {
    digits(field, text)?;
    match table.find(text) {
        Some(_) => Ok(()),
        None => Err(CodeError::Unknown { field, text: text.to_owned() }),
    }
}

macro_rules! classification_code {
    ($(#[$meta:meta])* $name:ident, $field:literal, $table:ident) => {
        code! {
            $(#[$meta])*
            $name, $field, |field, text| known(classification::$table(), field, text)
        }

        impl $name {
            /// The Chinese name of the class.
            pub fn name(&self) -> &'static str {
                &self.row().name
            }

            /// The class one level up; none at the top.
            pub fn parent(&self) -> Option<Self> {
                self.row().parent.clone().map(Self)
            }

            /// Whether the other is this class or below it.
            pub fn contains(&self, other: &Self) -> bool {
                other.0.starts_with(&self.0)
            }

            /// Whether nothing stands below it.
            pub fn is_leaf(&self) -> bool {
                classification::$table().is_leaf(&self.0)
            }

            fn row(&self) -> &'static Row {
                classification::$table().find(&self.0).expect("only known codes are constructed")
            }
        }
    };
}

classification_code! {
    /// Expenditure by function (支出功能分类科目).
    ExpFuncCode, "支出功能分类科目代码", exp_func
}

classification_code! {
    /// Government expenditure by economic class (政府支出经济分类).
    GovBgtEcoCode, "政府支出经济分类代码", gov_bgt_eco
}

classification_code! {
    /// Department expenditure by economic class (部门支出经济分类).
    DepBgtEcoCode, "部门支出经济分类代码", dep_bgt_eco
}

classification_code! {
    /// Income class (收入分类科目).
    IncomeSortCode, "收入分类科目代码", income_sort
}

classification_code! {
    /// Kind of funds (资金性质), value set VD10001.
    FundTypeCode, "资金性质代码", fund_types
}
