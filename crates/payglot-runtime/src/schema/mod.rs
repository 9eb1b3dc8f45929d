//! The static description of a provider: what the generator knows, as data.
//!
//! One generated table per provider fills these types. Requests are checked and written by it, responses are
//! read by it, and everything that must treat providers alike (the language bindings, the command line, the
//! sandbox) walks it instead of knowing operations by name.

mod paging;
mod returns;

pub use paging::{Follow, FollowStyle, Path};
pub use returns::{ResponseForm, Returns, Success, SuccessBody};

/// One API: its operations, models, hosts and how calls are authenticated.
#[derive(Debug)]
pub struct Provider {
    /// Name as in the `openapi/` folder, for example `paywint-platform`.
    pub name: &'static str,
    /// Name for people, for example `Paywint Platform API`.
    pub title: &'static str,
    /// Every operation, in the order of the document; [`Operation::index`] is the position here.
    pub operations: &'static [&'static Operation],
    /// Every model that a request or a response uses; [`Schema::index`] is the position here.
    pub schemas: &'static [&'static Schema],
    /// Published hosts.
    pub environments: &'static [Environment],
    /// Environment used when none is named; `None` where a base URL is required.
    pub default_environment: Option<&'static str>,
    /// Environment variable that may hold the base URL.
    pub base_url_env: &'static str,
    /// Path of a base URL that is given without one, as `/v1`; empty where there is none.
    pub base_path: &'static str,
    /// What the client must be given to authenticate.
    pub credentials: &'static [Credential],
    /// How a request is authenticated.
    pub auth: Auth,
    /// How responses are wrapped; `None` where they are bare.
    pub envelope: Option<Envelope>,
    /// How paged operations take their page; `None` where nothing is paged.
    pub paging: Option<PagingFields>,
    /// Name of the operation that pays the rows of a batch where nothing else is said, such as `payments.create`; `None` where
    /// each batch has to say so.
    pub batch: Option<&'static str>,
    /// What it delivers; `None` where it delivers nothing that is known.
    pub webhooks: Option<&'static Webhooks>,
}

impl Provider {
    /// The operation of a name, such as `payments.create`.
    pub fn operation(&self, name: &str) -> Option<&'static Operation> {
        self.operations.iter().find(|known| known.name == name).copied()
    }
}

/// The events that a provider delivers, and how deliveries are wrapped.
#[derive(Debug)]
pub struct Webhooks {
    /// Name of the provider.
    pub provider: &'static str,
    /// What has the name of the event; `None` where there is one event alone.
    pub event: Option<DeliveryField>,
    /// What has the identifier of the event; the SHA-256 of the body stands for it where it is `None`.
    pub id: Option<DeliveryField>,
    /// The field with what the event is about, through the objects that it is in; empty where it is the whole body.
    pub data: &'static [&'static str],
    /// What has the time of the event, where a delivery has one.
    pub time: Option<DeliveryField>,
    /// Whether the time is a text such as `2026-01-31T09:30:00Z`. Otherwise it is Unix seconds, or milliseconds.
    pub time_is_text: bool,
    /// Every known event, in the order of the document.
    pub events: &'static [WebhookEvent],
}

/// What of a delivery has a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryField {
    /// A field of the body, through the objects that it is in.
    Body(&'static [&'static str]),
    /// A header.
    Header(&'static str),
}

impl DeliveryField {
    /// The path of a field of the body.
    pub fn path(self) -> Option<&'static [&'static str]> {
        match self {
            Self::Body(path) => Some(path),
            Self::Header(_) => None,
        }
    }

    /// The name of a header.
    pub fn header(self) -> Option<&'static str> {
        match self {
            Self::Header(name) => Some(name),
            Self::Body(_) => None,
        }
    }
}

impl Webhooks {
    /// The headers that a delivery is read with, beside those of its signature.
    pub fn headers(&self) -> impl Iterator<Item = &'static str> {
        [self.event, self.id, self.time].into_iter().flatten().filter_map(DeliveryField::header)
    }

    /// Whether name, identifier, time and data are fields of the body beside each other. An event in JavaScript is then the body.
    pub fn is_flat(&self) -> bool {
        let is_field = |field: DeliveryField| field.path().is_some_and(|path| path.len() == 1);
        self.data.len() == 1
            && self.event.is_some_and(is_field)
            && self.id.is_some_and(is_field)
            && self.time.is_none_or(is_field)
    }
}

