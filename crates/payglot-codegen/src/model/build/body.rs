//! The body of a request: which of its media types goes out, and the model of what is in it.

use anyhow::{Result, bail};
use serde_json::Value;

use super::operation::kinds;
use super::parameters::list_style;
use super::schemas::{BodyModel, resolve};
use super::{Builder, json_media};
use crate::diagnostic::step;
use crate::model::{BodyForm, Content, ParameterStyle};

const FORM: &str = "application/x-www-form-urlencoded";

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
        // JSON where there is a choice: it keeps lists, objects and numbers apart.
        let form = content.get_key_value(FORM).map(|(kind, media)| (kind.as_str(), media));
        let Some((kind, media)) = json_media(content).or(form) else {
            bail!(
                "a request body of type {} is not known here, only JSON and forms",
                kinds(content)
            )
        };
        let schema = media.get("schema").unwrap_or(&Value::Null);
        let at = format!("{at}.requestBody.content{}.schema", step(kind));
        let hint = format!("{pascal}Body");
        // Whoever leaves the one value of a body out sends none.
        let required = body.get("required") == Some(&Value::Bool(true));
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
}

/// The styles of a form's fields that `encoding` names.
fn styles(media: &Value) -> Vec<(String, ParameterStyle)> {
    let encoding = media.get("encoding").and_then(Value::as_object).into_iter().flatten();
    let styles = encoding.map(|(name, encoding)| (name.clone(), list_style(encoding)));
    styles.filter(|(_, style)| *style != ParameterStyle::Repeated).collect()
}
