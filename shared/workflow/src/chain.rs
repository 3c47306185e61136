//! Node chains as data: which role acts in which order, by document type and division, above which amount.

use std::{collections::BTreeMap, sync::OnceLock};

use common_types::{DivisionCode, Money, Role};
use serde::{Deserialize, Serialize};

/// One step of a review: any one person who holds one of the roles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    pub code: String,
    pub name: String,
    pub roles: Vec<Role>,
}

#[derive(Debug, Clone, Deserialize)]
struct Line {
    document_type: String,
    /// Empty: every division that has no chain of its own.
    mof_div_code: Option<DivisionCode>,
    node: String,
    name: String,
    /// Roles separated by blanks.
    roles: String,
    /// In yuan; the node is passed over below it.
    min_amt: Option<Money>,
}

/// The chains of one service, read from its `workflow.csv`.
pub struct Chains {
    source: &'static str,
    lines: OnceLock<Vec<Line>>,
}

impl Chains {
    /// Takes the text of a `workflow.csv` with the columns
    /// `document_type,mof_div_code,node,name,roles,min_amt`; it is parsed at first use.
    pub const fn new(source: &'static str) -> Self {
        Self { source, lines: OnceLock::new() }
    }

    /// The nodes that a document of this type, division and amount goes through, in order.
    pub fn resolve(&self, document_type: &str, division: &DivisionCode, amount: Money) -> Vec<Node> {
        self.resolve_from(document_type, division, amount, &BTreeMap::new())
    }

    /// The same where a division has amounts of its own from which a node reviews, by `<document type>.<node>`.
    pub fn resolve_from(
        &self,
        document_type: &str,
        division: &DivisionCode,
        amount: Money,
        thresholds: &BTreeMap<String, Money>,
    ) -> Vec<Node> {
        let of_type = || self.lines().iter().filter(|line| line.document_type == document_type);
        let has_own = of_type().any(|line| line.mof_div_code.as_ref() == Some(division));
        of_type()
            .filter(
                |line| if has_own { line.mof_div_code.as_ref() == Some(division) } else { line.mof_div_code.is_none() },
            )
            .filter(|line| {
                let own = thresholds.get(&format!("{document_type}.{}", line.node)).copied();
                own.or(line.min_amt).is_none_or(|min_amt| amount >= min_amt)
            })
            .map(Line::node)
            .collect()
    }

    fn lines(&self) -> &[Line] {
        self.lines.get_or_init(|| {
            csv::Reader::from_reader(self.source.as_bytes())
                .deserialize()
                .map(|line| line.expect("workflow.csv is part of the program and well formed"))
                .collect()
        })
    }
}

impl Line {
    fn node(&self) -> Node {
        let role = |text: &str| text.parse().expect("workflow.csv names known roles");
        Node {
            code: self.node.clone(),
            name: self.name.clone(),
            roles: self.roles.split_whitespace().map(role).collect(),
        }
    }
}
