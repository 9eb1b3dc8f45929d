//! What the generated unions share: an enum with a variant for each member, and one for what is none of them.

/// Gives the union of a response its reading, which keeps what it does not know, and its JSON form.
#[doc(hidden)]
#[macro_export]
macro_rules! response_union {
    ($name:ident, $union:expr, { $($position:literal $variant:ident => $ty:ty),* $(,)? }) => {
        impl $crate::json::ResponseValue for $name {
            fn from_response(raw: $crate::json::RawJson<'_>) -> Option<Self> {
                if raw.is_null() || !raw.fits($crate::schema::Type::Union(&$union)) {
                    return None;
                }
                let read = match raw.member(&$union) {
                    $(
                        Some(($position, _)) => {
                            <$ty as $crate::json::ResponseValue>::from_response(raw).map(Self::$variant)
                        }
                    )*
                    _ => None,
                };
                read.or_else(|| $crate::Json::new(raw.json()).map(Self::Other))
            }

            fn misfit(&self) -> Option<String> {
                match self {
                    $( Self::$variant(value) => $crate::json::ResponseValue::misfit(value), )*
                    Self::Other(_) => None,
                }
            }

            fn write_json(&self, out: &mut String) {
                match self {
                    $( Self::$variant(value) => $crate::json::ResponseValue::write_json(value, out), )*
                    Self::Other(json) => out.push_str(json.get()),
                }
            }
        }

        /// JSON null: nothing was received.
        impl Default for $name {
            fn default() -> Self {
                Self::Other($crate::Json::null())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $crate::response::serialize_response(self, serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::response::deserialize_response(deserializer)
            }
        }
    };
}

/// Gives the union of a request its way into a request.
#[doc(hidden)]
#[macro_export]
macro_rules! request_union {
    ($name:ident, { $($variant:ident => $ty:ty),* $(,)? }) => {
        impl $crate::request::ToValue for $name {
            fn to_value(&self) -> Option<$crate::json::Value<'_>> {
                match self {
                    $( Self::$variant(value) => $crate::request::ToValue::to_value(value), )*
                    Self::Other(json) => $crate::request::ToValue::to_value(json),
                }
            }
        }

        /// No value: a request that keeps it is refused.
        impl Default for $name {
            fn default() -> Self {
                Self::Other($crate::Json::null())
            }
        }

        impl $crate::request::FromStored for $name {
            fn from_stored(raw: $crate::json::RawJson<'_>) -> Result<Self, String> {
                $(
                    if let Ok(value) = <$ty as $crate::request::FromStored>::from_stored(raw) {
                        return Ok(Self::$variant(value));
                    }
                )*
                <$crate::Json as $crate::request::FromStored>::from_stored(raw).map(Self::Other)
            }
        }
    };
}
