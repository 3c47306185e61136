//! States as they stand in a column, beside the ones of the contract.

/// Declares the stored form of a contract's state: the same variants, kept as upper-case text.
macro_rules! stored_status {
    ($(#[$meta:meta])* $name:ident stores $wire:path { $($variant:ident,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, ::sea_orm::EnumIter, ::sea_orm::DeriveActiveEnum)]
        #[sea_orm(rs_type = "String", db_type = "String(StringLen::N(20))", rename_all = "SCREAMING_SNAKE_CASE")]
        pub enum $name {
            $($variant,)+
        }

        impl From<$name> for $wire {
            fn from(stored: $name) -> Self {
                type Wire = $wire;
                match stored {
                    $($name::$variant => Wire::$variant,)+
                }
            }
        }

        impl From<$wire> for $name {
            fn from(wire: $wire) -> Self {
                type Wire = $wire;
                match wire {
                    $(Wire::$variant => Self::$variant,)+
                }
            }
        }
    };
}

pub(crate) use stored_status;
