//! Follows references within a document.

use std::borrow::Cow;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::lower::references::unescaped;

/// Follows references until the value is none.
pub fn resolve<'d>(document: &'d Value, value: &'d Value) -> Result<&'d Value> {
    let mut value = value;
    for _ in 0..32 {
        let Some(reference) = value.get("$ref").and_then(Value::as_str) else { return Ok(value) };
        (_, value) = target(document, reference)?;
    }
    bail!("references go round in circles")
}

/// Name and value behind one reference.
pub fn target<'d>(document: &'d Value, reference: &'d str) -> Result<(Cow<'d, str>, &'d Value)> {
    let pointer = reference
        .strip_prefix('#')
        .with_context(|| format!("reference {reference} leaves the document"))?;
    let pointer = unescaped(pointer);
    let value = document
        .pointer(&pointer)
        .with_context(|| format!("reference {reference} leads nowhere"))?;
    let name = match &pointer {
        Cow::Borrowed(pointer) => pointer.rsplit('/').next().unwrap_or(pointer).into(),
        Cow::Owned(pointer) => pointer.rsplit('/').next().unwrap_or(pointer).to_owned().into(),
    };
    Ok((name, value))
}
