//! A validated request, as a handler reads it.

use std::collections::{BTreeMap, HashMap};

use axum::body::Bytes;
use rust_decimal::Decimal;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::ApiError;
use crate::basics::{Money, money};

/// Values of path parameters by name, percent-decoded.
pub(crate) type PathValues = BTreeMap<&'static str, String>;

/// The values of one call. Required ones are present and have their type: an accessor's error means that a handler
/// asks for a field that its operation does not have.
pub(crate) struct Call {
    pub path: PathValues,
    pub query: Map<String, Value>,
    pub body: Map<String, Value>,
    /// Hold the digits of numbers as they were sent.
    pub raw_query: String,
    pub raw_body: Bytes,
}

/// A page of a list.
#[derive(Clone, Copy)]
pub(crate) struct Page {
    pub size: usize,
    /// Records before it.
    pub skip: usize,
}

impl Call {
    /// A UUID of the path.
    pub fn path_id(&self, name: &str) -> Result<Uuid, ApiError> {
        self.path.get(name).and_then(|text| text.parse().ok()).ok_or_else(|| ApiError::bug(name))
    }

    /// An id of the path that the document declares as text. A text that is not a UUID becomes nil, which no object has.
    pub fn path_text_id(&self, name: &str) -> Uuid {
        self.path.get(name).and_then(|text| text.parse().ok()).unwrap_or_default()
    }

    /// A UUID of the body.
    pub fn id(&self, name: &str) -> Result<Uuid, ApiError> {
        self.optional_id(name).ok_or_else(|| ApiError::bug(name))
    }

    /// A UUID of the body that may be missing or null. A text that is not a UUID becomes nil, which no object has.
    pub fn optional_id(&self, name: &str) -> Option<Uuid> {
        self.optional(name).map(|text| text.parse().unwrap_or_default())
    }

    /// A text of the body.
    pub fn text(&self, name: &str) -> Result<String, ApiError> {
        self.optional(name).map(str::to_owned).ok_or_else(|| ApiError::bug(name))
    }

    /// A text of the body that may be missing or null.
    pub fn optional(&self, name: &str) -> Option<&str> {
        self.body.get(name).and_then(Value::as_str)
    }

    /// The same, as an owned string.
    pub fn optional_string(&self, name: &str) -> Option<String> {
        self.optional(name).map(str::to_owned)
    }

    /// Whether a flag of the body is set.
    pub fn flag(&self, name: &str) -> bool {
        self.body.get(name).and_then(Value::as_bool).unwrap_or_default()
    }

    /// The exact value of a number of the body or, where the call has none, of the query.
    pub fn decimal(&self, name: &str) -> Option<Decimal> {
        let body = serde_json::from_slice::<HashMap<String, &RawValue>>(&self.raw_body);
        if let Ok(body) = body {
            return money::parse(body.get(name)?.get());
        }
        let query = form_urlencoded::parse(self.raw_query.as_bytes());
        let (_, text) = query.filter(|(field, _)| field == name).last()?;
        money::parse(&text)
    }

    /// The same for a number that may be missing or null. A number that no decimal can hold is an error.
    pub fn optional_decimal(&self, name: &str) -> Result<Option<Decimal>, ApiError> {
        let value = self.decimal(name);
        let given = self.body.get(name).or_else(|| self.query.get(name));
        if value.is_none() && given.is_some_and(|given| !given.is_null()) {
            let msg = "Input should be a valid decimal";
            return Err(ApiError::field(name, "decimal_parsing", msg));
        }
        Ok(value)
    }

    /// An amount of money above zero, with at most two digits after the point.
    pub fn money(&self, name: &str) -> Result<Money, ApiError> {
        let value = self.decimal(name).ok_or_else(|| {
            ApiError::field(name, "decimal_parsing", "Input should be a valid decimal")
        })?;
        if value <= Decimal::ZERO {
            return Err(ApiError::field(name, "greater_than", "Input should be greater than 0"));
        }
        let amount = Money::exact(value).ok_or_else(|| {
            let msg = "Decimal input should have no more than 2 decimal places";
            ApiError::field(name, "decimal_max_places", msg)
        })?;
        if amount > Money::MOST {
            let msg = "Input should be less than or equal to 10000000000";
            return Err(ApiError::field(name, "less_than_equal", msg));
        }
        Ok(amount)
    }

    /// The page asked for in the body.
    pub fn page(&self) -> Page {
        let number = |name: &str| {
            let value = self.decimal(name).unwrap_or(Decimal::MAX).trunc();
            usize::try_from(value).unwrap_or(usize::MAX)
        };
        let size = number("rows_per_page");
        Page { size, skip: number("page_no").saturating_sub(1).saturating_mul(size) }
    }
}
