//! Operations and their groups.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Balance, Field, FollowStyle, Lookup, ParameterStyle, Returns, Type};
use crate::diagnostic::step;

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
#[derive(Debug, Clone, Serialize)]
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
    /// Its HTTP method.
    pub http_method: HttpMethod,
    /// Path template.
    pub path: String,
    /// When it may be sent again.
    pub replay: Replay,
    /// Whether it returns records, and by pages.
    pub paging: Paging,
    /// How each page says what follows it, where they do.
    pub follow: Option<Follow>,
    /// What wraps the payload.
    pub wrap: Wrap,
    /// Path parameters, in the order of the path: positional arguments.
    pub path_params: Vec<Field>,
    /// Parameters of the query, of headers and of cookies, by name: the order on the wire.
    pub query: Vec<Field>,
    /// Name of the body's model.
    pub body: Option<String>,
    /// Fields of the body's model, beside `query` the keyword arguments.
    pub body_fields: Vec<Field>,
    /// `query` and `body_fields` without those that choose the page: what a paged call asks of its caller.
    pub params: Vec<Field>,
    /// How the body is written.
    pub content: Content,
    /// Where it is served.
    pub server: Server,
    /// How it is authenticated.
    pub security: Security,
    /// Whether the body takes fields that the document does not name.
    pub body_open: bool,
    /// The payload; the type of one record where there are several.
    pub response: Type,
    /// The form that its call asks for, and what each success has.
    pub returns: Returns,
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
    /// How a program looks up what became of it, where there is a way.
    pub lookup: Option<Lookup>,
    /// The text field of the body that can carry a reference of the caller's, on the wire.
    pub tag: Option<String>,
    /// The field of the body that says how much money it moves, in US dollars or cents, on the wire.
    pub amount: Option<String>,
    /// The field of the path or the body that says to whom, on the wire.
    pub payee: Option<String>,
    /// Whether every success has its payload, `x-payglot-certain`.
    pub certain: bool,
    /// How to read what there is to pay from, where an operation tells.
    pub balance: Option<Balance>,
    /// Whether it returns a record whose status may say that what was asked for was not done. False for reads.
    pub can_fail: bool,
}

impl Operation {
    /// Where the document has it, as a JSONPath.
    pub fn location(&self) -> String {
        format!("$.paths{}.{}", step(&self.path), self.http_method.key())
    }
}

/// An HTTP method that an operation can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum HttpMethod {
    /// `GET`
    Get,
    /// `PUT`
    Put,
    /// `POST`
    Post,
    /// `DELETE`
    Delete,
    /// `PATCH`
    Patch,
    /// `HEAD`
    Head,
    /// `OPTIONS`
    Options,
}

impl HttpMethod {
    /// The method of a path item's key; none where the key is something else.
    pub fn from_key(key: &str) -> Option<Self> {
        Some(match key {
            "get" => Self::Get,
            "put" => Self::Put,
            "post" => Self::Post,
            "delete" => Self::Delete,
            "patch" => Self::Patch,
            "head" => Self::Head,
            "options" => Self::Options,
            _ => return None,
        })
    }

    /// As it is on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Put => "PUT",
            Self::Post => "POST",
            Self::Delete => "DELETE",
            Self::Patch => "PATCH",
            Self::Head => "HEAD",
            Self::Options => "OPTIONS",
        }
    }

    /// As a document writes it.
    pub fn key(self) -> String {
        self.as_str().to_lowercase()
    }
}

impl fmt::Display for HttpMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How a body is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Content {
    /// Its media type.
    pub media_type: String,
    /// What the bytes are made of.
    pub form: BodyForm,
}

impl Content {
    /// JSON as everybody calls it.
    pub fn json() -> Self {
        Self { media_type: "application/json".into(), form: BodyForm::Object }
    }
}

/// What the bytes of a body are made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum BodyForm {
    /// A JSON object with the model's fields.
    Object,
    /// The JSON value of the model's one field.
    Value,
    /// The model's fields as pairs; the styles of fields that are not written as usual.
    Form(Vec<(String, ParameterStyle)>),
    /// The model's fields as parts, of which some are files; what the document says of parts.
    Multipart(Vec<PartEncoding>),
    /// The bytes of the model's one field, which is a file.
    Bytes,
}

/// What a document says of a part of a body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PartEncoding {
    /// The name of the field.
    pub name: String,
    /// Its content type.
    pub content_type: Option<String>,
    /// Headers that are always the same.
    pub headers: Vec<(String, String)>,
}

/// Where an operation is served.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Server {
    /// At the base URL.
    Base,
    /// At another path of its host.
    Path(String),
    /// At another host.
    Host(String),
}

/// How an operation is authenticated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Security {
    /// As the provider asks for.
    Provider,
    /// By one of these combinations of schemes, each by its position; by nothing where there is none.
    AnyOf(Vec<Vec<usize>>),
}

/// When an operation may be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Replay {
    /// It changes nothing.
    Read,
    /// Twice is the same as once.
    Idempotent,
    /// The vendor recognizes repetitions by an `Idempotency-Key`.
    Keyed,
    /// It creates something.
    Create,
    /// It moves money.
    Money,
}

impl Replay {
    /// The class of this name in an overlay.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "read" => Self::Read,
            "idempotent" => Self::Idempotent,
            "keyed" => Self::Keyed,
            "create" => Self::Create,
            "money" => Self::Money,
            _ => return None,
        })
    }

    /// Its name in an overlay.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Idempotent => "idempotent",
            Self::Keyed => "keyed",
            Self::Create => "create",
            Self::Money => "money",
        }
    }

    /// Whether a call that may have arrived is never sent again.
    pub fn is_sent_once(self) -> bool {
        matches!(self, Self::Create | Self::Money)
    }
}

/// Whether an operation returns records, and by pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Paging {
    /// One payload.
    None,
    /// All records at once.
    List,
    /// Records page by page.
    Paged,
    /// Records page by page, where each page says what follows it: [`Operation::follow`].
    Followed,
}

impl Paging {
    /// Whether records come page by page.
    pub fn is_paged(self) -> bool {
        matches!(self, Self::Paged | Self::Followed)
    }

    /// Its name in the parity tests.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::List => "list",
            Self::Paged | Self::Followed => "paged",
        }
    }
}

/// How each page of a list says what follows it. Where there are several steps, one leads into the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Follow {
    /// What the next page is asked for by.
    pub style: FollowStyle,
    /// The argument that asks for it.
    pub argument: Vec<String>,
    /// Number of the first page of all.
    pub first: u64,
    /// The argument with the number of records per page.
    pub size: Vec<String>,
    /// Where the records are.
    pub records: Vec<String>,
    /// Where the number of records over all pages is.
    pub total: Vec<String>,
    /// Where the number of pages is.
    pub pages: Vec<String>,
    /// Where it says whether another page follows.
    pub has_more: Vec<String>,
    /// Where the next cursor or URL is.
    pub next: Vec<String>,
    /// Where the last record has the next cursor.
    pub last: Vec<String>,
}

/// What wraps the payload of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Wrap {
    /// Nothing.
    Bare,
    /// The envelope's field for a single result.
    Data,
    /// The envelope's field for records.
    Records,
    /// A field with the records: [`Follow::records`].
    At,
}
