//! The one typed description of everything that is generated: providers, resources, operations, models,
//! errors. Every emitter and template reads this, and nothing else.

pub mod build;
pub mod examples;
pub mod names;

use serde::{Deserialize, Serialize};

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
    /// Object models, in the order in which operations use them.
    pub schemas: Vec<Schema>,
    /// Enums, in the order in which operations use them.
    pub enums: Vec<Enum>,
    /// The document with its overlay, before it was lowered.
    #[serde(skip)]
    pub document: serde_json::Value,
    /// `sandbox.yaml`, where there is one.
    #[serde(skip)]
    pub sandbox: Option<serde_json::Value>,
    /// Events that the provider delivers, in the order of the document.
    pub events: Vec<Event>,
}

/// An event that a provider delivers to a user's server.
#[derive(Debug, Serialize)]
pub struct Event {
    /// Position in [`Provider::events`].
    pub index: usize,
    /// `payment.success`
    pub name: String,
    /// `PaymentSuccess`
    pub pascal: String,
    /// `PaymentSuccessEvent`: a name that no model has.
    pub class: String,
    /// First sentence.
    pub summary: String,
    /// Further text; may be empty.
    pub description: String,
    /// What the event is about.
    pub data: Type,
    /// Data as it could be delivered, as JSON text.
    pub sample: String,
    /// Upstream page; may be empty.
    pub docs: String,
    /// What upstream does not confirm; may be empty.
    pub unconfirmed: String,
}

/// A group of operations, `client.cards`.
#[derive(Debug, Serialize)]
pub struct Resource {
    /// `payee_addresses`
    pub snake: String,
    /// `PayeeAddresses`
    pub pascal: String,
    /// `payeeAddresses`
    pub camel: String,
    /// Positions in [`Provider::operations`].
    pub operations: Vec<usize>,
}

/// One operation.
#[derive(Debug, Serialize)]
pub struct Operation {
    /// Position in [`Provider::operations`].
    pub index: usize,
    /// `cards.create_update_link`
    pub name: String,
    /// `cards`
    pub resource: String,
    /// `create_update_link`
    pub snake: String,
    /// `createUpdateLink`
    pub camel: String,
    /// `CardsCreateUpdateLink`: for types made for this operation alone.
    pub pascal: String,
    /// `CARDS_CREATE_UPDATE_LINK`
    pub upper: String,
    /// Upper-case HTTP method.
    pub http_method: String,
    /// Path template.
    pub path: String,
    /// `read`, `idempotent`, `keyed`, `create` or `money`.
    pub replay: String,
    /// `none`, `list` or `paged`.
    pub paging: String,
    /// `bare`, `data` or `records`.
    pub wrap: String,
    /// Path parameters, in the order of the path: positional arguments.
    pub path_params: Vec<Field>,
    /// Query parameters, by name: the order on the wire.
    pub query: Vec<Field>,
    /// Name of the body's model.
    pub body: Option<String>,
    /// Fields of the body's model, beside `query` the keyword arguments.
    pub body_fields: Vec<Field>,
    /// `query` and `body_fields` without those that choose the page: what a paged call asks of its caller.
    pub params: Vec<Field>,
    /// Whether the body takes fields that the document does not name.
    pub body_open: bool,
    /// The payload; one record's type for `list` and `paged`.
    pub answer: Type,
    /// First sentence.
    pub summary: String,
    /// Further text; may be empty.
    pub description: String,
    /// Upstream page; may be empty.
    pub docs: String,
    /// What upstream does not confirm; may be empty.
    pub unconfirmed: String,
    /// What to look up after an unknown outcome; may be empty.
    pub reconcile: String,
}

/// An object model.
#[derive(Debug, Clone, Serialize)]
pub struct Schema {
    /// Position in [`Provider::schemas`].
    pub index: usize,
    /// Name in the document.
    pub document_name: String,
    /// `PlatformCardRead`: the name in every language.
    pub pascal: String,
    /// `PLATFORM_CARD_READ`
    pub upper: String,
    /// What it is; may be empty.
    pub description: String,
    /// Fields in the order of the document.
    pub fields: Vec<Field>,
    /// Whether requests may have other fields.
    pub open: bool,
    /// Whether a request uses it.
    pub in_requests: bool,
    /// Whether an answer or an event uses it.
    pub in_answers: bool,
    /// Whether events use it and operations do not.
    pub only_in_events: bool,
    /// Values computed from its fields.
    pub helpers: Vec<Helper>,
    /// Whether upstream's name for the model is a guess or its fields are not confirmed; may be empty.
    pub unconfirmed: String,
}

