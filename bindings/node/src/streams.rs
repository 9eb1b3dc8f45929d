//! Responses that are read while they come: server-sent events, and files.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use payglot::runtime::client::{CallFate, CallOptions, Core};
use payglot::runtime::json::{RawJson, write_name, write_text};
use payglot::runtime::response::event_data;
use payglot::schema::Operation;
use payglot_bindings::{BindingError, ErrorFields, EventSource};

use crate::{request, response, transcode};

/// A call that is read while it comes, or a step of it.
pub enum Streamed {
    /// Makes the call, whose events are asked for one by one.
    Open { events: EventSource, request: WithFiles },
    /// Waits for the next event.
    Next { events: EventSource },
    /// Makes the call, and writes its response to a file.
    File { operation: &'static Operation, request: WithFiles, path: PathBuf },
}

/// A request as JSON, and the contents of the files that it describes.
pub type WithFiles = (String, Vec<Vec<u8>>);

impl Streamed {
    /// The operation that it is of.
    pub fn operation(&self) -> &'static Operation {
        match self {
            Self::Open { events, .. } | Self::Next { events } => events.operation(),
            Self::File { operation, .. } => operation,
        }
    }

    /// Does it. Both results are JSON.
    pub async fn run(self, core: &Core, fate: Option<CallFate>) -> Result<String, String> {
        let operation = self.operation();
        let checked = |(request, files): WithFiles| {
            let checked = request::check(core, operation, (&request, files), "");
            let checked =
                checked.map_err(|error: BindingError| error.fields(operation.name).to_json())?;
            Ok::<_, String>((checked.request, CallOptions { fate, ..checked.options }))
        };
        let is_head = matches!(self, Self::Open { .. });
        let response = match self {
            Self::Open { events, request } => {
                let (request, options) = checked(request)?;
                events.open(core, &request, &options).await
            }
            Self::Next { events } => events.next().await,
            Self::File { request, path, .. } => {
                let (request, options) = checked(request)?;
                let response = core.download(operation, &request, &options, &path).await;
                return response
                    .map(|count| count.text().to_owned())
                    .map_err(|error| to_json(&error));
            }
        };
        let response = response.map_err(|error| to_json(&error))?;
        Ok(match response.payload() {
            Some(event) => self::event(operation, event),
            None if is_head => response::whole(&response, "null"),
            None => "null".to_owned(),
        })
    }
}

fn to_json(error: &payglot::Error) -> String {
    ErrorFields::from(error).to_json()
}

/// An event as `lib/events.cjs` reads it.
fn event(operation: &'static Operation, event: RawJson<'_>) -> String {
    let mut out = String::from("{");
    for name in ["event", "id", "retry"] {
        write_name(&mut out, name);
        out.push_str(event.get(name).map_or("null", RawJson::json));
    }
    let text = event.get("data").and_then(RawJson::as_text).unwrap_or_default();
    write_name(&mut out, "text");
    write_text(&mut out, &text);
    write_name(&mut out, "data");
    let document = event_data(&text, operation);
    match document.as_ref().and_then(|document| Some((document, RawJson::root(document)?))) {
        Some((document, value)) => {
            transcode::write(&mut out, document.text(), value, operation.response);
        }
        None => write_text(&mut out, &text),
    }
    out.push('}');
    out
}

/// The streams of one environment by their numbers, which JavaScript gives.
#[derive(Default)]
pub struct Streams(Mutex<HashMap<u32, EventSource>>);

impl Streams {
    /// Remembers a stream.
    pub fn add(&self, stream: u32, events: EventSource) {
        self.all().insert(stream, events);
    }

    /// A stream that is not closed.
    pub fn get(&self, stream: u32) -> Option<EventSource> {
        self.all().get(&stream).cloned()
    }

    /// Closes a stream.
    pub fn close(&self, stream: u32) {
        let events = self.all().remove(&stream);
        if let Some(events) = events {
            events.close();
        }
    }

    fn all(&self) -> MutexGuard<'_, HashMap<u32, EventSource>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
