//! The body of a request: which of its media types goes out, and the model of what is in it.

use anyhow::{Result, bail};
use serde_json::{Map, Value};

use super::parameters::list_style;
use super::schemas::{BodyModel, resolve, text};
use super::{Builder, json_media, text_of};
use crate::diagnostic::{Diagnostic, step};
use crate::lower::references::unescaped;
use crate::model::{BodyForm, Content, ParameterStyle, PartEncoding};

const FORM: &str = "application/x-www-form-urlencoded";
/// Bodies of several parts, those first that carry names best.
const MULTIPART: [&str; 3] = ["multipart/form-data", "multipart/mixed", "multipart/related"];
/// Headers of parts that what is in them decides.
const OF_PARTS: [&str; 3] = ["content-type", "content-disposition", "content-id"];

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
        let multipart = MULTIPART.into_iter().find_map(|wanted| {
            content.iter().map(|(kind, media)| (kind.as_str(), media)).find(|(kind, _)| {
                kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case(wanted))
            })
        });
        let with_files = multipart.filter(|(_, media)| self.has_files(media).unwrap_or_default());
        let named = with_files.or(json_media(content)).or(entry(FORM)).or(multipart);
        let Some((kind, media)) = named else {
            return self.bytes(content, at, pascal, required);
        };
        let schema = media.get("schema").unwrap_or(&Value::Null);
        let encoding_at = format!("{}.content{}.encoding", body_at(operation, at), step(kind));
        let at = format!("{at}.requestBody.content{}.schema", step(kind));
        let hint = format!("{pascal}Body");
        if multipart.is_some_and(|(multipart, _)| multipart == kind) {
            let files = encodings(media).filter(|(_, kind)| is_of_files(kind));
            let files = files.map(|(name, _)| name.to_owned()).collect();
            let form = self.schemas.form_of_alternatives(schema, &hint)?;
            let parts = match form {
                // Which of several objects it is, is for the caller to know.
                Some(name) => Some(name),
                None => self.schemas.parts(schema, &at, &hint, files)?,
            };
            let Some(name) = parts else { bail!("a form that is not an object is not known here") };
            let form = BodyForm::Multipart(self.parts(media, &encoding_at)?);
            let kind = kind.split(';').next().unwrap_or(kind).trim().to_ascii_lowercase();
            return Ok((Some(name), Content { media_type: kind, form }));
        }
        let model = self.schemas.body(schema, &at, &hint, (required, kind == FORM))?;
        let (name, form) = match (model, kind == FORM) {
            (BodyModel::Fields(name), true) => (name, BodyForm::Form(styles(media))),
            (BodyModel::Fields(name), false) => (name, BodyForm::Object),
            (BodyModel::Value(name), false) => (name, BodyForm::Value),
            (BodyModel::Value(_), true) => bail!("a form that is not an object is not known here"),
        };
        let media_type = if kind == "*/*" { "application/json" } else { kind };
        Ok((Some(name), Content { media_type: media_type.to_owned(), form }))
    }

    /// What `encoding` says of parts. A header whose value is not always the same is one that nothing carries.
    fn parts(&mut self, media: &'d Value, at: &str) -> Result<Vec<PartEncoding>> {
        let mut parts = Vec::new();
        let encoding = media.get("encoding").and_then(Value::as_object).into_iter().flatten();
        for (name, encoding) in encoding {
            let mut headers = Vec::new();
            let declared = encoding.get("headers").and_then(Value::as_object);
            for (header, value) in declared.into_iter().flatten() {
                if OF_PARTS.contains(&header.to_ascii_lowercase().as_str()) {
                    continue;
                }
                if let Some(value) = constant(resolve(self.document, value)?) {
                    headers.push((header.clone(), value));
                } else {
                    let at = format!("{at}{}.headers{}", step(name), step(header));
                    let problem = format!(
                        "the header {header} of the part {name} is not always the same, and no argument carries it"
                    );
                    self.diagnostics.push(Diagnostic::remove(&at, problem, &at));
                }
            }
            let content_type = encoding.get("contentType").and_then(Value::as_str);
            let content_type = content_type.map(str::to_owned);
            if content_type.is_some() || !headers.is_empty() {
                parts.push(PartEncoding { name: name.clone(), content_type, headers });
            }
        }
        Ok(parts)
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
                "a request body of type {other} is not known here, only JSON, forms, files, and multipart/form-data, mixed and related"
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

/// The location of an operation's body, or of what it refers to.
fn body_at(operation: &Value, at: &str) -> String {
    let reference = operation.pointer("/requestBody/$ref").and_then(Value::as_str);
    match reference.and_then(|reference| reference.strip_prefix("#/components/requestBodies/")) {
        Some(name) => format!("$.components.requestBodies{}", step(&unescaped(name))),
        None => format!("{at}.requestBody"),
    }
}

/// The value of a header that is always the same.
fn constant(header: &Value) -> Option<String> {
    let schema = header.get("schema")?;
    let only = schema.get("enum").and_then(Value::as_array).filter(|all| all.len() == 1);
    let value = schema.get("const").or_else(|| only?.first()).or_else(|| schema.get("default"))?;
    let value = text(value);
    value.chars().all(|c| c == '\t' || (' '..='~').contains(&c)).then_some(value)
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