/// A known event.
#[derive(Debug)]
pub struct WebhookEvent {
    /// Position in [`Webhooks::events`].
    pub index: usize,
    /// Name on the wire, for example `payment.success`.
    pub name: &'static str,
    /// What it tells, in a sentence.
    pub summary: &'static str,
    /// What it is about.
    pub data: Type,
    /// Which object it tells something of, where the document says.
    pub object: Option<&'static EventObject>,
    /// Data from the document's examples, as JSON text.
    pub sample: &'static str,
    /// Upstream page.
    pub docs: &'static str,
    /// What upstream does not confirm; empty when all of it is documented.
    pub unconfirmed: &'static str,
}

/// The object that an event tells something of: events of one kind and identifier are of one object.
#[derive(Debug)]
pub struct EventObject {
    /// What it is, such as `payment`.
    pub kind: &'static str,
    /// Field of the event's data that identifies it.
    pub id: &'static str,
    /// Field of the event's data with the time of the event; that of the delivery where it is `None`.
    pub time: Option<&'static str>,
    /// Where the event stands among events of the same time: a later step is a later event.
    pub step: u32,
    /// The operation that reads the object by its identifier.
    pub read: Option<&'static Operation>,
    /// The operation that lists such objects.
    pub list: Option<&'static Operation>,
    /// Fields of a record of those operations, and the JSON that says that the event has happened.
    pub shown: &'static [(&'static str, &'static str)],
}

/// A published host.
#[derive(Debug)]
pub struct Environment {
    /// Name a user passes, for example `sandbox`.
    pub name: &'static str,
    /// Base URL without a trailing slash.
    pub url: &'static str,
}

/// One value of the credentials.
#[derive(Debug)]
pub struct Credential {
    /// Name of the constructor argument, for example `secret_key`.
    pub name: &'static str,
    /// Environment variable that is read when the argument is not given.
    pub env: &'static str,
    /// Whether the value must never be shown.
    pub secret: bool,
    /// Whether a client can do without: some operation asks for none, or takes another instead.
    pub optional: bool,
}

/// How a client gets its tokens.
#[derive(Debug)]
pub struct ClientCredentials {
    /// URL that gives tokens, or its path on the host of the base URL.
    pub token_url: &'static str,
    /// Credential that is the client's id.
    pub client_id: &'static str,
    /// Credential that is the client's secret.
    pub client_secret: &'static str,
    /// What the token is for, in words with spaces between them; nothing where the vendor decides.
    pub scope: &'static str,
    /// Whether id and secret are fields of the form, instead of `Authorization: Basic`.
    pub in_body: bool,
}

/// How a request is authenticated.
#[derive(Debug, Clone, Copy)]
pub enum Auth {
    /// Not at all.
    None,
    /// An HMAC-SHA256 over parts of the request.
    Hmac(&'static HmacScheme),
    /// Fixed headers; values are templates such as `{api_key}`.
    Headers(&'static [(&'static str, &'static str)]),
    /// `Authorization: Bearer` with the named credential.
    Bearer(&'static str),
    /// `Authorization: Basic` with the two named credentials.
    Basic(&'static str, &'static str),
    /// A query parameter (first) that holds the named credential (second).
    Query(&'static str, &'static str),
    /// `Authorization: Bearer` with a token that the client fetches and renews (OAuth 2.0, RFC 6749 section 4.4).
    ClientCredentials(&'static ClientCredentials),
    /// Several schemes, of which each operation says what it takes.
    Schemes(&'static Schemes),
}

/// Schemes of which each operation says what it takes. None of them is `Schemes` again.
#[derive(Debug)]
pub struct Schemes {
    /// The schemes.
    pub schemes: &'static [Auth],
    /// What a call outside the document takes.
    pub default: Alternatives,
}

/// Combinations of schemes, by position in [`Schemes::schemes`]. The first goes out for which the client has all
/// credentials; nothing does where there is no combination.
pub type Alternatives = &'static [&'static [usize]];

/// What an operation says of its authentication.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Security {
    /// Nothing of its own: it takes what the provider asks for.
    #[default]
    Provider,
    /// One of these.
    AnyOf(Alternatives),
}

/// An HMAC-SHA256 signature as data.
#[derive(Debug)]
pub struct HmacScheme {
    /// Credential that is the key.
    pub key: &'static str,
    /// What is signed, in order.
    pub canonical: &'static [Part],
    /// Text between the parts.
    pub separator: &'static str,
    /// How the signature is written.
    pub encoding: Encoding,
    /// What an empty body contributes, unless the client says otherwise.
    pub empty_body: EmptyBody,
    /// Headers to send; values are templates over credentials, `{signature}`, `{timestamp}` and `{nonce}`.
    pub headers: &'static [(&'static str, &'static str)],
}

/// One part of a canonical string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The upper-case method.
    Method,
    /// The path as on the wire.
    Path,
    /// The query as on the wire with its `?`, or nothing.
    Query,
    /// Lower-case hex SHA-256 of the body bytes.
    BodyHash,
    /// Unix seconds.
    Timestamp,
    /// A value used once.
    Nonce,
    /// Fixed text.
    Literal(&'static str),
}

/// How a signature is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Lower-case hexadecimal.
    Hex,
    /// Standard base64 with padding.
    Base64,
}

impl Encoding {
    /// The value for its name, `hex` or `base64`.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "hex" => Some(Self::Hex),
            "base64" => Some(Self::Base64),
            _ => None,
        }
    }
}

