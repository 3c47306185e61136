//! How the types stand in a column: amounts and years as integers, codes as text. Reading validates, so a bad row is an error.

use sea_orm::sea_query::ColumnType;

use crate::money::{Amount, AmountError, Money};
use crate::year::{FiscalYear, FiscalYearError};

/// A type kept in a column of another type: `$keep` turns it into what is kept, `$read` checks what was read.
macro_rules! column {
    ($name:ident, $kept:ty, $array:ident, $column:expr, $keep:expr, $read:expr) => {
        impl From<$name> for ::sea_orm::sea_query::Value {
            fn from(value: $name) -> Self {
                let keep: fn($name) -> $kept = $keep;
                keep(value).into()
            }
        }

        impl ::sea_orm::TryGetable for $name {
            fn try_get_by<I: ::sea_orm::ColIdx>(
                row: &::sea_orm::QueryResult,
                index: I,
            ) -> Result<Self, ::sea_orm::TryGetError> {
                let kept = <$kept as ::sea_orm::TryGetable>::try_get_by(row, index)?;
                $read(kept).map_err(|error| {
                    ::sea_orm::TryGetError::DbErr(::sea_orm::DbErr::TryIntoErr {
                        from: stringify!($kept),
                        into: stringify!($name),
                        source: ::std::sync::Arc::new(error),
                    })
                })
            }
        }

        impl ::sea_orm::sea_query::ValueType for $name {
            fn try_from(value: ::sea_orm::sea_query::Value) -> Result<Self, ::sea_orm::sea_query::ValueTypeErr> {
                let kept = <$kept as ::sea_orm::sea_query::ValueType>::try_from(value)?;
                $read(kept).map_err(|_| ::sea_orm::sea_query::ValueTypeErr)
            }

            fn type_name() -> String {
                stringify!($name).to_owned()
            }

            fn array_type() -> ::sea_orm::sea_query::ArrayType {
                ::sea_orm::sea_query::ArrayType::$array
            }

            fn column_type() -> ::sea_orm::sea_query::ColumnType {
                $column
            }
        }

        impl ::sea_orm::sea_query::Nullable for $name {
            fn null() -> ::sea_orm::sea_query::Value {
                <$kept as ::sea_orm::sea_query::Nullable>::null()
            }
        }

        impl ::sea_orm::IntoActiveValue<$name> for $name {
            fn into_active_value(self) -> ::sea_orm::ActiveValue<$name> {
                ::sea_orm::ActiveValue::Set(self)
            }
        }

        /// No key is handed out by the database, so none is ever read back as a number.
        impl ::sea_orm::TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, ::sea_orm::DbErr> {
                Err(::sea_orm::DbErr::ConvertFromU64(stringify!($name)))
            }
        }
    };
}

/// A code or a closed set, kept as text.
macro_rules! text_column {
    ($name:ident) => {
        $crate::database::column!(
            $name,
            String,
            String,
            ::sea_orm::sea_query::ColumnType::String(::sea_orm::sea_query::StringLen::None),
            |value| value.to_string(),
            |text: String| text.parse::<$name>()
        );
    };
}

pub(crate) use {column, text_column};

column!(Money, i64, BigInt, ColumnType::BigInteger, Money::fen, |fen| Ok::<_, AmountError>(Money::from_fen(fen)));
column!(Amount, i64, BigInt, ColumnType::BigInteger, Amount::fen, above_zero);
column!(FiscalYear, i32, Int, ColumnType::Integer, |year| i32::from(year.get()), year);

fn above_zero(fen: i64) -> Result<Amount, AmountError> {
    Money::from_fen(fen).try_into()
}

fn year(number: i32) -> Result<FiscalYear, FiscalYearError> {
    number.try_into()
}
