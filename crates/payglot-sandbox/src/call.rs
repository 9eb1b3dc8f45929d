//! A request that passed validation, as a handler reads it.

use serde_json::{Map, Value};
use uuid::Uuid;

use crate::answer::Refusal;
use crate::routes::PathValues;

/// Values of one call. Required ones are there and of their type: the accessors' errors mean that a handler
/// asks for what its operation does not have.
pub(crate) struct Call {
    pub path: PathValues,
    #[expect(dead_code, reason = "no operation served so far has a query")]
    pub query: Map<String, Value>,
    pub body: Map<String, Value>,
}

impl Call {
    /// A UUID of the path.
    pub fn path_id(&self, name: &str) -> Result<Uuid, Refusal> {
        self.path.get(name).and_then(|text| text.parse().ok()).ok_or_else(|| Refusal::bug(name))
    }

    /// A UUID of the body.
    pub fn id(&self, name: &str) -> Result<Uuid, Refusal> {
        self.body
            .get(name)
            .and_then(Value::as_str)
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| Refusal::bug(name))
    }
}
