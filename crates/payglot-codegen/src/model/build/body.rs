//! The body of a request: which of its media types goes out, and the model of what is in it.

use anyhow::{Result, bail};
use serde_json::{Map, Value};

use super::parameters::list_style;
use super::schemas::{BodyModel, resolve};
use super::{Builder, json_media, text_of};
use crate::diagnostic::step;
use crate::model::{BodyForm, Content, ParameterStyle};

const FORM: &str = "application/x-www-form-urlencoded";
const MULTIPART: &str = "multipart/form-data";

impl<'d> Builder<'d> {
    /// The name of the body's model, and how it is written.
    pub(super) fn body(
        &mut self,
        operation: &'d Value,
        at: &str,
        pascal: &str,
    ) -> Result<(Option<String>, Content)> {
        let none = (None, Content::json());
        let Some(body) = operation.get("requestBody") else { return Ok(none) };
        let body = resolve(self.document, body)?;
        let Some(content) = body.get("content").and_then(Value::as_object) else { return Ok(none) };
        if content.is_empty() {
            return Ok(none);
        }
        // Whoever leaves the one value of a body out sends none.
        let required = body.get("required") == Some(&Value::Bool(true));
        // What can carry most, where there is a choice: files, then JSON, which keeps lists, objects and numbers apart.
        let entry =
            |kind: &str| content.get_key_value(kind).map(|(kind, media)| (kind.as_str(), media));
        let multipart = entry(MULTIPART);
        let with_files = multipart.filter(|(_, media)| self.has_files(media).unwrap_or_default());
        let named = with_files.or(json_media(content)).or(entry(FORM)).or(multipart);
        let Some((kind, media)) = named else {
            return self.bytes(content, at, pascal, required);
        };
        let schema = media.get("schema").unwrap_or(&Value::Null);
        let at = format!("{at}.requestBody.content{}.schema", step(kind));
        let hint = format!("{pascal}Body");
        if kind == MULTIPART {
            let files = encodings(media).filter(|(_, kind)| is_of_files(kind));
            let files = files.map(|(name, _)| name.to_owned()).collect();
            let Some(name) = self.schemas.parts(schema, &at, &hint, files)? else {
                bail!("a form that is not an object is not known here")
            };
            let types = encodings(media).map(|(name, kind)| (name.to_owned(), kind.to_owned()));
            let form = BodyForm::Multipart(types.collect());
            return Ok((Some(name), Content { media_type: kind.to_owned(), form }));
        }
        let model = self.schemas.body(schema, &at, &hint, required)?;
        let (name, form) = match (model, kind == FORM) {
            (BodyModel::Fields(name), true) => (name, BodyForm::Form(styles(media))),
            (BodyModel::Fields(name), false) => (name, BodyForm::Object),
            (BodyModel::Value(name), false) => (name, BodyForm::Value),
            (BodyModel::Value(_), true) => bail!("a form that is not an object is not known here"),
        };
        let media_type = if kind == "*/*" { "application/json" } else { kind };
        Ok((Some(name), Content { media_type: media_type.to_owned(), form }))
    }

    /// A body that is a file, of any of these types.
    fn bytes(
        &mut self,
        content: &'d Map<String, Value>,
        at: &str,
        pascal: &str,
        required: bool,
    ) -> Result<(Option<String>, Content)> {
        if let Some(other) = content.keys().find(|kind| kind.starts_with("multipart/")) {
            bail!(
                "a request body of type {other} is not known here, only JSON, forms, files and multipart/form-data"
            )
        }
        let Some((kind, media)) = content.iter().next() else {
            return Ok((None, Content::json()));
        };
        let schema = media.get("schema").unwrap_or(&Value::Null);
        let at = format!("{at}.requestBody.content{}.schema", step(kind));
        let is_text = |kind: &String| {
            kind.starts_with("text/") || kind.contains("xml") || kind.contains("json")
        };
        let is_text = content.keys().all(is_text);
        let hint = format!("{pascal}Body");
        let name = self.schemas.file(schema, &at, &hint, (required, is_text))?;
        let media_type = content.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        Ok((Some(name), Content { media_type, form: BodyForm::Bytes }))
    }

    /// Whether a body of several parts has files.
    fn has_files(&self, media: &'d Value) -> Result<bool> {
        if encodings(media).any(|(_, kind)| is_of_files(kind)) {
            return Ok(true);
        }
        let schema = media.get("schema").unwrap_or(&Value::Null);
        for (_, property) in self.schemas.properties(schema)? {
            let property = resolve(self.document, property)?;
            let items = property.get("items").unwrap_or(&Value::Null);
            if [property, resolve(self.document, items)?]
                .iter()
                .any(|schema| text_of(schema, "format") == "binary")
            {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// The content types of the parts for which `encoding` gives one, by their names.
fn encodings(media: &Value) -> impl Iterator<Item = (&str, &str)> {
    let encoding = media.get("encoding").and_then(Value::as_object).into_iter().flatten();
    encoding.filter_map(|(name, encoding)| {
        Some((name.as_str(), encoding.get("contentType")?.as_str()?))
    })
}

/// Whether a content type is one of files: neither a text nor JSON.
fn is_of_files(kind: &str) -> bool {
    !kind.starts_with("text/") && !kind.contains("json") && kind != FORM
}

/// The styles of a form's fields that `encoding` names.
fn styles(media: &Value) -> Vec<(String, ParameterStyle)> {
    let encoding = media.get("encoding").and_then(Value::as_object).into_iter().flatten();
    let styles = encoding.map(|(name, encoding)| (name.clone(), list_style(encoding)));
    styles.filter(|(_, style)| *style != ParameterStyle::Repeated).collect()
}
