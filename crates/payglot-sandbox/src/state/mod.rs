//! Everything that requests changed: the tables, the ledger, snapshots, and the file that holds them.
//!
//! May use [`crate::model`] and [`crate::basics`]. Must not know operations, HTTP, or what a change means.

mod file;
mod ledger;
mod seed;
mod snapshot;
mod store;
pub(crate) mod table;
mod transaction;

pub(crate) use file::{SaveError, StateFile};
pub(crate) use ledger::Ledger;
pub(crate) use snapshot::Snapshot;
pub(crate) use store::Store;
pub(crate) use transaction::Transaction;

use jiff::Timestamp;

use crate::basics::{Clock, Error, Identity, Random, Secret, Stream};
use crate::model::{Endpoint, Webhook};

/// The state of one sandbox, in memory and, where there is one, in its file.
pub(crate) struct State {
    store: Store,
    random: Random,
    file: Option<StateFile>,
    endpoints: Vec<Endpoint>,
}

impl State {
    /// Continues with what the file holds, or starts with the seed rows and writes them to the file.
    pub fn open(
        identity: &Identity,
        random: Random,
        file: Option<StateFile>,
        clock: &Clock,
    ) -> Result<Self, Error> {
        let endpoints = file.as_ref().map(StateFile::endpoints).transpose()?.unwrap_or_default();
        let store = seed::store(identity, clock.now());
        let mut state = Self { store, random, file, endpoints };
        match state.file.as_mut().map(StateFile::read).transpose()?.flatten() {
            Some(snapshot) => state.load(&snapshot, clock).map_err(Error::State)?,
            None => state
                .save_all(clock)
                .map_err(|SaveError| Error::State("cannot be written".to_owned()))?,
        }
        Ok(state)
    }

    /// What one request sees and may change. End it with [`State::finish`].
    pub fn begin<'a>(
        &'a mut self,
        now: Timestamp,
        base_url: &'a str,
        identity: &'a Identity,
    ) -> Transaction<'a> {
        let Self { store, random, endpoints, .. } = self;
        Transaction {
            store,
            random,
            now,
            base_url,
            identity,
            endpoints,
            earliest_due: Timestamp::MAX,
        }
    }

    /// Saves and commits the changes of a transaction. Where it failed or they cannot be saved, rolls them back.
    pub fn finish<T, E: From<SaveError>>(
        &mut self,
        outcome: Result<T, E>,
        clock: &Clock,
    ) -> Result<T, E> {
        let outcome = outcome.and_then(|value| {
            self.save_changes(clock)?;
            Ok(value)
        });
        match &outcome {
            Ok(_) => self.store.commit(),
            Err(_) => self.store.roll_back(),
        }
        outcome
    }

    /// Undoes the changes of a transaction that did not finish, because its thread panicked.
    pub fn roll_back(&mut self) {
        self.store.roll_back();
    }

    fn save_changes(&mut self, clock: &Clock) -> Result<(), SaveError> {
        let Self { store, random, file, .. } = self;
        let Some(file) = file else { return Ok(()) };
        file.save(&store.changes()?, &random.state(), clock.offset_seconds())
    }

    fn save_all(&mut self, clock: &Clock) -> Result<(), SaveError> {
        let snapshot = self.snapshot(clock)?;
        if let Some(file) = &mut self.file {
            file.replace(&snapshot)?;
        }
        self.store.commit();
        Ok(())
    }

    pub fn snapshot(&self, clock: &Clock) -> serde_json::Result<Snapshot> {
        Ok(Snapshot {
            generator: self.random.state(),
            clock_offset_seconds: clock.offset_seconds(),
            rows: self.store.all()?,
        })
    }

    /// Takes the state of a snapshot, in memory and in the file. On an error nothing changes.
    pub fn restore(&mut self, snapshot: &Snapshot, clock: &Clock) -> Result<(), String> {
        let before = self.snapshot(clock).map_err(|error| error.to_string())?;
        self.load(snapshot, clock)?;
        self.save_all(clock).or_else(|SaveError| {
            self.load(&before, clock)?;
            Err("the state file cannot be written".to_owned())
        })
    }

    /// Takes the state of a snapshot in memory.
    fn load(&mut self, snapshot: &Snapshot, clock: &Clock) -> Result<(), String> {
        let store = Store::load(&snapshot.rows)?;
        let random = Random::resumed(&snapshot.generator)
            .ok_or_else(|| "the generator's state cannot be read".to_owned())?;
        self.store = store;
        self.random = random;
        clock.set_offset(snapshot.clock_offset_seconds);
        Ok(())
    }

    /// Returns to the seed rows; with a seed the same ids come again.
    pub fn reset(
        &mut self,
        identity: &Identity,
        seed: Option<u64>,
        clock: &Clock,
    ) -> Result<(), SaveError> {
        self.store = seed::store(identity, clock.now());
        if let Some(seed) = seed {
            self.random = Random::seeded(seed, Stream::Requests);
        }
        self.save_all(clock)
    }

    /// Registers an endpoint; one with the same URL gets the new settings.
    pub fn add_endpoint(&mut self, webhook: Webhook) -> Result<Endpoint, SaveError> {
        let secret = webhook.secret.clone();
        let secret = secret.unwrap_or_else(|| Secret::new(self.random.secret("whs_sandbox_")));
        let endpoint = Endpoint::new(webhook, secret);
        self.change_endpoints(|endpoints| {
            endpoints.retain(|other| other.id != endpoint.id);
            endpoints.push(endpoint.clone());
        })?;
        Ok(endpoint)
    }

    pub fn endpoints(&self) -> &[Endpoint] {
        &self.endpoints
    }

    pub fn change_endpoints(
        &mut self,
        change: impl FnOnce(&mut Vec<Endpoint>),
    ) -> Result<(), SaveError> {
        let mut endpoints = self.endpoints.clone();
        change(&mut endpoints);
        if let Some(file) = &self.file {
            file.save_endpoints(&endpoints)?;
        }
        self.endpoints = endpoints;
        Ok(())
    }
}
