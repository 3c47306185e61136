//! Conditions in CEL: compiled once, run over plain variables. All numbers are whole; money is fen.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use cel::{Context, Env, ExecutionError, Program, Value};
use common_types::TriggerClass;
use monitoring_contract::{NewRule, PaymentFacts, RuleSubject};
use serde::Serialize;
use uuid::Uuid;

use super::reads;

const LONGEST_CONDITION: usize = 2000;
const DEEPEST_CONDITION: usize = 8;
const MOST_OPERATORS: usize = 40;
const SELECTIONS: &str = ".";
const OPERATORS: &str = "+-*/%&|<>=!?:";
/// The parser's frames are large; a thread of its own keeps them off the server's stacks.
const PARSER_STACK_BYTES: usize = 64 * 1024 * 1024;

/// The functions of CEL: the same for every condition, and costly to build.
static LANGUAGE: LazyLock<Arc<Env>> = LazyLock::new(|| Arc::new(Env::stdlib()));
const MOST_PROGRAMS: usize = 10_000;

/// A payment application as conditions see it: `pay.…`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PayVariables {
    pub agency_code: String,
    pub agency_name: String,
    pub pay_app_amt: i64,
    pub bgt_type_code: String,
    pub pro_kind_code: String,
    pub exp_func_code: String,
    pub gov_bgt_eco_code: String,
    pub dep_bgt_eco_code: String,
    pub fund_type_code: String,
    pub pay_bus_type_code: String,
    pub set_mode_code: String,
    pub fund_traobj_type_code: String,
    pub use_des: String,
    pub payee_acct_name: String,
    pub payee_acct_no: String,
    pub payee_acct_bank_name: String,
    pub pay_acct_no: String,
    pub is_to_own: bool,
    pub is_gov_pur: bool,
    pub contract_no: String,
    pub attachments: Vec<String>,
    pub explanation: String,
}

/// A paid voucher in a scan: `pay.…`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct PaidVariables {
    pub amount: i64,
    /// 1 Monday to 7 Sunday.
    pub weekday: i64,
    /// 0 to 23, in China.
    pub hour: i64,
}

/// An indicator in a scan: `indicator.…`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct IndicatorVariables {
    pub amount: i64,
    pub paid: i64,
    pub idle_days: i64,
    pub day_of_year: i64,
}

/// A unit's year in a scan: `agency.…`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct AgencyVariables {
    pub paid: i64,
    pub december_paid: i64,
    pub refunded: i64,
}

/// What a condition is run over.
#[derive(Debug, Clone)]
pub enum Variables {
    /// A payment application, with its windows by name.
    Payment(Box<PayVariables>, BTreeMap<String, i64>),
    Paid(PaidVariables),
    Indicator(IndicatorVariables),
    Agency(AgencyVariables),
}

impl PayVariables {
    /// The facts of a payment application.
    pub fn of(facts: &PaymentFacts) -> Self {
        Self {
            agency_code: facts.agency_code.to_string(),
            agency_name: facts.agency_name.clone(),
            pay_app_amt: facts.pay_app_amt.fen(),
            bgt_type_code: facts.bgt_type_code.to_string(),
            pro_kind_code: facts.pro_kind_code.map(|kind| kind.to_string()).unwrap_or_default(),
            exp_func_code: facts.exp_func_code.to_string(),
            gov_bgt_eco_code: facts.gov_bgt_eco_code.to_string(),
            dep_bgt_eco_code: facts.dep_bgt_eco_code.to_string(),
            fund_type_code: facts.fund_type_code.to_string(),
            pay_bus_type_code: facts.pay_bus_type_code.to_string(),
            set_mode_code: facts.set_mode_code.to_string(),
            fund_traobj_type_code: facts.fund_traobj_type_code.to_string(),
            use_des: facts.use_des.clone(),
            payee_acct_name: facts.payee_acct_name.clone(),
            payee_acct_no: facts.payee_acct_no.to_string(),
            payee_acct_bank_name: facts.payee_acct_bank_name.clone(),
            pay_acct_no: facts.pay_acct_no.to_string(),
            is_to_own: facts.is_to_own,
            is_gov_pur: facts.is_gov_pur,
            contract_no: facts.contract_no.clone().unwrap_or_default(),
            attachments: facts.attachments.iter().map(|attachment| attachment.kind.clone()).collect(),
            explanation: facts.explanation.clone(),
        }
    }
}

