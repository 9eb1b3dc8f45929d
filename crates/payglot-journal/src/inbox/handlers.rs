//! The inbox with typed events: handlers by the names of events, and the work that calls them.

use std::collections::HashMap;
use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_core::future::BoxFuture;
use payglot_runtime::webhooks::{Event, EventData, Headers, Secrets, parse_kept};
use tokio::task::JoinSet;

use super::claimed::Claimed;
use super::queue::{EventQueue, QueueOptions, Receipt};
use crate::error::JournalError;
use crate::event::{EventFilter, StoredEvent};
use crate::journal::Journal;

/// How long one look for events waits; it is made again at once.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long a worker rests whose store cannot be used.
const REST: Duration = Duration::from_secs(1);

type Handler<D> =
    Arc<dyn Fn(Event<D>) -> BoxFuture<'static, Result<(), &'static str>> + Send + Sync>;

/// Webhooks that are not lost: a delivery is stored before it is acknowledged, and handled at least once afterwards, one at a
/// time and in the order of their times for each object, by whatever process. `D` is the provider's `webhooks::Data`.
///
/// ```no_run
/// # async fn example<D: payglot_runtime::webhooks::EventData + Send + 'static>(
/// #     body: &[u8], headers: Vec<(String, String)>,
/// # ) -> Result<(), Box<dyn std::error::Error>> {
/// # use payglot_journal::{Inbox, Journal};
/// let journal = Journal::open("payments.db")?;
/// let inbox = Inbox::<D>::new(&journal, "whsec_…")?.on("payment.success", |event| async move {
///     println!("{}", event.id);
///     Ok::<(), std::io::Error>(())
/// })?;
/// let status = inbox.receive(body, headers).await.status; // in the handler of the HTTP request
/// inbox.work(4, std::future::pending()).await;            // in a task, or in another process
/// # Ok(()) }
/// ```
pub struct Inbox<D> {
    queue: EventQueue,
    handlers: HashMap<String, Handler<D>>,
    /// For events without a handler of their own.
    others: Option<Handler<D>>,
}

