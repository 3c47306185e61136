//! How the types are described to callers. Says what the parsers enforce, nothing more.

use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::{KnownFormat, RefOr, SchemaFormat};
use utoipa::{PartialSchema, ToSchema};

use crate::codes::{
    AccountNo, AgencyCode, DepBgtEcoCode, DivisionCode, DocNo, ExpFuncCode, FundTypeCode, GovBgtEcoCode,
    IncomeSortCode, MofDepCode, ProCode,
};
use crate::money::{Amount, Money};
use crate::year::FiscalYear;

/// A string that is one of the codes of a closed set.
macro_rules! closed_set_schema {
    ($name:ident, $text:ident) => {
        impl ::utoipa::PartialSchema for $name {
            fn schema() -> ::utoipa::openapi::RefOr<::utoipa::openapi::schema::Schema> {
                let values = Self::ALL.iter().map(|value| (value.code(), value.$text()));
                $crate::openapi::choice(Self::TITLE, values)
            }
        }

        impl ::utoipa::ToSchema for $name {}
    };
}

pub(crate) use closed_set_schema;

pub(crate) fn choice(title: &str, values: impl Iterator<Item = (&'static str, &'static str)> + Clone) -> RefOr<Schema> {
    let texts: Vec<String> = values.clone().map(|(code, text)| format!("{code} {text}")).collect();
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(format!("{title}: {}", texts.join(", "))))
        .enum_values(Some(values.map(|(code, _)| code)))
        .into()
}

fn text(description: &str, pattern: &str, example: &str) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(description))
        .pattern(Some(pattern))
        .examples([example])
        .into()
}

macro_rules! text_schema {
    ($($name:ident, $description:expr, $pattern:literal, $example:literal;)+) => {
        $(
            impl PartialSchema for $name {
                fn schema() -> RefOr<Schema> {
                    text($description, $pattern, $example)
                }
            }

            impl ToSchema for $name {}
        )+
    };
}

text_schema! {
    Money, "金额: yuan with at most two places, may be negative", r"^-?[0-9]+(\.[0-9]{1,2})?$", "1234.50";
    Amount, "金额: yuan with at most two places, above zero", r"^[0-9]+(\.[0-9]{1,2})?$", "1234.50";
    DivisionCode, DivisionCode::FIELD, "^[0-9]{9}$", "360100000";
    AgencyCode, AgencyCode::FIELD, "^([0-9]{3}){1,7}$", "219007";
    ProCode, ProCode::FIELD, "^[0-9A-Za-z]{21}$", "360000240000000023390";
    ExpFuncCode, ExpFuncCode::FIELD, "^[0-9]{3}([0-9]{2}){0,2}$", "2010101";
    GovBgtEcoCode, GovBgtEcoCode::FIELD, "^[0-9]{3}([0-9]{2})?$", "50201";
    DepBgtEcoCode, DepBgtEcoCode::FIELD, "^[0-9]{3}([0-9]{2})?$", "30201";
    IncomeSortCode, IncomeSortCode::FIELD, "^[0-9]{3}([0-9]{2}){0,2}$", "10101";
    FundTypeCode, FundTypeCode::FIELD, "^[0-9]{1,3}$", "111";
    MofDepCode, MofDepCode::FIELD, "^[0-9A-Za-z]{1,6}$", "001";
    AccountNo, AccountNo::FIELD, "^[0-9A-Za-z-]{1,40}$", "36001050300050000001";
    DocNo, DocNo::FIELD, r"^\S(.{0,98}\S)?$", "赣财预〔2026〕12号";
}

impl PartialSchema for FiscalYear {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int32)))
            .description(Some("预算年度"))
            .minimum(Some(Self::MIN.get()))
            .maximum(Some(Self::MAX.get()))
            .examples([2026])
            .into()
    }
}

impl ToSchema for FiscalYear {}