/// What an empty body contributes to a signature.
///
/// Where a vendor does not say, the SHA-256 of nothing is the default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EmptyBody {
    /// The SHA-256 of no bytes.
    #[default]
    Hash,
    /// Nothing at all.
    Omit,
}

impl EmptyBody {
    /// The value for its name, `hash` or `omit`.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "hash" => Some(Self::Hash),
            "omit" => Some(Self::Omit),
            _ => None,
        }
    }
}

/// Field names of the wrapping object of a response.
#[derive(Debug)]
pub struct Envelope {
    /// Boolean that tells success.
    pub success: &'static str,
    /// Readable outcome.
    pub message: &'static str,
    /// Payload of a single result.
    pub data: &'static str,
    /// Payload of a list.
    pub records: &'static str,
    /// Number of records over all pages.
    pub total: &'static str,
}

/// Request fields of paged operations.
#[derive(Debug)]
pub struct PagingFields {
    /// Field with the page number, from 1.
    pub page: &'static str,
    /// Field with the number of records per page.
    pub size: &'static str,
    /// Page size when the caller gives none.
    pub default_size: u32,
}

/// Whether a call may be sent again; decides every retry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replay {
    /// Changes nothing.
    Read,
    /// Doing it twice has the effect of doing it once.
    Idempotent,
    /// Safe to repeat because an `Idempotency-Key` goes with it.
    Keyed,
    /// Makes something; twice makes two.
    Create,
    /// Moves money; twice moves it twice.
    Money,
}

impl Replay {
    /// The class for its name, such as `money`.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "read" => Some(Self::Read),
            "idempotent" => Some(Self::Idempotent),
            "keyed" => Some(Self::Keyed),
            "create" => Some(Self::Create),
            "money" => Some(Self::Money),
            _ => None,
        }
    }

    /// Whether an attempt that may have arrived can be repeated.
    pub const fn is_repeatable(self) -> bool {
        matches!(self, Self::Read | Self::Idempotent | Self::Keyed)
    }
}

/// How an operation returns many records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paging {
    /// It does not.
    None,
    /// All at once.
    List,
    /// Page by page, as [`Provider::paging`] says.
    Paged,
    /// Page by page, where each page says what follows it.
    Followed(&'static Follow),
}

impl Paging {
    /// Whether records come page by page.
    pub const fn is_paged(self) -> bool {
        matches!(self, Self::Paged | Self::Followed(_))
    }
}

/// What the response's body holds around the payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrap {
    /// The body is the payload.
    Bare,
    /// The payload is in [`Envelope::data`].
    Data,
    /// The payload is in [`Envelope::records`].
    Records,
    /// The payload is a list within the body.
    At(Path),
}

