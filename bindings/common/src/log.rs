//! Log records for the loggers of other languages: the runtime's `tracing` events as names and values.
//!
//! Calls that are logged run in the scope of a `tracing` subscriber; other calls have none, and tracing is off for them.
//! Only events of payglot itself are taken: it never traces bodies, queries, header values or signatures, while the
//! libraries below it might.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Instant, SystemTime};

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::span::{self, Attributes, Id};
use tracing::{Dispatch, Event, Level, Metadata, Subscriber};
use tracing_core::span::Current;
use tracing_core::subscriber::NoSubscriber;

/// Name of the span around a call.
const CALL: &str = "payglot.call";

thread_local! {
    /// Spans that are entered on this thread, innermost last.
    static ENTERED: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

/// One event.
#[derive(Debug, Clone)]
pub struct LogRecord {
    /// How much it matters.
    pub level: Level,
    /// What happened.
    pub message: String,
    /// Operation, status, attempt and the like.
    pub fields: Map<String, Value>,
    /// When it happened.
    pub at: SystemTime,
}

impl LogRecord {
    const ENDED: &str = "call ended";
    const STOPPED: &str = "call stopped";

    /// A call was cancelled by its caller.
    pub fn stopped(operation: &str) -> Self {
        let fields = Map::from_iter([("operation".to_owned(), operation.into())]);
        let message = Self::STOPPED.to_owned();
        Self { level: Level::DEBUG, message, fields, at: SystemTime::now() }
    }

    /// Whether it is the last record of its call.
    pub fn is_end(&self) -> bool {
        self.message == Self::ENDED || self.message == Self::STOPPED
    }
}

/// A subscriber that hands every record to `log`, on the thread that emits it.
pub fn subscribe(log: impl Fn(LogRecord) + Send + Sync + 'static) -> Dispatch {
    // While there is one subscriber alone, tracing takes it for that of all threads: an event that came first in a call
    // which is not logged would be off for ever. A second one, which takes nothing, makes it ask each time.
    static SECOND: OnceLock<Dispatch> = OnceLock::new();
    SECOND.get_or_init(|| Dispatch::new(NoSubscriber::default()));
    Dispatch::new(Log { log, spans: Mutex::default(), last: AtomicU64::new(0) })
}

struct Log<F> {
    log: F,
    spans: Mutex<HashMap<u64, Open>>,
    last: AtomicU64,
}

/// A span that has not been closed.
struct Open {
    metadata: &'static Metadata<'static>,
    references: usize,
    began: Instant,
    /// Its fields at the beginning, and those recorded since.
    first: Map<String, Value>,
    later: Map<String, Value>,
}

impl<F: Fn(LogRecord)> Log<F> {
    fn spans(&self) -> MutexGuard<'_, HashMap<u64, Open>> {
        self.spans.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, level: Level, message: &str, fields: Map<String, Value>) {
        (self.log)(LogRecord { level, message: message.to_owned(), fields, at: SystemTime::now() });
    }
}

impl<F: Fn(LogRecord) + Send + Sync + 'static> Subscriber for Log<F> {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "payglot"
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

    fn record(&self, span: &Id, values: &span::Record<'_>) {
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
            if let Some(index) = entered.iter().rposition(|id| *id == span.into_u64()) {
                entered.remove(index);
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
            self.write(*metadata.level(), LogRecord::ENDED, first);
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
