//! What `lib/inbox.cjs` asks of an inbox: deliveries in, claimed events out. It has checked what comes here.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use napi::bindgen_prelude::{Buffer, Either, Object};
use napi::{Env, Error, Result};
use napi_derive::napi;
use payglot::Response;
use payglot::runtime::client::CallOptions;
use payglot::runtime::json::escape_lone_surrogates;
use payglot::schema::Operation;
use payglot::webhooks::OwnedSecrets;
use payglot_bindings::{ErrorFields, InboxOptions, InboxRequest, InvalidRequest, catch_up};
use payglot_journal::{Claimed, EventQueue, StoredEvent};

use crate::client::Client;
use crate::journal::{JournalCore, promise};
use crate::runtime;
use crate::transcode;
use crate::webhooks::{no_events, scheme, webhooks_of};

/// The events of one provider in the store of a journal.
#[napi]
pub struct InboxCore(EventQueue);

/// An inbox, or an error as JSON. `settings` is a scheme and `options` are `InboxOptions`, both as JSON.
#[napi]
#[allow(clippy::needless_pass_by_value)] // owned is what crosses the border
pub fn inbox_of(
    journal: &JournalCore,
    provider: String,
    secrets: Vec<Buffer>,
    settings: String,
    options: String,
) -> Either<InboxCore, String> {
    let Some(webhooks) = webhooks_of(&provider) else { return Either::B(no_events()) };
    let secrets: Vec<&[u8]> = secrets.iter().map(AsRef::as_ref).collect();
    let secrets = match OwnedSecrets::new(&secrets) {
        Ok(secrets) => secrets,
        Err(error) => return Either::B(ErrorFields::from(&error).to_json()),
    };
    let queue = scheme(&settings).and_then(|scheme| {
        let options: InboxOptions = serde_json::from_str(&options)
            .map_err(|_| InvalidRequest::new("options", "are not understood"))?;
        options.queue(&journal.0, webhooks, &secrets, scheme)
    });
    match queue {
        Ok(queue) => Either::A(InboxCore(queue)),
        Err(invalid) => Either::B(invalid.fields("").to_json()),
    }
}

#[napi]
impl InboxCore {
    /// Resolves with the status to respond with, as `JournalCore.ask` resolves. `headers` are pairs as JSON.
    #[napi]
    #[allow(clippy::needless_pass_by_value)] // owned is what crosses the border
    pub fn receive<'env>(
        &self,
        env: &'env Env,
        body: &[u8],
        headers: String,
    ) -> Result<Object<'env>> {
        let headers: Vec<(String, String)> =
            serde_json::from_str(&escape_lone_surrogates(&headers)).unwrap_or_default();
        let receipt = self.0.receive(body, headers);
        promise(env, async move { Ok(receipt.await.status.to_string()) })
    }

    /// Resolves with events to handle, or with an error as JSON; `patience` is in milliseconds.
    #[napi]
    pub fn claim<'env>(
        &self,
        env: &'env Env,
        names: Option<Vec<String>>,
        at_most: u32,
        patience: f64,
    ) -> Result<Object<'env>> {
        let queue = self.0.clone();
        let patience = Duration::try_from_secs_f64(patience / 1000.0).unwrap_or_default();
        let background = runtime::background().map_err(|error| {
            Error::from_reason(format!("the runtime could not be started: {error}"))
        })?;
        let (deferred, promise) = env.create_deferred()?;
        drop(background.run(false, async move {
            let claimed = match queue.claim(names.as_deref(), at_most, patience).await {
                Ok(claimed) => Either::A(claimed.into_iter().map(ClaimedEvent::new).collect()),
                Err(error) => Either::B(ErrorFields::from(&error).to_json()),
            };
            let claimed: Either<Vec<ClaimedEvent>, String> = claimed;
            deferred.resolve(move |_| Ok(claimed));
        }));
        Ok(promise)
    }

    /// Resolves as `JournalCore.ask` does, with the reply to a question of `InboxRequest`.
    #[napi]
    #[allow(clippy::needless_pass_by_value)] // owned is what crosses the border
    pub fn ask<'env>(&self, env: &'env Env, question: String) -> Result<Object<'env>> {
        let request: InboxRequest = serde_json::from_str(&question)
            .map_err(|_| Error::from_reason("the question is not understood"))?;
        let queue = self.0.clone();
        promise(env, async move {
            request.run(&queue).await.map_err(|error| ErrorFields::from(&error).to_json())
        })
    }

    /// The names of all events that are known.
    #[napi]
    pub fn names(&self) -> Vec<&'static str> {
        self.0.webhooks().events.iter().map(|event| event.name).collect()
    }

    /// Whether an operation reads the objects of an event.
    #[napi]
    #[allow(clippy::needless_pass_by_value)] // owned is what crosses the border
    pub fn reads(&self, event: String) -> bool {
        self.0.reads(&event).is_some()
    }

    /// Resolves as `JournalCore.ask` does, with what catching up has found, of the last milliseconds.
    #[napi]
    pub fn catch_up<'env>(
        &self,
        env: &'env Env,
        client: &Client,
        since: f64,
    ) -> Result<Object<'env>> {
        let (queue, core) = (self.0.clone(), client.core().clone());
        promise(env, async move {
            let caught = catch_up(&queue, &core, since / 1000.0).await;
            caught.map_err(|error| ErrorFields::from(&error).to_json())
        })
    }

    /// Resolves as `JournalCore.ask` does, with the object of an event as it is now; null where the document gives no way.
    #[napi]
    pub fn refresh<'env>(
        &self,
        env: &'env Env,
        claimed: &ClaimedEvent,
        client: &Client,
    ) -> Result<Object<'env>> {
        let (queue, event, core) = (self.0.clone(), claimed.event.clone(), client.core().clone());
        promise(env, async move {
            let read = queue.refresh(&core, &event, &CallOptions::default()).await;
            let read = read.map_err(|error| ErrorFields::from(&error).to_json())?;
            let object = read.as_ref().zip(queue.reads(&event.event));
            Ok(object.map_or_else(|| "null".to_owned(), |(read, operation)| json(read, operation)))
        })
    }
}