/// One operation.
#[derive(Debug)]
pub struct Operation {
    /// Position in [`Provider::operations`].
    pub index: usize,
    /// Public name, `resource.method`, for example `cards.create_update_link`.
    pub name: &'static str,
    /// Upper-case HTTP method.
    pub method: &'static str,
    /// Path template, for example `/api/cards/{cardId}`.
    pub path: &'static str,
    /// Whether it may be sent again.
    pub replay: Replay,
    /// How it returns many records.
    pub paging: Paging,
    /// Path parameters, in the order of the call's positional arguments.
    pub path_params: &'static [Field],
    /// Parameters beside the path, in the order on the wire: of the query, of headers, of cookies.
    pub query: &'static [Field],
    /// Model of the body.
    pub body: Option<&'static Schema>,
    /// How the body is written.
    pub content: Content,
    /// Where it is served.
    pub server: Server,
    /// How it is authenticated.
    pub security: Security,
    /// What surrounds the payload.
    pub wrap: Wrap,
    /// The payload: one record's type for lists.
    pub response: Type,
    /// The form that its call asks for, and what each success has.
    pub returns: Returns,
    /// What the call does, in a sentence.
    pub summary: &'static str,
    /// Upstream page.
    pub docs: &'static str,
    /// What upstream does not confirm; empty when all of it is documented.
    pub unconfirmed: &'static str,
    /// What to look up after an unknown outcome; empty for repeatable calls.
    pub reconcile: &'static str,
    /// How a program looks up what became of a call, where there is a way.
    pub lookup: Option<&'static Lookup>,
    /// The text field of the body that can carry a reference of the caller's.
    pub tag: Option<&'static str>,
    /// The field of the body that says how much money it moves, in US dollars or cents.
    pub amount: Option<&'static str>,
    /// The field of the path or the body that says to whom.
    pub payee: Option<&'static str>,
    /// Whether every success has its payload.
    pub certain: bool,
    /// How to read what there is to pay from, where an operation tells.
    pub balance: Option<&'static Balance>,
}

/// How to read what there is to pay a call from. All names are those on the wire.
#[derive(Debug)]
pub struct Balance {
    /// Reads it.
    pub operation: &'static Operation,
    /// Arguments of that operation, and the fields of the call that they are taken from.
    pub arguments: &'static [(&'static str, &'static str)],
    /// The field of the response that says how much there is, in US dollars or cents.
    pub available: &'static str,
    /// Fields of the call, and the text that they must have; with another, it is paid from elsewhere.
    pub required: &'static [(&'static str, &'static str)],
}

/// How to look up whether a call was carried out. All names are those on the wire.
#[derive(Debug)]
pub struct Lookup {
    /// Lists or reads what the call would have made.
    pub operation: &'static Operation,
    /// Arguments of that operation, and the fields of the call that they are taken from.
    pub arguments: &'static [(&'static str, &'static str)],
    /// Arguments of that operation that whoever looks up gives, and what each is, in words.
    pub asked: &'static [(&'static str, &'static str)],
    /// Fields of a record, and the fields of the call that they must equal.
    pub matched: &'static [(&'static str, &'static str)],
    /// Fields of a record, and the value that they must have, as JSON.
    pub required: &'static [(&'static str, &'static str)],
    /// The field of a record that says at which moment it was made.
    pub created_at: Option<&'static str>,
    /// The field of a record that says on which day it was made, where it says no more.
    pub created_on: Option<&'static str>,
    /// The field of the call's response that identifies what was made.
    pub id: Option<&'static str>,
    /// Fields of the call's response, and the fields of a record that hold the same.
    pub record: &'static [(&'static str, &'static str)],
    /// Seconds that the vendor needs until a look-up counts.
    pub settles_after: u32,
    /// Whether the one record that matches proves that the call was carried out; else it may be there for another reason.
    pub presence_proves: bool,
    /// Whether finding nothing proves that the call was not carried out.
    pub absence_proves: bool,
}

impl Operation {
    /// The payload of a success.
    pub fn response_under(&self, status: u16) -> Type {
        match self.returns.body(status) {
            Some(SuccessBody::Own(ty)) => ty,
            _ => self.response,
        }
    }