/// Compiled conditions by rule id. A version never changes, so an entry never goes stale.
#[derive(Default)]
pub struct Programs(Mutex<HashMap<Uuid, Arc<Program>>>);

impl Programs {
    /// The compiled condition of a rule version.
    pub fn get(&self, rule_id: Uuid, condition: &str) -> Result<Arc<Program>, String> {
        let mut programs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(program) = programs.get(&rule_id) {
            return Ok(program.clone());
        }
        let program = Arc::new(compile(condition)?);
        if programs.len() >= MOST_PROGRAMS {
            programs.clear();
        }
        programs.insert(rule_id, program.clone());
        Ok(program)
    }
}

fn compile(condition: &str) -> Result<Program, String> {
    refuse_too_deep(condition)?;
    let condition = condition.to_owned();
    let parser = std::thread::Builder::new().stack_size(PARSER_STACK_BYTES);
    let parsing = parser.spawn(move || Program::compile(&condition).map_err(|error| error.to_string()));
    let parsed = parsing.map_err(|error| error.to_string())?.join();
    parsed.map_err(|_| "the condition cannot be parsed".to_owned())?
}

/// The parser descends as deep as a condition nests, so both its length and its nesting have a limit.
fn refuse_too_deep(condition: &str) -> Result<(), String> {
    if condition.chars().count() > LONGEST_CONDITION {
        return Err(format!("a condition has at most {LONGEST_CONDITION} characters"));
    }
    for kind in [OPERATORS, SELECTIONS] {
        if condition.chars().filter(|character| kind.contains(*character)).count() > MOST_OPERATORS {
            return Err(format!("a condition has at most {MOST_OPERATORS} operators and as many selections"));
        }
    }
    let (mut depth, mut signs) = (0_usize, 0_usize);
    for character in condition.chars() {
        match character {
            '(' | '[' | '{' | '?' => depth = depth.saturating_add(1),
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        signs = if matches!(character, '!' | '-') { signs.saturating_add(1) } else { 0 };
        if depth > DEEPEST_CONDITION || signs > DEEPEST_CONDITION {
            return Err(format!("a condition nests at most {DEEPEST_CONDITION} deep"));
        }
    }
    Ok(())
}

/// A payment application, made ready once for the conditions of all rules.
pub struct Payment<'v>(Context<'v, 'v>);

impl Payment<'_> {
    /// The payment of these facts.
    pub fn of(facts: &PaymentFacts) -> Result<Self, String> {
        let mut context = Context::with_env(LANGUAGE.clone());
        context.add_variable("pay", PayVariables::of(facts)).map_err(|error| error.to_string())?;
        Ok(Self(context))
    }

    /// Whether a condition holds for it.
    pub fn holds(
        &self,
        program: &Program,
        windows: &BTreeMap<String, i64>,
        params: &BTreeMap<String, i64>,
    ) -> Result<bool, String> {
        let mut context = self.0.new_inner_scope();
        let added = context.add_variable("window", windows).and_then(|()| context.add_variable("param", params));
        added.map_err(|error| error.to_string())?;
        truth(program, &context)
    }
}

/// Whether a condition holds.
pub fn holds(program: &Program, variables: &Variables, params: &BTreeMap<String, i64>) -> Result<bool, String> {
    truth(program, &context(variables, params)?)
}

fn truth(program: &Program, context: &Context<'_, '_>) -> Result<bool, String> {
    match program.execute(context) {
        Ok(Value::Bool(holds)) => Ok(holds),
        Ok(other) => Err(format!("the condition gives {:?} instead of true or false", other.type_of())),
        Err(error) => Err(error.to_string()),
    }
}

