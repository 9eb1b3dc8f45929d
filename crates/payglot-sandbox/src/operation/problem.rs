//! One validation error in FastAPI's shape.

use serde::Serialize;
use serde_json::{Value, json};

/// What is wrong, and where.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Problem {
    #[serde(rename = "type")]
    kind: &'static str,
    loc: Vec<Value>,
    msg: String,
    /// What was sent; null where that may be confidential.
    input: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    ctx: Option<Value>,
}

impl Problem {
    pub fn new(fault: Fault, loc: Vec<Value>, input: Value) -> Self {
        Self { kind: fault.kind, loc, msg: fault.msg, input, ctx: fault.ctx }
    }

    /// A rule that the tables do not hold, of a field of the body, or of the body where there is no name.
    pub fn of_body(name: &str, kind: &'static str, msg: &str) -> Self {
        let field = Some(json!(name)).filter(|_| !name.is_empty());
        let loc = [json!("body")].into_iter().chain(field).collect();
        Self::new(Fault::new(kind, msg), loc, Value::Null)
    }

    pub fn json_invalid(error: &serde_json::Error) -> Self {
        // Only the position is shown: the text around it may hold a secret.
        let reason = match error.classify() {
            serde_json::error::Category::Eof => "the text ends too early",
            _ => "a value was expected",
        };
        let location = format!("{reason}, at line {} column {}", error.line(), error.column());
        let fault =
            Fault::new("json_invalid", "JSON decode error").with(json!({ "error": location }));
        Self::new(fault, vec![json!("body"), json!(error.column())], Value::Null)
    }
}

/// What is wrong with a value.
#[derive(Debug)]
pub(crate) struct Fault {
    kind: &'static str,
    msg: String,
    ctx: Option<Value>,
}

impl Fault {
    pub fn new(kind: &'static str, msg: impl Into<String>) -> Self {
        Self { kind, msg: msg.into(), ctx: None }
    }

    /// Adds what a program needs to know of the rule.
    pub fn with(self, ctx: Value) -> Self {
        Self { ctx: Some(ctx), ..self }
    }

    pub fn missing() -> Self {
        Self::new("missing", "Field required")
    }

    pub fn extra() -> Self {
        Self::new("extra_forbidden", "Extra inputs are not permitted")
    }

    pub fn not_an_object() -> Self {
        Self::new(
            "model_attributes_type",
            "Input should be a valid dictionary or object to extract fields from",
        )
    }

    pub fn not_json(content_type: &str) -> Self {
        let fault = Self::not_an_object();
        Self {
            msg: format!("{}: Content-Type is {content_type}, not application/json", fault.msg),
            ..fault
        }
    }

    pub fn not_a_list() -> Self {
        Self::new("list_type", "Input should be a valid list")
    }

    pub fn too_many(most: u32, there: usize) -> Self {
        let s = if most == 1 { "" } else { "s" };
        Self::new(
            "too_long",
            format!("List should have at most {most} item{s} after validation, not {there}"),
        )
        .with(json!({ "field_type": "List", "max_length": most, "actual_length": there }))
    }
}
