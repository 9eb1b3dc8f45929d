//! What JavaScript asks for: JSON from `lib/`, checked by the runtime before anything is sent.

use std::borrow::Cow;
use std::time::Duration;

use payglot::runtime::client::{CallOptions, Core};
use payglot::runtime::json::{File, FloatMoney, Value};
use payglot::runtime::paging::Walk;
use payglot::runtime::request::{PreparedRequest, prepare};
use payglot::schema::{Operation, Paging, PagingFields, Replay};
use payglot_bindings::{BindingError, InvalidRequest, RawRequest};
use serde::Deserialize;
use serde_json::value::RawValue;

/// A checked call of an operation.
pub struct Checked {
    /// The request.
    pub request: PreparedRequest,
    /// What the call overrides.
    pub options: CallOptions,
    /// The page, for paged operations.
    pub page: Option<Walk>,
}

/// What JavaScript wrote is not what this crate reads: `lib/` let something through.
fn not_understood() -> InvalidRequest {
    InvalidRequest::new("arguments", "are not understood")
}

/// A call of an operation, as written by `lib/input.cjs`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RequestJson<'a> {
    #[serde(borrow)]
    path: Vec<Cow<'a, str>>,
    #[serde(borrow)]
    params: Option<&'a RawValue>,
    options: Option<Options>,
    #[serde(borrow, default)]
    files: Vec<FileJson<'a>>,
}

/// What `lib/files.cjs` says of a file; its contents come beside it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct FileJson<'a> {
    #[serde(borrow)]
    field: Cow<'a, str>,
    is_list: bool,
    name: Option<String>,
    content_type: Option<String>,
}

/// A call outside the document.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRequestJson<'a> {
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
    #[serde(default)]
    extra_query: Vec<(String, String)>,
    idempotency_key: Option<String>,
    raise_on_failed: Option<bool>,
    intent: Option<String>,
}

impl From<Options> for CallOptions {
    fn from(options: Options) -> Self {
        Self {
            timeout: options.timeout.map(milliseconds),
            max_retries: options.max_retries,
            headers: options.headers,
            extra_query: options.extra_query,
            idempotency_key: options.idempotency_key,
            raise_on_failed: options.raise_on_failed,
            fate: None,
            intent: options.intent,
            budget: None,
        }
    }
}

/// Checks a call. `walk` is the page to ask for instead of the one in the parameters, as [`response`](crate::response) wrote
/// it; empty leaves it to them.
pub fn check(
    core: &Core,
    operation: &'static Operation,
    (text, files): (&str, Vec<Vec<u8>>),
    walk: &str,
) -> Result<Checked, BindingError> {
    let request: RequestJson<'_> = serde_json::from_str(text).map_err(|_| not_understood())?;
    let mut params = match request.params.map(|params| Value::from_json(params.get())) {
        None => Vec::new(),
        Some(Some(Value::Object(fields))) => fields,
        Some(_) => return Err(not_understood().into()),
    };
    for (described, contents) in request.files.into_iter().zip(files) {
        add_file(&mut params, described, contents);
    }
    let page = match (operation.paging, core.provider().paging.as_ref()) {
        (Paging::Followed(_), _) => Some(followed(operation, &params, walk)?),
        (Paging::Paged, Some(paging)) => Some(page(operation, paging, &mut params, walk)?),
        _ => None,
    };
    if let Some(page) = &page {
        page.ask(operation, &mut params);
    }
    let options = request.options.map(CallOptions::from).unwrap_or_default();
    let request = prepare(operation, &request.path, &params, FloatMoney::TwoDigits)?;
    Ok(Checked { request, options, page })
}

/// Puts a file among the parameters.
fn add_file<'a>(
    params: &mut Vec<(Cow<'a, str>, Value<'a>)>,
    described: FileJson<'a>,
    contents: Vec<u8>,
) {
    let mut file = File::bytes(contents);
    if let Some(name) = described.name {
        file = file.name(name);
    }
    if let Some(content_type) = described.content_type {
        file = file.content_type(content_type);
    }
    let file = Value::File(Box::new(file));
    if !described.is_list {
        params.push((described.field, file));
        return;
    }
    match params.last_mut() {
        Some((name, Value::List(files))) if *name == described.field => files.push(file),
        _ => params.push((described.field, Value::List(vec![file]))),
    }
}

/// The page of an operation whose pages say what follows them.
fn followed(
    operation: &Operation,
    params: &[(Cow<'_, str>, Value<'_>)],
    walk: &str,
) -> Result<Walk, InvalidRequest> {
    match walk {
        "" => Walk::of_fields(operation, None, params).ok_or_else(not_understood),
        walk => serde_json::from_str(walk).map_err(|_| not_understood()),
    }
}

/// Puts page and size among the parameters: those of the walk, or where they are not given.
fn page(
    operation: &Operation,
    paging: &PagingFields,
    params: &mut Vec<(Cow<'_, str>, Value<'_>)>,
    walk: &str,
) -> Result<Walk, InvalidRequest> {
    let following = match walk {
        "" => None,
        walk => Some(serde_json::from_str::<Walk>(walk).map_err(|_| not_understood())?),
    };
    if following.is_some() {
        params.retain(|(name, _)| name != paging.page && name != paging.size);
    }
    // What is not a number is an error of the check that follows.
    let page = following
        .or_else(|| Walk::of_fields(operation, Some(paging), params))
        .ok_or_else(not_understood)?;
    for (name, number) in [(paging.page, page.number), (paging.size, page.size)] {
        if !params.iter().any(|(known, _)| known == name) {
            params.push((name.into(), Value::Integer(number.to_string().into())));
        }
    }
    Ok(page)
}

/// Reads a call outside the document.
pub fn raw_request(text: &str) -> Result<(RawRequest, CallOptions), InvalidRequest> {
    let request: RawRequestJson<'_> = serde_json::from_str(text).map_err(|_| not_understood())?;
    let RawRequestJson { method, path, query, json, replay, options } = request;
    let replay = Replay::from_name(&replay).ok_or_else(not_understood)?;
    let body = json.map(|json| json.get().to_owned());
    let options = options.map(CallOptions::from).unwrap_or_default();
    Ok((RawRequest { method, path, query, body, replay }, options))
}

/// A time in milliseconds; one beyond the longest duration is the longest duration.
pub fn milliseconds(time: f64) -> Duration {
    Duration::try_from_secs_f64(time / 1000.0).unwrap_or(Duration::MAX)
}
