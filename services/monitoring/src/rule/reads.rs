//! What a condition reads, found without running it: a part that a short circuit passes over is looked at as well.

use cel::{
    IdedExpr,
    common::ast::{EntryExpr, Expr},
};
use serde_json::Value;

/// Refuses a condition that names a variable or a field that is not there. `known` holds the variables by name.
pub(crate) fn check(expression: &IdedExpr, known: &Value) -> Result<(), String> {
    Reads { known, bound: Vec::new() }.check(expression)
}

struct Reads<'a> {
    known: &'a Value,
    /// Variables that macros such as `exists` bind.
    bound: Vec<String>,
}

impl Reads<'_> {
    fn check(&mut self, expression: &IdedExpr) -> Result<(), String> {
        match &expression.expr {
            Expr::Unspecified | Expr::Literal(_) => Ok(()),
            Expr::Ident(name) => self.variable(name).map(drop),
            Expr::Select(select) => match &select.operand.expr {
                Expr::Ident(name) => self.field(name, &select.field),
                _ => self.check(&select.operand),
            },
            Expr::Call(call) => self.all(call.target.as_deref().into_iter().chain(&call.args)),
            Expr::List(list) => self.all(&list.elements),
            Expr::Map(map) => self.entries(map.entries.iter().map(|entry| &entry.expr)),
            Expr::Struct(object) => self.entries(object.entries.iter().map(|entry| &entry.expr)),
            Expr::Comprehension(fold) => {
                self.all([&fold.iter_range, &fold.accu_init])?;
                let before = self.bound.len();
                self.bound.extend([fold.iter_var.clone(), fold.accu_var.clone()]);
                self.bound.extend(fold.iter_var2.clone());
                self.all([&fold.loop_cond, &fold.loop_step, &fold.result])?;
                self.bound.truncate(before);
                Ok(())
            }
        }
    }

    fn all<'e>(&mut self, expressions: impl IntoIterator<Item = &'e IdedExpr>) -> Result<(), String> {
        expressions.into_iter().try_for_each(|expression| self.check(expression))
    }

    fn entries<'e>(&mut self, mut entries: impl Iterator<Item = &'e EntryExpr>) -> Result<(), String> {
        entries.try_for_each(|entry| match entry {
            EntryExpr::StructField(field) => self.check(&field.value),
            EntryExpr::MapEntry(entry) => self.all([&entry.key, &entry.value]),
        })
    }

    /// The fields of a variable; none where a macro bound it.
    fn variable(&self, name: &str) -> Result<Option<&Value>, String> {
        if self.bound.iter().any(|bound| bound == name) {
            return Ok(None);
        }
        self.known.get(name).map(Some).ok_or_else(|| format!("there is no {name}"))
    }

    fn field(&self, name: &str, field: &str) -> Result<(), String> {
        match self.variable(name)? {
            Some(fields) if fields.get(field).is_none() => Err(format!("there is no {name}.{field}")),
            _ => Ok(()),
        }
    }
}
