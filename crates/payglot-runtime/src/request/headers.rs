//! Writes the parameters that are headers and cookies.

use http::{HeaderName, HeaderValue};

use super::push_encoded;
use super::values::Encoder;
use crate::error::Error;
use crate::json::Value;
use crate::schema::Field;

/// The header of a parameter: none where it is left out.
pub(super) fn header(
    encoder: &mut Encoder,
    field: &'static Field,
    given: Option<&Value<'_>>,
) -> Result<Option<(HeaderName, HeaderValue)>, Error> {
    let values = encoder.query(field, given)?;
    if values.is_empty() {
        return Ok(None);
    }
    let wrong = |problem: &str| Error::invalid_request(encoder.name(field), problem);
    let name = HeaderName::from_bytes(field.wire.as_bytes())
        .map_err(|_| wrong("is no header that can be sent"))?;
    if values.len() > 1 && values.iter().any(|value| value.contains(',')) {
        return Err(wrong("must not contain `,`, which stands between its values"));
    }
    let value = values.join(",");
    if value.trim() != value {
        return Err(wrong("must not have white space around it: a header would lose it"));
    }
    let mut value = HeaderValue::from_str(&value)
        .map_err(|_| wrong("has a character that a header cannot hold"))?;
    value.set_sensitive(field.sensitive);
    Ok(Some((name, value)))
}

/// Adds the cookie of a parameter, percent-encoded as in a query: nothing where it is left out.
pub(super) fn cookie(
    cookies: &mut String,
    encoder: &mut Encoder,
    field: &'static Field,
    given: Option<&Value<'_>>,
) -> Result<(), Error> {
    let values = encoder.query(field, given)?;
    if values.is_empty() {
        return Ok(());
    }
    if !cookies.is_empty() {
        cookies.push_str("; ");
    }
    cookies.push_str(field.wire);
    cookies.push('=');
    for (position, value) in values.iter().enumerate() {
        if position > 0 {
            cookies.push_str("%2C");
        }
        let stays = |byte: u8| byte.is_ascii_graphic() && !b"\"%,;\\".contains(&byte);
        push_encoded(cookies, value, stays);
    }
    Ok(())
}