impl<D: EventData + Send + 'static> Inbox<D> {
    /// An inbox with the defaults of [`QueueOptions`], in the store of a journal. `secret` may be several.
    ///
    /// # Errors
    ///
    /// An empty secret.
    pub fn new(journal: &Journal, secret: &(impl Secrets + ?Sized)) -> Result<Self, JournalError> {
        Self::with_options(journal, secret, QueueOptions::default())
    }

    /// An inbox that is set otherwise.
    ///
    /// # Errors
    ///
    /// An empty secret, or an option that cannot be.
    pub fn with_options(
        journal: &Journal,
        secret: &(impl Secrets + ?Sized),
        options: QueueOptions,
    ) -> Result<Self, JournalError> {
        let queue = EventQueue::new(journal, D::WEBHOOKS, secret, options)?;
        Ok(Self { queue, handlers: HashMap::new(), others: None })
    }

    /// Handles events of a name. Several may be handled at once, but of one object one at a time; a handler may see an event
    /// again, where a process died before it was written that it was handled.
    ///
    /// # Errors
    ///
    /// A name that the document does not have.
    pub fn on<F, Handling, E>(mut self, event: &str, handler: F) -> Result<Self, JournalError>
    where
        F: Fn(Event<D>) -> Handling + Send + Sync + 'static,
        Handling: Future<Output = Result<(), E>> + Send + 'static,
    {
        if !D::WEBHOOKS.events.iter().any(|known| known.name == event) {
            let names: Vec<_> = D::WEBHOOKS.events.iter().map(|known| known.name).collect();
            let problem = format!("must be one of {}", names.join(", "));
            return Err(JournalError::invalid("event", problem));
        }
        self.handlers.insert(event.to_owned(), erased(handler));
        Ok(self)
    }

    /// Handles all events that have no handler of their own, also those that this version does not know. Without it they wait
    /// in the store until some worker has a handler for them.
    #[must_use]
    pub fn on_others<F, Handling, E>(mut self, handler: F) -> Self
    where
        F: Fn(Event<D>) -> Handling + Send + Sync + 'static,
        Handling: Future<Output = Result<(), E>> + Send + 'static,
    {
        self.others = Some(erased(handler));
        self
    }

    /// Checks a delivery and stores it: respond with the receipt's `status`.
    ///
    /// `body` is the raw bytes of the request: JSON that was read and written again has another signature.
    pub fn receive(&self, body: &[u8], headers: impl Headers) -> BoxFuture<'static, Receipt> {
        self.queue.receive(body, headers)
    }

    /// Handles events, up to `at_once` of them at a time, until `stop` is ready; those that are being handled then are handled to
    /// their end. A store that cannot be used is tried again. Needs tokio.
    pub async fn work(&self, at_once: usize, stop: impl Future<Output = ()>) {
        let names = self.names();
        let mut stop = pin!(stop);
        let mut running = JoinSet::new();
        let at_once = at_once.max(1);
        let claim = async |free: usize| {
            let at_most = u32::try_from(free).unwrap_or(u32::MAX);
            let claimed = self.queue.claim(names.as_deref(), at_most, PATIENCE).await;
            if let Err(error) = &claimed {
                tracing::error!(target: "payglot", error = %error, "events cannot be taken; they are tried again");
                tokio::time::sleep(REST).await;
            }
            claimed.unwrap_or_default()
        };
        'work: loop {
            while running.len() >= at_once {
                tokio::select! {
                    () = &mut stop => break 'work,
                    _ = running.join_next() => {}
                }
            }
            let mut claiming = pin!(claim(at_once - running.len()));
            let claimed = loop {
                tokio::select! {
                    biased;
                    () = &mut stop => break 'work,
                    claimed = &mut claiming => break claimed,
                    Some(_) = running.join_next() => {}
                }
            };
            for claimed in claimed {
                self.start(&mut running, claimed);
            }
        }
        while running.join_next().await.is_some() {}
    }

    /// Handles all events that are due now, one after the other, and gives how many that were: for jobs that run now and then,
    /// and for tests.
    ///
    /// # Errors
    ///
    /// The store cannot be used.
    pub async fn work_off(&self) -> Result<usize, JournalError> {
        let names = self.names();
        let mut count = 0;
        loop {
            let claimed = self.queue.claim(names.as_deref(), 1, Duration::ZERO).await?;
            if claimed.is_empty() {
                return Ok(count);
            }
            count += claimed.len();
            let mut running = JoinSet::new();
            for claimed in claimed {
                self.start(&mut running, claimed);
            }
            while running.join_next().await.is_some() {}
        }
    }

    /// In a task of its own: what panics is tried again, and stops no other.
    fn start(&self, running: &mut JoinSet<()>, claimed: Claimed) {
        let event = claimed.event();
        let handler = self.handlers.get(&event.event).or(self.others.as_ref()).cloned();
        running.spawn(async move {
            let Some(handler) = handler else { return claimed.release().await };
            let Ok(event) = parse_kept::<D>(&claimed.event().body) else {
                return claimed.failed("ResponseFormat").await;
            };
            match handler(event).await {
                Ok(()) => claimed.done().await,
                Err(error) => claimed.failed(error).await,
            }
        });
    }

    /// The names that have a handler; `None` where one is for all.
    fn names(&self) -> Option<Vec<String>> {
        self.others.is_none().then(|| self.handlers.keys().cloned().collect())
    }

    /// The events that were given up after too many attempts.
    ///
    /// # Errors
    ///
    /// The store cannot be used.
    pub async fn dead(&self) -> Result<Vec<StoredEvent>, JournalError> {
        self.queue.dead().await
    }

    /// The events of a filter, in the order of their times.
    ///
    /// # Errors
    ///
    /// The store cannot be used.
    pub async fn list(&self, filter: EventFilter) -> Result<Vec<StoredEvent>, JournalError> {
        self.queue.list(filter).await
    }

    /// Has a dead event handled again.
    ///
    /// # Errors
    ///
    /// It is not dead, or the store cannot be used.
    pub async fn retry(&self, id: &str) -> Result<StoredEvent, JournalError> {
        self.queue.retry(id).await
    }

    /// The same without types.
    pub fn queue(&self) -> &EventQueue {
        &self.queue
    }
}

/// A handler whose error is the name of its type: its text may hold what nobody may see.
fn erased<D, F, Handling, E>(handler: F) -> Handler<D>
where
    D: 'static,
    F: Fn(Event<D>) -> Handling + Send + Sync + 'static,
    Handling: Future<Output = Result<(), E>> + Send + 'static,
{
    Arc::new(move |event| {
        let handling = handler(event);
        Box::pin(async move { handling.await.map_err(|_| std::any::type_name::<E>()) })
    })
}

/// Shows no secret.
impl<D> fmt::Debug for Inbox<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inbox").field("queue", &self.queue).finish_non_exhaustive()
    }
}
