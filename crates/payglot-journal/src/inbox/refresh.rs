//! An event's object as it is now, and what it says of the journal's unknown intents.

use payglot_runtime::Response;
use payglot_runtime::client::{CallOptions, Core};
use payglot_runtime::schema::Operation;

use super::queue::EventQueue;
use crate::error::JournalError;
use crate::event::StoredEvent;
use crate::intent::{Filter, Intent, State};
use crate::resolve::ResolveError;
use crate::steps::{self, Decision};

/// Who says what an event has shown.
const BY: &str = "inbox";

impl EventQueue {
    /// The operation that reads the objects of an event's name; `None` where the document gives none.
    pub fn reads(&self, event: &str) -> Option<&'static Operation> {
        let known = self.webhooks().events.iter().find(|known| known.name == event)?;
        known.object?.read
    }

    /// Reads the object of an event as it is now, with a client of its account; `None` where the document gives no way, or the
    /// event names no object. An unknown intent whose reference the object carries has succeeded, and is written so.
    ///
    /// # Errors
    ///
    /// The client is of another provider, the vendor could not be asked, or the store cannot be used.
    pub async fn refresh(
        &self,
        core: &Core,
        event: &StoredEvent,
        options: &CallOptions,
    ) -> Result<Option<Response>, ResolveError> {
        if core.provider().name != self.webhooks().provider {
            return Err(JournalError::invalid("client", "is not of the inbox's provider").into());
        }
        let object = event.object.split_once(' ').filter(|(kind, _)| *kind != "event");
        let (Some(read), Some((_, id))) = (self.reads(&event.event), object) else {
            return Ok(None);
        };
        let response = core.read_record(read, id, options).await?;
        self.resolve_by(core, read, &response).await?;
        Ok(Some(response))
    }

    /// Says of unknown intents that they were done, where a record carries their reference: no other call carries it.
    pub(super) async fn resolve_by(
        &self,
        core: &Core,
        read: &'static Operation,
        response: &Response,
    ) -> Result<(), JournalError> {
        let Some(record) = response.payload() else { return Ok(()) };
        let texts: Vec<String> =
            record.entries().filter_map(|(_, value)| Some(value.as_text()?.into_owned())).collect();
        if !texts.iter().any(|text| text.starts_with("PG-")) {
            return Ok(());
        }
        let unknown = Filter {
            state: Some(State::Unknown),
            provider: Some(core.provider().name.to_owned()),
            ..Filter::default()
        };
        for intent in self.journal.list(unknown).await? {
            if intent.key.account == core.account() && texts.contains(&intent.reference()) {
                self.has_succeeded(core, read, response, intent).await?;
            }
        }
        Ok(())
    }

    async fn has_succeeded(
        &self,
        core: &Core,
        read: &'static Operation,
        response: &Response,
        intent: Intent,
    ) -> Result<(), JournalError> {
        let operation = core.provider().operation(&intent.key.operation);
        let Some(record) = operation.and_then(|call| response.recorded_for(read, call)) else {
            return Ok(());
        };
        let because = format!("an event named its object, and {} shows it", read.name);
        self.journal
            .ask(move |table| {
                let now = table.find(&intent.key)?;
                // Somebody may have said otherwise meanwhile.
                if now.is_some_and(|now| now.state == State::Unknown) {
                    let decision = Decision::Succeeded(Some(record.clone()));
                    steps::decide(table, &intent.key, &decision, BY, &because)?;
                }
                Ok(())
            })
            .await
    }
}
