//! What JavaScript asks for: JSON from `lib/`, checked by the core before anything is sent.

use std::borrow::Cow;

use payglot::runtime::client::{CallOptions, Core};
use payglot::runtime::json::{FloatMoney, Value};
use payglot::runtime::request::{PreparedRequest, prepare};
use payglot::schema::{Operation, Paging, Replay};
use payglot::{Error, ErrorKind};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::client::milliseconds;

/// The page that a paged call asks for.
#[derive(Debug, Clone, Copy)]
pub struct PageAsked {
    /// Number of the page, from 1.
    pub number: u64,
    /// Records per page.
    pub size: u64,
}

/// A checked call of an operation.
pub struct Checked {
    /// The request.
    pub args: PreparedRequest,
    /// What the call overrides.
    pub options: CallOptions,
    /// The page, for paged operations.
    pub page: Option<PageAsked>,
}

/// Why a call is not sent.
pub enum Refused {
    /// The core said so.
    Core(Error),
    /// The text from JavaScript is not understood.
    Text(ErrorKind, &'static str),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Core(error)
    }
}

const NOT_UNDERSTOOD: Refused =
    Refused::Text(ErrorKind::InvalidRequest, "the arguments are not understood");

/// A call of an operation, as written by `lib/input.cjs`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request<'a> {
    #[serde(borrow)]
    path: Vec<Cow<'a, str>>,
    #[serde(borrow)]
    params: Option<&'a RawValue>,
    options: Option<Options>,
}

/// A call outside the document.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OtherRequest<'a> {
    method: String,
    path: String,
    query: Vec<(String, String)>,
    #[serde(borrow)]
    json: Option<&'a RawValue>,
    replay: String,
    options: Option<Options>,
}

/// What a call overrides.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Options {
    timeout: Option<f64>,
    max_retries: Option<u32>,
    #[serde(default)]
    headers: Vec<(String, String)>,
    idempotency_key: Option<String>,
}

impl From<Options> for CallOptions {
    fn from(options: Options) -> Self {
        Self {
            timeout: options.timeout.map(milliseconds),
            max_retries: options.max_retries,
            headers: options.headers,
            idempotency_key: options.idempotency_key,
        }
    }
}

/// Checks a call. `page` is the page to ask for instead of the one in the parameters; 0 leaves it to them.
pub fn check(
    core: &Core,
    operation: &'static Operation,
    text: &str,
    page: u32,
) -> Result<Checked, Refused> {
    let request: Request<'_> = serde_json::from_str(text).map_err(|_| NOT_UNDERSTOOD)?;
    let mut params = match request.params.map(|params| Value::from_json(params.get())) {
        None => Vec::new(),
        Some(Some(Value::Object(fields))) => fields,
        Some(_) => return Err(NOT_UNDERSTOOD),
    };
    let page = (operation.paging == Paging::Paged)
        .then(|| ask_for_page(core, &mut params, page))
        .flatten();
    let args = prepare(operation, &request.path, &params, FloatMoney::TwoDigits)?;
    Ok(Checked { args, options: request.options.map(CallOptions::from).unwrap_or_default(), page })
}

/// Puts page and size among the parameters, where they are not given.
fn ask_for_page(
    core: &Core,
    params: &mut Vec<(Cow<'_, str>, Value<'_>)>,
    page: u32,
) -> Option<PageAsked> {
    let fields = core.provider().paging.as_ref()?;
    if page > 0 {
        params.retain(|(name, _)| name != fields.page);
        params.push((fields.page.into(), Value::Integer(page.to_string().into())));
    }
    let mut given = |name: &'static str, default: u64| {
        match params.iter().find(|(known, _)| known == name) {
            // What is not a number is refused by the check that follows.
            Some((_, Value::Integer(digits))) => digits.parse().unwrap_or(default),
            Some(_) => default,
            None => {
                params.push((name.into(), Value::Integer(default.to_string().into())));
                default
            }
        }
    };
    Some(PageAsked {
        number: given(fields.page, 1),
        size: given(fields.size, u64::from(fields.default_size)),
    })
}

/// A checked call outside the document.
pub struct CheckedOther {
    /// HTTP method.
    pub method: String,
    /// Path, from the base URL on.
    pub path: String,
    /// Query parameters.
    pub query: Vec<(String, String)>,
    /// Body as JSON text.
    pub body: Option<String>,
    /// Whether it may be sent again.
    pub replay: Replay,
    /// What the call overrides.
    pub options: CallOptions,
}

/// Reads a call outside the document.
pub fn check_other(text: &str) -> Result<CheckedOther, Refused> {
    let request: OtherRequest<'_> = serde_json::from_str(text).map_err(|_| NOT_UNDERSTOOD)?;
    let replay = match request.replay.as_str() {
        "read" => Replay::Read,
        "idempotent" => Replay::Idempotent,
        "keyed" => Replay::Keyed,
        "create" => Replay::Create,
        "money" => Replay::Money,
        _ => return Err(NOT_UNDERSTOOD),
    };
    Ok(CheckedOther {
        method: request.method,
        path: request.path,
        query: request.query,
        body: request.json.map(|json| json.get().to_owned()),
        replay,
        options: request.options.map(CallOptions::from).unwrap_or_default(),
    })
}
