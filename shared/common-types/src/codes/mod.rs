//! Codes as validated text. The only way in is parsing, from wire and database alike; inside, a code is trusted.

mod agency;
mod division;
mod tree;

use crate::codes::CodeError::{Empty, TooLong, WrongCharacter, WrongLength};

pub use agency::AgencyCode;
pub use division::{DivisionCode, DivisionLevel};
pub use tree::{DepBgtEcoCode, ExpFuncCode, FundTypeCode, GovBgtEcoCode, IncomeSortCode};

/// Why a text is not the code it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// Nothing was written.
    #[error("{field} is empty")]
    Empty {
        /// The Chinese name of the field.
        field: &'static str,
    },
    /// Too many or too few characters.
    #[error("{field} {text:?} has the wrong length, {needed} needed")]
    WrongLength {
        /// The Chinese name of the field.
        field: &'static str,
        /// What was given.
        text: String,
        /// The length in words.
        needed: &'static str,
    },
    /// More characters than the field keeps.
    #[error("{field} is longer than {limit} characters: {text:?}")]
    TooLong {
        /// The Chinese name of the field.
        field: &'static str,
        /// What was given.
        text: String,
        /// The most it may have.
        limit: usize,
    },
    /// A character that does not belong there.
    #[error("{field} {text:?} has a character other than {allowed}")]
    WrongCharacter {
        /// The Chinese name of the field.
        field: &'static str,
        /// What was given.
        text: String,
        /// What may be there, in words.
        allowed: &'static str,
    },
    /// Well formed, but not in the standard.
    #[error("{field} {text:?} is not in the standard")]
    Unknown {
        /// The Chinese name of the field.
        field: &'static str,
        /// What was given.
        text: String,
    },
}

/// Declares a code: its Chinese name and the function that checks a text and returns the part to keep.
macro_rules! code {
    ($(#[$meta:meta])* $name:ident, $field:literal, $check:expr) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The Chinese name of the field.
            pub const FIELD: &'static str = $field;

            /// The code as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::codes::CodeError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let check: fn(&'static str, &str) -> Result<(), Self::Err> = $check;
                check($field, text)?;
                Ok(Self(text.to_owned()))
            }
        }

        $crate::codes::code_conversions!($name);
    };
}

/// What every code can do once `FromStr` exists.
macro_rules! code_conversions {
    ($name:ident) => {
        impl TryFrom<String> for $name {
            type Error = $crate::codes::CodeError;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl TryFrom<&str> for $name {
            type Error = $crate::codes::CodeError;

            fn try_from(text: &str) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(code: $name) -> Self {
                code.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                formatter.pad(&self.0)
            }
        }

        impl ::std::fmt::Debug for $name {
            fn fmt(&self, formatter: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                write!(formatter, "{}({})", stringify!($name), self.0)
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as ::serde::Deserialize>::deserialize(deserializer)?;
                text.parse().map_err(::serde::de::Error::custom)
            }
        }

        #[cfg(feature = "database")]
        $crate::database::text_column!($name);
    };
}

use {code, code_conversions};

code! {
    /// A project code (预算项目代码), 21 characters (N4).
    ProCode, "预算项目代码", |field, text| {
        alphanumeric(field, text)?;
        exact_length(field, text, 21, "21 characters")
    }
}

code! {
    /// A division of the finance department (财政内部机构), up to 6 characters (N5).
    MofDepCode, "财政内部机构代码", |field, text| {
        alphanumeric(field, text)?;
        at_most(field, text, 6)
    }
}

code! {
    /// A bank account number (银行账号).
    AccountNo, "银行账号", |field, text| {
        let allowed = |character: char| character.is_ascii_alphanumeric() || character == '-';
        only(field, text, allowed, "ASCII digits, letters and hyphens")?;
        at_most(field, text, 40)
    }
}

/// A document number (文号) such as 赣财预〔2024〕12号; free text up to 100 characters, kept without outer blanks (N6).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocNo(String);

impl DocNo {
    /// The Chinese name of the field.
    pub const FIELD: &'static str = "文号";

    /// The document number as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for DocNo {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        let kept = text.trim();
        if kept.is_empty() {
            return Err(Empty { field: Self::FIELD });
        }
        only(Self::FIELD, kept, |character| !character.is_control(), "printable text")?;
        at_most(Self::FIELD, kept, 100)?;
        Ok(Self(kept.to_owned()))
    }
}

code_conversions!(DocNo);

fn digits(field: &'static str, text: &str) -> Result<(), CodeError> {
    only(field, text, |character| character.is_ascii_digit(), "ASCII digits")
}

fn alphanumeric(field: &'static str, text: &str) -> Result<(), CodeError> {
    only(field, text, |character| character.is_ascii_alphanumeric(), "ASCII digits and letters")
}

fn only(field: &'static str, text: &str, fits: fn(char) -> bool, allowed: &'static str) -> Result<(), CodeError> {
    if text.is_empty() {
        return Err(Empty { field });
    }
    if text.chars().all(fits) { Ok(()) } else { Err(WrongCharacter { field, text: text.to_owned(), allowed }) }
}

fn exact_length(field: &'static str, text: &str, length: usize, needed: &'static str) -> Result<(), CodeError> {
    if text.len() == length { Ok(()) } else { Err(WrongLength { field, text: text.to_owned(), needed }) }
}

fn at_most(field: &'static str, text: &str, limit: usize) -> Result<(), CodeError> {
    if text.chars().count() <= limit { Ok(()) } else { Err(TooLong { field, text: text.to_owned(), limit }) }
}
