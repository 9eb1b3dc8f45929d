//! What a receiver of webhooks and a worker ask, without types of events.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_core::future::BoxFuture;
use jiff::Timestamp;
use payglot_runtime::Error;
use payglot_runtime::schema::Webhooks;
use payglot_runtime::webhooks::{Headers, KeptDelivery, OwnedSecrets, Scheme, Secrets, verify};
use tokio::sync::{Notify, oneshot};

use super::claimed::Claimed;
use super::steps::{self, Claim, Patience};
use crate::error::JournalError;
use crate::event::{EventFilter, EventKey, EventState, StoredEvent};
use crate::intent::Owner;
use crate::journal::{Journal, closed};
use crate::worker::Task;

/// How long a worker that waits does not look what other processes have stored.
const GLANCE: Duration = Duration::from_millis(500);

/// How an inbox is set. The defaults are for a vendor that delivers within minutes.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct QueueOptions {
    /// Which of several accounts at the provider the deliveries are for, such as a platform's id; empty unless set. Inboxes of
    /// different accounts share a store and see nothing of each other.
    pub account: String,
    /// How deliveries are signed.
    pub scheme: Scheme,
    /// Fields of an event's data that are stored although the document does not know them.
    pub keep: Vec<String>,
    /// Attempts until an event is dead; 10 unless set. A process that dies while it handles an event has used one.
    pub max_attempts: u32,
    /// The pause after the first attempt; a second unless set. It doubles with each, to at most ten minutes.
    pub backoff: Duration,
    /// How long an event stays with a worker of which nothing is heard; a minute unless set. It is prolonged while the worker lives.
    pub lease: Duration,
}

impl Default for QueueOptions {
    fn default() -> Self {
        Self {
            account: String::new(),
            scheme: Scheme::default(),
            keep: Vec::new(),
            max_attempts: 10,
            backoff: Duration::from_secs(1),
            lease: Duration::from_secs(60),
        }
    }
}

/// What became of a delivery.
#[derive(Debug)]
#[non_exhaustive]
pub struct Receipt {
    /// The HTTP status to respond with: 200 where the event is stored durably, now or before; 401 where the signature does not
    /// hold; 400 where the delivery is no event; 503 where the store cannot be used, so that the vendor delivers again.
    pub status: u16,
    /// Whether it came for the first time.
    pub is_new: bool,
    /// Why it was not stored.
    pub error: Option<ReceiveError>,
}

/// Why a delivery was not stored.
#[derive(Debug)]
pub enum ReceiveError {
    /// It is not genuine, or no event.
    Delivery(Error),
    /// The store cannot be used.
    Store(JournalError),
}

impl fmt::Display for ReceiveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Delivery(error) => error.fmt(f),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ReceiveError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Delivery(error) => error.source(),
            Self::Store(error) => error.source(),
        }
    }
}

/// Stores what a provider delivers, and gives it to workers. Clones are the same queue.
#[derive(Clone)]
pub struct EventQueue {
    pub(super) journal: Journal,
    webhooks: &'static Webhooks,
    secrets: OwnedSecrets,
    options: Arc<QueueOptions>,
    /// Told when an event may be due.
    changed: Arc<Notify>,
}

impl EventQueue {
    /// A queue of a provider's events, in the store of a journal. Nothing is read or written yet.
    ///
    /// # Errors
    ///
    /// An empty secret, an account that is no key, no attempts or no lease.
    pub fn new(
        journal: &Journal,
        webhooks: &'static Webhooks,
        secret: &(impl Secrets + ?Sized),
        options: QueueOptions,
    ) -> Result<Self, JournalError> {
        let account = &options.account;
        if account.chars().count() > 255 || account.chars().any(char::is_control) {
            return Err(JournalError::invalid(
                "account",
                "must be at most 255 printable characters",
            ));
        }
        if options.max_attempts == 0 {
            return Err(JournalError::invalid("max_attempts", "must be 1 or more"));
        }
        if options.lease < Duration::from_secs(1) {
            return Err(JournalError::invalid("lease", "must be a second or more"));
        }
        Ok(Self {
            journal: journal.clone(),
            webhooks,
            secrets: OwnedSecrets::new(secret).map_err(|_| {
                let problem = "is empty: pass the one that the vendor's dashboard shows";
                JournalError::invalid("secret", problem)
            })?,
            options: Arc::new(options),
            changed: Arc::default(),
        })
    }