/// A field or a parameter.
#[derive(Debug, Clone, Serialize)]
pub struct Field {
    /// Name on the wire.
    pub wire: String,
    /// `card_id`: the name in Rust and Python, never a keyword of either.
    pub snake: String,
    /// The name in Rust, `r#type` where it must be.
    pub rust: String,
    /// Other spellings that are read.
    pub aliases: Vec<String>,
    /// What it holds.
    pub ty: Type,
    /// Whether a request must have it.
    pub required: bool,
    /// Whether null is allowed.
    pub nullable: bool,
    /// Whether its value must never be shown.
    pub sensitive: bool,
    /// Limits checked before sending.
    pub limits: Limits,
    /// What it means, one paragraph with unit and limits; never empty for generated docs.
    pub description: String,
    /// Values seen upstream for a text that is not an enum.
    pub known_values: Vec<String>,
    /// Whether upstream does not confirm the field's name.
    pub unconfirmed: bool,
    /// The document's default, as JSON text; what the vendor assumes when the field is left out.
    pub default: Option<String>,
    /// A value that is as it should be, as JSON text: the document's, or one made from type and limits.
    pub example: String,
}

/// Limits of a value.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Limits {
    /// Fewest characters.
    pub min_length: Option<u64>,
    /// Most characters.
    pub max_length: Option<u64>,
    /// Smallest number, as its digits.
    pub minimum: Option<String>,
    /// Largest number, as its digits.
    pub maximum: Option<String>,
    /// Most items.
    pub max_items: Option<u64>,
    /// The only integers taken.
    pub one_of: Vec<i64>,
}

/// What a value is. Templates see `{kind: "object", name: "PlatformCardRead"}` and the like.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Type {
    /// Text.
    Text,
    /// A UUID.
    Uuid,
    /// A date and time.
    DateTime,
    /// A date.
    Date,
    /// A boolean.
    Boolean,
    /// A whole number.
    Integer,
    /// A number that is not money.
    Number,
    /// An amount; `unit` is `dollars`, `cents` or `currency`.
    Money {
        /// The unit.
        unit: String,
    },
    /// An enum by its name.
    Enum {
        /// `CardUsageType`
        name: String,
    },
    /// An object model by its name.
    Object {
        /// `PlatformCardRead`
        name: String,
    },
    /// A list.
    List {
        /// Type of its items.
        item: Box<Type>,
    },
    /// Any JSON.
    Any,
}

/// An open set of known texts.
#[derive(Debug, Clone, Serialize)]
pub struct Enum {
    /// `CardUsageType`
    pub pascal: String,
    /// `CARD_USAGE_TYPE`
    pub upper: String,
    /// What it is; may be empty.
    pub description: String,
    /// The known texts.
    pub values: Vec<EnumValue>,
}

/// A known text of an enum.
#[derive(Debug, Clone, Serialize)]
pub struct EnumValue {
    /// The text on the wire, `USPS_FIRST_CLASS`.
    pub wire: String,
    /// `UspsFirstClass`
    pub pascal: String,
    /// `USPS_FIRST_CLASS`
    pub upper: String,
}

/// A value computed from the fields of a model.
#[derive(Debug, Clone, Serialize)]
pub struct Helper {
    /// `needs_update`
    pub snake: String,
    /// `needsUpdate`
    pub camel: String,
    /// What it tells.
    pub description: String,
    /// True when any of these boolean fields (snake names) is true; empty for the other kind.
    pub any_of: Vec<String>,
    /// The time this many minutes after the answer was received; 0 for the other kind.
    pub minutes_after_received: u64,
}

