use common_types::{Amount, BgtExeFlag, DivisionCode, Elements, FiscalYear, Money};
use serde_json::{Value, json};
use utoipa::{PartialSchema, ToSchema};

fn schema<T: PartialSchema>() -> Value {
    serde_json::to_value(T::schema()).unwrap()
}

#[test]
fn money_is_described_as_a_string() {
    let money = schema::<Money>();
    assert_eq!((&money["type"], &money["pattern"]), (&json!("string"), &json!(r"^-?[0-9]+(\.[0-9]{1,2})?$")));
    assert_eq!(money["examples"], json!(["1234.50"]));
    assert_eq!(schema::<Amount>()["type"], "string");
    assert_eq!(schema::<FiscalYear>()["minimum"], json!(2000));
}

#[test]
fn codes_carry_the_chinese_term_and_enums_their_codes() {
    assert!(schema::<DivisionCode>()["description"].as_str().unwrap().starts_with("财政区划"));
    let flag = schema::<BgtExeFlag>();
    assert_eq!((&flag["type"], &flag["enum"]), (&json!("string"), &json!(["1", "2"])));
    assert_eq!(flag["description"], "指标可执行标志: 1 可执行, 2 待分");
}

#[test]
fn elements_refer_to_the_types_by_name() {
    assert_eq!(Elements::name(), "Elements");
    let elements = schema::<Elements>();
    assert_eq!(elements["properties"].as_object().unwrap().len(), 26);
    assert_eq!(elements["properties"]["mof_div_code"]["$ref"], "#/components/schemas/DivisionCode");
    assert_eq!(elements["additionalProperties"], false);
}
