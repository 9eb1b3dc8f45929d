//! Request models as JSON for other clients: the same checks and the same bytes as in a call.

use serde::Serialize as _;
use serde::ser::{Error as _, Serializer};
use serde_json::value::RawValue;

use super::ToValue;
use super::values::Encoder;
use crate::error::Error;
use crate::json::{FloatMoney, Value};
use crate::schema::Field;

/// A struct that a call takes, with the table of its fields.
pub trait RequestModel: ToValue {
    /// Its fields, in the order in which they are written.
    fn fields() -> &'static [Field];

    /// Whether it takes fields that the document does not name.
    fn is_open() -> bool;
}

/// Writes a request model with the digits of its amounts. Only JSON can be written this way.
pub fn serialize_request<S: Serializer, T: RequestModel>(
    model: &T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let given = match model.to_value() {
        Some(Value::Object(fields)) => fields,
        _ => Vec::new(),
    };
    let mut out = String::new();
    let mut encoder = Encoder::new(FloatMoney::Refuse);
    encoder
        .object(&mut out, (T::fields(), T::is_open()), &given.iter().collect::<Vec<_>>())
        .map_err(S::Error::custom)?;
    RawValue::from_string(out).map_err(S::Error::custom)?.serialize(serializer)
}

/// The error of a builder of whose fields one is not set that a request must have.
#[doc(hidden)]
pub fn not_set(field: &str) -> Error {
    Error::invalid_request(field, "is required")
}
