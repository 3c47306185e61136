//! What a condition reads, found without running it: a part that a short circuit passes over is looked at as well.

use cel::{
    IdedExpr,
    common::ast::{EntryExpr, Expr, LiteralValue},
};
use serde_json::Value;

/// Functions beside the operators; the rest of CEL deals in floats, types and time, which rules have no use for.
const FUNCTIONS: [&str; 7] = ["contains", "startsWith", "endsWith", "matches", "size", "string", "int"];

/// Refuses a condition that names a variable or a field that is not there. `known` holds the variables by name.
pub(crate) fn check(expression: &IdedExpr, known: &Value) -> Result<(), String> {
    Reads { known, bound: Vec::new() }.check(expression)
}

fn is_available(function: &str) -> bool {
    let is_operator = function.contains('_') || function.starts_with(['!', '-', '@']);
    is_operator || FUNCTIONS.contains(&function)
}

struct Reads<'a> {
    known: &'a Value,
    /// Variables that macros such as `exists` bind.
    bound: Vec<String>,
}

impl Reads<'_> {
    fn check(&mut self, expression: &IdedExpr) -> Result<(), String> {
        match &expression.expr {
            Expr::Literal(LiteralValue::Double(_)) => Err("a float is never exact; amounts are whole fen".to_owned()),
            Expr::Unspecified | Expr::Literal(_) => Ok(()),
            // a whole variable could be read by an index, past the check of its fields
            Expr::Ident(name) => match self.variable(name)? {
                Some(_) => Err(format!("{name} is read by its fields")),
                None => Ok(()),
            },
            Expr::Select(select) => match &select.operand.expr {
                Expr::Ident(name) => self.field(name, &select.field),
                _ => self.check(&select.operand),
            },
            Expr::Call(call) if !is_available(&call.func_name) => {
                Err(format!("there is no function {}", call.func_name))
            }
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

#[cfg(test)]
mod tests {
    fn checked(condition: &str) -> Result<(), String> {
        let known = serde_json::json!({"pay": {"amount": 0, "kinds": []}});
        let program = cel::Program::compile(condition).map_err(|error| error.to_string())?;
        super::check(program.expression(), &known)
    }

    #[test]
    fn fields_and_bound_names_may_be_read() {
        for condition in ["pay.amount >= 5 && !(pay.amount in [1, 2])", "pay.kinds.exists(kind, kind == 'a')"] {
            assert_eq!(checked(condition), Ok(()), "{condition}");
        }
    }

    #[test]
    fn what_a_short_circuit_hides_is_seen() {
        for condition in ["false && pay.colour == 1", "true || colour", "pay.amount > 0 ? true : pay['colour'] == 1"] {
            assert!(checked(condition).is_err(), "{condition}");
        }
    }

    #[test]
    fn floats_and_other_functions_are_not_available() {
        for condition in ["pay.amount > 1.5", "double(pay.amount) > double(1)", "timestamp('x') == timestamp('x')"] {
            assert!(checked(condition).is_err(), "{condition}");
        }
    }
}