    /// What an operation has where its table says nothing else.
    pub const DEFAULTS: Self = Self {
        index: 0,
        name: "",
        method: "GET",
        path: "/",
        replay: Replay::Money,
        paging: Paging::None,
        path_params: &[],
        query: &[],
        body: None,
        content: Content::JSON,
        server: Server::Base,
        security: Security::Provider,
        wrap: Wrap::Bare,
        response: Type::Any,
        returns: Returns::JSON,
        summary: "",
        docs: "",
        unconfirmed: "",
        reconcile: "",
        lookup: None,
        tag: None,
        amount: None,
        payee: None,
        certain: false,
        balance: None,
    };
}

/// How a body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Content {
    /// Its media type.
    pub media_type: &'static str,
    /// What the bytes are made of.
    pub form: BodyForm,
}

impl Content {
    /// JSON as everybody calls it.
    pub const JSON: Self = Self { media_type: "application/json", form: BodyForm::Object };
}

/// What the bytes of a body are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyForm {
    /// A JSON object with the model's fields.
    Object,
    /// The JSON value of the model's one field: a list, a text.
    Value,
    /// The model's fields as pairs, as of a form on a page. Lists repeat their name unless said otherwise here.
    Form(&'static [(&'static str, ParameterStyle)]),
    /// The model's fields as parts, of which some are files; what the document says of parts.
    Multipart(&'static [PartEncoding]),
    /// The bytes of the model's one field, a file. The media type may be a range, or several.
    Bytes,
}

/// What the document says of a part of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartEncoding {
    /// The name of the field.
    pub name: &'static str,
    /// Its content type.
    pub content_type: Option<&'static str>,
    /// Headers that are always the same.
    pub headers: &'static [(&'static str, &'static str)],
}

/// Where an operation is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Server {
    /// At the base URL.
    Base,
    /// At this path of the base URL's host, instead of the base URL's own.
    Path(&'static str),
    /// At another published host; at its path of the base URL's host for a client that was given a base URL.
    Host(&'static str),
}

/// An object model.
#[derive(Debug)]
pub struct Schema {
    /// Position in [`Provider::schemas`].
    pub index: usize,
    /// Name as in the document.
    pub name: &'static str,
    /// Its fields, in the order of the document.
    pub fields: &'static [Field],
    /// Whether other fields are allowed in a request. Responses keep unknown fields always.
    pub open: bool,
    /// What its status says about what was asked for, where that is known.
    pub outcome: Option<Outcome>,
    /// The positions of the fields that every response has, one bit each.
    pub certain: u64,
}

/// What the status of a model says about what was asked for.
#[derive(Debug)]
pub struct Outcome {
    /// The field with the status, on the wire.
    pub field: &'static str,
    /// Texts that say that it was not done, and will not be.
    pub failed: &'static [&'static str],
}

/// A field of a model, or a parameter.
#[derive(Debug)]
pub struct Field {
    /// Name on the wire.
    pub wire: &'static str,
    /// Name in Rust and Python (`snake_case`).
    pub name: &'static str,
    /// Other spellings that are read.
    pub aliases: &'static [&'static str],
    /// What it holds.
    pub ty: Type,
    /// Whether a request must have it.
    pub required: bool,
    /// Whether null is allowed in a request.
    pub nullable: bool,
    /// Whether its value must never be shown.
    pub sensitive: bool,
    /// Whether the vendor alone sets it, so that no request has it.
    pub read_only: bool,
    /// Whether the caller alone sets it, so that no response has it.
    pub write_only: bool,
    /// Limits checked before sending.
    pub limits: Limits,
    /// Where a parameter goes, and how it is written; says nothing of other fields.
    pub style: ParameterStyle,
}

/// Where a parameter beside the path goes, and how it is written where it has several values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ParameterStyle {
    /// `ids=a&ids=b`
    #[default]
    Repeated,
    /// `ids=a,b`
    Comma,
    /// `ids=a%20b`
    Space,
    /// `ids=a%7Cb`
    Pipe,
    /// `filter[name]=a&filter[kind]=b`
    DeepObject,
    /// The fields of an object under their own names: `name=a&kind=b`.
    Fields,
    /// `filter={"name":"a"}`, encoded.
    Json,
    /// A header, `a,b`.
    Header,
    /// A cookie.
    Cookie,
}

