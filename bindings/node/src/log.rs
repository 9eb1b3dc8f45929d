//! Log lines for a client that was given a logger: what the core traces, as JSON.
//!
//! A client with a logger has a `tracing` subscriber of its own, in whose scope its calls run; without a
//! logger there is none, and tracing is off. Only what the core itself says is taken: it never traces bodies,
//! queries, header values or signatures, while the libraries below it might.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Dispatch, Event, Level, Metadata, Subscriber};
use tracing_core::span::Current;

use crate::queue::Queue;

/// Name of the span around a call.
const CALL: &str = "payglot.call";

thread_local! {
    /// Spans that are entered on this thread, innermost last.
    static ENTERED: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

/// A subscriber for the calls of a client whose logger has this number.
pub fn dispatch(logger: u32, queue: Queue) -> Dispatch {
    Dispatch::new(Log { logger, queue, spans: Mutex::default(), last: AtomicU64::new(0) })
}

struct Log {
    logger: u32,
    queue: Queue,
    spans: Mutex<HashMap<u64, Open>>,
    last: AtomicU64,
}

/// A span that has not been closed.
struct Open {
    metadata: &'static Metadata<'static>,
    references: usize,
    began: Instant,
    /// What it began with, and what was learnt since.
    first: Map<String, Value>,
    later: Map<String, Value>,
}

impl Log {
    fn spans(&self) -> MutexGuard<'_, HashMap<u64, Open>> {
        self.spans.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, level: Level, message: &str, fields: Map<String, Value>) {
        let level = level.as_str().to_ascii_lowercase();
        let line = Value::Array(vec![level.into(), message.into(), fields.into()]);
        self.queue.log(self.logger, line.to_string());
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let target = metadata.target();
        target.split("::").next().is_some_and(|name| matches!(name, "payglot" | "payglot_node"))
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let id = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        let open = Open {
            metadata: span.metadata(),
            references: 1,
            began: Instant::now(),
            first: fields(|visitor| span.record(visitor)),
            later: Map::new(),
        };
        self.spans().insert(id, open);
        Id::from_u64(id)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        if let Some(open) = self.spans().get_mut(&span.into_u64()) {
            open.later.append(&mut fields(|visitor| values.record(visitor)));
        }
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut own = fields(|visitor| event.record(visitor));
        let message = own.remove("message");
        let innermost = ENTERED.with_borrow(|entered| entered.last().copied());
        let span = innermost.and_then(|id| self.spans().get(&id).map(|open| open.first.clone()));
        let mut all = span.unwrap_or_default();
        all.append(&mut own);
        let message = message.as_ref().and_then(Value::as_str).unwrap_or_default();
        self.write(*event.metadata().level(), message, all);
    }

    fn enter(&self, span: &Id) {
        ENTERED.with_borrow_mut(|entered| entered.push(span.into_u64()));
    }

    fn exit(&self, span: &Id) {
        ENTERED.with_borrow_mut(|entered| {
            if let Some(place) = entered.iter().rposition(|id| *id == span.into_u64()) {
                entered.remove(place);
            }
        });
    }

    fn current_span(&self) -> Current {
        let innermost = ENTERED.with_borrow(|entered| entered.last().copied());
        let known = innermost.and_then(|id| self.spans().get(&id).map(|open| (id, open.metadata)));
        known.map_or_else(Current::none, |(id, metadata)| Current::new(Id::from_u64(id), metadata))
    }

    fn clone_span(&self, id: &Id) -> Id {
        if let Some(open) = self.spans().get_mut(&id.into_u64()) {
            open.references += 1;
        }
        id.clone()
    }

    fn try_close(&self, id: Id) -> bool {
        let mut spans = self.spans();
        let Some(open) = spans.get_mut(&id.into_u64()) else { return false };
        open.references = open.references.saturating_sub(1);
        if open.references > 0 {
            return false;
        }
        let closed = spans.remove(&id.into_u64());
        drop(spans);
        if let Some(Open { metadata, began, mut first, mut later, .. }) = closed
            && metadata.name() == CALL
        {
            first.append(&mut later);
            first.insert("duration_ms".to_owned(), (began.elapsed().as_secs_f64() * 1000.0).into());
            self.write(*metadata.level(), "call ended", first);
        }
        true
    }
}

/// The fields of a span or an event by name; those that are empty are left out.
fn fields(record: impl FnOnce(&mut dyn Visit)) -> Map<String, Value> {
    let mut fields = Fields(Map::new());
    record(&mut fields);
    fields.0
}

struct Fields(Map<String, Value>);

impl Fields {
    fn set(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.set(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.set(field, value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.set(field, format!("{value:?}"));
    }
}
