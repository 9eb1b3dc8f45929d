//! What every response has, as the overlay says, where one leaves it out after all.

use std::sync::Arc;

use super::{Extra, Response};
use crate::error::{Error, ErrorKind};
use crate::json::{Document, Kind, RawJson};
use crate::schema::{Field, Operation, Schema, Type};

/// The value of a field that every response has, or an error that names it; all else of the model is there.
#[doc(hidden)]
pub fn certain<T>(
    value: Option<T>,
    schema: &Schema,
    position: usize,
    extra: &Extra,
) -> Result<T, Error> {
    match (value, schema.fields.get(position)) {
        (Some(value), _) => Ok(value),
        (None, field) => Err(left_out(schema, field, extra)),
    }
}

#[cold]
fn left_out(schema: &Schema, field: Option<&Field>, extra: &Extra) -> Error {
    let message = field.map(|field| match extra.get(field.wire) {
        None => missing(schema, field),
        Some(json) => {
            let document = Arc::new(Document::new(json.get()));
            let misfit = RawJson::root(&document).map(|raw| raw.misfit(schema, field));
            format!("{}; `extra` has it as it came", misfit.unwrap_or_default())
        }
    });
    // The vendor has acted, whatever it wrote about it.
    Error::new(ErrorKind::ResponseFormat, message.unwrap_or_default()).with_may_have_happened(true)
}

/// Says that a response has no such field, without anything of the response.
pub fn missing(schema: &Schema, field: &Field) -> String {
    let hint =
        if field.sensitive { " (a journal that replays a response has none either)" } else { "" };
    format!(
        "{}.{} is missing, and the vendor always sends it{hint}; all else of the response is there",
        schema.name, field.name
    )
}

impl Response {
    /// The response itself, or the error where every success has a payload and this one has none.
    pub(super) fn if_certain(self, operation: &'static Operation) -> Result<Self, Error> {
        if !operation.certain {
            return Ok(self);
        }
        match (self.payload().map(RawJson::kind), operation.response) {
            (None | Some(Kind::Null), _) => {
                Err(self.not_understood(operation, "has no payload, and every success has one"))
            }
            (Some(kind), Type::Object(_)) if kind != Kind::Object => {
                Err(self.not_understood(operation, "has another shape"))
            }
            _ => Ok(self),
        }
    }
}