impl ParameterStyle {
    /// What stands between the values of a list, as text and in a query; none where each has a parameter of its own.
    pub const fn delimiter(self) -> Option<(char, &'static str)> {
        match self {
            Self::Repeated
            | Self::DeepObject
            | Self::Fields
            | Self::Json
            | Self::Header
            | Self::Cookie => None,
            Self::Comma => Some((',', ",")),
            Self::Space => Some((' ', "%20")),
            Self::Pipe => Some(('|', "%7C")),
        }
    }

    /// Whether it is a part of the query.
    pub const fn is_query(self) -> bool {
        !matches!(self, Self::Header | Self::Cookie)
    }
}

impl Schema {
    /// Whether every response has the field at a position.
    pub const fn is_certain(&self, position: usize) -> bool {
        position < u64::BITS as usize && self.certain & (1 << position) != 0
    }

    /// The position of the field that a response means by a name; looked for first from `expected` on, as responses
    /// come in the document's order nearly always, with some fields left out.
    pub fn position(&self, name: &str, expected: usize) -> Option<usize> {
        let ahead = self.fields.get(expected..).unwrap_or_default();
        ahead.iter().position(|field| field.wire == name).map(|skipped| expected + skipped).or_else(
            || {
                self.fields
                    .iter()
                    .position(|field| field.wire == name || field.aliases.contains(&name))
            },
        )
    }
}

impl Field {
    /// An optional field without limits.
    pub const fn new(wire: &'static str, name: &'static str, ty: Type) -> Self {
        Self {
            wire,
            name,
            aliases: &[],
            ty,
            required: false,
            nullable: false,
            sensitive: false,
            read_only: false,
            write_only: false,
            limits: Limits::NONE,
            style: ParameterStyle::Repeated,
        }
    }

    /// Reads these spellings too.
    #[must_use]
    pub const fn read_as(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    /// A request must have it.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// A request may say null.
    #[must_use]
    pub const fn nullable(mut self) -> Self {
        self.nullable = true;
        self
    }

    /// Its value is never shown.
    #[must_use]
    pub const fn sensitive(mut self) -> Self {
        self.sensitive = true;
        self
    }

    /// No request has it.
    #[must_use]
    pub const fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }

    /// No response has it.
    #[must_use]
    pub const fn write_only(mut self) -> Self {
        self.write_only = true;
        self
    }

    /// Its value is checked before sending.
    #[must_use]
    pub const fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// It goes out so.
    #[must_use]
    pub const fn style(mut self, style: ParameterStyle) -> Self {
        self.style = style;
        self
    }
}

/// Limits of a value, checked before sending. Numbers are kept as text to stay exact.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Fewest characters.
    pub min_length: Option<u32>,
    /// Most characters.
    pub max_length: Option<u32>,
    /// Smallest number, inclusive.
    pub minimum: Option<&'static str>,
    /// Largest number, inclusive.
    pub maximum: Option<&'static str>,
    /// What a number must be above.
    pub more_than: Option<&'static str>,
    /// Most digits after the decimal point.
    pub digits: Option<u8>,
    /// The field beside it that names the currency of an amount, on the wire: that says how many digits there are.
    pub currency: Option<&'static str>,
    /// Most items of a list.
    pub max_items: Option<u32>,
    /// The only integers taken; empty for any.
    pub one_of: &'static [i64],
}

impl Limits {
    /// No limits.
    pub const NONE: Self = Self {
        min_length: None,
        max_length: None,
        minimum: None,
        maximum: None,
        more_than: None,
        digits: None,
        currency: None,
        max_items: None,
        one_of: &[],
    };

    /// Sets the fewest characters.
    #[must_use]
    pub const fn min_length(mut self, value: u32) -> Self {
        self.min_length = Some(value);
        self
    }

    /// Sets the most characters.
    #[must_use]
    pub const fn max_length(mut self, value: u32) -> Self {
        self.max_length = Some(value);
        self
    }

    /// Sets the smallest number.
    #[must_use]
    pub const fn minimum(mut self, value: &'static str) -> Self {
        self.minimum = Some(value);
        self
    }

    /// Sets the largest number.
    #[must_use]
    pub const fn maximum(mut self, value: &'static str) -> Self {
        self.maximum = Some(value);
        self
    }

    /// Sets what a number must be above.
    #[must_use]
    pub const fn more_than(mut self, value: &'static str) -> Self {
        self.more_than = Some(value);
        self
    }

