//! The model: one typed description of everything that is generated, and how it is built from a lowered document.
//!
//! It may use `source`, `overlay` and `lower`. It must not know any target: what languages reserve for themselves
//! comes in as [`names::Naming`], and text of a language is never in it.

use serde::Serialize;

pub mod build;
mod event;
pub mod examples;
mod lookup;
pub mod names;
mod object;
mod operation;
mod returns;
mod schema;

pub use crate::source::config::{
    Auth, CanonicalPart, ClientAuthentication, Credential, EmptyBody, Encoding, Envelope,
    Environment, FollowConfig, FollowStyle, PagingConfig, PagingFields, ProviderConfig,
};
pub use crate::source::delivery::{Delivery, DeliveryField, FieldPath, Header};
pub use crate::source::errors::{ErrorClass, ErrorField, ErrorFieldKind, ErrorFieldType};
pub use event::Event;
pub use lookup::{Balance, Lookup, Says, Told};
pub use object::EventObject;
pub use operation::{
    BodyForm, Content, Follow, HttpMethod, Operation, Paging, PartEncoding, Replay, Resource,
    Security, Server, Wrap,
};
pub use returns::{ResponseForm, Returns, Success, SuccessBody};
pub use schema::{
    Discriminator, Enum, EnumValue, Field, Helper, HelperRule, Limits, Member, Outcome,
    ParameterStyle, Schema, Type, Union, Unit,
};

/// All providers and the error table.
#[derive(Debug, Serialize)]
pub struct Model {
    /// Providers, by name.
    pub providers: Vec<Provider>,
    /// The error table, parents before children.
    pub errors: Vec<ErrorClass>,
}

/// One API.
#[derive(Debug, Serialize)]
pub struct Provider {
    /// What `provider.toml` says.
    pub config: ProviderConfig,
    /// Cargo feature, `paywint-platform`.
    pub feature: String,
    /// Resources in the order of the document; every operation belongs to one.
    pub resources: Vec<Resource>,
    /// All operations in the order of the document.
    pub operations: Vec<Operation>,
    /// What a call outside the document is authenticated by, where there are schemes by name.
    pub default_security: Vec<Vec<usize>>,
    /// Object models, in the order in which operations use them.
    pub schemas: Vec<Schema>,
    /// Enums, in the order in which operations use them.
    pub enums: Vec<Enum>,
    /// Unions, in the order in which operations use them.
    pub unions: Vec<Union>,
    /// The document with its overlay, before it was lowered.
    #[serde(skip)]
    pub document: serde_json::Value,
    /// `sandbox.yaml`, where there is one.
    #[serde(skip)]
    pub sandbox: Option<serde_json::Value>,
    /// Events that the provider delivers, in the order of the document.
    pub events: Vec<Event>,
}

impl Provider {
    /// The fields with which a call asks for a page: how many records, and which page. None where the vendor's own arguments do.
    pub fn page_fields(&self, operation: &Operation) -> Option<[&Field; 2]> {
        let config = self.config.page_fields().filter(|_| operation.paging == Paging::Paged)?;
        let find = |wire: &str| {
            let fields = self.operations.get(operation.index)?;
            fields.body_fields.iter().chain(&fields.query).find(|field| field.wire == wire)
        };
        Some([find(&config.size)?, find(&config.page)?])
    }
}
