//! Models as interfaces: one form for responses, one for requests.

use serde_json::{Value, json};

use super::source::paragraphs;
use super::view::View;
use crate::model::{Helper, HelperRule};

impl View<'_> {
    pub fn models(&self) -> Vec<Value> {
        let mut models = Vec::new();
        for schema in &self.provider.schemas {
            let doc = |ending: &str| {
                let meaning = if schema.description.is_empty() {
                    format!("{}, {ending}.", schema.pascal)
                } else {
                    schema.description.clone()
                };
                let unconfirmed = if schema.unconfirmed.is_empty() {
                    String::new()
                } else {
                    format!("Not confirmed upstream: {}", schema.unconfirmed)
                };
                paragraphs([meaning, unconfirmed])
            };
            if schema.in_responses {
                let fields: Vec<_> =
                    schema.received().map(|(_, f)| self.response_field(f)).collect();
                let helpers: Vec<Value> = schema.helpers.iter().map(helper_view).collect();
                models.push(json!({
                    "name": schema.pascal, "doc": doc("as received"), "fields": fields,
                    "helpers": helpers, "open": false, "is_answer": true,
                }));
            }
            if schema.in_requests {
                let fields: Vec<_> = schema.sent().map(|f| self.request_field(f, false)).collect();
                models.push(json!({
                    "name": self.request_name(&schema.pascal), "doc": doc("as sent"),
                    "fields": fields, "helpers": [], "open": schema.open, "is_answer": false,
                }));
            }
        }
        models
    }
}

fn helper_view(helper: &Helper) -> Value {
    let (doc, ty) = match helper.rule {
        HelperRule::AnyOf(_) | HelperRule::TextIn { .. } => (helper.description.clone(), "boolean"),
        HelperRule::MinutesAfterReceived(_) => {
            (format!("{} Null on a copy of the response.", helper.description), "Date | null")
        }
    };
    json!({ "camel": helper.camel, "doc": doc, "ty": ty })
}