    /// Sets the most digits after the decimal point.
    #[must_use]
    pub const fn digits(mut self, value: u8) -> Self {
        self.digits = Some(value);
        self
    }

    /// Sets the field that names the currency.
    #[must_use]
    pub const fn currency(mut self, value: &'static str) -> Self {
        self.currency = Some(value);
        self
    }

    /// Sets the most items.
    #[must_use]
    pub const fn max_items(mut self, value: u32) -> Self {
        self.max_items = Some(value);
        self
    }

    /// Sets the only integers taken.
    #[must_use]
    pub const fn one_of(mut self, value: &'static [i64]) -> Self {
        self.one_of = value;
        self
    }
}

/// What a value is.
#[derive(Debug, Clone, Copy)]
pub enum Type {
    /// Text.
    Text,
    /// A UUID: checked in requests, an opaque string in responses.
    Uuid,
    /// An RFC 3339 date and time.
    DateTime,
    /// A date, `YYYY-MM-DD`.
    Date,
    /// True or false.
    Boolean,
    /// A whole number.
    Integer,
    /// A number that is not money.
    Number,
    /// An exact amount of money.
    Money(Unit),
    /// One of several texts; others are kept in responses.
    Enum(&'static Enum),
    /// An object with a model.
    Object(&'static Schema),
    /// A list.
    List(&'static Type),
    /// An object with any names and values of one type.
    Map(&'static Type),
    /// One of several types.
    Union(&'static Union),
    /// A file, in a request.
    File,
    /// Any JSON.
    Any,
}

/// Several types, of which a value is one.
#[derive(Debug)]
pub struct Union {
    /// Name as in the document.
    pub name: &'static str,
    /// The types. Where a value fits several alike, the first of them.
    pub members: &'static [Type],
    /// What values of each type may be; empty where none has limits.
    pub limits: &'static [Limits],
    /// The field of objects that says of which type they are.
    pub discriminator: Option<Discriminator>,
}

/// The field of an object that says of which type the object is.
#[derive(Debug)]
pub struct Discriminator {
    /// Its name on the wire.
    pub field: &'static str,
    /// Its texts, and the positions in [`Union::members`] that they mean.
    pub values: &'static [(&'static str, usize)],
    /// The position for other texts: what all of the members have in common.
    pub other: Option<usize>,
}

impl Discriminator {
    /// The position that a text means.
    pub fn position(&self, text: &str) -> Option<usize> {
        self.values.iter().find(|(known, _)| *known == text).map(|(_, position)| *position)
    }
}

impl Union {
    /// The types, each with the limits of its values.
    pub fn limited(&self) -> impl Iterator<Item = (Type, &'static Limits)> {
        let limits = self.limits.iter().chain(std::iter::repeat(&Limits::NONE));
        self.members.iter().copied().zip(limits)
    }

    /// Whether a name of an object's field means the discriminator.
    pub fn is_discriminator(&self, name: &str) -> bool {
        let Some(discriminator) = &self.discriminator else { return false };
        let is_meant = |field: &Field| field.wire == discriminator.field && field.name == name;
        discriminator.field == name
            || self.members.iter().any(|member| match member {
                Type::Object(schema) => schema.fields.iter().any(is_meant),
                _ => false,
            })
    }
}

impl Type {
    /// What it is, for messages.
    pub const fn describe(&self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Uuid => "a UUID",
            Self::DateTime => "a date and time with a zone",
            Self::Date => "a date",
            Self::Boolean => "a boolean",
            Self::Integer => "a whole number",
            Self::Number => "a number",
            Self::Money(_) => "an amount",
            Self::Enum(_) => "one of the known texts",
            Self::Object(_) | Self::Map(_) => "an object",
            Self::List(_) => "a list",
            Self::Union(_) => "one of several types",
            Self::File => "a file",
            Self::Any => "JSON",
        }
    }
}

/// Unit of an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// US dollars with decimals, `150.75`.
    Dollars,
    /// Hundredths of a dollar.
    Cents,
    /// The currency named beside it.
    Currency,
}

/// A set of known texts.
#[derive(Debug)]
pub struct Enum {
    /// Name as in the document.
    pub name: &'static str,
    /// The values known when the client was generated.
    pub values: &'static [&'static str],
}