    /// The provider's events.
    pub fn webhooks(&self) -> &'static Webhooks {
        self.webhooks
    }

    /// Which account the deliveries are for.
    pub fn account(&self) -> &str {
        &self.options.account
    }

    /// Checks a delivery and stores it. When the status is 200 a crash does not lose it.
    ///
    /// `body` is the raw bytes of the request, and `headers` are the request's.
    pub fn receive(&self, body: &[u8], headers: impl Headers) -> BoxFuture<'static, Receipt> {
        let checked = self.check(body, headers);
        let queue = self.clone();
        Box::pin(async move {
            let (status, error) = match checked {
                Err((status, error)) => (status, ReceiveError::Delivery(error)),
                Ok(kept) => match queue.store(kept).await {
                    Ok(is_new) => return Receipt { status: 200, is_new, error: None },
                    Err(error) => (503, ReceiveError::Store(error)),
                },
            };
            tracing::warn!(target: "payglot", status, error = %error, "a delivery was not stored");
            Receipt { status, is_new: false, error: Some(error) }
        })
    }

    fn check(&self, body: &[u8], headers: impl Headers) -> Result<KeptDelivery, (u16, Error)> {
        verify(body, &headers, &self.secrets, &self.options.scheme)
            .map_err(|error| (401, error))?;
        KeptDelivery::read(body, headers, self.webhooks, &self.options.keep)
            .map_err(|error| (400, error))
    }

    pub(super) async fn store(&self, kept: KeptDelivery) -> Result<bool, JournalError> {
        let KeptDelivery { event, id, object, occurred_at, step, body, .. } = kept;
        let twin = object.as_ref().map(|(_, object)| self.key(caught_up_id(&event, object)));
        let object = match object {
            Some((kind, object)) => format!("{kind} {object}"),
            None => format!("event {id}"),
        };
        let unset = Timestamp::UNIX_EPOCH;
        let event = StoredEvent {
            key: self.key(id),
            event,
            object,
            // Without a time of its own it arises when it is stored.
            occurred_at: occurred_at.unwrap_or(Timestamp::MAX),
            step,
            received_at: unset,
            state: EventState::Waiting,
            attempts: 0,
            next_at: unset,
            last_error: None,
            body,
            updated_at: unset,
            owner: Owner::default(),
        };
        let ask = self.journal.ask(move |table| steps::store(table, &event, twin.as_ref()));
        let is_new = ask.await?;
        if is_new {
            self.changed.notify_waiters();
        }
        Ok(is_new)
    }

    /// Takes up to `at_most` events to handle, of these names or of all; waits at most `patience` until there is one. Of each
    /// object one at a time is given, to one worker of all processes, in the order of their times.
    pub async fn claim(
        &self,
        names: Option<&[String]>,
        at_most: u32,
        patience: Duration,
    ) -> Result<Vec<Claimed>, JournalError> {
        let start = Instant::now();
        loop {
            let changed = self.changed.notified();
            let claimed = self.claim_now(names, at_most).await?;
            let left = patience.saturating_sub(start.elapsed());
            if !claimed.is_empty() || left.is_zero() {
                return Ok(claimed);
            }
            // What other processes store is seen at the next look.
            let _ = tokio::time::timeout(left.min(GLANCE), changed).await;
        }
    }

    async fn claim_now(
        &self,
        names: Option<&[String]>,
        at_most: u32,
    ) -> Result<Vec<Claimed>, JournalError> {
        let QueueOptions { account, lease, max_attempts, backoff, .. } = &*self.options;
        let patience = Patience { max_attempts: *max_attempts, backoff: *backoff };
        let slot = self.journal.0.clone();
        let claim = Claim {
            provider: self.webhooks.provider.to_owned(),
            account: account.clone(),
            names: names.map(<[String]>::to_vec),
            at_most,
            token: uuid::Uuid::new_v4().to_string(),
            process: slot.worker()?.process.clone(),
            lease: *lease,
            patience,
        };
        let (sender, receiver) = oneshot::channel();
        let (lease, changed) = (*lease, self.changed.clone());
        let hold = slot.clone();
        let undone = claim.clone();
        let reply = move |result: Result<Vec<StoredEvent>, JournalError>| {
            // Where the connection broke, nobody knows whether it was written.
            let is_lost = result.as_ref().is_err_and(|error| error.is_lost);
            let unheard = sender.send(result).is_err();
            (is_lost || unheard)
                .then(|| Task::job(None, move |table| steps::undo(table, &undone), |_| None))
        };
        slot.run(Task::job(None, move |table| steps::claim(table, &claim), reply));
        let events = receiver.await.map_err(|_| closed())??;
        let hold = |event| Claimed::new(event, hold.clone(), lease, patience, changed.clone());
        Ok(events.into_iter().map(hold).collect())
    }

    /// The events that were given up after too many attempts.
    pub async fn dead(&self) -> Result<Vec<StoredEvent>, JournalError> {
        self.list(EventFilter { state: Some(EventState::Dead), ..EventFilter::default() }).await
    }

    /// The events of a filter, in the order of their times; provider and account are the inbox's own.
    pub async fn list(&self, filter: EventFilter) -> Result<Vec<StoredEvent>, JournalError> {
        let provider = Some(self.webhooks.provider.to_owned());
        let account = Some(self.options.account.clone());
        self.journal.events(EventFilter { provider, account, ..filter }).await
    }

    /// The event of an identifier; `None` where it was never stored.
    pub async fn get(&self, id: &str) -> Result<Option<StoredEvent>, JournalError> {
        let filter = EventFilter { id: Some(id.to_owned()), ..EventFilter::default() };
        Ok(self.list(filter).await?.pop())
    }

    /// Has a dead event handled again, with as many attempts as a new one. It is stale, and not handled, where a later event of its
    /// object was handled meanwhile.
    pub async fn retry(&self, id: &str) -> Result<StoredEvent, JournalError> {
        let event = self.journal.retry_event(&self.key(id.to_owned())).await?;
        self.changed.notify_waiters();
        Ok(event)
    }

    fn key(&self, id: String) -> EventKey {
        let provider = self.webhooks.provider.to_owned();
        EventKey { provider, account: self.options.account.clone(), id }
    }
}

/// Shows no secret.
impl fmt::Debug for EventQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventQueue")
            .field("provider", &self.webhooks.provider)
            .finish_non_exhaustive()
    }
}

impl Journal {
    /// The events that inboxes have stored here, in the order of their times.
    pub async fn events(&self, filter: EventFilter) -> Result<Vec<StoredEvent>, JournalError> {
        self.ask(move |table| table.list_events(&filter)).await
    }

    /// Has a dead event handled again: see [`EventQueue::retry`].
    pub async fn retry_event(&self, key: &EventKey) -> Result<StoredEvent, JournalError> {
        let key = key.clone();
        self.ask(move |table| steps::retry(table, &key)).await
    }
}

/// The identifier of an event that was never delivered, and that a list has shown.
pub fn caught_up_id(event: &str, object: &str) -> String {
    format!("catch-up {event} {object}")
}