/// A record as responses have it in JavaScript.
fn json(read: &Response, operation: &Operation) -> String {
    let mut out = String::new();
    match read.payload() {
        Some(payload) => transcode::write(&mut out, read.text(), payload, operation.response),
        None => out.push_str("null"),
    }
    out
}

/// An event that this process handles. Dropped without a word, it is tried again.
#[napi]
pub struct ClaimedEvent {
    event: StoredEvent,
    claimed: Mutex<Option<Claimed>>,
}

#[napi]
impl ClaimedEvent {
    /// The vendor's identifier.
    #[napi(getter)]
    pub fn id(&self) -> &str {
        &self.event.key.id
    }

    /// Its name.
    #[napi(getter)]
    pub fn event(&self) -> &str {
        &self.event.event
    }

    /// The delivery, less what is not stored.
    #[napi(getter)]
    pub fn body(&self) -> &str {
        &self.event.body
    }

    /// Resolves when it is written that it was handled.
    #[napi]
    pub fn done<'env>(&self, env: &'env Env) -> Result<Object<'env>> {
        let ended = self.taken().map(Claimed::done);
        promise(env, async move {
            if let Some(ended) = ended {
                ended.await;
            }
            Ok("null".to_owned())
        })
    }

    /// Resolves when it is written that it failed, with the name of a class.
    #[napi]
    #[allow(clippy::needless_pass_by_value)] // owned is what crosses the border
    pub fn failed<'env>(&self, env: &'env Env, error: String) -> Result<Object<'env>> {
        let ended = self.taken().map(|claimed| claimed.failed(&error));
        promise(env, async move {
            if let Some(ended) = ended {
                ended.await;
            }
            Ok("null".to_owned())
        })
    }

    /// Resolves when it is given back, not begun.
    #[napi]
    pub fn release<'env>(&self, env: &'env Env) -> Result<Object<'env>> {
        let ended = self.taken().map(Claimed::release);
        promise(env, async move {
            if let Some(ended) = ended {
                ended.await;
            }
            Ok("null".to_owned())
        })
    }
}

impl ClaimedEvent {
    fn new(claimed: Claimed) -> Self {
        Self { event: claimed.event().clone(), claimed: Mutex::new(Some(claimed)) }
    }

    fn taken(&self) -> Option<Claimed> {
        self.claimed.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
