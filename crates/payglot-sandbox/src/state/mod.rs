//! Everything that requests changed: the tables, the ledger, snapshots, and the file that holds them.
//!
//! May use [`crate::model`] and [`crate::basics`]. Must not know operations, HTTP, or what a change means.

mod endpoints;
mod file;
mod ledger;
mod private;
mod seed;
mod snapshot;
mod store;
pub(crate) mod table;
mod transaction;

pub(crate) use endpoints::Endpoints;
pub(crate) use file::{SaveError, StateFile};
pub(crate) use ledger::Ledger;
pub(crate) use snapshot::Snapshot;
pub(crate) use store::Store;
pub(crate) use transaction::Transaction;

use jiff::Timestamp;

use crate::basics::{Clock, Error, Identity, Random, Stream};

/// The state of one sandbox, in memory and, where there is one, in its file. A change is saved before anybody sees it:
/// where it cannot be saved, nothing has changed, neither here nor in the file.
pub(crate) struct State {
    store: Store,
    random: Random,
    file: Option<StateFile>,
    endpoints: Endpoints,
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
        let mut state = Self { store, random, file, endpoints: Endpoints::new(endpoints) };
        if let Some(snapshot) = state.file.as_mut().map(StateFile::read).transpose()?.flatten() {
            (state.store, state.random) = loaded(&snapshot).map_err(Error::State)?;
            clock.set_offset(snapshot.clock_offset_seconds);
        } else {
            let store = std::mem::take(&mut state.store);
            state
                .replace(store, None, 0, clock)
                .map_err(|SaveError| Error::State("cannot be written".to_owned()))?;
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

    /// Saves and commits the changes of a transaction, and with them how far the clock is ahead from now on. Where the
    /// transaction failed or it cannot be saved, rolls everything back.
    pub fn finish<T, E: From<SaveError>>(
        &mut self,
        outcome: Result<T, E>,
        clock_offset_seconds: i64,
    ) -> Result<T, E> {
        let outcome = outcome.and_then(|value| {
            self.save_changes(clock_offset_seconds)?;
            Ok(value)
        });
        if outcome.is_ok() {
            self.store.commit();
            self.endpoints.commit();
        } else {
            self.roll_back();
        }
        outcome
    }

    /// Undoes the changes of a transaction that failed, or whose thread panicked.
    pub fn roll_back(&mut self) {
        self.store.roll_back();
        self.endpoints.roll_back();
    }

    fn save_changes(&mut self, clock_offset_seconds: i64) -> Result<(), SaveError> {
        let Self { store, random, file, endpoints } = self;
        let Some(file) = file else { return Ok(()) };
        file.save(&store.changes()?, endpoints.changed(), &random.state(), clock_offset_seconds)
    }

    pub fn snapshot(&self, clock: &Clock) -> serde_json::Result<Snapshot> {
        Ok(Snapshot {
            generator: self.random.state(),
            clock_offset_seconds: clock.offset_seconds(),
            rows: self.store.all()?,
        })
    }

    /// Takes the state of a snapshot, in the file and then in memory. On an error nothing changes.
    pub fn restore(&mut self, snapshot: &Snapshot, clock: &Clock) -> Result<(), RestoreError> {
        let (store, random) = loaded(snapshot).map_err(RestoreError::Snapshot)?;
        self.replace(store, Some(random), snapshot.clock_offset_seconds, clock)
            .map_err(RestoreError::Save)
    }

    /// Returns to the seed rows, in the file and then in memory; with a seed the same ids come again. On an error nothing
    /// changes.
    pub fn reset(
        &mut self,
        identity: &Identity,
        seed: Option<u64>,
        clock: &Clock,
    ) -> Result<(), SaveError> {
        let store = seed::store(identity, Clock::at_offset(0));
        let random = seed.map(|seed| Random::seeded(seed, Stream::Requests));
        self.replace(store, random, 0, clock)
    }

    /// Saves a whole new state, and takes it once it is saved. Without a generator it goes on with its own.
    fn replace(
        &mut self,
        mut store: Store,
        random: Option<Random>,
        clock_offset_seconds: i64,
        clock: &Clock,
    ) -> Result<(), SaveError> {
        if let Some(file) = &mut self.file {
            let generator = random.as_ref().unwrap_or(&self.random).state();
            let rows = store.all()?;
            file.replace(&Snapshot { generator, clock_offset_seconds, rows })?;
        }
        store.commit();
        self.store = store;
        if let Some(random) = random {
            self.random = random;
        }
        clock.set_offset(clock_offset_seconds);
        Ok(())
    }
}

/// Why a snapshot was not taken.
pub(crate) enum RestoreError {
    /// What is wrong with it.
    Snapshot(String),
    Save(SaveError),
}

/// The state of a snapshot.
fn loaded(snapshot: &Snapshot) -> Result<(Store, Random), String> {
    let store = Store::load(&snapshot.rows)?;
    let random = Random::resumed(&snapshot.generator)
        .ok_or_else(|| "the generator's state cannot be read".to_owned())?;
    Ok((store, random))
}