fn context<'v>(variables: &Variables, params: &BTreeMap<String, i64>) -> Result<Context<'v, 'v>, String> {
    let mut context = Context::with_env(LANGUAGE.clone());
    let added = match variables {
        Variables::Payment(pay, windows) => {
            context.add_variable("pay", pay).and_then(|()| context.add_variable("window", windows))
        }
        Variables::Paid(paid) => context.add_variable("pay", paid),
        Variables::Indicator(indicator) => context.add_variable("indicator", indicator),
        Variables::Agency(agency) => context.add_variable("agency", agency),
    };
    added.and_then(|()| context.add_variable("param", params)).map_err(|error| error.to_string())?;
    Ok(context)
}

/// Refuses a condition that does not parse, reads something that its subject lacks, or gives no truth value.
pub fn check(rule: &NewRule) -> Result<(), String> {
    let program = compile(&rule.condition)?;
    let windows: BTreeMap<String, i64> = rule.windows.iter().map(|window| (window.name.clone(), 0)).collect();
    let sample = match (rule.subject, rule.trigger_class) {
        (RuleSubject::Payment, TriggerClass::RealTime) => Variables::Payment(Box::default(), windows),
        (RuleSubject::Payment, TriggerClass::Scheduled) => Variables::Paid(PaidVariables::default()),
        (RuleSubject::Indicator, _) => Variables::Indicator(IndicatorVariables::default()),
        (RuleSubject::Agency, _) => Variables::Agency(AgencyVariables::default()),
    };
    reads::check(program.expression(), &known(&sample, &rule.params)?)?;
    let context = context(&sample, &rule.params)?;
    match program.execute(&context) {
        Ok(Value::Bool(_)) | Err(ExecutionError::DivisionByZero(_) | ExecutionError::RemainderByZero(_)) => Ok(()),
        Ok(other) => Err(format!("the condition gives {:?} instead of true or false", other.type_of())),
        Err(error) => Err(error.to_string()),
    }
}

/// The variables of a condition by name.
fn known(variables: &Variables, params: &BTreeMap<String, i64>) -> Result<serde_json::Value, String> {
    let known = match variables {
        Variables::Payment(pay, windows) => {
            serde_json::to_value(pay).map(|pay| serde_json::json!({"pay": pay, "window": windows}))
        }
        Variables::Paid(paid) => serde_json::to_value(paid).map(|pay| serde_json::json!({"pay": pay})),
        Variables::Indicator(one) => serde_json::to_value(one).map(|one| serde_json::json!({"indicator": one})),
        Variables::Agency(one) => serde_json::to_value(one).map(|one| serde_json::json!({"agency": one})),
    };
    let mut known = known.map_err(|error| error.to_string())?;
    known["param"] = serde_json::json!(params);
    Ok(known)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests fail by panicking")]
mod tests {
    use super::*;

    #[test]
    fn a_condition_too_deep_or_too_long_is_refused_before_it_is_parsed() {
        let deep = format!("{}true{}", "(".repeat(3000), ")".repeat(3000));
        for condition in [deep, "!".repeat(20_000), "(".repeat(9), vec!["1"; 60].join("+")] {
            assert!(compile(&condition).is_err());
        }
    }

    #[test]
    fn a_condition_may_ask_for_windows_and_parameters_that_its_rule_does_not_have() {
        let nothing = BTreeMap::new();
        let payment = Payment(Context::with_env(LANGUAGE.clone()));
        let program = compile("size(window) == 0 && size(param) == 0").unwrap();
        assert_eq!(payment.holds(&program, &nothing, &nothing), Ok(true));
    }

    #[test]
    fn the_deepest_condition_that_is_let_in_runs_on_an_ordinary_stack() {
        let nested = format!("{}true{}", "(".repeat(8), ")".repeat(8));
        let long = format!("{} > 0", vec!["1"; 39].join("+"));
        let either = format!("false{}", " || true".repeat(19));
        for condition in [nested, long, either] {
            let program = compile(&condition).unwrap();
            let sample = Variables::Paid(PaidVariables::default());
            assert!(holds(&program, &sample, &BTreeMap::new()).unwrap(), "{condition}");
        }
    }
}
