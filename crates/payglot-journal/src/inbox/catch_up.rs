//! Events that were never delivered, found by what the vendor shows: its lists, and the objects that are known to be open.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use payglot_runtime::client::{CallOptions, Core};
use payglot_runtime::json::{Document, RawJson};
use payglot_runtime::schema::{EventObject, Operation, Type, WebhookEvent};
use payglot_runtime::webhooks::KeptDelivery;
use payglot_runtime::{Error, ErrorKind};

use super::queue::{EventQueue, caught_up_id};
use crate::error::JournalError;
use crate::event::EventFilter;
use crate::intent::{Filter, State};
use crate::resolve::ResolveError;

/// What catching up has found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CaughtUp {
    /// Identifiers of the events that were stored: they wait to be handled.
    pub stored: Vec<String>,
    /// Names of the events that cannot be found, because no operation shows that they have happened.
    pub not_shown: Vec<&'static str>,
}

/// Events by what shows them: kind and identifier of an object, and the name of the event.
type Found = BTreeSet<(&'static str, String, &'static str)>;

impl EventQueue {
    /// Finds events that were never delivered, and stores them to be handled: by the operations that list objects, and by reading
    /// those objects of the last `since` that are known, from events that did come and from intents of the journal that succeeded.
    ///
    /// The data of such an event is the identifier of its object alone: read the object. When its delivery comes after all, it is a
    /// duplicate.
    ///
    /// # Errors
    ///
    /// The client is of another provider, the vendor could not be asked, or the store cannot be used.
    pub async fn catch_up(
        &self,
        core: &Core,
        since: Duration,
        options: &CallOptions,
    ) -> Result<CaughtUp, ResolveError> {
        if core.provider().name != self.webhooks().provider {
            return Err(JournalError::invalid("client", "is not of the inbox's provider").into());
        }
        let mut caught = CaughtUp { not_shown: self.not_shown(), ..CaughtUp::default() };
        let mut found = Found::new();
        for list in self.lists() {
            core.each_record(list, options, |record| self.look_at(record, None, &mut found))
                .await?;
        }
        for ((kind, id), read) in self.open_objects(core, since).await? {
            match core.read_record(read, &id, options).await {
                Ok(response) => {
                    self.resolve_by(core, read, &response).await?;
                    if let Some(record) = response.payload() {
                        self.look_at(record, Some((kind, &id)), &mut found);
                    }
                }
                // What is gone, or of another account, shows nothing.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error.into()),
            }
        }
        for (kind, id, name) in found {
            let filter = EventFilter {
                event: Some(name.to_owned()),
                object: Some(format!("{kind} {id}")),
                ..EventFilter::default()
            };
            if self.list(filter).await?.is_empty() {
                let kept = self.synthetic(name, &id)?;
                let stored = kept.id.clone();
                if self.store(kept).await? {
                    caught.stored.push(stored);
                }
            }
        }
        Ok(caught)
    }

    /// Events with their objects.
    fn objects(&self) -> impl Iterator<Item = (&'static WebhookEvent, &'static EventObject)> {
        self.webhooks().events.iter().filter_map(|event| Some((event, event.object?)))
    }

    fn not_shown(&self) -> Vec<&'static str> {
        let is_shown =
            |event: &WebhookEvent| event.object.is_some_and(|object| !object.shown.is_empty());
        self.webhooks()
            .events
            .iter()
            .filter(|event| !is_shown(event))
            .map(|event| event.name)
            .collect()
    }

    fn lists(&self) -> Vec<&'static Operation> {
        let mut lists: Vec<&'static Operation> = Vec::new();
        for list in self.objects().filter_map(|(_, object)| object.list) {
            if lists.iter().all(|known| known.name != list.name) {
                lists.push(list);
            }
        }
        lists
    }

    /// Which events a record shows to have happened. Of a record that was read the object is known.
    fn look_at(&self, record: RawJson<'_>, read: Option<(&'static str, &str)>, found: &mut Found) {
        for (event, object) in self.objects().filter(|(_, object)| !object.shown.is_empty()) {
            let id = match read {
                Some((kind, id)) if kind == object.kind => Some(id.to_owned()),
                Some(_) => None,
                None if object.list.is_none() => None,
                None => record.get(object.id).and_then(|id| Some(id.as_text()?.into_owned())),
            };
            let is_shown = object
                .shown
                .iter()
                .all(|(name, value)| record.get(name).is_some_and(|field| field.json() == *value));
            if let Some(id) = id.filter(|_| is_shown) {
                found.insert((object.kind, id, event.name));
            }
        }
    }

    /// Objects that an operation reads, and that are known from events that came and from intents that succeeded.
    async fn open_objects(&self, core: &Core, since: Duration) -> Result<Readable, JournalError> {
        let since = SignedDuration::try_from(since).unwrap_or(SignedDuration::MAX);
        let start = Timestamp::now().saturating_sub(since).unwrap_or(Timestamp::MIN);
        let mut readers: BTreeMap<&'static str, (&'static str, &'static Operation)> =
            BTreeMap::new();
        for (_, object) in self.objects() {
            if let Some(read) = object.read {
                readers.insert(object.kind, (object.id, read));
            }
        }
        let mut open = Readable::new();
        for event in self.list(EventFilter::default()).await? {
            let known = event.object.split_once(' ').and_then(|(kind, id)| {
                let (kind, &(_, read)) = readers.get_key_value(kind)?;
                Some(((*kind, id.to_owned()), read))
            });
            open.extend(known.filter(|_| event.received_at >= start));
        }
        let succeeded = Filter {
            state: Some(State::Succeeded),
            provider: Some(core.provider().name.to_owned()),
            ..Filter::default()
        };
        for intent in self.journal.list(succeeded).await? {
            if intent.key.account != core.account() || intent.updated_at < start {
                continue;
            }
            let document = Arc::new(Document::new(intent.response.unwrap_or_default()));
            for (kind, &(field, read)) in &readers {
                // A user's own record is no event's object: only what the call itself has made.
                let call = core.provider().operation(&intent.key.operation);
                let is_made =
                    call.is_some_and(|call| !call.replay.is_repeatable() && are_alike(call, read));
                let id = RawJson::root(&document).and_then(|root| root.get(field)?.as_text());
                if let Some(id) = id.filter(|_| is_made) {
                    open.insert((*kind, id.into_owned()), read);
                }
            }
        }
        Ok(open)
    }

    /// An event as it could have been delivered now, with the identifier of its object.
    fn synthetic(&self, name: &'static str, id: &str) -> Result<KeptDelivery, Error> {
        let webhooks = self.webhooks();
        let field = self.objects().find(|(event, _)| event.name == name);
        let field = field.map_or("id", |(_, object)| object.id);
        KeptDelivery::of_object(webhooks, name, &caught_up_id(name, id), (field, id))
    }
}

/// Objects by kind and identifier, with the operation that reads each.
type Readable = BTreeMap<(&'static str, String), &'static Operation>;

/// Whether two operations return records of one model.
fn are_alike(one: &Operation, other: &Operation) -> bool {
    match (one.response, other.response) {
        (Type::Object(a), Type::Object(b)) => std::ptr::eq(a, b),
        _ => false,
    }
}
