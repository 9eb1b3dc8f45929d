//! `provider.toml`: what a document cannot say about an API as a whole.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

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
    /// Published hosts by name, in the file's order.
    #[serde(default)]
    pub environments: IndexMap<String, Environment>,
    /// What a client needs.
    #[serde(default)]
    pub credentials: Vec<Credential>,
    /// How requests are authenticated.
    pub auth: Auth,
    /// How responses are wrapped.
    #[serde(default)]
    pub envelope: Option<Envelope>,
    /// How pages are asked for.
    #[serde(default)]
    pub paging: Option<PagingConfig>,
    /// What pays the rows of a batch; without it each batch says so.
    #[serde(default)]
    pub batch: Option<Batch>,
    /// How deliveries are wrapped; without it the document's `webhooks` are left out.
    #[serde(default)]
    pub webhooks: Option<super::delivery::Delivery>,
}

/// What pays the rows of a batch where nothing else is said.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    /// Name of an operation that pays or creates: `payments.create`
    pub operation: String,
}

/// A published host.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Environment {
    /// `https://api.example.com`
    pub url: String,
    /// What is special about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
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
    /// Path of a base URL that is given without one, where the document's server is relative: `/v1`.
    #[serde(default)]
    pub path: String,
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
    /// Whether some operation does not need it; the document says so.
    #[serde(skip_deserializing)]
    pub optional: bool,
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
        /// How the signature is written.
        encoding: Encoding,
        /// What an empty body adds to the signature.
        empty_body: EmptyBody,
        /// Headers to send.
        headers: IndexMap<String, String>,
    },
    /// Fixed headers.
    Headers {
        /// Headers to send.
        headers: IndexMap<String, String>,
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
    /// A bearer token that the client fetches and renews: OAuth 2.0, client credentials.
    ClientCredentials {
        /// URL that gives tokens, or its path on the host of the base URL.
        token_url: String,
        /// Credential that is the client's id.
        client_id: String,
        /// Credential that is the client's secret.
        client_secret: String,
        /// What the token is for, in words with spaces between them; what the vendor decides unless said otherwise.
        #[serde(default)]
        scope: String,
        /// Where id and secret are.
        #[serde(default)]
        client_authentication: ClientAuthentication,
    },
    /// Nothing.
    None,
    /// Schemes by the names that the document's `security` has for them.
    Schemes {
        /// One of the others each.
        schemes: IndexMap<String, Auth>,
    },
}

impl Auth {
    /// The credentials that it names. Templates name them in braces, beside what a signature puts there.
    pub fn credentials(&self) -> Box<dyn Iterator<Item = &str> + '_> {
        fn in_templates(headers: &IndexMap<String, String>) -> impl Iterator<Item = &str> {
            let braces = headers.values().flat_map(|template| template.split('{').skip(1));
            let names = braces.filter_map(|rest| Some(rest.split_once('}')?.0));
            names.filter(|name| !["signature", "timestamp", "nonce"].contains(name))
        }
        match self {
            Self::Hmac { key, headers, .. } => {
                Box::new(std::iter::once(key.as_str()).chain(in_templates(headers)))
            }
            Self::Headers { headers } => Box::new(in_templates(headers)),
            Self::Bearer { token } | Self::Query { token, .. } => {
                Box::new(std::iter::once(token.as_str()))
            }
            Self::Basic { user, password } => {
                Box::new([user.as_str(), password.as_str()].into_iter())
            }
            Self::ClientCredentials { client_id, client_secret, .. } => {
                Box::new([client_id.as_str(), client_secret.as_str()].into_iter())
            }
            Self::None => Box::new(std::iter::empty()),
            Self::Schemes { schemes } => Box::new(schemes.values().flat_map(Self::credentials)),
        }
    }

    /// The headers that it sets, but for the cookie.
    pub fn headers(&self) -> Box<dyn Iterator<Item = &str> + '_> {
        match self {
            Self::Hmac { headers, .. } | Self::Headers { headers } => {
                Box::new(headers.keys().map(String::as_str))
            }
            Self::Bearer { .. } | Self::Basic { .. } | Self::ClientCredentials { .. } => {
                Box::new(std::iter::once("Authorization"))
            }
            Self::Query { .. } | Self::None => Box::new(std::iter::empty()),
            Self::Schemes { schemes } => Box::new(schemes.values().flat_map(Self::headers)),
        }
    }
}

/// Where a request for a token has the client's id and secret.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ClientAuthentication {
    /// In `Authorization: Basic`, which every server takes that keeps to RFC 6749.
    #[default]
    Basic,
    /// In fields of the form.
    Body,
}

/// How a signature is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    /// Lower-case hexadecimal digits.
    Hex,
    /// Base64.
    Base64,
}

/// What an empty body adds to a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum EmptyBody {
    /// The hash of nothing.
    Hash,
    /// Nothing.
    Omit,
}

/// A part of a canonical string.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CanonicalPart {
    /// The HTTP method.
    Method,
    /// The path as it is on the wire.
    Path,
    /// The query with its `?`, or nothing.
    Query,
    /// The SHA-256 of the body.
    BodyHash,
    /// Unix seconds.
    Timestamp,
    /// A random text.
    Nonce,
    /// Fixed text.
    Literal(String),
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

impl ProviderConfig {
    /// Where the provider pages by the number and size of a page in every body: the two fields.
    pub fn page_fields(&self) -> Option<&PagingFields> {
        match &self.paging {
            Some(PagingConfig::Fields(fields)) => Some(fields),
            Some(PagingConfig::Follow(_)) | None => None,
        }
    }
}

/// `[paging]`: with a `style`, how each page says what follows it; without, the fields of a page's number and size.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum PagingConfig {
    /// Fields of bodies.
    Fields(PagingFields),
    /// What each page says.
    Follow(FollowConfig),
}

impl<'de> Deserialize<'de> for PagingConfig {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        let parsed = if value.get("style").is_some() {
            serde_json::from_value(value).map(Self::Follow)
        } else {
            serde_json::from_value(value).map(Self::Fields)
        };
        parsed.map_err(serde::de::Error::custom)
    }
}

/// How each page of a list says what follows it: `[paging]` with a `style`, or `x-payglot-paging` of an operation. Names of
/// arguments are those on the wire; what is within another is written with dots, `options.offset`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct FollowConfig {
    /// What the next page is asked for by.
    pub style: FollowStyle,
    /// The argument: a page's number, an offset or a cursor; none for links.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub argument: Option<String>,
    /// Number of the first page of all; 1 unless said otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<u64>,
    /// The argument with the number of records per page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<String>,
    /// Where a response has the records; the response itself unless said otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub records: Option<String>,
    /// Where a response has the number of records over all pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<String>,
    /// Where a response has the number of pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pages: Option<String>,
    /// Where a response says whether another page follows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has_more: Option<String>,
    /// Where a response has the next cursor or the URL of the next page; for links the header `Link` unless said otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// The field of the last record that is the next cursor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<String>,
}

/// What the next page is asked for by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FollowStyle {
    /// Its number.
    Page,
    /// How many records are before it.
    Offset,
    /// A text that the page before it has.
    Cursor,
    /// A URL that the page before it has.
    Link,
}

/// Request fields of paged operations.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PagingFields {
    /// Field with the page number.
    pub page: String,
    /// Field with the page size.
    pub size: String,
    /// Page size when none is given.
    pub default_size: u32,
}
