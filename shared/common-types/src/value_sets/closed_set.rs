//! The one shape of every closed set: an enum whose codes are the standard's and whose every way in refuses the unknown.

/// Declares the enum; `Variant = "code" "名称"` gives each value, the last word of the head line names the method for its text.
macro_rules! closed_set {
    ($(#[$meta:meta])* $name:ident : $title:literal, $text:ident; $($variant:ident = $code:literal $chinese:literal,)+) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $(#[doc = $chinese] $variant,)+
        }

        impl $name {
            /// Every value, in the order of the standard.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// The Chinese name of the set.
            pub const TITLE: &'static str = $title;

            /// The code in the standard.
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)+
                }
            }

            /// The Chinese text.
            pub const fn $text(self) -> &'static str {
                match self {
                    $(Self::$variant => $chinese,)+
                }
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::codes::CodeError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($code => Ok(Self::$variant),)+
                    _ => Err($crate::codes::CodeError::Unknown { field: $title, text: text.to_owned() }),
                }
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                formatter.pad(self.code())
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.code())
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

        #[cfg(feature = "openapi")]
        $crate::openapi::closed_set_schema!($name, $text);
    };
}

/// Gives a set that is a tree its `parent()`.
macro_rules! closed_set_parents {
    ($name:ident below $above:ident; $($variant:ident => $parent:ident,)+) => {
        impl $name {
            /// The value one level up; none at the top.
            pub const fn parent(self) -> Option<$above> {
                match self {
                    $(Self::$variant => Some($above::$parent),)+
                    #[allow(unreachable_patterns, reason = "in some sets every value has a parent")]
                    _ => None,
                }
            }
        }
    };
}

pub(crate) use {closed_set, closed_set_parents};
