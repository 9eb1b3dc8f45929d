//! `[webhooks]` of `provider.toml`: what of a delivery says which event it is, and what it is about.

use serde::{Deserialize, Serialize};

/// What a delivery has, and where. None of it need be there.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    /// Name of the event. Without it there is one event alone.
    #[serde(default)]
    pub event: Option<DeliveryField>,
    /// Identifier of the event, the same for every delivery of it. Without it, the SHA-256 of the body.
    #[serde(default)]
    pub id: Option<DeliveryField>,
    /// What the event is about. Without it, the whole body.
    #[serde(default)]
    pub data: Option<FieldPath>,
    /// When the event arose. Without it, when its delivery arrived.
    #[serde(default)]
    pub time: Option<DeliveryField>,
}

/// A field of the body, with dots between the objects that it is in; or `{ header = "X-Event-Id" }`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(untagged)]
pub enum DeliveryField {
    /// A field of the body.
    Field(FieldPath),
    /// A header.
    Header(Header),
}

/// A header by its name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// Its name.
    pub header: String,
}

/// A field of the body: `event.id`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(from = "String")]
pub struct FieldPath {
    /// Its name, behind those of the objects that it is in.
    pub path: Vec<String>,
}

impl From<String> for FieldPath {
    fn from(text: String) -> Self {
        Self { path: text.split('.').map(str::to_owned).collect() }
    }
}

impl DeliveryField {
    /// A field of the body.
    pub fn of(path: &str) -> Self {
        Self::Field(path.to_owned().into())
    }

    /// A header.
    pub fn header(name: &str) -> Self {
        Self::Header(Header { header: name.to_owned() })
    }

    /// As it stands in `provider.toml`.
    pub fn toml(&self) -> String {
        match self {
            Self::Field(field) => format!("{:?}", field.path.join(".")),
            Self::Header(Header { header }) => format!("{{ header = {header:?} }}"),
        }
    }

    /// The one name of a field of the body that is in no other object.
    pub fn flat(&self) -> Option<&str> {
        match self {
            Self::Field(field) => field.flat(),
            Self::Header(_) => None,
        }
    }
}

impl FieldPath {
    /// The one name of a field that is in no other object.
    pub fn flat(&self) -> Option<&str> {
        match self.path.as_slice() {
            [name] => Some(name),
            _ => None,
        }
    }
}

impl Delivery {
    /// The headers that a delivery is read with.
    pub fn headers(&self) -> impl Iterator<Item = &str> {
        [&self.event, &self.id, &self.time].into_iter().flatten().filter_map(|field| match field {
            DeliveryField::Header(Header { header }) => Some(header.as_str()),
            DeliveryField::Field(_) => None,
        })
    }

    /// Whether name, identifier, time and data are fields beside each other: an event in JavaScript is then the body.
    pub fn is_flat(&self) -> bool {
        let is_flat = |field: &Option<DeliveryField>| {
            field.as_ref().is_some_and(|field| field.flat().is_some())
        };
        is_flat(&self.event)
            && is_flat(&self.id)
            && self.data.as_ref().is_some_and(|data| data.flat().is_some())
            && (self.time.is_none() || is_flat(&self.time))
    }
}
