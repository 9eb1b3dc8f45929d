//! Successes that have payloads of their own: in Rust, an enum that the generator makes of them.

use super::Response;
use crate::json::Json;

/// Gives an enum with one variant for each success its reading by status.
///
/// The first list has the variants with a payload, the second those without.
#[doc(hidden)]
#[macro_export]
macro_rules! several_responses {
    ($name:ident, { $($first:literal..=$last:literal => $variant:ident),* $(,)? }, { $($empty_first:literal..=$empty_last:literal => $empty:ident),* $(,)? }) => {
        impl $crate::client::Payload for $name {
            fn of(response: &$crate::Response) -> Option<Self> {
                let status = response.status();
                let payload = response.payload().filter(|payload| !payload.is_null());
                $(
                    if ($first..=$last).contains(&status)
                        && let Some(value) =
                            payload.and_then($crate::json::ResponseValue::from_response)
                    {
                        return Some(Self::$variant(value));
                    }
                )*
                $(
                    if ($empty_first..=$empty_last).contains(&status) && payload.is_none() {
                        return Some(Self::$empty);
                    }
                )*
                Some(Self::Other($crate::response::other_json(response)))
            }
        }
    };
}

/// The JSON of a response that is none of the declared successes.
#[doc(hidden)]
pub fn other_json(response: &Response) -> Option<Json> {
    response.payload().and_then(|payload| Json::new(payload.json()))
}