/// A class of the error table.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub struct ErrorClass {
    /// `AuthenticationError`
    pub name: String,
    /// The class it derives from; the base has none.
    #[serde(default)]
    pub parent: Option<String>,
    /// Status that raises it.
    #[serde(default)]
    pub status: Option<u16>,
    /// 5 for 500 to 599.
    #[serde(default)]
    pub status_class: Option<u16>,
    /// Second base class in Python.
    #[serde(default)]
    pub python_base: Option<String>,
    /// Meaning and way out.
    pub description: String,
    /// Fields of its own.
    #[serde(default)]
    pub fields: Vec<ErrorField>,
}

/// A field of an error.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub struct ErrorField {
    /// `request_id`
    pub name: String,
    /// `text`, `integer`, `number`, `json` or `map`, with `?` when it may be missing.
    #[serde(rename = "type")]
    pub ty: String,
    /// What it holds.
    pub description: String,
}

/// `provider.toml`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderConfig {
    /// `paywint-platform`
    pub name: String,
    /// `Paywint Platform API`
    pub title: String,
    /// `PaywintPlatform`
    pub class: String,
    /// `paywint_platform`
    pub module: String,
    /// The provider's documentation.
    pub homepage: String,
    /// One sentence.
    pub summary: String,
    /// Where the host comes from.
    pub base_url: BaseUrl,
    /// Published hosts, in the file's order.
    #[serde(default)]
    pub environments: toml::Table,
    /// What a client needs.
    pub credentials: Vec<Credential>,
    /// How requests are authenticated.
    pub auth: Auth,
    /// How answers are wrapped.
    #[serde(default)]
    pub envelope: Option<Envelope>,
    /// How pages are asked for.
    #[serde(default)]
    pub paging: Option<Paging>,
    /// How deliveries are wrapped; without it the document's `webhooks` are left out.
    #[serde(default)]
    pub webhooks: Option<Delivery>,
}

/// Field names of a delivery.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    /// Name of the event.
    pub event: String,
    /// Identifier of the event, the same for every delivery of it.
    pub id: String,
    /// What the event is about.
    pub data: String,
    /// When the event arose, in Unix seconds.
    #[serde(default)]
    pub time: Option<String>,
}

/// Where the host comes from.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct BaseUrl {
    /// Environment variable.
    pub env: String,
    /// Environment used when none is named.
    #[serde(default)]
    pub default_environment: Option<String>,
}

/// One credential.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Credential {
    /// `secret_key`
    pub name: String,
    /// Environment variable.
    pub env: String,
    /// Whether it must never be shown.
    pub secret: bool,
    /// What it is.
    pub description: String,
}

/// The authentication scheme; which fields are needed depends on `scheme`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, tag = "scheme", rename_all = "kebab-case")]
pub enum Auth {
    /// An HMAC over parts of the request.
    #[serde(rename = "hmac-sha256")]
    Hmac {
        /// Credential that is the key.
        key: String,
        /// What is signed.
        canonical: Vec<CanonicalPart>,
        /// Text between the parts.
        #[serde(default)]
        separator: String,
        /// `hex` or `base64`.
        encoding: String,
        /// `hash` or `omit`.
        empty_body: String,
        /// Headers to send.
        headers: toml::Table,
    },
    /// Fixed headers.
    Headers {
        /// Headers to send.
        headers: toml::Table,
    },
    /// A bearer token.
    Bearer {
        /// Credential that is the token.
        token: String,
    },
    /// HTTP basic.
    Basic {
        /// Credential that is the user.
        user: String,
        /// Credential that is the password.
        password: String,
    },
    /// A query parameter.
    Query {
        /// Name of the parameter.
        parameter: String,
        /// Credential that is its value.
        token: String,
    },
}

/// A part of a canonical string.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(untagged)]
pub enum CanonicalPart {
    /// `method`, `path`, `query`, `body-hash`, `timestamp` or `nonce`.
    Named(String),
    /// Fixed text.
    Literal {
        /// The text.
        literal: String,
    },
}

/// Field names of the wrapping object.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Envelope {
    /// Boolean that tells success.
    pub success: String,
    /// Readable outcome.
    pub message: String,
    /// Payload of a single result.
    pub data: String,
    /// Payload of a list.
    pub records: String,
    /// Number of records over all pages.
    pub total: String,
}

/// Request fields of paged operations.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Paging {
    /// Field with the page number.
    pub page: String,
    /// Field with the page size.
    pub size: String,
    /// Page size when none is given.
    pub default_size: u32,
}
